// Task "judge": what each row of a split is worth: decontamination, filters, chat template and tokens, dedup sketch, task type.
import { AtomicFile, type FileRecord } from "../io/atomic.ts";
import { BlobReader, BlobWriter } from "../io/blob-file.ts";
import { writeColumns } from "../io/columns-file.ts";
import type { RowView } from "../core/filter.ts";
import { conversationOf, instructionOf, responseOf, type Message } from "../core/row.ts";
import { messagesOf, metaOf, openRow, trainedBit } from "../core/row-codec.ts";
import type { Evidence, Finding } from "../core/verdict.ts";
import { isRefusal } from "../tokenizer/template.ts";
import { classifyTask } from "../diversity/task-types.ts";
import { fileRecord } from "./completion.ts";
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

/** Scratch for the row at hand. */
interface Judged {
  code: number;
  flags: number;
  evidence: Evidence | undefined;
  flagEvidence: Record<string, Evidence> | undefined;
  /** The filter and reason that would have dropped a reviewed row. */
  filter: string | undefined;
}

export function judgeTask(context: WorkerContext, index: number, held: Uint8Array): { outputs: FileRecord[]; counts: JudgeCounts } {
  const { paths, tools } = context;
  const reader = new BlobReader(paths.part("rows", index));
  const tokens = new BlobWriter(paths.part("tokens", index));
  const verdicts = new AtomicFile(paths.part("verdicts", index));
  const rows = reader.count;
  const { encoder, sketcher } = tools;
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
  const forHeldOut: JudgeTools = { ...tools, decontaminator: undefined };
  const judged: Judged = { code: 0, flags: 0, evidence: undefined, flagEvidence: undefined, filter: undefined };
  const reviewed = readReviewed(paths, index);
  let cut = 0;
  let broughtBack = 0;
  let row = 0;

  for (const bytes of reader.all()) {
    const blob = openRow(bytes);
    const messages = messagesOf(blob);
    const counts = encoder.countContents(messages);
    const instruction = instructionOf(messages);
    columns.task[row] = classifyTask(instruction);
    columns.instruction_tokens[row] = total(messages, counts, "user");
    columns.response_tokens[row] = total(messages, counts, "assistant");

    judged.code = 0;
    judged.flags = 0;
    judged.evidence = undefined;
    judged.flagEvidence = undefined;
    judged.filter = undefined;
    const review = reviewed.get(row);
    // Held-out rows are judged too: an evaluation on rows that training would refuse measures the wrong thing.
    judgeRow(held[row] === 0 ? tools : forHeldOut, { messages, tokenCounts: counts }, judged, review);
    if (held[row] === 0 && review?.verdict === "keep" && judged.filter !== undefined) broughtBack++;

    let written = false;
    if (judged.code === 0) {
      const encoded = encoder.encode(messages, blob.starts.at(-1) === blob.starts.at(-2) ? undefined : metaOf(blob));
      if (isRefusal(encoded)) end(judged, tools.reasons.code("chat_template", "template_error"), { message: encoded.error });
      else {
        const { ids, trained } = encoded;
        // A document's first token has nothing before it to be predicted from.
        const loss = encoded.lossTokens - trained[0];
        if (loss === 0) end(judged, tools.reasons.code("chat_template", "no_loss_tokens"), { tokens: ids.length, limit: tools.maxLength });
        else {
          tokens.append(ids.length * 4, (into) => {
            const out = new Uint32Array(into.buffer, into.byteOffset, ids.length);
            out[0] = ids[0];
            for (let i = 1; i < ids.length; i++) out[i] = trained[i] ? (ids[i] | trainedBit) >>> 0 : ids[i];
            return ids.length * 4;
          });
          written = true;
          columns.tokens[row] = ids.length;
          columns.loss_tokens[row] = loss;
          if (encoded.cut) cut++;
        }
      }
    }
    if (sketcher && (judged.code === 0 || held[row] === 1)) {
      const text = scopeText(tools.scope, messages, instruction);
      sketcher.exactKey(text, exact);
      sketcher.sketch(text, rowKeys);
      columns.exact.set(exact, row * 4);
      for (let slot = 0; slot < slots; slot++) keys[slot][row] = rowKeys[slot];
    }
    if (!written) tokens.append(0, () => 0);
    // A held-out row stays held out; one that a filter refuses or that has no loss token is only missing from the eval shards.
    columns.code[row] = held[row] === 1 ? tools.heldOutCode : judged.code;
    if (held[row] === 1) forgetVerdict(judged, tools);
    columns.flags[row] = judged.flags;
    if (judged.evidence || judged.flagEvidence || review) {
      const line: VerdictLine = { row, evidence: judged.evidence, flags: judged.flagEvidence, review: reviewEvidence(review, judged) };
      verdicts.append(Buffer.from(`${JSON.stringify(line)}\n`));
    }
    row++;
  }
  reader.close();

  const slotColumns = Object.fromEntries(keys.map((column, slot) => [`slot${slot}`, column]));
  const written = writeColumns(paths.part("judged", index), { ...columns, ...slotColumns });
  const outputs = [
    fileRecord(paths, paths.part("tokens", index), tokens.commit()),
    fileRecord(paths, paths.part("verdicts", index), verdicts.commit()),
    fileRecord(paths, paths.part("judged", index), written),
  ];
  return { outputs, counts: { cut, brought_back: broughtBack } };
}

/**
 * Runs decontamination and the filters in recipe order; the first drop ends the row, flags add up. A reviewer's keep or drop stands
 * against every filter, but not against decontamination: what is in an evaluation set is no matter of taste.
 */
function judgeRow(tools: JudgeTools, view: RowView, judged: Judged, review: ReviewedRow | undefined): void {
  const verdict = review?.verdict;
  const overlap = verdict === "drop" ? undefined : tools.decontaminator?.judge(view.messages);
  if (overlap) return end(judged, tools.reasons.code("decontaminate", overlap.reason), overlap.evidence);
  for (const filter of tools.filters) {
    const found = filter.judge(view);
    if (found === undefined) continue;
    const findings: readonly Finding[] = Array.isArray(found) ? found : [found as Finding];
    if (findings.length === 0) continue;
    if (filter.action === "drop") {
      if (verdict === undefined) return end(judged, tools.reasons.code(filter.name, findings[0].reason), findings[0].evidence);
      judged.filter ??= `${filter.name}: ${findings[0].reason}`;
      continue;
    }
    for (const { reason, evidence } of findings) {
      judged.flags |= 1 << tools.reasons.flags.indexOf(reason);
      (judged.flagEvidence ??= {})[reason] ??= evidence;
    }
  }
  if (verdict === "drop") judged.code = tools.reasons.code("review", "review_dropped");
}

function reviewEvidence(review: ReviewedRow | undefined, { filter }: Judged): Evidence | undefined {
  return review && (filter === undefined ? review.evidence : { ...review.evidence, filter });
}

/** A held-out row keeps no flags; why it is not evaluated on, if it is not, stays as evidence. */
function forgetVerdict(judged: Judged, { reasons }: JudgeTools): void {
  judged.flags = 0;
  judged.flagEvidence = undefined;
  if (judged.code > 0) judged.evidence = { not_evaluated: reasons.entries[judged.code].reason, ...judged.evidence };
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
