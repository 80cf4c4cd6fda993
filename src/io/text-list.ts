// Texts gathered one behind the other as UTF-8, without an object a text.
import type { Texts } from "./parquet-columns.ts";

export class TextList {
  private readonly lengths: Int32Array;
  private bytes = Buffer.allocUnsafe(1 << 16);
  private count = 0;
  private end = 0;

  /** Holds up to `limit` texts. */
  constructor(limit: number) {
    this.lengths = new Int32Array(limit);
  }

  append(text: string): void {
    // UTF-8 has at most three bytes for a UTF-16 unit.
    const most = this.end + text.length * 3;
    if (most > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(most, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.end));
      this.bytes = grown;
    }
    const length = this.bytes.write(text, this.end, "utf8");
    this.lengths[this.count++] = length;
    this.end += length;
  }

  /** An empty text. */
  skip(): void {
    this.count++;
  }

  texts(): Texts {
    return { lengths: this.lengths.subarray(0, this.count), bytes: this.bytes.subarray(0, this.end) };
  }
}
