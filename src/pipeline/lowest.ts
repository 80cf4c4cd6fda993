// The rows with the lowest keys of all that were offered. Keys are hashes of content, so the choice does not depend on who offers when.

export class Lowest {
  private readonly size: number;
  /** Rows that may be among the lowest; cut to the lowest when there are twice as many as need be. */
  private readonly held: Float64Array;
  /** Of each of them key * held.length + its place in `held`: in ascending order they are sorted by key, then by who came first. */
  private readonly order: Float64Array;
  private count = 0;
  /** Keys from here on are too high. */
  private limit = Infinity;

  constructor(size: number) {
    this.size = size;
    this.held = new Float64Array(size * 2);
    this.order = new Float64Array(size * 2);
  }

  /** key: a whole number in [0, 2^32). */
  offer(key: number, row: number): void {
    if (key >= this.limit) return;
    this.order[this.count] = key * this.held.length + this.count;
    this.held[this.count++] = row;
    if (this.count === this.held.length) this.cut();
  }

  /** By key; of equal keys the first offered comes first. */
  rows(): number[] {
    this.cut();
    return Array.from(this.held.subarray(0, this.count));
  }

  private cut(): void {
    const { held, order, size } = this;
    order.subarray(0, this.count).sort();
    const before = held.slice();
    this.count = Math.min(this.count, size);
    for (let place = 0; place < this.count; place++) {
      const from = order[place] % held.length;
      held[place] = before[from];
      order[place] += place - from;
    }
    if (this.count === size) this.limit = Math.floor(order[size - 1] / held.length);
  }
}
