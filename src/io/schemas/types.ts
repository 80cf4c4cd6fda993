// What a layout makes of a record's value: messages and everything else the record carried, or why it is no row.
import type { Message } from "../../core/row.ts";

/** Stable words for why a value is no row. */
export type RejectReason =
  | "not_an_object"
  | "unknown_layout"
  | "missing_column"
  | "wrong_type"
  | "empty_conversation"
  | "no_assistant"
  | "bad_turn_order"
  | "unknown_role";

export interface Rejected {
  readonly reason: RejectReason;
  readonly detail: string;
}

export interface Converted {
  readonly messages: readonly Message[];
  readonly meta: Readonly<Record<string, unknown>>;
  /** The layout's name. */
  readonly schema: string;
}

export type Converter = (value: unknown) => Converted | Rejected;
export type Fields = Readonly<Record<string, unknown>>;

/** A layout's answer: undefined where the record is not of this layout. */
export type Layout = (record: Fields) => Converted | Rejected | undefined;

export function isRejected(result: object): result is Rejected {
  return "reason" in result && "detail" in result;
}

export function reject(reason: RejectReason, detail: string): Rejected {
  return { reason, detail };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a value is, in a person's words. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** All fields but the named ones, and `more`. */
export function metaOf(record: Fields, used: readonly (string | undefined)[], more?: Fields): Fields {
  const meta: Record<string, unknown> = {};
  for (const name in record) if (!used.includes(name)) put(meta, name, record[name]);
  for (const name in more) put(meta, name, more[name]);
  return meta;
}

/** Sets a member of any name, __proto__ too. */
export function put(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}

/** The text with lone surrogates (they cannot be written as UTF-8) as U+FFFD. */
export function wellFormed(text: string): string {
  return (text as { toWellFormed?: () => string }).toWellFormed?.() ?? text;
}
