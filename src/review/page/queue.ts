// The rows of one queue, fetched a page at a time as they come into sight. Their places do not change while they are decided.
import type { ListRow, QueueFilter, Status } from "../api.ts";
import { client } from "./client.ts";

const pageRows = 100;

export class Queue {
  readonly filter: QueueFilter;
  total = 0;
  private snapshot: string | undefined;
  private readonly pages = new Map<number, ListRow[]>();
  private readonly coming = new Map<number, Promise<void>>();

  private constructor(filter: QueueFilter) {
    this.filter = filter;
  }

  static async open(filter: QueueFilter): Promise<Queue> {
    const queue = new Queue(filter);
    await queue.load(0);
    return queue;
  }

  /** The row at a place, where it is here already. */
  at(place: number): ListRow | undefined {
    return this.pages.get(Math.floor(place / pageRows))?.[place % pageRows];
  }

  async fetch(place: number): Promise<ListRow | undefined> {
    if (place < 0 || place >= this.total) return undefined;
    await this.load(Math.floor(place / pageRows));
    return this.at(place);
  }

  /** Fetches what is missing of places [from, to); resolves to true where something came. */
  async cover(from: number, to: number): Promise<boolean> {
    const missing: Promise<void>[] = [];
    for (let page = Math.floor(from / pageRows); page * pageRows < to; page++) if (!this.pages.has(page)) missing.push(this.load(page));
    await Promise.all(missing);
    return missing.length > 0;
  }

  /** Where a row stands, among those that are here. */
  placeOf(row: number): number | undefined {
    for (const [page, rows] of this.pages) {
      const at = rows.findIndex((known) => known.row === row);
      if (at >= 0) return page * pageRows + at;
    }
    return undefined;
  }

  setStatus(row: number, status: Status): void {
    const place = this.placeOf(row);
    const page = place === undefined ? undefined : this.pages.get(Math.floor(place / pageRows));
    if (page && place !== undefined) page[place % pageRows] = { ...page[place % pageRows], status };
  }

  /** Forgets the rows, not their order: somebody else decided something. */
  forget(): void {
    this.pages.clear();
  }

  private load(page: number): Promise<void> {
    if (this.pages.has(page)) return Promise.resolve();
    let coming = this.coming.get(page);
    if (!coming) {
      coming = client
        .queue({ filter: this.filter, offset: page * pageRows, limit: pageRows, snapshot: this.snapshot })
        .then(({ snapshot, total, rows }) => {
          this.snapshot = snapshot;
          this.total = total;
          this.pages.set(page, [...rows]);
        })
        .finally(() => this.coming.delete(page));
      this.coming.set(page, coming);
    }
    return coming;
  }
}
