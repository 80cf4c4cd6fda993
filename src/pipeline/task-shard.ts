// Task "shard": one stretch of the training order (or of the held-out rows) to a curated shard and a training shard.
import { type FileRecord, writeAtomic } from "../io/atomic.ts";
import type { Sha256 } from "../io/checksum.ts";
import { BlobReader } from "../io/blob-file.ts";
import { readColumns } from "../io/columns-file.ts";
import { CuratedShard, TrainingShard } from "../arrow/shards.ts";
import { openRow } from "../core/row-codec.ts";
import { openTokens } from "../core/token-codec.ts";
import { packBestFit } from "../tokenizer/pack.ts";
import { join } from "node:path";
import { collectGarbage } from "./collect-garbage.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { type RunPaths, shardName } from "./paths.ts";
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

/** The uses of a shard, in schedule order: a typed array holds one value a use. */
interface Uses {
  readonly count: number;
  /** Names of the rows' splits: what stands before "#" in their ids. */
  readonly names: readonly string[];
  readonly name: Uint32Array;
  /** Row blobs: texts.bytes[textAt, textAt + textBytes). */
  readonly textAt: Uint32Array;
  readonly textBytes: Uint32Array;
  /** Token blobs: tokens.bytes[tokensAt, tokensAt + tokenBytes). */
  readonly tokensAt: Uint32Array;
  readonly tokenBytes: Uint32Array;
  readonly tokenCount: Uint32Array;
  readonly lossTokens: Uint32Array;
  /** Bits of the reason table's flags. */
  readonly flags: Uint32Array;
  readonly texts: Store;
  readonly tokens: Store;
}

/** Blobs one behind the other. Memory that is never written to costs nothing, so there is enough for most shards from the start. */
class Store {
  bytes = new Uint8Array(1 << 25);
  used = 0;

  /** Takes a blob in; returns where it begins. */
  add(reader: BlobReader, i: number): number {
    const at = this.used;
    this.used += reader.size(i);
    if (this.used > this.bytes.length) {
      const larger = new Uint8Array(this.used + (this.used >> 2));
      larger.set(this.bytes.subarray(0, at));
      this.bytes = larger;
    }
    reader.readInto(i, this.bytes, at);
    return at;
  }
}

interface ShardMemory {
  readonly texts: Store;
  readonly tokens: Store;
  readonly curated: CuratedShard;
  readonly training: TrainingShard;
}

/** A worker's memory, for one task after the other: fresh memory costs more than filling it. */
let kept: ShardMemory | undefined;

function shardMemory(): ShardMemory {
  return (kept ??= { texts: new Store(), tokens: new Store(), curated: new CuratedShard(), training: new TrainingShard() });
}

/** Lets the memory go: no more shards follow. */
export function releaseShardMemory(): void {
  if (kept === undefined) return;
  kept = undefined;
  collectGarbage();
}

export function shardTask(
  context: WorkerContext,
  table: RowTable,
  span: ShardSpan,
): { outputs: FileRecord<Sha256>[]; counts: ShardCounts } {
  const { paths, plan } = context;
  const { row: rows, repeat } = readColumns(join(paths.work, `schedule-${span.part}.columns`), ["row", "repeat"], span);
  const uses = loadUses(context, table, rows as Uint32Array);
  const { count, lossTokens, tokenCount, textBytes } = uses;
  const { flags: flagNames } = createReasonTable(plan.recipe);
  const { curated, training } = shardMemory();
  const ids: string[] = new Array(count);
  curated.begin(sum(textBytes));
  for (let use = 0; use < count; use++) {
    const blob = openRow(uses.texts.bytes.subarray(uses.textAt[use], uses.textAt[use] + textBytes[use]));
    const name = uses.names[uses.name[use]];
    ids[use] = `${name}#${blob.record}`;
    curated.add({
      id: ids[use],
      source: name.slice(0, name.indexOf("/")),
      blob,
      flags: namesOf(flagNames, uses.flags[use]),
      promptTokens: tokenCount[use] - lossTokens[use],
      responseTokens: lossTokens[use],
      repeat: repeat[use],
    });
  }
  const outputs = [writeShard(paths, "curated", span, curated.pieces())];
  const tokens = sum(tokenCount);
  training.begin(tokens);
  const lines = packUses(uses, ids, plan.recipe.train.packing ? plan.recipe.train.max_length : 0, training);
  outputs.push(writeShard(paths, "tokenized", span, training.pieces()));
  return { outputs, counts: { documents: count, rows: lines, tokens, loss_tokens: sum(lossTokens) } };
}

function writeShard(paths: RunPaths, folder: string, span: ShardSpan, pieces: readonly Uint8Array[]): FileRecord<Sha256> {
  const path = join(paths.folder, folder, shardName(span.part, span.number));
  return fileRecord(paths, path, writeAtomic(path, pieces, taskFiles));
}

/** Fills the training shard; capacity 0 means one document a row. Returns its lines. */
function packUses(uses: Uses, ids: readonly string[], capacity: number, shard: TrainingShard): number {
  const { count, tokens, tokensAt, tokenBytes, tokenCount } = uses;
  const alone = Uint32Array.from({ length: count + 1 }, (_, use) => use);
  const { order, binOffsets } = capacity === 0 ? { order: alone, binOffsets: alone } : packBestFit(tokenCount, capacity);
  for (let bin = 0; bin + 1 < binOffsets.length; bin++) {
    for (let i = binOffsets[bin]; i < binOffsets[bin + 1]; i++) {
      const use = order[i];
      const document = openTokens(tokens.bytes.subarray(tokensAt[use], tokensAt[use] + tokenBytes[use]));
      shard.addDocument(ids[use], document.ids, document.runs);
    }
    shard.closeRow();
  }
  return binOffsets.length - 1;
}

/** Reads what belongs to rows[uses]; files are visited once each, in ascending order of rows. Uses of one row share its blobs. */
function loadUses({ paths, plan }: WorkerContext, table: RowTable, rows: Uint32Array): Uses {
  const column = (): Uint32Array => new Uint32Array(rows.length);
  const names: string[] = [];
  const name = column();
  const textAt = column();
  const textBytes = column();
  const tokensAt = column();
  const tokenBytes = column();
  const tokenCount = column();
  const lossTokens = column();
  const flags = column();
  const { texts, tokens } = shardMemory();
  texts.used = 0;
  tokens.used = 0;
  const order = ascending(rows);
  for (let start = 0; start < order.length;) {
    const split = splitOf(table, rows[order[start]]);
    const { source, file } = plan.splits[split];
    const textReader = new BlobReader(paths.part("rows", split));
    const tokenReader = new BlobReader(paths.part("tokens", split));
    const judged = readColumns(paths.part("judged", split), ["flags", "tokens", "loss_tokens"]);
    let end = start;
    for (; end < order.length && rows[order[end]] < table.firstRow[split + 1]; end++) {
      const use = order[end];
      const place = rows[use] - table.firstRow[split];
      const known = end > start && rows[order[end - 1]] === rows[use] ? order[end - 1] : -1;
      name[use] = names.length;
      textAt[use] = known < 0 ? texts.add(textReader, place) : textAt[known];
      textBytes[use] = textReader.size(place);
      tokensAt[use] = known < 0 ? tokens.add(tokenReader, place) : tokensAt[known];
      tokenBytes[use] = tokenReader.size(place);
      tokenCount[use] = judged.tokens[place];
      lossTokens[use] = judged.loss_tokens[place];
      flags[use] = judged.flags[place];
    }
    textReader.close();
    tokenReader.close();
    names.push(`${plan.recipe.sources[source].name}/${file}`);
    start = end;
  }
  return { count: rows.length, names, name, textAt, textBytes, tokensAt, tokenBytes, tokenCount, lossTokens, flags, texts, tokens };
}

/** The places of rows in ascending order of rows, equal ones in their order. */
function ascending(rows: Uint32Array): Uint32Array {
  const places = 2 ** 20;
  if (rows.length > places) throw new RangeError(`a shard of ${rows.length} uses`);
  const keys = Float64Array.from(rows, (row, place) => row * places + place).sort();
  return Uint32Array.from(keys, (key) => key % places);
}

function sum(values: Uint32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

const noFlags: readonly string[] = [];

function namesOf(names: readonly string[], word: number): readonly string[] {
  return word === 0 ? noFlags : names.filter((_, i) => (word >>> i) & 1);
}
