// What kind of task an instruction asks for. English words; a text in another language is judged by its structure alone. The kernel judges;
// long texts, and all where WebAssembly has no SIMD, are its twin's.
import { createTaskKernel } from "./task-kernel.ts";
import { taskLexicon } from "./task-lexicon.ts";
import type { TaskType } from "./task-names.ts";
import { judgeTask } from "./task-scores.ts";

const kernel = createTaskKernel(taskLexicon);

/** The type of an instruction: its place in taskNames. */
export function classifyTask(instruction: string): TaskType {
  return kernel?.classify(instruction) ?? judgeTask(instruction);
}
