// Stage "hold_out": which rows are kept for evaluation, decided by content before anything else looks at the data.
// A row's chance depends on the seed and its own content hash alone, so a row stays held out when data is added.
import { join } from "node:path";
import { AtomicFile } from "../io/atomic.ts";
import { BlobReader } from "../io/blob-file.ts";
import { evaluationItems, readSplit } from "../io/index.ts";
import { mix32 } from "../core/random.ts";
import { instructionOf, responseOf } from "../core/row.ts";
import { messagesOf, openRow } from "../core/row-codec.ts";
import type { EvaluationItem } from "../dedup/decontaminate.ts";
import { heldOut } from "../dedup/decontaminate-texts.ts";
import { readReviewed } from "./reviewed.ts";
import { eachSplit, gatherColumn, type RowTable } from "./row-table.ts";
import type { RunState } from "./run.ts";

export interface HoldOutOptions {
  /** Share of rows, 0..1. */
  readonly fraction: number;
  readonly max_rows: number;
}

/** hashes[rows, 4] to held[rows]: 1 where held out. Rows of the same content go together; those a reviewer dropped are good for nothing. */
export function chooseHeldOut(
  hashes: Uint32Array,
  seed: number,
  { fraction, max_rows }: HoldOutOptions,
  isDropped: (row: number) => boolean = () => false,
): Uint8Array {
  const rows = hashes.length / 4;
  const held = new Uint8Array(rows);
  const limit = fraction * 2 ** 32;
  const candidates: number[] = [];
  for (let row = 0; row < rows; row++) if (keyOf(hashes, row, seed) < limit && !isDropped(row)) candidates.push(row);
  candidates.sort((a, b) => keyOf(hashes, a, seed) - keyOf(hashes, b, seed) || compareHashes(hashes, a, b));
  let taken = 0;
  for (let start = 0; start < candidates.length;) {
    let end = start + 1;
    while (end < candidates.length && compareHashes(hashes, candidates[start], candidates[end]) === 0) end++;
    if (taken + end - start <= max_rows) {
      for (let i = start; i < end; i++) held[candidates[i]] = 1;
      taken += end - start;
    }
    start = end;
  }
  return held;
}

function keyOf(hashes: Uint32Array, row: number, seed: number): number {
  return mix32(hashes[row * 4] ^ mix32(seed ^ 0x686f6c64));
}

function compareHashes(hashes: Uint32Array, a: number, b: number): number {
  for (let i = 0; i < 4; i++) {
    const difference = hashes[a * 4 + i] - hashes[b * 4 + i];
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Chooses the held-out rows and writes work/protected.jsonl: every text that must not reach training. Returns held[rows]. */
export async function holdOutStage(state: RunState, table: RowTable): Promise<Uint8Array> {
  const { paths, plan } = state;
  const { hold_out, seed } = plan.recipe;
  const hashes = gatherColumn(paths, table, "read", "hash", new Uint32Array(table.rows * 4), 4);
  const dropped = applyReviews(state, table, hashes);
  const held = hold_out === null ? new Uint8Array(table.rows) : chooseHeldOut(hashes, seed, hold_out, (row) => dropped.has(row));
  const file = new AtomicFile(join(paths.work, "protected.jsonl"));
  const add = (item: EvaluationItem): void => file.append(Buffer.from(`${JSON.stringify(item)}\n`));
  await eachEvaluationItem(state, add);
  eachSplit(table, (split, from, to, source) => {
    let reader: BlobReader | undefined;
    for (let row = from; row < to; row++) {
      if (held[row] === 0) continue;
      reader ??= new BlobReader(paths.part("rows", split));
      const blob = openRow(reader.read(row - from));
      const messages = messagesOf(blob);
      const id = `${plan.recipe.sources[source].name}/${plan.splits[split].file}#${blob.record}`;
      add({ id, file: heldOut, prompt: instructionOf(messages), answer: responseOf(messages) });
    }
    reader?.close();
  });
  file.commit();
  return held;
}

/** Rows that reviewers dropped. Edited rows get their first hash back in hashes[rows, 4]: an edit moves no row in or out of the held-out ones. */
function applyReviews({ paths, plan }: RunState, table: RowTable, hashes: Uint32Array): Set<number> {
  const dropped = new Set<number>();
  if (plan.decisions.lines === 0) return dropped;
  eachSplit(table, (split, from) => {
    for (const { row, verdict, original } of readReviewed(paths, split).values()) {
      if (verdict === "drop") dropped.add(from + row);
      if (original !== undefined)
        for (let i = 0; i < 4; i++) hashes[(from + row) * 4 + i] = Number.parseInt(original.slice(i * 8, i * 8 + 8), 16);
    }
  });
  return dropped;
}

/** The items of the recipe's evaluation files. */
async function eachEvaluationItem({ plan }: RunState, add: (item: EvaluationItem) => void): Promise<void> {
  for (const { file, split } of plan.evaluation_splits) {
    await readSplit(split, { maxRecordBytes: plan.recipe.max_record_bytes }, (item) => {
      if ("malformed" in item) return;
      evaluationItems(item.value).forEach((texts, i) => {
        add({ id: `${file}#${item.record}${i === 0 ? "" : `.${i + 1}`}`, file, ...texts });
      });
    });
  }
}
