// What a stage says of a row. Keeping a row is saying nothing.

/** JSON values that let a person check the verdict: value, limit, matched text, survivor id, similarity ... */
export type Evidence = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** What to do with a row that a rule speaks of. */
export type Action = "drop" | "flag";

/** A rule's finding about one row. */
export interface Finding<Reason extends string = string> {
  readonly reason: Reason;
  readonly evidence: Evidence;
}

/** What became of an input record; the counts of these add up to the records read. */
export const rowStates = ["used", "unused", "dropped", "quarantined", "held_out"] as const;
export type RowState = (typeof rowStates)[number];
