// Task "judge": what each row of a split is worth: decontamination, filters, chat template and tokens, dedup sketch, task type.
import { AtomicFile, type FileRecord } from "../io/atomic.ts";
import { BlobReader, BlobWriter } from "../io/blob-file.ts";
import { writeColumns } from "../io/columns-file.ts";
import { conversationOf, instructionOf, responseOf, type Message } from "../core/row.ts";
import { messagesOf, metaOf, openRow } from "../core/row-codec.ts";
import { encodeTokens, tokenBytesBound } from "../core/token-codec.ts";
import type { RowView } from "../core/filter.ts";
import type { Evidence, Finding } from "../core/verdict.ts";
import { isRefusal } from "../tokenizer/template.ts";
import { TokenBuffer } from "../tokenizer/types.ts";
import { classifyTask } from "../diversity/task-types.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import { cutFlag } from "./reasons.ts";
import type { JudgeTools, WorkerContext } from "./context.ts";
import type { RunPaths } from "./paths.ts";
import { readReviewed, type ReviewedRow } from "./reviewed.ts";

/** One line of a verdicts file: the row's place in the split and what was found. */
export interface VerdictLine {
  readonly row: number;
  readonly evidence: Evidence | undefined;
  readonly flags?: Readonly<Record<string, Evidence>>;
  /** Who decided what on the row, and which filter would have dropped it. */
  readonly review?: Evidence;
}

export interface JudgeCounts {
  /** Rows that a filter would have dropped and a reviewer kept. */
  readonly brought_back: number;
}

/**
 * Rows are judged in batches: each part of judging goes over all rows of a batch before the next part begins, so that its tables and its
 * code stay in the processor's caches. That saves a fifth of the time. A batch ends at so many rows or bytes.
 */
const batchLimit = { rows: 128, bytes: 1 << 18 };

/** A row of the batch at hand. */
interface Judged extends RowView {
  readonly messages: readonly Message[];
  readonly meta: Record<string, unknown> | undefined;
  readonly instruction: string;
  readonly held: boolean;
  tokenCounts: readonly number[];
  encoded: Encoded | undefined;
  /** Number of its task type. */
  task: number;
  code: number;
  flags: number;
  evidence: Evidence | undefined;
  flagEvidence: Record<string, Evidence> | undefined;
  /** What a reviewer decided on it. */
  readonly review: ReviewedRow | undefined;
  /** The filter and reason that would have dropped a reviewed row. */
  filter: string | undefined;
}

/** What rendering a row gave: its tokens, valid while its batch is at work, or why there are none. */
type Encoded =
  | { readonly ids: Uint32Array; readonly runs: Uint32Array; readonly lossTokens: number; readonly wholeTokens: number }
  | { readonly error: string };

/** Tokens of the batch at hand, and their runs. */
const batchIds = new TokenBuffer();
const batchRuns = new TokenBuffer();

export function judgeTask(context: WorkerContext, index: number, held: Uint8Array): { outputs: FileRecord[]; counts: JudgeCounts } {
  const { paths, tools } = context;
  const reader = new BlobReader(paths.part("rows", index));
  const split = new JudgedSplit(context, index, reader.count);
  const reviewed = readReviewed(paths, index);
  judgeRows(tools, reader, held, reviewed, split);
  reader.close();
  return { outputs: split.commit(), counts: { brought_back: split.broughtBack } };
}

/** Nothing comes after the loop, or code compiled while it runs would be given up at its end, in every task anew. */
function judgeRows(
  tools: JudgeTools,
  reader: BlobReader,
  held: Uint8Array,
  reviewed: ReadonlyMap<number, ReviewedRow>,
  split: JudgedSplit,
): void {
  const batch: Judged[] = [];
  let bytes = 0;
  let row = 0;
  for (const blob of reader.all()) {
    batch.push(openJudged(blob, held[row] === 1, reviewed.get(row)));
    bytes += blob.length;
    row++;
    if (batch.length < batchLimit.rows && bytes < batchLimit.bytes && row < reader.count) continue;
    judgeBatch(tools, batch, split);
    batch.length = bytes = 0;
  }
}

function judgeBatch(tools: JudgeTools, batch: readonly Judged[], split: JudgedSplit): void {
  decontaminateRows(tools, batch);
  encodeRows(tools, batch);
  filterRows(tools, batch);
  for (const judged of batch) judged.task = classifyTask(judged.instruction);
  for (const judged of batch) acceptEncoded(tools, judged);
  sketchRows(tools, batch, split);
  split.append(batch);
}

/** The files of a split's judging, filled batch by batch. */
class JudgedSplit {
  /** Rows appended so far. */
  rows = 0;
  broughtBack = 0;
  /** Four words a row. */
  readonly exact: Uint32Array;
  /** Band keys: keys[slots][rows]. */
  readonly keys: readonly Uint32Array[];
  private readonly paths: RunPaths;
  private readonly tools: JudgeTools;
  private readonly index: number;
  private readonly tokens: BlobWriter;
  private readonly verdicts: AtomicFile;
  private readonly columns: {
    readonly code: Uint16Array;
    readonly flags: Uint32Array;
    readonly task: Uint8Array;
    readonly instruction_tokens: Uint32Array;
    readonly response_tokens: Uint32Array;
    readonly tokens: Uint32Array;
    readonly loss_tokens: Uint32Array;
    /** Tokens before the row was cut at max_length. */
    readonly whole_tokens: Uint32Array;
  };

  constructor({ paths, tools }: WorkerContext, index: number, rows: number) {
    this.paths = paths;
    this.tools = tools;
    this.index = index;
    this.tokens = new BlobWriter(paths.part("tokens", index), taskFiles);
    this.verdicts = new AtomicFile(paths.part("verdicts", index), taskFiles);
    this.columns = {
      code: new Uint16Array(rows),
      flags: new Uint32Array(rows),
      task: new Uint8Array(rows),
      instruction_tokens: new Uint32Array(rows),
      response_tokens: new Uint32Array(rows),
      tokens: new Uint32Array(rows),
      loss_tokens: new Uint32Array(rows),
      whole_tokens: new Uint32Array(rows),
    };
    this.exact = new Uint32Array(tools.sketcher ? rows * 4 : 0);
    this.keys = Array.from({ length: tools.sketcher?.slots ?? 0 }, () => new Uint32Array(rows));
  }

  append(batch: readonly Judged[]): void {
    for (const judged of batch) this.appendRow(judged);
  }

  private appendRow(judged: Judged): void {
    const { columns, tools } = this;
    const row = this.rows++;
    const { messages, tokenCounts, code, task, encoded, held, review, filter } = judged;
    // A row that did not get through has an empty blob.
    if (code !== 0 || encoded === undefined || "error" in encoded) this.tokens.append(0, appendNothing);
    else {
      const { ids, runs } = encoded;
      this.tokens.append(tokenBytesBound(ids, runs), (into) => encodeTokens(ids, runs, into));
      columns.tokens[row] = ids.length;
      columns.loss_tokens[row] = encoded.lossTokens;
      columns.whole_tokens[row] = encoded.wholeTokens;
    }
    columns.task[row] = task;
    columns.instruction_tokens[row] = total(messages, tokenCounts, "user");
    columns.response_tokens[row] = total(messages, tokenCounts, "assistant");
    // A held-out row stays held out; one that a filter refuses or that has no loss token is only missing from the eval shards.
    columns.code[row] = held ? tools.heldOutCode : code;
    if (held) forgetVerdict(judged, tools);
    else if (review?.verdict === "keep" && filter !== undefined) this.broughtBack++;
    const { flags, evidence, flagEvidence } = judged;
    columns.flags[row] = flags;
    if (evidence || flagEvidence || review) {
      const line: VerdictLine = { row, evidence, flags: flagEvidence, review: reviewEvidence(judged) };
      this.verdicts.append(Buffer.from(`${JSON.stringify(line)}\n`));
    }
  }

  commit(): FileRecord[] {
    const { paths, index, columns, exact, keys } = this;
    const slots = Object.fromEntries(keys.map((column, slot) => [`slot${slot}`, column]));
    const written = writeColumns(paths.part("judged", index), { ...columns, exact, ...slots }, taskFiles);
    return [
      fileRecord(paths, paths.part("tokens", index), this.tokens.commit()),
      fileRecord(paths, paths.part("verdicts", index), this.verdicts.commit()),
      fileRecord(paths, paths.part("judged", index), written),
    ];
  }
}

const appendNothing = (): number => 0;

const noCounts: readonly number[] = [];

function openJudged(bytes: Uint8Array, held: boolean, review: ReviewedRow | undefined): Judged {
  const blob = openRow(bytes);
  const messages = messagesOf(blob);
  return {
    messages,
    meta: blob.starts.at(-1) === blob.starts.at(-2) ? undefined : metaOf(blob),
    instruction: instructionOf(messages),
    held,
    tokenCounts: noCounts,
    encoded: undefined,
    task: 0,
    code: 0,
    flags: 0,
    evidence: undefined,
    flagEvidence: undefined,
    review,
    filter: undefined,
  };
}

/** A reviewer's keep stands against every filter, but not here: what is in an evaluation set is no matter of taste. */
function decontaminateRows({ decontaminator, reasons }: JudgeTools, batch: readonly Judged[]): void {
  if (!decontaminator) return;
  for (const judged of batch) {
    if (judged.held || judged.review?.verdict === "drop") continue;
    const overlap = decontaminator.judge(judged.messages);
    if (overlap) end(judged, reasons.code("decontaminate", overlap.reason), overlap.evidence);
  }
}

/** Counts every row's tokens, and renders those that are still in. */
function encodeRows({ encoder }: JudgeTools, batch: readonly Judged[]): void {
  batchIds.clear();
  batchRuns.clear();
  for (const judged of batch) {
    const { messages, meta } = judged;
    judged.tokenCounts = copyOf(encoder.countContents(messages));
    if (judged.code !== 0) continue;
    const encoded = encoder.encode(messages, meta);
    if (isRefusal(encoded)) {
      judged.encoded = { error: encoded.error };
      continue;
    }
    const ids = batchIds.extend(encoded.ids);
    const runs = batchRuns.extend(encoded.runs);
    let { lossTokens } = encoded;
    // A document's first token has nothing before it to be predicted from.
    if (runs[0] === 0 && lossTokens > 0) {
      runs[0]++;
      runs[1]--;
      lossTokens--;
    }
    judged.encoded = { ids, runs, lossTokens, wholeTokens: encoded.wholeTokens };
  }
}

/**
 * Runs the filters in recipe order; the first drop ends a row, flags add up. Held-out rows are judged too: an evaluation on rows that
 * training would refuse measures the wrong thing. A reviewer's keep or drop stands against every filter.
 */
function filterRows({ filters, reasons }: JudgeTools, batch: readonly Judged[]): void {
  for (const filter of filters) {
    for (const judged of batch) {
      if (judged.code !== 0) continue;
      const found = filter.judge(judged);
      if (found === undefined) continue;
      const findings: readonly Finding[] = Array.isArray(found) ? found : [found as Finding];
      if (findings.length === 0) continue;
      if (filter.action === "drop") {
        if (judged.review?.verdict === undefined) end(judged, reasons.code(filter.name, findings[0].reason), findings[0].evidence);
        else judged.filter ??= `${filter.name}: ${findings[0].reason}`;
        continue;
      }
      for (const { reason, evidence } of findings) {
        judged.flags |= 1 << reasons.flags.indexOf(reason);
        (judged.flagEvidence ??= {})[reason] ??= evidence;
      }
    }
  }
  for (const judged of batch)
    if (judged.code === 0 && judged.review?.verdict === "drop") judged.code = reasons.code("review", "review_dropped");
}

function reviewEvidence({ review, filter }: Judged): Evidence | undefined {
  return review && (filter === undefined ? review.evidence : { ...review.evidence, filter });
}

/** A held-out row keeps no flags; why it is not evaluated on, or not on all of it, stays as evidence. */
function forgetVerdict(judged: Judged, { reasons }: JudgeTools): void {
  const cut = judged.flagEvidence?.[cutFlag];
  judged.flags = 0;
  judged.flagEvidence = undefined;
  if (cut) judged.evidence = { evaluated: cutFlag, ...cut };
  if (judged.code > 0) judged.evidence = { not_evaluated: reasons.entries[judged.code].reason, ...judged.evidence };
}

/** A row that is still in and has no tokens to learn from ends here. */
function acceptEncoded({ reasons, maxLength }: JudgeTools, judged: Judged): void {
  const { code, encoded } = judged;
  if (code !== 0 || encoded === undefined) return;
  if ("error" in encoded) {
    end(judged, reasons.code("chat_template", "template_error"), { message: encoded.error });
    return;
  }
  const { lossTokens, wholeTokens } = encoded;
  const length = { tokens: wholeTokens, limit: maxLength };
  if (lossTokens === 0) end(judged, reasons.code("chat_template", "no_loss_tokens"), length);
  else if (wholeTokens > maxLength) {
    const bit = reasons.flags.indexOf(cutFlag);
    if (bit >= 0) judged.flags |= 1 << bit;
    (judged.flagEvidence ??= {})[cutFlag] = length;
  }
}

const exactKey = new Uint32Array(4);

/** Exact keys and band keys of the rows that take part in dedup. */
function sketchRows({ sketcher, scope }: JudgeTools, batch: readonly Judged[], { rows, exact, keys }: JudgedSplit): void {
  if (!sketcher) return;
  const bandKeys = new Uint32Array(sketcher.slots);
  for (let i = 0; i < batch.length; i++) {
    const { code, held, messages, instruction } = batch[i];
    if (code !== 0 && !held) continue;
    const text = scopeText(scope, messages, instruction);
    sketcher.exactKey(text, exactKey);
    sketcher.sketch(text, bandKeys);
    for (let word = 0; word < 4; word++) exact[(rows + i) * 4 + word] = exactKey[word];
    for (let slot = 0; slot < keys.length; slot++) keys[slot][rows + i] = bandKeys[slot];
  }
}

/** A plain array: of the few messages of a row it takes half the time of a typed array. */
function copyOf(counts: Uint32Array): number[] {
  const copy: number[] = [];
  for (let i = 0; i < counts.length; i++) copy.push(counts[i]);
  return copy;
}

function end(judged: Judged, code: number, evidence: Evidence): void {
  judged.code = code;
  judged.evidence = evidence;
}

function total(messages: readonly Message[], counts: readonly number[], role: Message["role"]): number {
  let sum = 0;
  for (let i = 0; i < messages.length; i++) if (messages[i].role === role) sum += counts[i];
  return sum;
}

/** The text that dedup compares. */
export function scopeText(
  scope: "prompt" | "response" | "conversation",
  messages: readonly Message[],
  instruction = instructionOf(messages),
): string {
  if (scope === "prompt") return instruction;
  return scope === "response" ? responseOf(messages) : conversationOf(messages);
}
