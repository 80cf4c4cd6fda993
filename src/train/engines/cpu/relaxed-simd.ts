// Whether this process compiles relaxed SIMD, the extension of WebAssembly that has fused multiply-add.
import { setFlagsFromString } from "node:v8";

let answer: boolean | undefined;

/**
 * Node 20's V8 has relaxed SIMD behind a flag, which holds for the whole process, its threads included, and only lets more modules through.
 * Other V8s have it without a flag, or do not know the flag and would complain about it on the terminal.
 */
export function hasRelaxedSimd(): boolean {
  if (answer === undefined) {
    if (!compiles() && process.versions.v8.startsWith("11.3.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
    answer = compiles();
  }
  return answer;
}

/** Asks with a module of one function: f32x4.relaxed_madd of three vectors of zeros. */
function compiles(): boolean {
  const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
  const body = [0, ...zeros, ...zeros, ...zeros, 0xfd, 0x85, 0x02, 0x0b];
  const code = [1, body.length, ...body];
  const sections = [1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10, code.length, ...code];
  return WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections));
}
