interface Weighed<T> {
  readonly value: T;
  readonly weight: number;
}

/** What was asked for last, up to a total weight; something that is heavier than that on its own is not kept. */
export class WeightedLru<T> {
  /** Least recently used first. */
  private readonly items = new Map<string, Weighed<T>>();
  private total = 0;

  constructor(private readonly most: number) {}

  get weight(): number {
    return this.total;
  }

  get(key: string): T | undefined {
    const item = this.items.get(key);
    if (item === undefined) return undefined;
    this.items.delete(key);
    this.items.set(key, item);
    return item.value;
  }

  set(key: string, value: T, weight: number): void {
    this.delete(key);
    this.items.set(key, { value, weight });
    this.total += weight;
    for (const oldest of this.items.keys()) {
      if (this.total <= this.most) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.total -= this.items.get(key)?.weight ?? 0;
    this.items.delete(key);
  }
}
