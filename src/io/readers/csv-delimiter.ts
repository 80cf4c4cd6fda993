// Where CSV records end. Newlines end records outside quotes; a quote opens at a field's start, "" inside is a quote, and behind a closing
// quote stands a separator, a line's end or blanks before them.
//
// A broken quote has text behind the quote that closes it, or is never closed. It is given up: what was taken for its text is looked at again,
// line by line, and its record ends before the first line that stands as a row by itself. So a closing quote that was lost costs one record, and
// where a quote stands inside a text of many lines, the text's rest is not read as rows.
// A line stands as a row if it has the file's columns (empty fields more are none), no quote inside an unquoted field, and no field that begins
// with a blank, unless the file's first rows do: that keeps prose with a comma apart. It may end inside a quoted field. What follows the line
// does not count, so that the rule is the same wherever a file is split.
// The time stays linear: inside quotes that are given up all other quotes stand in even numbers, so that no quote opened in the second look
// reaches over its line before the place where the first look ended.
import type { Delimiter } from "./record-bytes.ts";

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;

/** `closed`: the last byte was a quote inside quotes. `blanks`: blanks stand behind a closed field. `skipped`: a line that is no row. */
const State = { lineStart: 0, fieldStart: 1, plain: 2, quoted: 3, closed: 4, blanks: 5, skipped: 6 } as const;

export interface CsvForm {
  readonly separator: string;
  /** Columns of a row; 0: a record whose quote is broken ends with the line in which the quote stands (the header). */
  readonly columns: number;
  /** Fields may begin with a blank. */
  readonly spaced?: boolean;
}

/** Ends of CSV records. Blank lines before a record belong to it. */
export class CsvDelimiter implements Delimiter {
  readonly closed = false;
  back = 0;
  private readonly separator: number;
  private readonly columns: number;
  private readonly spaced: boolean;
  private state: number = State.lineStart;
  /** A quote was given up: a line is sought that stands as a row. */
  private lost = false;
  /** That line was found, and the record ends before it. */
  private found = false;
  /** Of the next byte, from the first one on. Offsets below are counted so. */
  private position = 0;
  /** Behind the line in which the open quote stands; -1: not known yet. */
  private lineEnd = -1;
  /** Of the line that is looked at, and its fields so far. */
  private lineStart = 0;
  private fields = 1;

  constructor({ separator, columns, spaced = false }: CsvForm) {
    this.separator = separator.charCodeAt(0);
    this.columns = columns;
    this.spaced = spaced;
  }

  end(bytes: Buffer, from: number, to: number): number {
    this.back = 0;
    if (this.found) {
      this.found = false;
      return from;
    }
    const base = this.position - from;
    this.position = base + to;
    const stop = this.lost ? this.search(bytes, from, to, base) : this.scan(bytes, from, to, base);
    if (stop >= 0) this.position = base + stop;
    return stop;
  }

  atEnd(): void {
    if (this.lost) {
      if (this.standsAsRow()) this.endBeforeLine();
    } else if (this.state === State.quoted && this.lineEnd >= 0) this.giveUp();
  }

  /** Follows a record. */
  private scan(bytes: Buffer, from: number, to: number, base: number): number {
    const { separator } = this;
    let { state } = this;
    /** The quote that opened the field, or the first byte here. */
    let opened = from;
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (state === State.quoted) {
        const found = bytes.indexOf(quote, i);
        if (found < 0 || found >= to) break;
        i = found;
        state = State.closed;
      } else if (byte === newline) {
        if (state === State.lineStart) continue;
        this.state = State.lineStart;
        return i + 1;
      } else if (byte === separator) state = State.fieldStart;
      else if (state >= State.closed) {
        if (byte === quote && state === State.closed) state = State.quoted;
        else if (isBlank(byte)) state = State.blanks;
        else {
          this.findLineEnd(bytes, opened, i, base);
          if (this.lineEnd >= 0) {
            this.giveUp();
            return -1;
          }
          this.lost = true;
          this.state = State.skipped;
          return this.search(bytes, i, to, base);
        }
      } else if (byte === quote && state !== State.plain) {
        state = State.quoted;
        opened = i;
        this.lineEnd = -1;
      } else if (byte !== carriageReturn || state !== State.lineStart) state = State.plain;
    }
    if (state >= State.quoted) this.findLineEnd(bytes, opened, to, base);
    this.state = state;
    return -1;
  }

  private findLineEnd(bytes: Buffer, from: number, to: number, base: number): void {
    if (this.lineEnd >= 0) return;
    const found = bytes.indexOf(newline, from);
    if (found >= 0 && found < to) this.lineEnd = base + found + 1;
  }

  /** Goes back behind the line in which the broken quote stands. */
  private giveUp(): void {
    this.lost = true;
    this.beginLine(this.lineEnd);
    if (this.columns === 0) this.endBeforeLine();
    else this.goBack();
  }

  private beginLine(at: number): void {
    this.state = State.lineStart;
    this.lineStart = at;
    this.fields = 1;
  }

  private goBack(): void {
    this.back = this.position - this.lineStart;
    this.position = this.lineStart;
  }

  /** The next call finds the record's end where it begins. */
  private endBeforeLine(): void {
    this.lost = false;
    this.found = true;
    this.state = State.lineStart;
    this.goBack();
  }

  /** Looks for a line that stands as a row. */
  private search(bytes: Buffer, from: number, to: number, base: number): number {
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === newline) {
        if (this.columns === 0) {
          this.lost = false;
          this.state = State.lineStart;
          return i + 1;
        }
        if (this.standsAsRow()) {
          this.endBeforeLine();
          return -1;
        }
        this.beginLine(base + i + 1);
      } else if (this.state === State.skipped) {
        const found = bytes.indexOf(newline, i);
        if (found < 0 || found >= to) return -1;
        i = found - 1;
      } else this.state = this.stateBehind(byte);
    }
    return -1;
  }

  /** The state behind a byte of the line that is looked at. */
  private stateBehind(byte: number): number {
    const { state, separator, spaced } = this;
    if (state === State.quoted) return byte === quote ? State.closed : State.quoted;
    if (byte === separator) {
      this.fields++;
      return State.fieldStart;
    }
    if (byte === carriageReturn) return state === State.closed ? State.blanks : state;
    if (state >= State.closed) {
      if (byte === quote && state === State.closed) return State.quoted;
      return isBlank(byte) ? State.blanks : State.skipped;
    }
    if (this.fields > this.columns) return State.skipped;
    if (byte === quote) return state !== State.plain ? State.quoted : spaced ? State.plain : State.skipped;
    return state !== State.plain && isBlank(byte) && !spaced ? State.skipped : State.plain;
  }

  /** At the end of the line that is looked at. */
  private standsAsRow(): boolean {
    const { state, fields, columns } = this;
    if (state === State.quoted) return true;
    return state !== State.skipped && state !== State.lineStart && fields >= columns;
  }
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab || byte === carriageReturn;
}

/** Where the first record ends. */
export function firstRecordEnd(bytes: Buffer, separator: string): number {
  const delimiter = new CsvDelimiter({ separator, columns: 0 });
  for (let at = 0; ;) {
    const stop = delimiter.end(bytes, at, bytes.length);
    if (stop >= 0) return stop;
    if (delimiter.back === 0) delimiter.atEnd();
    if (delimiter.back === 0) return bytes.length;
    at = bytes.length - delimiter.back;
  }
}
