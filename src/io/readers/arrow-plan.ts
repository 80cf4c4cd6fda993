// Arrow IPC, file and stream: both are one run of messages (a file has a magic before it and a footer behind it, which is only needed where
// there is no schema before the first batch).
// Walks the messages' headers and notes where schema, dictionaries and record batches lie; bodies are not looked at.
import { closeSync, openSync, readSync } from "node:fs";
import { Message, MessageHeader } from "apache-arrow";
import { Footer } from "apache-arrow/ipc/metadata/file";
import type { ArrowMessage, ArrowSchemaPlace, ArrowSplit, BrokenSplit, Split } from "./types.ts";
import { messageOf } from "./visit-row.ts";

const continuation = 0xffff_ffff;
const fileMagicBytes = 8;
/** Metadata of one message: more is damage. */
const metadataLimit = 1 << 26;
/** A row takes at least a bit of its batch: more rows than that are a damaged header. */
const rowsAByte = 8;
const rowsAlways = 1024;

/** Reads bytes [start, start + length) of the file into an array of their own. */
type ReadAt = (start: number, length: number) => Uint8Array;
type Batch = ArrowMessage & { readonly rows: number };

export function planArrow(path: string, fileBytes: number, splitBytes: number): Split[] {
  const descriptor = openSync(path, "r");
  const walk = new Walk(path, fileBytes, splitBytes);
  try {
    walk.all((start, length) => {
      const bytes = new Uint8Array(length);
      if (readSync(descriptor, bytes, 0, length, start) < length) throw new Error(`the file ends at byte ${fileBytes}`);
      return bytes;
    });
  } catch (error) {
    walk.breakOff(messageOf(error));
  } finally {
    closeSync(descriptor);
  }
  return walk.splits;
}

class Walk {
  readonly splits: (ArrowSplit | BrokenSplit)[] = [];
  private readonly path: string;
  private readonly fileBytes: number;
  private readonly splitBytes: number;
  private schema: ArrowSchemaPlace | undefined;
  private dictionaries: readonly ArrowMessage[] = [];
  private batches: Batch[] = [];
  private batchBytes = 0;
  private first = 1;
  private rows = 0;
  private position = 0;

  constructor(path: string, fileBytes: number, splitBytes: number) {
    this.path = path;
    this.fileBytes = fileBytes;
    this.splitBytes = splitBytes;
  }

  all(readAt: ReadAt): void {
    if (this.fileBytes >= fileMagicBytes && Buffer.from(readAt(0, 6)).toString("latin1") === "ARROW1") this.position = fileMagicBytes;
    while (this.position < this.fileBytes) {
      const start = this.position;
      const view = new DataView(readAt(start, Math.min(8, this.fileBytes - start)).buffer);
      // Streams from before format 0.15 have no continuation mark.
      const marked = view.getUint32(0, true) === continuation;
      const metadataBytes = marked ? view.getInt32(4, true) : view.getInt32(0, true);
      if (metadataBytes === 0) break;
      if (metadataBytes < 0 || metadataBytes > metadataLimit) throw new Error(`a message of ${metadataBytes} bytes at byte ${start}`);
      const headerBytes = marked ? 8 : 4;
      const message = Message.decode(readAt(start + headerBytes, metadataBytes));
      const bytes = headerBytes + metadataBytes + Number(message.bodyLength);
      if (!(bytes > 0 && start + bytes <= this.fileBytes))
        throw new Error(`the message at byte ${start} needs ${bytes} bytes, the file has ${this.fileBytes - start}`);
      if (message.headerType !== MessageHeader.Schema) this.schema ??= this.footer(readAt);
      this.note(message, { start, bytes });
      this.position = start + bytes;
    }
    if (!this.schema) throw new Error("no schema");
    this.endSplit();
  }

  /** The footer of a file, for files whose messages begin without a schema, as arrow-js writes them. */
  private footer(readAt: ReadAt): ArrowSchemaPlace {
    const tail = readAt(Math.max(0, this.fileBytes - 10), Math.min(10, this.fileBytes));
    const bytes = tail.length === 10 ? new DataView(tail.buffer).getInt32(0, true) : 0;
    const start = this.fileBytes - 10 - bytes;
    if (Buffer.from(tail.subarray(4)).toString("latin1") !== "ARROW1" || bytes <= 0 || start < fileMagicBytes) throw new Error("no schema");
    schemaMessage(readAt(start, bytes));
    return { start, bytes, footer: true };
  }

  private note(message: Message, at: ArrowMessage): void {
    if (message.headerType === MessageHeader.Schema) this.schema ??= at;
    else if (message.headerType === MessageHeader.DictionaryBatch) {
      // A later dictionary may replace an earlier one: batches of one split share all that came before.
      this.endSplit();
      this.dictionaries = [...this.dictionaries, at];
    } else if (message.headerType === MessageHeader.RecordBatch) {
      const rows = Number((message.header() as { length: number }).length);
      if (!(rows >= 0 && rows <= at.bytes * rowsAByte + rowsAlways)) throw new Error(`${rows} rows in a batch of ${at.bytes} bytes`);
      this.batches.push({ ...at, rows });
      this.batchBytes += at.bytes;
      this.rows += rows;
      if (this.batchBytes >= this.splitBytes) this.endSplit();
    }
  }

  private endSplit(): void {
    if (this.batches.length > 0 && this.schema) {
      const { path, fileBytes, first, schema, dictionaries, batches } = this;
      this.splits.push({ format: "arrow", path, fileBytes, first, schema, dictionaries, batches });
    }
    this.batches = [];
    this.batchBytes = 0;
    this.first += this.rows;
    this.rows = 0;
  }

  /** What comes behind the last whole message is one malformed record. */
  breakOff(why: string): void {
    this.endSplit();
    const { path, fileBytes, first, position } = this;
    const detail = `the Arrow stream cannot be read on from byte ${position}: ${why}`;
    this.splits.push({ format: "broken", path, fileBytes, first, start: position, end: fileBytes, reason: "damaged", detail });
  }
}

/** A footer's schema as the message a stream begins with. */
export function schemaMessage(footer: Uint8Array): Buffer {
  const metadata = Message.encode(Message.from(Footer.decode(footer.slice()).schema));
  const padded = Math.ceil(metadata.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded);
  bytes.writeUInt32LE(0xffff_ffff, 0);
  bytes.writeInt32LE(padded, 4);
  bytes.set(metadata, 8);
  return bytes;
}
