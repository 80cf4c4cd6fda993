// JSON documents: what in them is a record, where records can be split, and reading them one by one.
// Records are: the elements of the top array; of an object, the elements of the array it wraps (data, rows, examples ...), or its members where
// all are objects (the member's name becomes the field `id` where there is none); otherwise the object itself, or each of several objects that
// follow one another. Numbers count places: element 3 is record 3, whatever stands before it.
import { parseJson, type Parsed } from "./parse-json.ts";
import { ElementDelimiter, valueDelimiter } from "./json-delimiter.ts";
import { parseRecord } from "./jsonl.ts";
import { eachRecord, isBlank, type RecordBytes, trimmed } from "./record-bytes.ts";
import type { JsonSplit, ReadOptions, Visit } from "./types.ts";

const comma = 0x2c;

export function readJson(split: JsonSplit, { maxRecordBytes }: ReadOptions, visit: Visit): void {
  const { holds } = split;
  const delimiter = holds === "values" ? valueDelimiter() : new ElementDelimiter();
  const parse = holds === "members" ? parseMember : parseJson;
  let record = split.first;
  let toldCut = false;
  eachRecord({ ...split, maxRecordBytes, delimiter }, (piece) => {
    const bytes = piece.size === piece.bytes.length ? withoutDelimiter(piece, holds) : piece.bytes;
    if (isBlank(bytes) && (!piece.ended || delimiter.closed)) return;
    const number = record++;
    if (isBlank(bytes)) return;
    // Only the last range can end inside a record.
    const whole = piece.ended || (holds === "values" ? bytes[0] !== 0x7b && bytes[0] !== 0x5b : !split.closes);
    const parsed = parseRecord(piece, bytes, maxRecordBytes, whole, parse);
    toldCut = !piece.ended && "reason" in parsed;
    if ("value" in parsed) visit({ record: number, value: withShared(parsed.value, split.shared), raw: bytes });
    else visit({ record: number, malformed: parsed });
  });
  if (split.closes && !delimiter.closed && !toldCut) {
    const detail = `the file ends and the bracket that opened its ${holds} is not closed`;
    visit({ record, malformed: { reason: "cut_off", detail, raw: Buffer.alloc(0) } });
  }
}

/** The record without the comma or bracket that ends it and without white space. */
function withoutDelimiter({ bytes, ended }: RecordBytes, holds: JsonSplit["holds"]): Buffer {
  if (holds !== "values") return trimmed(ended ? bytes.subarray(0, bytes.length - 1) : bytes);
  const text = trimmed(bytes);
  return text[0] === comma ? trimmed(text.subarray(1)) : text;
}

/** `"name": value` as the value, with its name as `id`. */
function parseMember(text: string): Parsed {
  const parsed = parseJson(`{${text}}`);
  if (!("value" in parsed)) return parsed;
  const entries = Object.entries(parsed.value as Record<string, unknown>);
  if (entries.length !== 1) return { detail: `${entries.length} members where one was expected` };
  const [[name, value]] = entries;
  if (typeof value !== "object" || value === null || Array.isArray(value) || "id" in value) return { value };
  return { value: { id: name, ...value } };
}

function withShared(value: unknown, shared: JsonSplit["shared"]): unknown {
  if (!shared || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return { ...shared, ...value };
}
