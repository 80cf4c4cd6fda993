// What reviewers decided: the lines of pipelines/<name>.decisions.jsonl, and which of them stand. Append-only: undoing is a line too.
// Decisions are keyed by the content hash of the conversation they were made on, so they hold wherever that content turns up.
import { dirname, join, relative } from "node:path";
import { dataError } from "../core/errors.ts";
import { hashMessages, hex128 } from "../core/hash.ts";
import type { Message } from "../core/row.ts";
import { readJsonLog } from "../io/json-log.ts";

/** keep, drop and edit decide; skip says "seen, not decided"; undo takes back the reviewer's own last line on that content. */
export const decisionKinds = ["keep", "drop", "edit", "skip", "undo"] as const;
export type DecisionKind = (typeof decisionKinds)[number];
export type Verdict = "keep" | "drop" | "edit";

/** New text of one assistant turn. */
export interface TurnEdit {
  /** From 1, all messages counted, as in evidence. */
  readonly turn: number;
  /** The text before, for whoever reads the file. */
  readonly was?: string;
  readonly content: string;
}

/** One line of the decisions file. */
export interface Decision {
  /** content_hash: 32 hexadecimal digits. */
  readonly hash: string;
  readonly decision: DecisionKind;
  readonly reviewer: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Id of the row it was made on: for people, nothing depends on it. */
  readonly row?: string;
  readonly comment?: string;
  /** Of an edit. */
  readonly edits?: readonly TurnEdit[];
  /** What had brought the row to review: flag or stage, with the rule where there is one, e.g. "refusal/sorry-cannot". */
  readonly rules?: readonly string[];
  /** The same word on all lines of one bulk action. */
  readonly bulk?: string;
}

/** Where a recipe's decisions are: beside the recipe, as seen from the working folder, with forward slashes. */
export function decisionsFile(recipeFile: string, name: string): string {
  return (relative(process.cwd(), join(dirname(recipeFile), `${name}.decisions.jsonl`)) || ".").replaceAll("\\", "/");
}

/** Reads one line; `where` is file:line for messages. */
export function parseDecision(text: string, where: string): Decision {
  const wrong = (expected: string, found: string): Error =>
    dataError({
      where,
      expected,
      found: found.length > 80 ? `${found.slice(0, 77)}...` : found,
      fix: "mend or remove the line; after a merge keep the lines of both sides",
    });
  let value: Partial<Record<keyof Decision, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw wrong("a review decision as one line of JSON", text);
  }
  if (typeof value !== "object" || value === null) throw wrong("a review decision as one line of JSON", text);
  if (typeof value.hash !== "string" || !/^[0-9a-f]{32}$/.test(value.hash))
    throw wrong("hash: 32 hexadecimal digits", JSON.stringify(value.hash) ?? "nothing");
  if (!decisionKinds.includes(value.decision as DecisionKind))
    throw wrong(`decision: ${decisionKinds.join(", ")}`, JSON.stringify(value.decision) ?? "nothing");
  if (typeof value.reviewer !== "string" || value.reviewer === "")
    throw wrong("reviewer: a name", JSON.stringify(value.reviewer) ?? "nothing");
  if (typeof value.time !== "string" || Number.isNaN(Date.parse(value.time)))
    throw wrong("time: a date and time such as 2026-01-31T12:00:00.000Z", JSON.stringify(value.time) ?? "nothing");
  if (value.decision === "edit" && !isEdits(value.edits))
    throw wrong("edits: a list of { turn, content }", JSON.stringify(value.edits) ?? "nothing");
  return value as Decision;
}

function isEdits(value: unknown): value is TurnEdit[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((edit: Partial<TurnEdit> | null) => Number.isInteger(edit?.turn) && edit!.turn! >= 1 && typeof edit!.content === "string")
  );
}

/** The lines in their order, and what stands after them. */
export class DecisionBook {
  private readonly standingLines = new Map<string, Decision[]>();
  /** First words of the hashes: most rows are told apart by one look-up. */
  private readonly firstWords = new Set<number>();

  add(decision: Decision): void {
    const { hash, reviewer } = decision;
    let lines = this.standingLines.get(hash);
    if (!lines) {
      this.standingLines.set(hash, (lines = []));
      this.firstWords.add(Number.parseInt(hash.slice(0, 8), 16));
    }
    if (decision.decision !== "undo") lines.push(decision);
    else {
      const last = lines.findLastIndex((line) => line.reviewer === reviewer);
      if (last >= 0) lines.splice(last, 1);
    }
  }

  /** False where no line has a hash that begins so. */
  mayHold(firstWord: number): boolean {
    return this.firstWords.has(firstWord);
  }

  /** All lines on a content that were not undone, oldest first. */
  linesOf(hash: string): readonly Decision[] {
    return this.standingLines.get(hash) ?? [];
  }

  /** The decision that counts: the latest keep, drop or edit. */
  standing(hash: string): Decision | undefined {
    return this.standingLines.get(hash)?.findLast(({ decision }) => decision !== "skip");
  }

  /** Hashes on which something was ever written. */
  hashes(): IterableIterator<string> {
    return this.standingLines.keys();
  }

  /** Contents with a decision that counts. */
  get size(): number {
    let count = 0;
    for (const hash of this.standingLines.keys()) if (this.standing(hash)) count++;
    return count;
  }
}

/** Reads a whole decisions file; one that is not there holds no decisions. */
export function readDecisions(path: string): {
  readonly book: DecisionBook;
  readonly lines: number;
  readonly sha256: string;
  readonly tornBytes: number;
} {
  const { lines, sha256, tornBytes } = readJsonLog(path);
  const book = new DecisionBook();
  for (const { number, text } of lines) book.add(parseDecision(text, `${path}:${number}`));
  return { book, lines: lines.length, sha256, tornBytes };
}

/** What the decisions make of one conversation. */
export interface Resolution {
  /** The last decision on the way: who, when, why. */
  readonly decision: Decision;
  readonly verdict: "keep" | "drop" | undefined;
  /** The conversation with its edits, where there are any. */
  readonly messages: readonly Message[] | undefined;
  /** Hashes whose decisions were used. */
  readonly used: readonly string[];
}

/** Follows the decisions on a content: an edit leads to a new content, which may have been decided on in turn. */
export function resolveDecisions(book: DecisionBook, messages: readonly Message[], hash: string): Resolution | undefined {
  const used: string[] = [];
  let last: Decision | undefined;
  let edited: readonly Message[] | undefined;
  for (let at = hash; !used.includes(at);) {
    const decision = book.standing(at);
    if (!decision) break;
    used.push(at);
    last = decision;
    if (decision.decision !== "edit") return { decision, verdict: decision.decision as "keep" | "drop", messages: edited, used };
    edited = withEdits(edited ?? messages, decision);
    at = hashOf(edited);
  }
  return last && { decision: last, verdict: undefined, messages: edited, used };
}

function withEdits(messages: readonly Message[], { edits = [], hash, row }: Decision): Message[] {
  const result = [...messages];
  for (const { turn, content } of edits) {
    if (result[turn - 1]?.role !== "assistant") {
      throw dataError({
        where: `the edit of ${row ?? hash}`,
        expected: "a turn of the assistant",
        found: `turn ${turn}: ${result[turn - 1]?.role ?? `there are ${messages.length}`}`,
        fix: "undo that edit in `sluice review`, or remove its line from the decisions file",
      });
    }
    // A turn that carries no loss carries none after an edit.
    result[turn - 1] = { ...result[turn - 1], content };
  }
  return result;
}

/** content_hash of a conversation. */
export function hashOf(messages: readonly Message[]): string {
  return hex128(hashMessages(messages, new Uint32Array(4)));
}
