// What the readers pass around: input files, the splits of a planned file, and the records a split gives. It knows no format's details.

/** A file to read, as a source's path gave it. */
export interface InputFile {
  /** As it stands in row ids: relative to the path's fixed folder, forward slashes, unique within its source. */
  readonly name: string;
  /** Where its bytes are on this machine; a remote file's copy. */
  readonly path: string;
  /** The address of a remote file. */
  readonly url?: string;
}

export type Format = "jsonl" | "json" | "csv" | "tsv" | "parquet" | "arrow";
export type Compression = "none" | "gzip" | "zstd";

interface Piece {
  /** The file whose bytes are read: the input, or its unpacked copy. */
  readonly path: string;
  /** Its size in bytes when it was planned. */
  readonly fileBytes: number;
  /** Number of the first record: from 1. */
  readonly first: number;
}

interface ByteRange extends Piece {
  /** Bytes [start, end). */
  readonly start: number;
  readonly end: number;
}

export interface LinesSplit extends ByteRange {
  readonly format: "jsonl";
}

export interface JsonSplit extends ByteRange {
  readonly format: "json";
  /** What stands one after the other in the range: values of an array, members of an object, or whole values with nothing between them. */
  readonly holds: "elements" | "members" | "values";
  /** True where the container's closing bracket must come before the range's end. */
  readonly closes: boolean;
  /** Texts beside the array that its elements lack, such as the definition of a task: given to each element. */
  readonly shared?: Readonly<Record<string, string>>;
}

export interface CsvSplit extends ByteRange {
  readonly format: "csv";
  readonly delimiter: string;
  readonly columns: readonly string[];
  /** Fields may begin with a blank: the file's first rows have such. */
  readonly spaced?: true;
}

export interface ParquetSplit extends Piece {
  readonly format: "parquet";
  /** Row groups [from, to). */
  readonly from: number;
  readonly to: number;
}

/** A message of an Arrow stream: bytes [start, start + bytes) of the file. */
export interface ArrowMessage {
  readonly start: number;
  readonly bytes: number;
}

/** Where a schema lies: a message, or a file's footer. */
export interface ArrowSchemaPlace extends ArrowMessage {
  readonly footer?: true;
}

export interface ArrowSplit extends Piece {
  readonly format: "arrow";
  readonly schema: ArrowSchemaPlace;
  readonly dictionaries: readonly ArrowMessage[];
  readonly batches: readonly (ArrowMessage & { readonly rows: number })[];
}

/** Bytes that no reader can make records of: one malformed record. */
export interface BrokenSplit extends ByteRange {
  readonly format: "broken";
  readonly reason: MalformedReason;
  readonly detail: string;
}

/** A piece of a file that one task reads. Plain JSON: it is stored in the plan. */
export type Split = LinesSplit | JsonSplit | CsvSplit | ParquetSplit | ArrowSplit | BrokenSplit;

/** A file that was looked at once: its size, hash and splits. */
export interface PlannedFile {
  readonly name: string;
  /** Size and SHA-256 of the file as it is stored, packed or not. */
  readonly bytes: number;
  readonly sha256: string;
  readonly format: Format;
  readonly compression: Compression;
  readonly splits: readonly Split[];
}

/** Why a record could not be read as a value. */
export type MalformedReason =
  | "invalid_json"
  | "invalid_utf8"
  | "record_too_long"
  | "cut_off"
  | "column_count"
  | "broken_quote"
  | "too_deep"
  | "damaged";

export interface Malformed {
  readonly reason: MalformedReason;
  readonly detail: string;
  /** The record's bytes, or as many as were kept; valid until the visitor returns. */
  readonly raw: Uint8Array;
  /** Length of the whole record in bytes, where `raw` is shorter. */
  readonly rawBytes?: number;
}

export type RecordItem =
  | {
      readonly record: number;
      readonly value: unknown;
      /** The record's bytes, where the format has any; valid until the visitor returns. */
      readonly raw?: Uint8Array;
    }
  | { readonly record: number; readonly malformed: Malformed };

export type Visit = (item: RecordItem) => void;

export interface ReadOptions {
  /** Longer records are passed over without being held, and are malformed. */
  readonly maxRecordBytes: number;
  /** Asked first about each whole line of valid UTF-8; true: it has taken the record, and no value is made of it. */
  readonly takeLine?: (record: number, line: Uint8Array) => boolean;
}

/** Bytes kept of a record that cannot be read. */
export const keptBytes = 1 << 16;
