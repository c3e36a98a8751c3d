import { type KeyboardEvent, useRef } from 'react';
import { t } from '../locale.js';
import { type Range, RANGES } from '../ranges.js';

export const RANGE_PANEL_ID = 'range-panel';
export const rangeTabId = (range: Range): string => `range-tab-${range}`;

/** Tabs by the ARIA pattern: one stop for Tab, arrows, Home and End choose at once. */
export function RangeTabs({ selected, onSelect }: { selected: Range; onSelect: (range: Range) => void }) {
  const list = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const at = RANGES.indexOf(selected);
    const targets: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const target = targets[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const range = RANGES.at(target % RANGES.length);
    if (!range) return;
    event.preventDefault();
    onSelect(range);
    list.current?.querySelector<HTMLElement>(`#${rangeTabId(range)}`)?.focus();
  }

  return (
    <div className="tabs" role="tablist" aria-label={t.range} ref={list} onKeyDown={onKeyDown}>
      {RANGES.map((range) => (
        <button
          key={range}
          type="button"
          role="tab"
          id={rangeTabId(range)}
          className="tab"
          aria-selected={range === selected}
          aria-controls={RANGE_PANEL_ID}
          tabIndex={range === selected ? 0 : -1}
          onClick={() => {
            onSelect(range);
          }}
        >
          {t.rangeShort[range]}
        </button>
      ))}
    </div>
  );
}
