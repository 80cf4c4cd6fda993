// CSV and TSV by RFC 4180, leniently: a quote opens only at a field's start, "" inside is a quote, text behind a closing quote belongs to the field.
// The first line names the columns, unless it holds data: then they are column_1, column_2 ... Records are data rows, numbered from 1; blank lines are none. Every value is text.
import { isUtf8 } from "node:buffer";
import { invalidUtf8, tooLong } from "./jsonl.ts";
import { type Delimiter, eachRecord } from "./record-bytes.ts";
import type { CsvSplit, ReadOptions, Visit } from "./types.ts";

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

const State = { lineStart: 0, fieldStart: 1, plain: 2, quoted: 3, quoteInQuotes: 4 } as const;

/** Ends of CSV records: newlines outside quotes. Blank lines before a record belong to it. */
export function csvDelimiter(separator: string): Delimiter & { readonly inQuotes: () => boolean } {
  const separatorByte = separator.charCodeAt(0);
  let state: number = State.lineStart;
  return {
    closed: false,
    inQuotes: () => state === State.quoted,
    end(bytes, from, to) {
      for (let i = from; i < to; i++) {
        const byte = bytes[i];
        if (state === State.quoted) {
          const found = bytes.indexOf(quote, i);
          if (found < 0 || found >= to) return -1;
          i = found;
          state = State.quoteInQuotes;
        } else if (byte === newline) {
          if (state === State.lineStart) continue;
          state = State.lineStart;
          return i + 1;
        } else if (byte === quote) state = state === State.plain ? State.plain : State.quoted;
        else if (byte === separatorByte) state = State.fieldStart;
        else if (byte !== carriageReturn || state !== State.lineStart) state = State.plain;
      }
      return -1;
    },
  };
}

/** The fields of one record without its line end. */
export function parseFields(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (text.charCodeAt(at) === quote) {
      let start = ++at;
      for (;;) {
        const close = text.indexOf('"', start);
        if (close < 0) {
          field += text.slice(at);
          at = text.length;
          break;
        }
        if (text.charCodeAt(close + 1) !== quote) {
          field += text.slice(at, close);
          at = close + 1;
          break;
        }
        field += text.slice(at, close + 1);
        at = start = close + 2;
      }
    }
    const next = text.indexOf(separator, at);
    if (next < 0) {
      fields.push(field + text.slice(at));
      return fields;
    }
    fields.push(field + text.slice(at, next));
    at = next + 1;
  }
}

/** Column names from the header's fields: empty ones are numbered, repeated ones get a suffix. */
export function columnNames(fields: readonly string[]): string[] {
  const seen = new Set<string>();
  return fields.map((field, i) => {
    const name = field.trim() || `column_${i + 1}`;
    let unique = name;
    for (let n = 2; seen.has(unique); n++) unique = `${name}_${n}`;
    seen.add(unique);
    return unique;
  });
}

const longestName = 80;

/** False where a first line holds data rather than names: long or many-lined texts, or a question with four choices and a letter (MMLU). */
export function isHeader(fields: readonly string[]): boolean {
  if (fields.length === 6 && /^[A-D]$/.test(fields[5].trim())) return false;
  return fields.every((field) => field.length <= longestName && !field.includes("\n"));
}

/** The separator of a CSV header: the most frequent of , ; tab | outside quotes. */
export function guessSeparator(header: string): string {
  const counts = new Map([",", ";", "\t", "|"].map((separator) => [separator, 0]));
  let quoted = false;
  for (const character of header) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  let best = ",";
  for (const [separator, count] of counts) if (count > (counts.get(best) ?? 0)) best = separator;
  return best;
}

/** A record without blank lines before it and without its line end. */
export function withoutLineEnds(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && (bytes[start] === newline || bytes[start] === carriageReturn)) start++;
  if (end > start && bytes[end - 1] === newline) end--;
  if (end > start && bytes[end - 1] === carriageReturn) end--;
  return bytes.subarray(start, end);
}

export function readCsv(split: CsvSplit, { maxRecordBytes }: ReadOptions, visit: Visit): void {
  const { columns, delimiter: separator } = split;
  const delimiter = csvDelimiter(separator);
  let record = split.first;
  eachRecord({ ...split, maxRecordBytes, delimiter }, (row) => {
    if (row.size > maxRecordBytes) {
      visit({ record: record++, malformed: tooLong(row, maxRecordBytes) });
      return;
    }
    const raw = withoutLineEnds(row.bytes);
    if (raw.length === 0) return;
    const number = record++;
    if (!row.ended && delimiter.inQuotes()) {
      visit({ record: number, malformed: { reason: "cut_off", detail: "a quoted field is open at the end of the file", raw } });
      return;
    }
    if (!row.valid && !isUtf8(raw)) {
      visit({ record: number, malformed: invalidUtf8(raw) });
      return;
    }
    const fields = parseFields(raw.toString("utf8"), separator);
    while (fields.length > columns.length && fields[fields.length - 1] === "") fields.pop();
    if (fields.length !== columns.length) {
      const detail = `${fields.length} fields; the header names ${columns.length} columns`;
      visit({ record: number, malformed: { reason: "column_count", detail, raw } });
      return;
    }
    const value: Record<string, string> = {};
    for (let i = 0; i < columns.length; i++) set(value, columns[i], fields[i]);
    visit({ record: number, value, raw });
  });
}

/** Assigns a member of any name, __proto__ too. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
