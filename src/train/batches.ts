// From rows of the training shards to batches: documents one behind the other, no padding, and which row of which source each loss belongs to.
// A padded batch computes the same losses with idle work beside them; here that work is never done.
import type { TrainingRow } from "../arrow/training-rows.ts";
import type { Batch } from "./model/batch.ts";

export interface LaidBatch {
  readonly batch: Batch;
  readonly documents: readonly { readonly id: string; readonly from: number; readonly to: number }[];
}

/** `documents[d]` owns losses [from, to). allTokens: labels are ignored, every token but a document's first carries loss. */
export function layBatch(rows: readonly TrainingRow[], { allTokens }: { readonly allTokens: boolean }): LaidBatch {
  const list = rows.flat();
  const tokens = list.reduce((sum, { ids }) => sum + ids.length, 0);
  const ids = new Uint32Array(tokens);
  const positions = new Uint32Array(tokens);
  const firsts = new Uint32Array(tokens);
  const ends = new Uint32Array(tokens);
  const supervised = new Uint32Array(tokens);
  const labels = new Uint32Array(tokens);
  const documents: { id: string; from: number; to: number }[] = [];
  let at = 0;
  let losses = 0;
  for (const document of list) {
    const { length } = document.ids;
    const from = losses;
    ids.set(document.ids, at);
    firsts.fill(at, at, at + length);
    ends.fill(at + length, at, at + length);
    for (let i = 0; i < length; i++) {
      positions[at + i] = i;
      // Token i predicts token i + 1.
      if (i + 1 < length && (allTokens || document.labels[i + 1] >= 0)) {
        supervised[losses] = at + i;
        labels[losses++] = document.ids[i + 1];
      }
    }
    documents.push({ id: document.id, from, to: losses });
    at += length;
  }
  return {
    batch: { ids, positions, firsts, ends, rows: supervised.subarray(0, losses), labels: labels.subarray(0, losses) },
    documents,
  };
}

/** Sums of losses and their number, for all and by source. */
export interface LossSums {
  readonly sum: number;
  readonly count: number;
  readonly bySource: ReadonlyMap<string, { readonly sum: number; readonly count: number }>;
}

/** losses[supervised] of a laid batch, in nats. */
export function sumLosses({ documents }: LaidBatch, losses: ArrayLike<number>): LossSums {
  const bySource = new Map<string, { sum: number; count: number }>();
  let total = 0;
  let count = 0;
  for (const { id, from, to } of documents) {
    let sum = 0;
    for (let i = from; i < to; i++) sum += losses[i];
    total += sum;
    count += to - from;
    const source = id.slice(0, Math.max(0, id.indexOf("/")));
    const before = bySource.get(source) ?? { sum: 0, count: 0 };
    bySource.set(source, { sum: before.sum + sum, count: before.count + to - from });
  }
  return { sum: total, count, bySource };
}

export function addLosses(a: LossSums | undefined, b: LossSums): LossSums {
  if (!a) return b;
  const bySource = new Map(a.bySource);
  for (const [source, { sum, count }] of b.bySource) {
    const before = bySource.get(source) ?? { sum: 0, count: 0 };
    bySource.set(source, { sum: before.sum + sum, count: before.count + count });
  }
  return { sum: a.sum + b.sum, count: a.count + b.count, bySource };
}

/** Means in nats a token: for all, and by source. */
export function meanLosses({ sum, count, bySource }: LossSums): { readonly loss: number; readonly bySource: Record<string, number> } {
  return {
    loss: sum / count,
    bySource: Object.fromEntries(
      [...bySource].filter(([, part]) => part.count > 0).map(([source, part]) => [source, part.sum / part.count]),
    ),
  };
}
