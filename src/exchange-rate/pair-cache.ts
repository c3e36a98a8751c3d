import type { PairKey } from './domain/pair.js';

/** Some 150 KB each over 27 years, so a few dozen MB. Anybody may ask for any two of 200 currencies. */
const MOST_PAIRS = 200;

interface Entry<T> {
  readonly provider: string;
  readonly legs: readonly PairKey[];
  readonly pair: Promise<T | undefined>;
}

/** Computed pairs by provider, the most recently asked for; a failed one is forgotten, so that it is tried again. */
export class PairCache<T> {
  /** Least recently used first. */
  private readonly entries = new Map<string, Entry<T>>();

  constructor(private readonly most = MOST_PAIRS) {}

  get(provider: string, key: PairKey): Promise<T | undefined> | undefined {
    const name = `${provider}:${key}`;
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    this.entries.delete(name);
    this.entries.set(name, entry);
    return entry.pair;
  }

  /** Answers the pair itself. */
  add(provider: string, key: PairKey, legs: readonly PairKey[], pair: Promise<T | undefined>): Promise<T | undefined> {
    const name = `${provider}:${key}`;
    const entry = { provider, legs, pair };
    this.entries.set(name, entry);
    pair.catch(() => this.entries.get(name) === entry && this.entries.delete(name));
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.most) break;
      this.entries.delete(oldest);
    }
    return pair;
  }

  dropWhere(isStale: (provider: string, legs: readonly PairKey[]) => boolean): void {
    for (const [name, { provider, legs }] of this.entries) {
      if (isStale(provider, legs)) this.entries.delete(name);
    }
  }
}
