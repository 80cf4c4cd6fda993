// The rows with the lowest keys of all that were offered. Keys are hashes of content, so the choice does not depend on who offers when.

interface Entry {
  readonly key: number;
  readonly row: number;
}

export class Lowest {
  private readonly size: number;
  /** Those offered that may be among the lowest; cut to the lowest when it is twice as long as it need be. */
  private entries: Entry[] = [];
  /** Keys from here on are too high. */
  private limit = Infinity;

  constructor(size: number) {
    this.size = size;
  }

  offer(key: number, row: number): void {
    if (key >= this.limit) return;
    this.entries.push({ key, row });
    if (this.entries.length >= this.size * 2) this.cut();
  }

  /** By key; of equal keys the first offered comes first. */
  rows(): number[] {
    this.cut();
    return this.entries.map(({ row }) => row);
  }

  private cut(): void {
    this.entries = this.entries.sort((a, b) => a.key - b.key).slice(0, this.size);
    if (this.entries.length === this.size) this.limit = this.entries[this.size - 1].key;
  }
}
