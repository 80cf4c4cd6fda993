// What a format of another annotation tool is to us, and what both formats share.
import type { Decision } from "../pipeline/decisions.ts";
import type { ReviewRow } from "./desk.ts";

/** What another tool's answer comes to, before it is known to be of this run. */
export interface Answer {
  readonly hash: string;
  readonly decision: "keep" | "drop" | "edit" | "skip";
  readonly reviewer: string | undefined;
  readonly time: string | undefined;
  readonly comment: string | undefined;
  /** Text of the last assistant turn. */
  readonly answer: string | undefined;
}

export interface Exchange {
  readonly name: string;
  /** One item of the tool's JSON list. */
  write(row: ReviewRow, run: string): unknown;
  /** True where an item looks like this tool's. */
  isItem(item: Json): boolean;
  read(item: Json): Answer[];
  /** What the tool has to be told before it understands the items. */
  readonly setUp: string;
}

/** Each reviewer's last line on a content. */
export function lastWords(decisions: readonly Decision[]): Decision[] {
  return [...new Map(decisions.map((decision) => [decision.reviewer, decision])).values()];
}

export type Json = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
