// Task "shard": one stretch of the training order (or of the held-out rows) to a curated shard and a training shard.
import { type FileRecord, writeAtomic } from "../io/atomic.ts";
import { BlobReader } from "../io/blob-file.ts";
import { readColumns } from "../io/columns-file.ts";
import { CuratedShard, TrainingShard } from "../arrow/shards.ts";
import { openRow, type RowBlob, trainedBit } from "../core/row-codec.ts";
import { packBestFit } from "../tokenizer/pack.ts";
import { join } from "node:path";
import { fileRecord } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { shardName } from "./paths.ts";
import { createReasonTable } from "./reasons.ts";
import { type RowTable, splitOf } from "./row-table.ts";

/** Uses [from, to) of the schedule become one pair of shards. */
export interface ShardSpan {
  readonly part: "train" | "eval";
  /** Number of the shard within its part. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

export interface ShardCounts {
  readonly documents: number;
  /** Lines of the training shard: packed rows. */
  readonly rows: number;
  readonly tokens: number;
  readonly loss_tokens: number;
}

interface Use {
  readonly id: string;
  readonly blob: RowBlob;
  readonly tokens: Uint32Array;
  readonly flags: readonly string[];
  readonly lossTokens: number;
}

export function shardTask(context: WorkerContext, table: RowTable, span: ShardSpan): { outputs: FileRecord[]; counts: ShardCounts } {
  const { paths, plan } = context;
  const { row: rows, repeat } = readColumns(join(paths.work, `schedule-${span.part}.columns`), ["row", "repeat"], span);
  const uses = loadUses(context, table, rows as Uint32Array);
  const curated = new CuratedShard();
  let lossTokens = 0;
  let tokens = 0;
  uses.forEach((use, i) => {
    tokens += use.tokens.length;
    lossTokens += use.lossTokens;
    curated.add({
      id: use.id,
      source: use.id.slice(0, use.id.indexOf("/")),
      blob: use.blob,
      flags: use.flags,
      promptTokens: use.tokens.length - use.lossTokens,
      responseTokens: use.lossTokens,
      repeat: repeat[i],
    });
  });
  const training = new TrainingShard();
  const lines = packUses(uses, plan.recipe.train.packing ? plan.recipe.train.max_length : 0, training);
  const write = (folder: string, bytes: Uint8Array): FileRecord => {
    const path = join(paths.folder, folder, shardName(span.part, span.number));
    return fileRecord(paths, path, writeAtomic(path, bytes));
  };
  return {
    outputs: [write("curated", curated.bytes()), write("tokenized", training.bytes())],
    counts: { documents: uses.length, rows: lines, tokens, loss_tokens: lossTokens },
  };
}

/** Fills the training shard; capacity 0 means one document a row. Returns its lines. */
function packUses(uses: readonly Use[], capacity: number, shard: TrainingShard): number {
  if (capacity === 0) {
    for (const use of uses) {
      shard.addDocument(use.id, use.tokens);
      shard.closeRow();
    }
    return uses.length;
  }
  const { order, binOffsets } = packBestFit(
    Uint32Array.from(uses, (use) => use.tokens.length),
    capacity,
  );
  for (let bin = 0; bin + 1 < binOffsets.length; bin++) {
    for (let i = binOffsets[bin]; i < binOffsets[bin + 1]; i++) shard.addDocument(uses[order[i]].id, uses[order[i]].tokens);
    shard.closeRow();
  }
  return binOffsets.length - 1;
}

/** Rows in schedule order; files are visited once each, in ascending order of rows. */
function loadUses(context: WorkerContext, table: RowTable, rows: Uint32Array): Use[] {
  const { paths, plan } = context;
  const { flags: names } = createReasonTable(plan.recipe);
  const order = Uint32Array.from(rows.keys()).sort((a, b) => rows[a] - rows[b]);
  const uses: Use[] = new Array(rows.length);
  for (let start = 0; start < order.length;) {
    const split = splitOf(table, rows[order[start]]);
    const firstRow = table.firstRow[split];
    const { source, file } = plan.splits[split];
    const prefix = `${plan.recipe.sources[source].name}/${file}#`;
    const texts = new BlobReader(paths.part("rows", split));
    const tokens = new BlobReader(paths.part("tokens", split));
    const { flags } = readColumns(paths.part("judged", split), ["flags"]);
    let previous: Use | undefined;
    let previousRow = -1;
    for (; start < order.length && rows[order[start]] < table.firstRow[split + 1]; start++) {
      const row = rows[order[start]];
      if (row !== previousRow) {
        const place = row - firstRow;
        const blob = openRow(texts.read(place).slice());
        previous = {
          id: prefix + blob.record,
          blob,
          flags: flagNames(names, flags[place]),
          ...loadTokens(tokens.read(place)),
        };
        previousRow = row;
      }
      uses[order[start]] = previous!;
    }
    texts.close();
    tokens.close();
  }
  return uses;
}

function loadTokens(bytes: Uint8Array): { tokens: Uint32Array; lossTokens: number } {
  const copy = bytes.slice();
  const tokens = new Uint32Array(copy.buffer, 0, copy.length / 4);
  let lossTokens = 0;
  for (let i = 0; i < tokens.length; i++) if (tokens[i] >= trainedBit) lossTokens++;
  return { tokens, lossTokens };
}

function flagNames(names: readonly string[], word: number): string[] {
  return word === 0 ? [] : names.filter((_, i) => (word >>> i) & 1);
}
