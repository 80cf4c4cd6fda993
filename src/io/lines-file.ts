// JSON Lines that grow while a run goes on, such as metrics.jsonl: each append is on the disk when it returns, and a run that goes on from
// a checkpoint takes back the lines that came after it. Read whole, with io/json-lines: such files are small.
import { dataError } from "../core/errors.ts";
import { AppendFile } from "./append-file.ts";

export class LinesFile<Line extends object> {
  private readonly file: AppendFile;

  /** Opens or makes the file; a last line that a killed run left half-written is cut off. */
  constructor(path: string) {
    this.file = new AppendFile(path);
    const bytes = this.file.read();
    this.file.cut(bytes.lastIndexOf(newline) + 1);
  }

  append(...lines: readonly Line[]): void {
    this.file.append(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
    this.file.sync();
  }

  /** Drops the first line that is not kept, and all after it: `truncateAfter(({ step }) => step <= 100)`. */
  truncateAfter(isKept: (line: Line) => boolean): void {
    const bytes = this.file.read();
    let kept = 0;
    for (let number = 1; kept < bytes.length; number++) {
      const end = bytes.indexOf(newline, kept) + 1;
      if (!isKept(this.parse(bytes.subarray(kept, end), number))) break;
      kept = end;
    }
    this.file.cut(kept);
    this.file.sync();
  }

  close(): void {
    this.file.close();
  }

  private parse(bytes: Uint8Array, number: number): Line {
    try {
      return JSON.parse(Buffer.from(bytes).toString("utf8")) as Line;
    } catch (error) {
      throw dataError({
        where: `${this.file.path} line ${number}`,
        expected: "a line of JSON",
        found: (error as Error).message,
        fix: "mend or delete the line, or start the run again with --fresh",
      });
    }
  }
}

const newline = 0x0a;
