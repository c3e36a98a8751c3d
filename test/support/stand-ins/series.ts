export interface Point {
  readonly date: string;
  /** Decimal text as published: no trailing zeros. */
  readonly rate: string;
}

/** One currency's published rates, ascending by day, at most one a day. */
export class Series {
  private readonly points: Point[];

  constructor(points: Point[] = []) {
    this.points = points;
  }

  at(date: string): Point | undefined {
    const index = this.indexFrom(date);
    const point = this.points[index];
    return point?.date === date ? point : undefined;
  }

  /** Replaces the day's rate, or adds it in its place. */
  set(date: string, rate: string): void {
    const index = this.indexFrom(date);
    const replaces = this.points[index]?.date === date;
    this.points.splice(index, replaces ? 1 : 0, { date, rate });
  }

  remove(date: string): void {
    const index = this.indexFrom(date);
    if (this.points[index]?.date === date) this.points.splice(index, 1);
  }

  /** Both ends included. */
  between(from: string, to: string): Point[] {
    return this.points.slice(this.indexFrom(from), this.indexAfter(to));
  }

  /** The newest point of `notBefore` to `date`, both included. */
  newest(date: string, notBefore = ''): Point | undefined {
    const point = this.points[this.indexAfter(date) - 1];
    return point && point.date >= notBefore ? point : undefined;
  }

  get first(): Point | undefined {
    return this.points[0];
  }

  /** Index of the first point at or after the day. */
  private indexFrom(date: string): number {
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.points[middle] as Point).date < date) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the first point after the day. */
  private indexAfter(date: string): number {
    const index = this.indexFrom(date);
    return this.points[index]?.date === date ? index + 1 : index;
  }
}
