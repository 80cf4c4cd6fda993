// One row of a columnar format to the visitor: as a plain value, or as malformed where its text is not valid or it is too long.
import { InvalidText, toPlain } from "./plain.ts";
import type { Visit } from "./types.ts";

export function visitRow(record: number, row: unknown, maxRecordBytes: number, visit: Visit): void {
  let value: unknown;
  try {
    value = toPlain(row);
  } catch (error) {
    const malformed =
      error instanceof InvalidText
        ? ({ reason: "invalid_utf8", detail: "a text in the row is not valid UTF-8", raw: error.bytes } as const)
        : ({ reason: "damaged", detail: messageOf(error), raw: Buffer.alloc(0) } as const);
    visit({ record, malformed });
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
