// Task "read": one split of an input file to row blobs, content hashes and quarantine lines. Reviewers' edits are applied here, so that
// every stage behind sees the text that counts.
import type { FileRecord } from "../io/atomic.ts";
import { AtomicFile } from "../io/atomic.ts";
import { BlobWriter } from "../io/blob-file.ts";
import { writeColumns } from "../io/columns-file.ts";
import { hashContents, hashEncoded, hashMessages } from "../core/hash.ts";
import { contentsBlobBytes, encodeContents, encodeRow, openRow, rowBytesBound } from "../core/row-codec.ts";
import { createChatReader } from "../io/schemas/chat-lines.ts";
import { createConverter } from "../io/schemas/index.ts";
import { readSplit } from "../io/read.ts";
import { fileRecord, taskFiles } from "./completion.ts";
import type { WorkerContext } from "./context.ts";
import { Uint32List } from "./lists.ts";
import { createReviewer } from "./reviewed.ts";

export interface ReadCounts {
  readonly records: number;
  readonly rows: number;
  /** Malformed records by reason. */
  readonly quarantined: Readonly<Record<string, number>>;
  readonly schemas: Readonly<Record<string, number>>;
}

/** One line of quarantine.jsonl. */
export interface QuarantineLine {
  readonly id: string;
  readonly source: string;
  readonly file: string;
  readonly record: number;
  readonly reason: string;
  readonly detail: string;
  /** The record's bytes, base64; the first 64 KiB where it is longer. */
  readonly raw: string;
  /** Length of the whole record in bytes. */
  readonly raw_bytes: number;
}

const rawLimit = 1 << 16;

export async function readTask(context: WorkerContext, index: number): Promise<{ outputs: FileRecord[]; counts: ReadCounts }> {
  const { plan, paths } = context;
  const { source, file, split } = plan.splits[index];
  const sourceOptions = plan.recipe.sources[source];
  const convert = createConverter({ format: sourceOptions.format, columns: sourceOptions.columns });
  const rows = new BlobWriter(paths.part("rows", index), taskFiles);
  const quarantine = new AtomicFile(paths.part("quarantine", index), taskFiles);
  const hashes = new Uint32List();
  const records = new Uint32List();
  const lengths = new Uint32List();
  const qualities: number[] = [];
  const hash = new Uint32Array(4);
  const quarantined: Record<string, number> = {};
  const schemas: Record<string, number> = {};
  const review = plan.decisions.lines > 0 ? createReviewer(paths) : undefined;
  const reviewed = review && new AtomicFile(paths.part("reviewed", index), taskFiles);
  let count = 0;

  const reject = (record: number, reason: string, detail: string, raw: Uint8Array, rawBytes = raw.length): void => {
    quarantined[reason] = (quarantined[reason] ?? 0) + 1;
    const line: QuarantineLine = {
      id: `${sourceOptions.name}/${file}#${record}`,
      source: sourceOptions.name,
      file,
      record,
      reason,
      detail,
      raw: Buffer.from(raw.subarray(0, rawLimit)).toString("base64"),
      raw_bytes: rawBytes,
    };
    quarantine.append(Buffer.from(`${JSON.stringify(line)}\n`));
  };

  /** The row whose hash was made last. */
  const endRow = (record: number, length: number, quality: number): void => {
    for (let i = 0; i < 4; i++) hashes.push(hash[i]);
    records.push(record);
    lengths.push(length);
    qualities.push(quality);
  };

  const readChat = review || !takesChat(sourceOptions) ? undefined : createChatReader();
  const takeLine = (record: number, line: Uint8Array): boolean => {
    const chat = readChat?.(line);
    if (chat === undefined) return false;
    count++;
    schemas.messages = (schemas.messages ?? 0) + 1;
    const size = contentsBlobBytes(chat.count, chat.bytes);
    rows.append(size, (into) => {
      encodeContents(record, chat, into);
      return size;
    });
    hashContents(chat, hash);
    let length = 0;
    for (let i = 0; i < chat.count; i++) length += chat.units[i];
    endRow(record, length, 0);
    return true;
  };

  await readSplit(split, { maxRecordBytes: plan.recipe.max_record_bytes, takeLine: readChat && takeLine }, (item) => {
    count++;
    if ("malformed" in item) {
      const { reason, detail, raw, rawBytes } = item.malformed;
      reject(item.record, reason, detail, raw, rawBytes);
      return;
    }
    const converted = convert(item.value);
    if ("reason" in converted) {
      reject(item.record, converted.reason, converted.detail, rawOf(item));
      return;
    }
    const { meta, schema } = converted;
    let { messages } = converted;
    schemas[schema] = (schemas[schema] ?? 0) + 1;
    const metaText = isEmpty(meta) ? "" : JSON.stringify(meta);
    if (review) {
      const found = review(records.length, messages, hashMessages(messages, hash));
      if (found) reviewed?.append(Buffer.from(`${JSON.stringify(found.reviewed)}\n`));
      if (found?.messages) messages = found.messages;
    }
    rows.append(rowBytesBound(messages, metaText), (into) => {
      const used = encodeRow(item.record, messages, metaText, into);
      hashEncoded(messages, into, openRow(into).starts, hash);
      return used;
    });
    let length = 0;
    for (const message of messages) length += message.content.length;
    endRow(item.record, length, qualityOf(meta));
  });

  const columns = writeColumns(
    paths.part("read", index),
    {
      hash: hashes.taken(),
      record: records.taken(),
      length: lengths.taken(),
      quality: Float32Array.from(qualities),
    },
    taskFiles,
  );
  const outputs = [
    fileRecord(paths, paths.part("rows", index), rows.commit()),
    fileRecord(paths, paths.part("read", index), columns),
    fileRecord(paths, paths.part("quarantine", index), quarantine.commit()),
    ...(reviewed ? [fileRecord(paths, paths.part("reviewed", index), reviewed.commit())] : []),
  ];
  return { outputs, counts: { records: count, rows: records.length, quarantined, schemas } };
}

/** Whether lines of the usual chat layout are what a source's options make of them. */
function takesChat({ format, columns }: { readonly format: string; readonly columns?: object }): boolean {
  return columns === undefined && (format === "auto" || format === "messages");
}

function rawOf(item: { readonly value: unknown; readonly raw?: Uint8Array }): Uint8Array {
  return item.raw ?? Buffer.from(JSON.stringify(item.value) ?? "");
}

/** What `keep: [quality]` goes by: a number named quality or score that the record carried, as a table's text too; 0 where there is none. */
function qualityOf(meta: Readonly<Record<string, unknown>>): number {
  for (const value of [meta.quality, meta.score]) {
    if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) continue;
    const number = Number(value);
    if (Number.isFinite(number)) return number;
  }
  return 0;
}

function isEmpty(meta: object): boolean {
  for (const _ in meta) return false;
  return true;
}
