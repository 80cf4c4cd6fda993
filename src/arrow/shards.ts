// The two kinds of shard: curated (text, for people and other tools) and training (token ids, for the trainer), as Arrow IPC file bytes.
// Column names are a contract; see the README's table.
import { AsyncByteQueue, Field, RecordBatch, RecordBatchFileWriter, Schema, Struct, makeData } from "apache-arrow";
import { roles } from "../core/row.ts";
import type { RowBlob } from "../core/row-codec.ts";
import { Int32Builder, ListBuilder, StructBuilder, Utf8Builder, type ColumnBuilder } from "./buffers.ts";

/** Label of a token that carries no loss (PyTorch's ignore_index). */
const ignoredLabel = -100;

const roleNames = roles.map((role) => new TextEncoder().encode(role));

/** One use of a row in the mix. */
export interface CuratedRow {
  readonly id: string;
  readonly source: string;
  readonly blob: RowBlob;
  readonly flags: readonly string[];
  /** Tokens without loss. */
  readonly promptTokens: number;
  /** Tokens with loss. */
  readonly responseTokens: number;
  /** 0 for the first use of the row, 1 for its first repeat ... */
  readonly repeat: number;
}

/** Builds curated shards, one after the other in the same memory: id, source, messages, flags, prompt_tokens, response_tokens, repeat. */
export class CuratedShard {
  private readonly columns = {
    id: new Utf8Builder(),
    source: new Utf8Builder(),
    messages: new ListBuilder(new StructBuilder({ role: new Utf8Builder(), content: new Utf8Builder() })),
    flags: new ListBuilder(new Utf8Builder()),
    prompt_tokens: new Int32Builder(),
    response_tokens: new Int32Builder(),
    repeat: new Int32Builder(),
  };

  /** Begins an empty shard, with room for so many bytes of messages; pieces of the one before are not valid any more. */
  begin(contentBytes: number): void {
    for (const column of Object.values(this.columns)) column.clear();
    this.columns.messages.child.children.content.reserve(contentBytes);
  }

  add(row: CuratedRow): void {
    const { id, source, messages, flags, prompt_tokens, response_tokens, repeat } = this.columns;
    id.push(row.id);
    source.push(row.source);
    const { role, content } = messages.child.children;
    const { roles: numbers, bytes, starts } = row.blob;
    for (let i = 0; i < numbers.length; i++) {
      role.pushBytes(roleNames[numbers[i]]);
      content.pushBytes(bytes, starts[i], starts[i + 1]);
    }
    messages.close();
    for (const flag of row.flags) flags.child.push(flag);
    flags.close();
    prompt_tokens.push(row.promptTokens);
    response_tokens.push(row.responseTokens);
    repeat.push(row.repeat);
  }

  /** The Arrow IPC file in pieces. */
  pieces(): readonly Uint8Array[] {
    return ipcFile(this.columns);
  }
}

/** Builds training shards, one after the other in the same memory: input_ids, labels, seq_lengths, ids; one line a packed row. */
export class TrainingShard {
  private readonly columns = {
    input_ids: new ListBuilder(new Int32Builder()),
    labels: new ListBuilder(new Int32Builder()),
    seq_lengths: new ListBuilder(new Int32Builder()),
    ids: new ListBuilder(new Utf8Builder()),
  };

  /** Begins an empty shard, with room for so many tokens; pieces of the one before are not valid any more. */
  begin(tokens: number): void {
    for (const column of Object.values(this.columns)) column.clear();
    this.columns.input_ids.child.reserve(tokens);
    this.columns.labels.child.reserve(tokens);
  }

  /** Appends a document to the open row: ids[T], and lengths of runs without loss and with loss in turn. */
  addDocument(id: string, tokens: Int32Array, runs: ArrayLike<number>): void {
    const { input_ids, labels, seq_lengths, ids } = this.columns;
    input_ids.child.extend(tokens.length).set(tokens);
    const labelValues = labels.child.extend(tokens.length);
    labelValues.set(tokens);
    for (let run = 0, at = 0; run < runs.length; run++) {
      const end = at + runs[run];
      if (run % 2 === 0) labelValues.fill(ignoredLabel, at, end);
      at = end;
    }
    seq_lengths.child.push(tokens.length);
    ids.child.push(id);
  }

  closeRow(): void {
    for (const column of Object.values(this.columns)) column.close();
  }

  /** The Arrow IPC file in pieces. */
  pieces(): readonly Uint8Array[] {
    return ipcFile(this.columns);
  }
}

function ipcFile(columns: Readonly<Record<string, ColumnBuilder>>): readonly Uint8Array[] {
  const children = Object.values(columns).map((column) => column.finish());
  const fields = Object.keys(columns).map((name, i) => new Field(name, children[i].type, false));
  const length = children[0].length;
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children }));
  const pieces = new Pieces();
  const writer = new RecordBatchFileWriter();
  writer.reset(pieces);
  writer.write(batch);
  writer.finish();
  return pieces.list;
}

/** Keeps what the writer writes as it is: its own queue joins it into one array, as large as the file. */
class Pieces extends AsyncByteQueue<Uint8Array> {
  readonly list: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    this.list.push(piece);
  }
}
