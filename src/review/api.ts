// What the review page and its server say to each other: plain JSON, types only. Positions in texts are UTF-16 units.

/** Of a content: open until somebody keeps, drops or edits it; skipped says seen, not decided. */
export const statuses = ["open", "keep", "drop", "edit", "skipped"] as const;
export type Status = (typeof statuses)[number];

/** Which rows a queue holds; every part narrows it. */
export interface QueueFilter {
  /**
   * "review": flagged, dropped or edited rows; "flagged"; "dropped"; "all": every row of the run; else one cause:
   * "flag:refusal", "flag:refusal/<rule>", "drop:length/response_short", "edit:review/review_edited".
   */
  readonly about: string;
  /** "decided" is keep, drop or edit; "disputed": reviewers differ. */
  readonly status?: Status | "decided" | "disputed";
  readonly source?: string;
  /** Rows on which this reviewer's word stands. */
  readonly reviewer?: string;
  /** Words that the conversation or the row's id holds, whatever their case. */
  readonly text?: string;
}

export interface QueueRequest {
  readonly filter: QueueFilter;
  readonly offset: number;
  readonly limit: number;
  /** The queue of an earlier answer: rows stay where they were while they are decided. */
  readonly snapshot?: string;
}

export interface QueueAnswer {
  readonly snapshot: string;
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly ListRow[];
}

export interface ListRow {
  readonly row: number;
  readonly id: string;
  /** The beginning of what the user says, on one line. */
  readonly title: string;
  readonly causes: readonly string[];
  readonly status: Status;
  readonly disputed: boolean;
}

export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export interface Turn {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  /** Length of the whole content; more than content.length where that was cut. */
  readonly length: number;
  /** The words that a rule matched. */
  readonly marks: readonly TextSpan[];
}

export interface CauseDetail {
  readonly kind: CauseKind;
  /** "refusal/sorry-cannot" */
  readonly name: string;
  /** What the rule saw, in words: value 3, limit 20. */
  readonly detail: string;
}

export interface DecisionView {
  readonly decision: string;
  readonly reviewer: string;
  readonly time: string;
  readonly comment: string;
  readonly edits: readonly { readonly turn: number; readonly was: string; readonly content: string }[];
  readonly isBulk: boolean;
}

export interface SimilarRow {
  readonly row: number;
  readonly id: string;
  /** Jaccard similarity of the words, 0..1; of dedup's shingles for the row that stayed instead. */
  readonly similarity: number;
  /** True for the row that this one was dropped for. */
  readonly isSurvivor: boolean;
  readonly status: Status;
  readonly turns: readonly { readonly role: string; readonly content: string }[];
}

export interface RowAnswer {
  readonly row: number;
  readonly id: string;
  readonly hash: string;
  readonly source: string;
  /** "used twice", "dropped by length: response_short" ... */
  readonly fate: string;
  readonly turns: readonly Turn[];
  readonly causes: readonly CauseDetail[];
  /** Lines that were not undone, oldest first. */
  readonly decisions: readonly DecisionView[];
  readonly status: Status;
  readonly disputed: boolean;
  /** Rows of the run with this content, this one counted. */
  readonly copies: number;
  /** What a decision cannot do for this row; "" where it can do everything. */
  readonly caveat: string;
}

/** The row that stayed instead of this one, where there is one, then others that came to review. */
export interface SimilarAnswer {
  readonly similar: readonly SimilarRow[];
}

export interface DecideRequest {
  readonly row: number;
  /** The content that was seen: a decision on another is refused. */
  readonly hash: string;
  readonly decision: "keep" | "drop" | "edit" | "skip";
  readonly comment?: string;
  readonly edits?: readonly { readonly turn: number; readonly content: string }[];
}

export interface DecideAnswer {
  readonly status: Status;
  readonly progress: Progress;
}

export interface UndoAnswer {
  /** Contents on which a decision was taken back; 0 where there was none. */
  readonly undone: number;
  readonly decision: string;
  /** A row to show, if one of this run has the content. */
  readonly row: number | undefined;
  readonly progress: Progress;
}

export interface BulkRequest {
  readonly filter: QueueFilter;
  readonly decision: "keep" | "drop";
  readonly comment?: string;
  /** Rows that the reviewer was told of: another number is refused. Left out to ask for it. */
  readonly expected?: number;
}

export interface BulkAnswer {
  readonly rows: number;
  /** Contents among them; copies share a decision. */
  readonly contents: number;
  /** Rows that a decision stands on already. */
  readonly decided: number;
  readonly applied: boolean;
  readonly progress: Progress;
}

export type CauseKind = "flag" | "drop" | "edit";

export interface Cause {
  /** "flag:refusal/sorry-cannot" */
  readonly key: string;
  readonly kind: CauseKind;
  readonly name: string;
  /** 0: a flag, or a stage's reason; 1: a rule of it. */
  readonly depth: number;
  readonly rows: number;
  readonly open: number;
  /** Decided contents that this cause had brought to review, and those of them where the reviewer agreed. */
  readonly judged: number;
  readonly confirmed: number;
}

export interface Progress {
  /** Grows with every line of the decisions file. */
  readonly version: number;
  /** Rows that were flagged or dropped, and of these by status. */
  readonly rows: number;
  readonly byStatus: Readonly<Record<Status, number>>;
  readonly flagged: { readonly rows: number; readonly open: number };
  readonly dropped: { readonly rows: number; readonly open: number };
  readonly disputed: number;
  readonly reviewers: readonly {
    readonly name: string;
    readonly keep: number;
    readonly drop: number;
    readonly edit: number;
    readonly skip: number;
  }[];
  readonly causes: readonly Cause[];
  /** Lines of the decisions file that could not be read. */
  readonly problem: string;
}

export interface Session {
  readonly run: string;
  readonly reviewer: string;
  readonly decisionsFile: string;
  readonly rows: number;
  readonly sources: readonly string[];
  readonly progress: Progress;
}

/** Of every refusal: what is wrong, for a person. */
export interface Refusal {
  readonly error: string;
}
