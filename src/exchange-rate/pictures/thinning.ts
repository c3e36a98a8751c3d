import type { Point } from '../domain/series.js';

/**
 * At most `most` (4 or more) of the points, in their order: the first, the last, and the lowest and highest of each of
 * the equal parts in between, so that no peak is lost. Of equal rates the earliest stays.
 */
export function thinned(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  // Doubles tell any two rates of 15 digits apart.
  const rates = Float64Array.from(points, ({ rate }) => Number(rate));
  const rateAt = (index: number) => rates[index] ?? NaN;
  const inner = points.length - 2;
  const parts = Math.floor((most - 2) / 2);
  const kept = new Set([0, points.length - 1]);
  for (let part = 0; part < parts; part += 1) {
    const from = 1 + Math.floor((inner * part) / parts);
    const to = 1 + Math.floor((inner * (part + 1)) / parts);
    let [lowest, highest] = [from, from];
    for (let index = from; index < to; index += 1) {
      if (rateAt(index) < rateAt(lowest)) lowest = index;
      if (rateAt(index) > rateAt(highest)) highest = index;
    }
    kept.add(lowest).add(highest);
  }
  return points.filter((_, index) => kept.has(index));
}
