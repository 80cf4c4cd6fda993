// What a file is: by its name's ending, and by its first bytes where the ending lies or says nothing.
import type { Compression, Format } from "./readers/types.ts";

const endings: Readonly<Record<string, Format>> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  jsonlines: "jsonl",
  json: "json",
  csv: "csv",
  tsv: "tsv",
  parquet: "parquet",
  pq: "parquet",
  arrow: "arrow",
  feather: "arrow",
  ipc: "arrow",
};
const compressions: Readonly<Record<string, Compression>> = { gz: "gzip", gzip: "gzip", zst: "zstd", zstd: "zstd" };

export const knownEndings = "jsonl, ndjson, json, csv, tsv, parquet, arrow, feather, each also with .gz or .zst";

/** What a name promises; undefined where its ending is none that we read. */
export function formatOfName(name: string): Format | undefined {
  const parts = name.toLowerCase().split(".");
  if (parts.length > 2 && Object.hasOwn(compressions, parts[parts.length - 1])) parts.pop();
  const ending = parts.length > 1 ? parts[parts.length - 1] : "";
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
}

/** How a file is packed, by its first bytes. */
export function compressionOf(head: Uint8Array): Compression {
  if (startsWith(head, [0x1f, 0x8b])) return "gzip";
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return "zstd";
  // A skippable zstd frame, as pzstd writes them first.
  if (head.length >= 4 && (head[0] & 0xf0) === 0x50 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18])) return "zstd";
  return "none";
}

/** The format of unpacked bytes. `head` is the file's beginning, `whole` whether that is all of it; undefined where nothing fits. */
export function formatOf(name: string, head: Buffer, whole: boolean): Format | undefined {
  const named = formatOfName(name);
  if (startsWith(head, Buffer.from("PAR1"))) return "parquet";
  if (startsWith(head, Buffer.from("ARROW1"))) return "arrow";
  const text = head.subarray(bomLength(head)).toString("latin1");
  const start = /\S/.exec(text)?.[0];
  if (named === "parquet" || named === "arrow") return start === "{" || start === "[" ? textFormat(text, whole, "json") : named;
  if (named === "csv" || named === "tsv") return start === "{" && isLines(text, whole) ? "jsonl" : named;
  if (named === undefined && start !== "{" && start !== "[") return undefined;
  return textFormat(text, whole, named);
}

/** JSON or JSON Lines. One line that is one value is what the name says: a record of JSON Lines, or a document. */
function textFormat(text: string, whole: boolean, named: Format | undefined): Format {
  if (isLines(text, whole)) return "jsonl";
  const first = firstLine(text);
  const value = first === undefined ? undefined : parsed(first);
  if (named === "jsonl") {
    // A list over several lines, a printed object, or a whole list in one line.
    if (/^\s*\[\s*$/.test(first ?? "") || /^\s*\{\s*$/.test(first ?? "")) return "json";
    if (Array.isArray(value) && whole && text.trim() === first?.trim() && !value.every(Array.isArray) && !isTurn(value[0])) return "json";
    return "jsonl";
  }
  return "json";
}

function isTurn(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("role" in value || "from" in value);
}

/** True where the first line that is not blank is a whole JSON value and another follows. */
function isLines(text: string, whole: boolean): boolean {
  const first = firstLine(text);
  if (first === undefined || !/^\s*[{[]/.test(first)) return false;
  const start = text.indexOf(first);
  const rest = text.slice(start + first.length).trimStart();
  if (rest === "" || (rest[0] !== "{" && rest[0] !== "[")) return false;
  if (start + first.length >= text.length && !whole) return false;
  return parsed(first) !== undefined;
}

/** The first line that is not blank. */
function firstLine(text: string): string | undefined {
  const start = text.search(/\S/);
  if (start < 0) return undefined;
  const end = text.indexOf("\n", start);
  return text.slice(text.lastIndexOf("\n", start) + 1, end < 0 ? text.length : end);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Length of a UTF-8 byte order mark at the start. */
export function bomLength(head: Uint8Array): number {
  return startsWith(head, [0xef, 0xbb, 0xbf]) ? 3 : 0;
}

/** What a byte order mark says that is not UTF-8's. */
export function encodingOf(head: Uint8Array): "UTF-16" | "UTF-32" | undefined {
  if (startsWith(head, [0xff, 0xfe, 0, 0]) || startsWith(head, [0, 0, 0xfe, 0xff])) return "UTF-32";
  return startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff]) ? "UTF-16" : undefined;
}

function startsWith(bytes: Uint8Array, prefix: ArrayLike<number>): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/** True for a text whose lines end as on old Macs: a carriage return, and no line feed in all of `head`. */
export function endsLinesInCr(head: Buffer): boolean {
  return !head.includes(0x0a) && /\r\s*\S/.test(head.toString("latin1"));
}
