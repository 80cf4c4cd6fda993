// From a record's value to a row's messages and meta, or why not. Knows layouts (layouts.ts), not files.
import type { Message } from "../../core/row.ts";
import { isObject, isRefused, type Json, kindOf, type Refused, refuse, toConversation } from "./conversation.ts";
import { columnLayout } from "./columns.ts";
import { forced, type Layout, layouts } from "./layouts.ts";

export interface ConvertedRow {
  readonly messages: readonly Message[];
  /** The record's other fields. */
  readonly meta: Json;
  /** The layout that was recognised. */
  readonly schema: string;
}

export type { Refused } from "./conversation.ts";

export interface ConverterOptions {
  readonly format: "auto" | "messages" | "sharegpt" | "alpaca" | "prompt-completion" | "text";
  /** Our column names to theirs: { instruction: question, response: answer }. */
  readonly columns?: Readonly<Record<string, string>>;
}

export function createConverter({ format, columns }: ConverterOptions): (value: unknown) => ConvertedRow | Refused {
  const candidates: readonly Layout[] = columns ? [columnLayout(columns, format)] : format === "auto" ? layouts : forced[format];
  return (value) => {
    // A record that is a list of messages.
    const record = Array.isArray(value) && isObject(value[0]) ? { messages: value } : value;
    if (!isObject(record)) return refuse("not_an_object", `the record is ${kindOf(record)}, not an object`);
    const layout = candidates.find((candidate) => candidate.fits(record));
    if (!layout) return refuse("unknown_layout", noLayout(record, format));
    const converted = layout.convert(record);
    if (isRefused(converted)) return converted;
    const conversation = toConversation(converted.messages);
    if (isRefused(conversation)) return conversation;
    return { messages: conversation.messages, meta: metaOf(record, converted.used), schema: layout.name };
  };
}

function noLayout(record: Json, format: string): string {
  const keys = Object.keys(record);
  const shown = keys.slice(0, 8).join(", ") + (keys.length > 8 ? ", ..." : "");
  const wanted = format === "auto" ? "no known layout" : `not the layout ${format}`;
  return `${wanted}: its keys are ${shown || "none"}; name them with columns: { instruction: ..., response: ... }`;
}

function metaOf(record: Json, used: readonly string[]): Json {
  const meta: Record<string, unknown> = {};
  for (const key in record) {
    if (used.includes(key) || record[key] === undefined || record[key] === null) continue;
    // Keys like __proto__ are data here.
    Object.defineProperty(meta, key, { value: record[key], enumerable: true, configurable: true, writable: true });
  }
  return meta;
}
