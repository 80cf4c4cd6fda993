// Task "shard": one stretch of the training order (or of the held-out rows) to a curated shard and a training shard.
import { type FileRecord, writeAtomic } from "../io/atomic.ts";
import { BlobReader } from "../io/blob-file.ts";
import { readColumns } from "../io/columns-file.ts";
import { CuratedShard, TrainingShard } from "../arrow/shards.ts";
import { openRow, type RowBlob } from "../core/row-codec.ts";
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

/** One use of a row: its blobs lie in buffers that many rows share. */
interface Use {
  readonly id: string;
  readonly blob: RowBlob;
  /** tokens[T], the top bit set where the token carries loss. */
  readonly tokens: Uint32Array;
  readonly flags: readonly string[];
  readonly lossTokens: number;
}

export function shardTask(context: WorkerContext, table: RowTable, span: ShardSpan): { outputs: FileRecord[]; counts: ShardCounts } {
  const { paths, plan } = context;
  const { row: rows, repeat } = readColumns(join(paths.work, `schedule-${span.part}.columns`), ["row", "repeat"], span);
  const uses = loadUses(context, table, rows as Uint32Array);
  let lossTokens = 0;
  let tokens = 0;
  let contentBytes = 0;
  for (const use of uses) {
    tokens += use.tokens.length;
    lossTokens += use.lossTokens;
    contentBytes += use.blob.bytes.length;
  }
  const write = (folder: string, pieces: readonly Uint8Array[]): FileRecord => {
    const path = join(paths.folder, folder, shardName(span.part, span.number));
    return fileRecord(paths, path, writeAtomic(path, pieces));
  };
  const curated = new CuratedShard(contentBytes);
  uses.forEach((use, i) => {
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
  const outputs = [write("curated", curated.pieces())];
  const training = new TrainingShard(tokens);
  const lines = packUses(uses, plan.recipe.train.packing ? plan.recipe.train.max_length : 0, training);
  outputs.push(write("tokenized", training.pieces()));
  return { outputs, counts: { documents: uses.length, rows: lines, tokens, loss_tokens: lossTokens } };
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
    const end = firstAtLeast(order, rows, table.firstRow[split + 1], start);
    const { source, file } = plan.splits[split];
    const prefix = `${plan.recipe.sources[source].name}/${file}#`;
    const places = Uint32Array.from(order.subarray(start, end), (use) => rows[use] - firstRow);
    const texts = readBlobs(paths.part("rows", split), places);
    const tokens = readBlobs(paths.part("tokens", split), places);
    const { flags, loss_tokens: lossTokens } = readColumns(paths.part("judged", split), ["flags", "loss_tokens"]);
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      const use = order[start + i];
      if (i > 0 && place === places[i - 1]) {
        uses[use] = uses[order[start + i - 1]];
        continue;
      }
      const blob = openRow(texts[i]);
      const { buffer, byteOffset, length } = tokens[i];
      uses[use] = {
        id: prefix + blob.record,
        blob,
        tokens: new Uint32Array(buffer, byteOffset, length / 4),
        flags: flagNames(names, flags[place]),
        lossTokens: lossTokens[place],
      };
    }
    start = end;
  }
  return uses;
}

/** The first place from `start` on whose use is of this row or a later one. */
function firstAtLeast(order: Uint32Array, rows: Uint32Array, row: number, start: number): number {
  let end = start;
  while (end < order.length && rows[order[end]] < row) end++;
  return end;
}

/** The blobs at these places, which rise, in one buffer; equal places share a blob. */
function readBlobs(path: string, places: Uint32Array): Uint8Array[] {
  const reader = new BlobReader(path);
  let size = 0;
  for (let i = 0; i < places.length; i++) if (places[i] !== places[i - 1]) size += reader.size(places[i]);
  const buffer = new Uint8Array(size);
  const blobs: Uint8Array[] = new Array(places.length);
  let at = 0;
  for (let i = 0; i < places.length; i++) {
    blobs[i] = places[i] === places[i - 1] ? blobs[i - 1] : reader.readInto(places[i], buffer, at);
    if (places[i] !== places[i - 1]) at += blobs[i].length;
  }
  reader.close();
  return blobs;
}

function flagNames(names: readonly string[], word: number): string[] {
  return word === 0 ? [] : names.filter((_, i) => (word >>> i) & 1);
}
