// The rows with the lowest keys of all that were offered. Keys are hashes of content, so the choice does not depend on who offers when.

export class Lowest {
  private readonly size: number;
  private readonly entries: { readonly key: number; readonly row: number }[] = [];

  constructor(size: number) {
    this.size = size;
  }

  offer(key: number, row: number): void {
    const { entries, size } = this;
    if (entries.length === size && key >= entries[size - 1].key) return;
    let at = entries.length;
    while (at > 0 && entries[at - 1].key > key) at--;
    entries.splice(at, 0, { key, row });
    if (entries.length > size) entries.pop();
  }

  rows(): number[] {
    return this.entries.map(({ row }) => row);
  }
}
