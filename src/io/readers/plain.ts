// Values of columnar formats as plain JSON values: big integers as numbers where they are exact and as text where not, dates as ISO 8601,
// typed arrays and vectors as arrays, bytes as text or base64. Knows no schema.
import { isUtf8 } from "node:buffer";
import { deepest } from "./depth.ts";

/** Stands for text that is not valid UTF-8. */
export class InvalidText {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** UTF-8 bytes as text, or what stands for text that is none. */
export function textOfBytes(bytes: Uint8Array): string | InvalidText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer) ? buffer.toString("utf8") : new InvalidText(bytes.slice());
}

/** Stands for a value in more levels than a record may have. */
export class TooDeep {}

/** A value as plain JSON. Throws InvalidText where some text in it is not valid UTF-8, and TooDeep. */
export function toPlain(value: unknown, depth = 0): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (value === undefined) return null;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (value instanceof InvalidText) throw value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return plainBytes(value);
  if (depth >= deepest) throw new TooDeep();
  if (Array.isArray(value)) return value.map((item) => toPlain(item, depth + 1));
  if (value instanceof Map) return plainObject(value.entries(), depth);
  if (typeof value === "object") {
    // Arrow's vectors and typed arrays are iterable; its rows and maps iterate [name, value] pairs.
    if ("toJSON" in value && typeof value.toJSON === "function" && !ArrayBuffer.isView(value)) return toPlain(value.toJSON(), depth + 1);
    if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, (item) => toPlain(item, depth + 1));
    return plainObject(Object.entries(value), depth);
  }
  return String(value);
}

/** Bytes of a column that does not claim to be text: as text where they are, else in base64. */
function plainBytes(bytes: Uint8Array): string {
  const text = textOfBytes(bytes);
  return text instanceof InvalidText ? Buffer.from(bytes).toString("base64") : text;
}

function plainObject(entries: Iterable<[unknown, unknown]>, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    Object.defineProperty(result, String(name), { value: toPlain(value, depth + 1), enumerable: true, configurable: true, writable: true });
  }
  return result;
}
