// One row of a columnar format to the visitor: as a plain value, or as malformed where its text is not valid, or it is too long or too deep.
import { tooDeep } from "./depth.ts";
import { InvalidText, TooDeep, toPlain } from "./plain.ts";
import type { Malformed, Visit } from "./types.ts";

export function visitRow(record: number, row: unknown, maxRecordBytes: number, visit: Visit): void {
  let value: unknown;
  try {
    value = toPlain(row);
  } catch (error) {
    visit({ record, malformed: malformedOf(error) });
    return;
  }
  const units = textUnits(value, 0);
  if (units > maxRecordBytes) {
    const detail = `${units} characters of text; max_record_bytes is ${maxRecordBytes}`;
    visit({ record, malformed: { reason: "record_too_long", detail, raw: Buffer.alloc(0), rawBytes: units } });
    return;
  }
  visit({ record, value });
}

function malformedOf(error: unknown): Malformed {
  if (error instanceof InvalidText) return { reason: "invalid_utf8", detail: "a text in the row is not valid UTF-8", raw: error.bytes };
  const raw = Buffer.alloc(0);
  return error instanceof TooDeep ? { reason: "too_deep", detail: tooDeep, raw } : { reason: "damaged", detail: messageOf(error), raw };
}

/** UTF-16 units of all texts in a value. */
function textUnits(value: unknown, sum: number): number {
  if (typeof value === "string") return sum + value.length;
  if (typeof value !== "object" || value === null) return sum;
  let total = sum;
  for (const item of Object.values(value)) total = textUnits(item, total);
  return total;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
