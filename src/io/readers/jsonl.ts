// JSON Lines: a record is a physical line, numbered from 1; blank lines count but are no records. A carriage return before the newline is white space.
import { constants, isUtf8 } from "node:buffer";
import { isTooDeep, tooDeep } from "./depth.ts";
import { parseJson } from "./parse-json.ts";
import { eachRecord, isBlank, lineDelimiter, type RecordBytes } from "./record-bytes.ts";
import { keptBytes, type LinesSplit, type Malformed, type ReadOptions, type Visit } from "./types.ts";

export function readLines(split: LinesSplit, { maxRecordBytes, takeLine }: ReadOptions, visit: Visit): void {
  let record = split.first;
  const { path, start, end } = split;
  eachRecord({ path, start, end, maxRecordBytes, delimiter: lineDelimiter }, (line) => {
    const number = record++;
    let { bytes } = line;
    if (line.size === bytes.length) {
      let end = bytes.length;
      while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
      bytes = bytes.subarray(0, end);
      if (isBlank(bytes) || (line.valid && takeLine?.(number, bytes))) return;
    }
    const parsed = parseRecord(line, bytes, maxRecordBytes, line.ended);
    visit("value" in parsed ? { record: number, value: parsed.value, raw: bytes } : { record: number, malformed: parsed });
  });
}

/** A record's text as a value, or why it is none. `whole` is false at the end of a file that may have been cut off. */
export function parseRecord(
  record: RecordBytes,
  text: Buffer,
  maxRecordBytes: number,
  whole: boolean,
  parse = parseJson,
): { readonly value: unknown } | Malformed {
  if (record.size > maxRecordBytes || record.size > constants.MAX_STRING_LENGTH) return tooLong(record, maxRecordBytes);
  if (!record.valid && !isUtf8(text)) return invalidUtf8(text);
  const parsed = parse(text.toString("utf8"));
  if ("value" in parsed) return isTooDeep(parsed.value) ? { reason: "too_deep", detail: tooDeep, raw: text } : parsed;
  return {
    reason: whole ? "invalid_json" : "cut_off",
    detail: whole ? parsed.detail : `${parsed.detail}; it is the file's last record and nothing ends it`,
    raw: text,
  };
}

export function tooLong({ bytes, size }: RecordBytes, limit: number): Malformed {
  return {
    reason: "record_too_long",
    detail: `${size} bytes; max_record_bytes is ${limit}`,
    raw: bytes.subarray(0, keptBytes),
    rawBytes: size,
  };
}

export function invalidUtf8(bytes: Buffer): Malformed {
  return { reason: "invalid_utf8", detail: `not valid UTF-8 at byte ${firstInvalid(bytes) + 1} of the record`, raw: bytes };
}

/** Index of the first byte that is not part of valid UTF-8, by halving. */
function firstInvalid(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, characterEnd(bytes, middle)))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The nearest position at or before `position` that does not cut a character that could still be whole. */
function characterEnd(bytes: Buffer, position: number): number {
  for (let back = 1; back <= 3 && position - back >= 0; back++) {
    const byte = bytes[position - back];
    if (byte < 0x80) break;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? position - back : position;
  }
  return position;
}
