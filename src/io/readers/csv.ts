// CSV and TSV by RFC 4180: a quote opens only at a field's start, and "" inside is a quote. Leniently: a quote inside an unquoted field is text, and
// blanks behind a closing quote are none. Other text behind a closing quote, or a quote that is never closed, costs its record: csv-delimiter.ts
// tells where that ends.
// The first line names the columns, unless it holds data: then they are column_1, column_2 ... Records are data rows, numbered from 1; blank lines are none. Every value is text.
import { isUtf8 } from "node:buffer";
import { CsvDelimiter } from "./csv-delimiter.ts";
import { invalidUtf8, tooLong } from "./jsonl.ts";
import { eachRecord } from "./record-bytes.ts";
import type { CsvSplit, ReadOptions, Visit } from "./types.ts";

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

/** What is wrong with a quoted field, counted from 0: it is not closed, or `text` stands behind the quote that closes it. */
export interface QuoteFault {
  readonly field: number;
  readonly text: string | undefined;
  /** A backslash stands before that quote, as other formats escape one. */
  readonly escaped: boolean;
}

/** The fields of one record without its line end. Tells the first fault of a quote, and reads on as if the text belonged to the field. */
export function parseFields(text: string, separator: string, tell?: (fault: QuoteFault) => void): string[] {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let told = false;
  const found = (behind: string | undefined, escaped: boolean): void => {
    if (!told) tell?.({ field: fields.length, text: behind, escaped });
    told = true;
  };
  let at = 0;
  for (;;) {
    let field = "";
    const quoted = text.charCodeAt(at) === quote;
    let close = -1;
    if (quoted) {
      let start = ++at;
      for (;;) {
        close = text.indexOf('"', start);
        if (close < 0) {
          field += text.slice(at);
          at = text.length;
          found(undefined, false);
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
    let rest = text.slice(at, next < 0 ? text.length : next);
    if (quoted && rest !== "") {
      if (/[^ \t\r]/.test(rest)) found(rest, text[close - 1] === "\\");
      else rest = "";
    }
    fields.push(field + rest);
    if (next < 0) return fields;
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
  const { columns, delimiter: separator, spaced } = split;
  const delimiter = new CsvDelimiter({ separator, columns: columns.length, spaced });
  let record = split.first;
  const faults: QuoteFault[] = [];
  const tell = (fault: QuoteFault): void => void faults.push(fault);
  eachRecord({ ...split, maxRecordBytes, delimiter }, (row) => {
    if (row.size > maxRecordBytes) {
      visit({ record: record++, malformed: tooLong(row, maxRecordBytes) });
      return;
    }
    const raw = withoutLineEnds(row.bytes);
    if (raw.length === 0) return;
    const number = record++;
    if (!row.valid && !isUtf8(raw)) {
      visit({ record: number, malformed: invalidUtf8(raw) });
      return;
    }
    const fields = parseFields(raw.toString("utf8"), separator, tell);
    const fault = faults.pop();
    if (fault !== undefined) {
      const isCut = !row.ended && split.end === split.fileBytes && fault.text === undefined;
      visit({ record: number, malformed: { reason: isCut ? "cut_off" : "broken_quote", detail: faultDetail(fault, columns, isCut), raw } });
      return;
    }
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

function faultDetail({ field, text, escaped }: QuoteFault, columns: readonly string[], isCut: boolean): string {
  const place = field < columns.length ? `column ${columns[field]}` : `field ${field + 1}`;
  if (text === undefined) return `the quote that opens ${place} is not closed${isCut ? " when the file ends" : ""}`;
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  const way = escaped ? "a quote inside a field is written twice, not behind a backslash" : "a quote inside a field is written twice";
  return `the quote that closes ${place} is followed by ${shown}; ${way}`;
}

/** Assigns a member of any name, __proto__ too. */
function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
