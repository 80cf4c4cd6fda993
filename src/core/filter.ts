// A filter is a named, versioned rule with defaulted options that judges one row at a time.
// It sees a row's messages and token counts, nothing else: no clock, no files, no other rows.
import type { Message } from "./row.ts";
import type { Action, Finding } from "./verdict.ts";

/** What a filter may look at. */
export interface RowView {
  readonly messages: readonly Message[];
  /** Tokens of each message's content by the recipe's tokenizer, without special tokens: tokenCounts[messages]. Computed on first use. */
  readonly tokenCounts: ArrayLike<number>;
}

/** Judges one row; undefined keeps it. Several findings are for flags: a dropping filter reports its first. */
export type Judge<Reason extends string> = (row: RowView) => Finding<Reason> | readonly Finding<Reason>[] | undefined;

export interface FilterDefinition<Reason extends string, Options extends object> {
  readonly name: string;
  /** Raised whenever the same row could be judged differently: it is part of the resume key. */
  readonly version: number;
  readonly reasons: readonly Reason[];
  /** What a finding leads to unless the recipe says otherwise. */
  readonly action: Action;
  /** True for a filter that only runs where the recipe names it. */
  readonly optIn?: boolean;
  readonly defaults: Options;
  /** A line of help an option, shown by the recipe's JSON Schema. */
  readonly help: Readonly<Record<keyof Options & string, string>>;
  /** Called once per worker; checks options and throws a RangeError that states the allowed domain. */
  create(options: Options): Judge<NoInfer<Reason>>;
}

/** Declares a filter; a mistyped reason does not compile. */
export function defineFilter<const Reason extends string, Options extends object>(
  definition: FilterDefinition<Reason, Options>,
): FilterDefinition<Reason, Options> {
  return Object.freeze(definition);
}
