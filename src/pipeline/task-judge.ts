// Task "judge": what each row of a split is worth: decontamination, filters, chat template and tokens, dedup sketch, task type.
import { AtomicFile, type FileRecord } from "../io/atomic.ts";
import { BlobReader, BlobWriter } from "../io/blob-file.ts";
import { writeColumns } from "../io/columns-file.ts";
import { conversationOf, instructionOf, responseOf, type Message } from "../core/row.ts";
import { messagesOf, metaOf, openRow, trainedBit } from "../core/row-codec.ts";
import type { Evidence, Finding } from "../core/verdict.ts";
import { isRefusal } from "../tokenizer/template.ts";
import { TokenBuffer } from "../tokenizer/types.ts";
import { classifyTask } from "../diversity/task-types.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { JudgeTools, WorkerContext } from "./context.ts";
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
  /** Rows cut at max_length. */
  readonly cut: number;
  /** Rows that a filter would have dropped and a reviewer kept. */
  readonly brought_back: number;
}

/**
 * Rows are judged in batches: each part of judging goes over all rows of a batch before the next part begins, so that its tables and its
 * code stay in the processor's caches. That saves a fifth of the time. A batch ends at so many rows or bytes.
 */
const batchLimit = { rows: 128, bytes: 1 << 18 };

/** A row of the batch at hand. */
interface Judged {
  readonly messages: readonly Message[];
  readonly meta: Record<string, unknown> | undefined;
  readonly instruction: string;
  readonly held: boolean;
  /** Tokens of each message's content: counts[messages]. */
  counts: Uint32Array;
  encoded: Encoded | undefined;
  code: number;
  flags: number;
  evidence: Evidence | undefined;
  flagEvidence: Record<string, Evidence> | undefined;
  /** What a reviewer decided on it. */
  readonly review: ReviewedRow | undefined;
  /** The filter and reason that would have dropped a reviewed row. */
  filter: string | undefined;
}

/** What rendering a row gave: its tokens in the batch's buffer, from `from` on, or why there are none. */
type Encoded =
  | { readonly from: number; readonly length: number; readonly loss: number; readonly cut: boolean }
  | { readonly error: string };

export function judgeTask(context: WorkerContext, index: number, held: Uint8Array): { outputs: FileRecord[]; counts: JudgeCounts } {
  const { paths, tools } = context;
  const reader = new BlobReader(paths.part("rows", index));
  const tokens = new BlobWriter(paths.part("tokens", index), taskFiles);
  const verdicts = new AtomicFile(paths.part("verdicts", index), taskFiles);
  const rows = reader.count;
  const { sketcher } = tools;
  const slots = sketcher?.slots ?? 0;
  const columns = {
    code: new Uint16Array(rows),
    flags: new Uint32Array(rows),
    task: new Uint8Array(rows),
    instruction_tokens: new Uint32Array(rows),
    response_tokens: new Uint32Array(rows),
    tokens: new Uint32Array(rows),
    loss_tokens: new Uint32Array(rows),
    exact: new Uint32Array(sketcher ? rows * 4 : 0),
  };
  const keys = Array.from({ length: slots }, () => new Uint32Array(rows));
  const rowKeys = new Uint32Array(slots);
  const exact = new Uint32Array(4);
  const buffer = new TokenBuffer();
  const reviewed = readReviewed(paths, index);
  let cut = 0;
  let broughtBack = 0;
  /** Rows before the batch at hand. */
  let first = 0;

  const finishBatch = (batch: readonly Judged[]): void => {
    buffer.clear();
    decontaminateRows(tools, batch);
    encodeRows(tools, batch, buffer);
    filterRows(tools, batch);
    for (let i = 0; i < batch.length; i++) columns.task[first + i] = classifyTask(batch[i].instruction);
    for (let i = 0; i < batch.length; i++) {
      const row = first + i;
      const encoded = acceptEncoded(tools, batch[i]);
      if (encoded === undefined) tokens.append(0, () => 0);
      else {
        const { from, length, loss } = encoded;
        tokens.append(length * 4, (into) => {
          new Uint32Array(into.buffer, into.byteOffset, length).set(buffer.ids.subarray(from, from + length));
          return length * 4;
        });
        columns.tokens[row] = length;
        columns.loss_tokens[row] = loss;
        if (encoded.cut) cut++;
      }
    }
    for (let i = 0; sketcher && i < batch.length; i++) {
      const { code, messages, instruction } = batch[i];
      if (code !== 0 && !batch[i].held) continue;
      const text = scopeText(tools.scope, messages, instruction);
      sketcher.exactKey(text, exact);
      sketcher.sketch(text, rowKeys);
      columns.exact.set(exact, (first + i) * 4);
      for (let slot = 0; slot < slots; slot++) keys[slot][first + i] = rowKeys[slot];
    }
    for (let i = 0; i < batch.length; i++) {
      const row = first + i;
      const judged = batch[i];
      const { messages, counts, code, held: isHeld, review, filter } = judged;
      columns.instruction_tokens[row] = total(messages, counts, "user");
      columns.response_tokens[row] = total(messages, counts, "assistant");
      // A held-out row stays held out; one that a filter refuses or that has no loss token is only missing from the eval shards.
      columns.code[row] = isHeld ? tools.heldOutCode : code;
      if (isHeld) forgetVerdict(judged, tools);
      else if (review?.verdict === "keep" && filter !== undefined) broughtBack++;
      const { flags, evidence, flagEvidence } = judged;
      columns.flags[row] = flags;
      if (evidence || flagEvidence || review) {
        const line: VerdictLine = { row, evidence, flags: flagEvidence, review: reviewEvidence(judged) };
        verdicts.append(Buffer.from(`${JSON.stringify(line)}\n`));
      }
    }
    first += batch.length;
  };

  let batch: Judged[] = [];
  let bytes = 0;
  for (const blob of reader.all()) {
    const row = first + batch.length;
    batch.push(openJudged(blob, held[row] === 1, reviewed.get(row)));
    bytes += blob.length;
    if (batch.length < batchLimit.rows && bytes < batchLimit.bytes) continue;
    finishBatch(batch);
    batch = [];
    bytes = 0;
  }
  finishBatch(batch);
  reader.close();

  const slotColumns = Object.fromEntries(keys.map((column, slot) => [`slot${slot}`, column]));
  const written = writeColumns(paths.part("judged", index), { ...columns, ...slotColumns }, taskFiles);
  const outputs = [
    fileRecord(paths, paths.part("tokens", index), tokens.commit()),
    fileRecord(paths, paths.part("verdicts", index), verdicts.commit()),
    fileRecord(paths, paths.part("judged", index), written),
  ];
  return { outputs, counts: { cut, brought_back: broughtBack } };
}

const noCounts = new Uint32Array(0);

function openJudged(bytes: Uint8Array, held: boolean, review: ReviewedRow | undefined): Judged {
  const blob = openRow(bytes);
  const messages = messagesOf(blob);
  return {
    messages,
    meta: blob.starts.at(-1) === blob.starts.at(-2) ? undefined : metaOf(blob),
    instruction: instructionOf(messages),
    held,
    counts: noCounts,
    encoded: undefined,
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
function encodeRows({ encoder }: JudgeTools, batch: readonly Judged[], buffer: TokenBuffer): void {
  for (const judged of batch) {
    const { messages, meta } = judged;
    judged.counts = encoder.countContents(messages).slice();
    if (judged.code !== 0) continue;
    const encoded = encoder.encode(messages, meta);
    if (isRefusal(encoded)) {
      judged.encoded = { error: encoded.error };
      continue;
    }
    const { ids, trained } = encoded;
    const from = buffer.length;
    buffer.reserve(from + ids.length);
    for (let i = 0; i < ids.length; i++) buffer.ids[from + i] = trained[i] ? (ids[i] | trainedBit) >>> 0 : ids[i];
    // A document's first token has nothing before it to be predicted from.
    buffer.ids[from] = ids[0];
    buffer.length = from + ids.length;
    judged.encoded = { from, length: ids.length, loss: encoded.lossTokens - trained[0], cut: encoded.cut };
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
      const found = filter.judge({ messages: judged.messages, tokenCounts: judged.counts });
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

/** A held-out row keeps no flags; why it is not evaluated on, if it is not, stays as evidence. */
function forgetVerdict(judged: Judged, { reasons }: JudgeTools): void {
  judged.flags = 0;
  judged.flagEvidence = undefined;
  if (judged.code > 0) judged.evidence = { not_evaluated: reasons.entries[judged.code].reason, ...judged.evidence };
}

/** The tokens of a row that is still in; a row that has none to learn from ends here. */
function acceptEncoded({ reasons, maxLength }: JudgeTools, judged: Judged): Exclude<Encoded, { error: string }> | undefined {
  const { code, encoded } = judged;
  if (code !== 0 || encoded === undefined) return undefined;
  if ("error" in encoded) end(judged, reasons.code("chat_template", "template_error"), { message: encoded.error });
  else if (encoded.loss === 0) end(judged, reasons.code("chat_template", "no_loss_tokens"), { tokens: encoded.length, limit: maxLength });
  else return encoded;
  return undefined;
}

function end(judged: Judged, code: number, evidence: Evidence): void {
  judged.code = code;
  judged.evidence = evidence;
}

function total(messages: readonly Message[], counts: ArrayLike<number>, role: Message["role"]): number {
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
