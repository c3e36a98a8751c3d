import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, isoDate } from '../../platform/time/iso-date.js';
import type { Point } from '../domain/series.js';
import { summarize } from '../domain/statistics.js';
import { type ChartPicture, chartSvg, HEIGHT, WIDTH } from './chart-svg.js';
import { THEME_NAMES, THEMES } from './themes.js';

const START = isoDate('2025-04-14');

function picture(points: readonly Point[], more: Partial<ChartPicture> = {}): ChartPicture {
  const { low, high } = summarize(points)!;
  return {
    base: 'USD',
    quote: 'KRW',
    baseName: 'US Dollar',
    quoteName: 'South Korean Won',
    range: '1 year',
    points,
    low,
    high,
    source: 'European Central Bank',
    stale: false,
    sample: false,
    ...more,
  };
}

const daily = (...rates: string[]): Point[] => rates.map((rate, day) => ({ date: addDays(START, day * 7), rate }));
const drawn = (points: readonly Point[], more: Partial<ChartPicture> = {}): string =>
  chartSvg(picture(points, more), THEMES.light);

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Text directly inside, unescaped. */
  text: string;
}

/** Reads the XML that these pictures may have, and throws at anything else: an unclosed tag, a bare character, a script. */
function read(svg: string): Tag[] {
  const tags: Tag[] = [];
  const open: Tag[] = [];
  const token = /<\/(\w+)>|<(\w+)((?: [\w:-]+="[^"<>]*")*)(\/?)>|([^<>]+)/gy;
  let end = 0;
  for (let match = token.exec(svg.trimEnd()); match; match = token.exec(svg.trimEnd())) {
    end = token.lastIndex;
    const [, closed, name, written = '', empty, text] = match;
    if (closed !== undefined && open.pop()?.name !== closed) throw new Error(`</${closed}> closes nothing`);
    if (name !== undefined) {
      const pairs = [...written.matchAll(/ ([\w:-]+)="([^"]*)"/g)];
      const tag = {
        name,
        attributes: Object.fromEntries(pairs.map(([, key, value]) => [key!, plain(value!)])),
        text: '',
      };
      tags.push(tag);
      if (empty === '') open.push(tag);
    }
    if (text !== undefined) open.at(-1)!.text += plain(text);
  }
  if (end !== svg.trimEnd().length || open.length > 0) throw new Error(`no XML from character ${end} on`);
  return tags;
}

function plain(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`a bare & in ${text}`);
  const named: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => named[entity]!);
}

const textsOf = (svg: string) => read(svg).map(({ text }) => text);

/** Every point that a path or a shape has, in the order of drawing. */
function coordinates({ name, attributes }: Tag): [x: number, y: number][] {
  if (name === 'path') {
    const [move = '', ...rest] = attributes.d!.split(/(?=[HVhvZ])/);
    const points = move.match(/[\d.-]+ [\d.-]+/g) ?? [];
    const last = points.at(-1)!.split(' ').map(Number) as [number, number];
    const others = rest
      .filter((part) => part.startsWith('H'))
      .map((part): [number, number] => [Number(part.slice(1)), last[1]]);
    return [...points.map((point) => point.split(' ').map(Number) as [number, number]), ...others];
  }
  if (name === 'text') return [[Number(attributes.x), Number(attributes.y)]];
  if (name === 'circle') return [[Number(attributes.cx), Number(attributes.cy)]];
  return [];
}

describe('the picture', () => {
  it('says what it shows, to eyes and to screen readers', () => {
    const svg = drawn(daily('1421.55', '1353.24', '1524.8', '1489.95'));
    const tags = read(svg);
    expect(tags[0]).toMatchObject({ name: 'svg', attributes: { role: 'img', viewBox: '0 0 720 360' } });
    expect(tags[0]!.attributes['aria-labelledby']).toBe('title description');
    expect(tags.slice(1, 3)).toMatchObject([
      { name: 'title', attributes: { id: 'title' }, text: '1 USD = 1\u202F489.95 KRW, 5 May 2025' },
      {
        name: 'desc',
        attributes: { id: 'description' },
        text: expect.stringContaining('Low 1\u202F353.24 on 21 Apr 2025'),
      },
    ]);
    for (const said of [
      '1 USD = 1\u202F489.95 KRW',
      'South Korean Won for one US Dollar, 5 May 2025',
      '+4.81\u202F% in 1 year',
      'High 1\u202F524.8, 28 Apr 2025',
      'Low 1\u202F353.24, 21 Apr 2025',
      'Source: European Central Bank. Reference rates, for information only.',
    ])
      expect(textsOf(svg)).toContain(said);
  });

  it('loads nothing, runs nothing and needs no style', () => {
    const svg = drawn(daily('1', '2', '3'), { sample: true, stale: true });
    expect(svg).not.toMatch(/<(script|style|image|foreignObject|use|a)\b|href|\bon\w+=|style=/i);
    expect(svg.match(/url\([^)]*\)/g)).toEqual(['url(#fade)']);
    expect(svg.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg']);
  });

  it('writes what comes from data as text, whatever it holds', () => {
    const evil = `</text><script>alert("1")</script>&amp;'\u0000\u0008\uFFFF\uD800`;
    const more = { base: evil, quote: evil, baseName: evil, quoteName: evil, range: evil, source: evil };
    const svg = drawn(daily('1', '2', '3'), more);
    expect(read(svg).map(({ name }) => name)).not.toContain('script');
    expect(textsOf(svg).join()).toContain(`Source: </text><script>alert("1")</script>&amp;'\uFFFD\uFFFD\uFFFD\uFFFD.`);
  });

  it('marks stale rates, and made-up ones in red', () => {
    const points = daily('1', '2', '3');
    expect(textsOf(drawn(points)).join()).not.toMatch(/Stale|SAMPLE/);
    expect(textsOf(drawn(points, { stale: true }))).toContain('Stale: a newer rate is due');
    const red = read(drawn(points, { sample: true })).filter(({ attributes }) =>
      [attributes.fill, attributes.stroke].includes(THEMES.light.danger),
    );
    expect(red.map(({ text }) => text).join()).toMatch(/SAMPLE: made up, not real rates.*Made-up sample rates/);
    expect(red.map(({ name }) => name)).toEqual(expect.arrayContaining(['rect', 'path', 'circle', 'text']));
  });

  it('draws one observation, and a line that does not move', () => {
    const one = drawn(daily('1489.95'));
    expect(textsOf(one)).toEqual(expect.arrayContaining(['Low and high 1\u202F489.95', '14 Apr 2025', '1 year']));
    const flat = drawn(daily('3.6725', '3.67250', '3.6725'));
    expect(textsOf(flat)).toEqual(expect.arrayContaining(['Low and high 3.6725', '0.00\u202F% in 1 year']));
    expect(() => chartSvg({ ...picture(daily('1')), points: [] }, THEMES.light)).toThrow(RangeError);
  });

  it('uses codes where names are too long to fit beside a warning', () => {
    const svg = drawn(daily('1', '2'), {
      quoteName: 'Bosnia-Herzegovina Convertible Mark',
      baseName: 'São Tomé & Príncipe Dobra',
    });
    expect(textsOf(svg)).toContain('KRW for one USD, 21 Apr 2025');
  });

  it('has at most 400 points, however long the range, and the same bytes for the same data', () => {
    const rates = Array.from({ length: 5_000 }, (_, day) => String(1000 + ((day * 7919) % 613)));
    const points = rates.map((rate, day) => ({ date: addDays(START, day), rate }));
    const svg = drawn(points);
    expect(svg.length).toBeLessThan(20_000);
    expect(drawn(points.map((point) => ({ ...point })))).toBe(svg);
  });

  const rate = fc
    .tuple(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 0, max: 17 }))
    .map(([digits, decimals]) => {
      const padded = String(digits).padStart(decimals + 1, '0');
      return decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
    });
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), rate), { minLength: 1, maxLength: 60 });

  it('law: everything lies inside the picture, the line runs to the right and stays in its plot, ticks too', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(...THEME_NAMES), (given, theme) => {
        let date = START;
        const points = given.map(([gap, value]) => ({ date: (date = addDays(date, gap)), rate: value }));
        const tags = read(chartSvg(picture(points), THEMES[theme]));
        const all = tags.flatMap(coordinates);
        expect(all.flat().every(Number.isFinite)).toBe(true);
        for (const [x, y] of all) {
          expect(x).toBeGreaterThanOrEqual(20);
          expect(x).toBeLessThanOrEqual(WIDTH - 20);
          expect(y).toBeGreaterThanOrEqual(30);
          expect(y).toBeLessThanOrEqual(HEIGHT - 10);
        }
        const line = coordinates(tags.find(({ attributes }) => attributes.fill === 'none')!);
        expect(line).toHaveLength(points.length);
        line.slice(1).forEach(([x], index) => expect(x).toBeGreaterThan(line[index]![0]));
        const grid = tags.filter(({ attributes }) => attributes.stroke === THEMES[theme].grid);
        expect(grid.length).toBeGreaterThanOrEqual(3);
        expect(grid.length).toBeLessThanOrEqual(5);
        const [from, to] = coordinates(grid[0]!);
        for (const [x, y] of line) {
          expect(x).toBeGreaterThanOrEqual(from![0]);
          expect(x).toBeLessThanOrEqual(to![0]);
          expect(y).toBeGreaterThanOrEqual(82);
          expect(y).toBeLessThanOrEqual(294);
        }
        // The labels of values end left of the plot, and begin inside the picture even in a wide font.
        for (const { text, attributes } of tags.filter(
          (tag) => tag.name === 'text' && tag.attributes['text-anchor'] === 'end',
        )) {
          expect(Number(attributes.x) - text.length * Number(attributes['font-size']) * 0.62).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the colours', () => {
  it.each(THEME_NAMES)('of text have a contrast of 4.5 and more, of the line 3 and more (%s)', (name) => {
    const { background, text, muted, warning, danger, line } = THEMES[name];
    for (const colour of [text, muted, warning, danger]) expect(contrast(colour, background)).toBeGreaterThan(4.5);
    expect(contrast(line, background)).toBeGreaterThan(3);
  });
});

/** Contrast ratio of WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
