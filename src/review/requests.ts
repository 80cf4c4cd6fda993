// Requests as the server trusts them: every field of a JSON body checked, nothing else taken over.
import { type BulkRequest, type DecideRequest, type QueueFilter, type QueueRequest, statuses } from "./api.ts";
import { Refused } from "./refused.ts";

/** Longest comment, name or search text, in UTF-16 units. */
const shortText = 10_000;
/** Longest text of an edited turn. */
const longText = 4_000_000;
const rowsPerAnswer = 500;

type Fields = Readonly<Record<string, unknown>>;

export function queueRequest(body: unknown): QueueRequest {
  const { filter, offset, limit, snapshot } = fields(body);
  return {
    filter: queueFilter(filter),
    offset: whole("offset", offset, 0, 2 ** 32),
    limit: whole("limit", limit, 1, rowsPerAnswer),
    snapshot: optional("snapshot", snapshot),
  };
}

export function decideRequest(body: unknown): DecideRequest {
  const { row, hash, decision, comment, edits } = fields(body);
  return {
    row: whole("row", row, 0, 2 ** 32),
    hash: contentHash(hash),
    decision: oneOf("decision", decision, ["keep", "drop", "edit", "skip"] as const),
    comment: optional("comment", comment),
    edits: edits === undefined ? undefined : turnEdits(edits),
  };
}

export function bulkRequest(body: unknown): BulkRequest {
  const { filter, decision, comment, expected } = fields(body);
  return {
    filter: queueFilter(filter),
    decision: oneOf("decision", decision, ["keep", "drop"] as const),
    comment: optional("comment", comment),
    expected: expected === undefined ? undefined : whole("expected", expected, 0, 2 ** 32),
  };
}

/** The content to undo on; undefined for the last action. */
export function undoRequest(body: unknown): string | undefined {
  const { hash } = fields(body);
  return hash === undefined ? undefined : contentHash(hash);
}

export function rowNumber(word: string | null): number {
  return whole("row", word === null || word === "" ? undefined : Number(word), 0, 2 ** 32);
}

function queueFilter(value: unknown): QueueFilter {
  const { about, status, source, reviewer, text } = fields(value);
  const words = optional("text", text);
  return {
    about: optional("about", about) ?? "review",
    status: status === undefined ? undefined : oneOf("status", status, [...statuses, "decided", "disputed"] as const),
    source: optional("source", source),
    reviewer: optional("reviewer", reviewer),
    text: words === undefined || words.trim() === "" ? undefined : words,
  };
}

function turnEdits(value: unknown): DecideRequest["edits"] {
  if (!Array.isArray(value) || value.length > 1000) throw new Refused(400, "edits must be a list of at most 1000 turns");
  return value.map((item: unknown) => {
    const { turn, content } = fields(item);
    if (typeof content !== "string" || content.length > longText)
      throw new Refused(400, `an edited turn must be a text of at most ${longText} characters`);
    return { turn: whole("turn", turn, 1, 100_000), content };
  });
}

function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused(400, "expected a JSON object");
  return value as Fields;
}

function whole(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Refused(400, `${name} must be a whole number from ${least} to ${most}`);
}

function optional(name: string, value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && value.length <= shortText) return value;
  throw new Refused(400, `${name} must be a text of at most ${shortText} characters`);
}

function oneOf<const Word extends string>(name: string, value: unknown, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw new Refused(400, `${name} must be one of ${words.join(", ")}`);
}

function contentHash(value: unknown): string {
  if (typeof value === "string" && /^[0-9a-f]{32}$/.test(value)) return value;
  throw new Refused(400, "hash must be 32 hexadecimal digits");
}
