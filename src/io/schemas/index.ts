// From a record's value to a row's messages and meta, or why not. Knows layouts (layouts.ts), not files.
import type { Message } from "../../core/row.ts";
import { deepest, isTooDeep, tooDeep } from "../readers/depth.ts";
import { isObject, isRefused, type Json, kindOf, type Refused, refuse, toConversation } from "./conversation.ts";
import { columnLayout } from "./columns.ts";
import { type Converted, forced, type Layout, layouts } from "./layouts.ts";

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
  const find = (record: Json): Layout | undefined => candidates.find((candidate) => candidate.fits(record));
  return (value) => {
    let record = plainRecord(value);
    if (record === undefined) return refuse("not_an_object", `the record is ${kindOf(value)}, not an object`);
    // What was read as JSON text of a field has not passed the reader's limit.
    if (record !== value && isTooDeep(record)) return refuse("too_deep", tooDeep);
    let layout = find(record);
    if (!layout) {
      const simple = withSimpleNames(record);
      layout = simple && find(simple);
      if (!layout || !simple) return refuse("unknown_layout", noLayout(record, format));
      record = simple;
    }
    const converted = layout.convert(record);
    if (isRefused(converted)) return converted;
    const conversation = toConversation(converted.messages);
    if (isRefused(conversation)) return conversation;
    return { messages: conversation.messages, meta: metaOf(record, converted), schema: layout.name };
  };
}

/** The record without what some files wrap it in: a bare list of messages, the Hub viewer's { row_idx, row }, lists as JSON text (in CSV). */
function plainRecord(value: unknown): Json | undefined {
  if (Array.isArray(value)) return isObject(value[0]) ? { messages: value } : undefined;
  if (!isObject(value)) return undefined;
  const record = isObject(value.row) && "row_idx" in value ? value.row : value;
  for (const key of ["messages", "conversations"]) {
    const list = listOfText(record[key]);
    if (list) return { ...record, [key]: list };
  }
  return record;
}

function listOfText(text: unknown): readonly unknown[] | undefined {
  if (typeof text !== "string" || !text.trimStart().startsWith("[")) return undefined;
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The record with names in lower case and _ for spaces ("Best Answer" as best_answer); undefined where they are so already. */
function withSimpleNames(record: Json): Json | undefined {
  const simple: Record<string, unknown> = {};
  let changed = false;
  for (const key in record) {
    const name = key.trim().toLowerCase().replaceAll(" ", "_");
    const free = name !== key && !Object.hasOwn(record, name);
    changed ||= free;
    put(simple, free ? name : key, record[key]);
  }
  return changed ? simple : undefined;
}

/** Keys like __proto__ are data here. */
function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function noLayout(record: Json, format: string): string {
  const keys = Object.keys(record);
  const shown = keys.slice(0, 8).join(", ") + (keys.length > 8 ? ", ..." : "");
  const wanted = format === "auto" ? "no known layout" : `not the layout ${format}`;
  return `${wanted}: its keys are ${shown || "none"}; name them with columns: { instruction: ..., response: ... }`;
}

function metaOf(record: Json, { used, more }: Converted): Json {
  const meta: Record<string, unknown> = {};
  for (const key in record) {
    if (used.includes(key) || record[key] === undefined || record[key] === null) continue;
    // Chat templates go through a list of tools; some files hold it as JSON text.
    const tools = key === "tools" ? listOfText(record[key]) : undefined;
    put(meta, key, tools === undefined || isTooDeep(tools, deepest - 1) ? record[key] : tools);
  }
  return more ? { ...meta, ...more } : meta;
}
