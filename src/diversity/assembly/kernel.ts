// What task an instruction asks for (WebAssembly SIMD). Texts and tables are put into memory by ../task-kernel.ts.
import { judgeTask } from "./judge";
import { scanInstruction, tellScan } from "./scan";
export { putWord } from "../../core/assembly/units";

/** The task of TEXT[from, length): its number. */
export function classifyInstruction(length: i32, from: i32): i32 {
  scanInstruction(length, from);
  return judgeTask();
}

/** Reads TEXT[from, length) into RESULT and what lies behind it. */
export function readInstruction(length: i32, from: i32): void {
  scanInstruction(length, from);
  tellScan();
}
