// Named typed arrays in one file: a JSON header (name, type, length, byte offset), then the arrays, each at a multiple of 8 bytes.
// Columns can be read one at a time. Little-endian, as every platform Node runs on.
import { closeSync, openSync } from "node:fs";
import { type AtomicOptions, writeAtomic, type Written } from "./atomic.ts";
import { readFully } from "./read-fully.ts";

const constructors = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array } as const;
type TypeName = keyof typeof constructors;
export type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

interface Entry {
  readonly name: string;
  readonly type: TypeName;
  readonly length: number;
  /** Bytes from the end of the header. */
  readonly offset: number;
}

const padding = new Uint8Array(8);

/** Writes the columns atomically. */
export function writeColumns(path: string, columns: Readonly<Record<string, Column>>, options?: AtomicOptions): Written {
  const entries: Entry[] = [];
  let offset = 0;
  for (const [name, column] of Object.entries(columns)) {
    entries.push({ name, type: typeOf(column), length: column.length, offset });
    offset = aligned(offset + column.byteLength);
  }
  const header = Buffer.from(JSON.stringify(entries));
  const head = new Uint8Array(aligned(4 + header.length));
  new DataView(head.buffer).setUint32(0, header.length, true);
  head.set(header, 4);
  const pieces: Uint8Array[] = [head];
  for (const { buffer, byteOffset, byteLength } of Object.values(columns)) {
    pieces.push(new Uint8Array(buffer, byteOffset, byteLength), padding.subarray(0, aligned(byteLength) - byteLength));
  }
  return writeAtomic(path, pieces, options);
}

/** Reads the named columns, or only their values [from, to). */
export function readColumns<Name extends string>(
  path: string,
  names: readonly Name[],
  range?: { readonly from: number; readonly to: number },
): Record<Name, Column> {
  const descriptor = openSync(path, "r");
  try {
    const size = new Uint32Array(1);
    readFully(descriptor, new Uint8Array(size.buffer), 0, path);
    const header = new Uint8Array(size[0]);
    readFully(descriptor, header, 4, path);
    const entries = JSON.parse(Buffer.from(header).toString("utf8")) as Entry[];
    const start = aligned(4 + header.length);
    const result = {} as Record<Name, Column>;
    for (const name of names) {
      const entry = entries.find((candidate) => candidate.name === name);
      if (!entry) throw new Error(`${path} has no column ${name}; it has ${entries.map((known) => known.name).join(", ")}`);
      const from = range?.from ?? 0;
      const column = new constructors[entry.type]((range?.to ?? entry.length) - from);
      readFully(descriptor, new Uint8Array(column.buffer), start + entry.offset + from * column.BYTES_PER_ELEMENT, path);
      result[name] = column;
    }
    return result;
  } finally {
    closeSync(descriptor);
  }
}

function typeOf(column: Column): TypeName {
  for (const name of Object.keys(constructors) as TypeName[]) if (column instanceof constructors[name]) return name;
  throw new TypeError("not a known typed array");
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
