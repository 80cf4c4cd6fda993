// Lines of the layout that chat models are fine-tuned on, {"messages": [{"role": "user", "content": "..."}, ...]} and nothing else, read in
// WebAssembly (assembly/) from their bytes to UTF-8 contents: no JavaScript text is made on the way. What it does not take goes through
// JSON.parse and layouts.ts, and what it takes means the same there.
import { createKernelInstance } from "../../core/wasm.ts";
import { wasm } from "../kernel.wasm.ts";

interface Exports {
  readMessages(length: number): number;
}

/** Places in memory, as in assembly/kernel.ts, bytes. */
const place = { roles: 0x400, bytes: 0x4400, units: 0x8400, line: 0x10000, contents: 0x60000 } as const;
const mostMessages = 4096;
const longestLine = 0x40000;
const pages = 11;

/** The line read last; what it holds is valid until the next one. */
export interface ChatLine {
  /** Messages. */
  readonly count: number;
  /** roles[count]: numbers into core/row's. */
  readonly roles: Int32Array;
  /** bytes[count] and units[count]: lengths of the contents in UTF-8 and in UTF-16. */
  readonly bytes: Int32Array;
  readonly units: Int32Array;
  /** The contents' UTF-8, one behind the other, from the start on. */
  readonly contents: Uint8Array;
  readonly view: DataView;
}

/** Reads a line of valid UTF-8; undefined where it is of another layout or long. */
export type ChatReader = (line: Uint8Array) => ChatLine | undefined;

/** Undefined where this machine's WebAssembly has no SIMD. */
export function createChatReader(): ChatReader | undefined {
  const memory = new WebAssembly.Memory({ initial: pages });
  const kernel = createKernelInstance<Exports>(wasm, memory);
  if (kernel === undefined) return undefined;
  const { buffer } = memory;
  const bytes = new Uint8Array(buffer);
  const line = {
    count: 0,
    roles: new Int32Array(buffer, place.roles, mostMessages),
    bytes: new Int32Array(buffer, place.bytes, mostMessages),
    units: new Int32Array(buffer, place.units, mostMessages),
    contents: new Uint8Array(buffer, place.contents),
    view: new DataView(buffer, place.contents),
  };
  return (text) => {
    if (text.length > longestLine) return undefined;
    bytes.set(text, place.line);
    line.count = kernel.readMessages(text.length);
    return line.count > 0 ? line : undefined;
  };
}
