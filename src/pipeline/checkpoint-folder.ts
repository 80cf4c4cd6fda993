// Which checkpoints a run's folder holds, which one is the best, and whether one is whole: trainer_state.json names the files beside it with
// size and SHA-256. It opens no tensors.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { FileRecord } from "../io/atomic.ts";
import type { Sha256 } from "../io/checksum.ts";
import { type LoopState, stateFromJson } from "../train/loop-state.ts";
import { fileFault } from "./completion.ts";

export const stateFile = "trainer_state.json";
/** Moments and f32 weights; in several files and an index where they are large. Asking a model needs none of them. */
export const optimizerFile = "optimizer.safetensors";
const ofOptimizer = /^optimizer\b/;

/** What trainer_state.json holds, as far as it is read again. */
interface StateRecord {
  /** All that the loop carries. */
  readonly sluice: unknown;
  /** The other files of the folder. */
  readonly files: readonly FileRecord<Sha256>[];
}

export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** The best checkpoint's name, where one is marked. */
export function bestCheckpoint(folder: string): string | undefined {
  try {
    return basename(readlinkSync(join(folder, "best")));
  } catch {
    return existsSync(join(folder, "best", stateFile)) ? checkpointName(readState(join(folder, "best")).step) : undefined;
  }
}

/** Steps of the checkpoints, ascending. */
export function checkpointSteps(folder: string): number[] {
  if (!existsSync(folder)) return [];
  const steps = readdirSync(folder).flatMap((name) => {
    const step = /^step-(\d+)$/.exec(name)?.[1];
    return step === undefined ? [] : [Number(step)];
  });
  return steps.sort((a, b) => a - b);
}

export function readState(checkpoint: string): LoopState {
  return stateFromJson(readRecord(checkpoint).sluice);
}

/** The files beside trainer_state.json, as they were written; none where it cannot be read. */
export function recordedFiles(checkpoint: string): readonly FileRecord<Sha256>[] {
  try {
    return readRecord(checkpoint).files;
  } catch {
    return [];
  }
}

/** What is wrong with the files of a checkpoint, for training on or for asking the model; undefined where it is whole. */
export function checkpointFault(checkpoint: string, purpose: "train" | "ask"): string | undefined {
  let files: readonly FileRecord<Sha256>[];
  try {
    ({ files } = readRecord(checkpoint));
  } catch (error) {
    return existsSync(join(checkpoint, stateFile)) ? `${stateFile}: ${(error as Error).message}` : `${stateFile} is missing`;
  }
  for (const record of files) {
    const { file } = record;
    if (purpose === "ask" && ofOptimizer.test(file)) continue;
    // Configs and templates may be edited by hand, tensors may not.
    const fault = file.includes("safetensors")
      ? fileFault(checkpoint, record)
      : existsSync(join(checkpoint, file))
        ? undefined
        : `${file} is missing`;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The last checkpoint that is whole, with what is wrong with later ones. */
export function lastWhole(
  folder: string,
  purpose: "train" | "ask",
): { readonly step: number | undefined; readonly broken: readonly string[] } {
  const broken: string[] = [];
  for (const step of checkpointSteps(folder).reverse()) {
    const fault = checkpointFault(join(folder, checkpointName(step)), purpose);
    if (fault === undefined) return { step, broken };
    broken.push(`${checkpointName(step)}: ${fault}`);
  }
  return { step: undefined, broken };
}

function readRecord(checkpoint: string): StateRecord {
  const { sluice, files } = JSON.parse(readFileSync(join(checkpoint, stateFile), "utf8")) as Partial<StateRecord>;
  if (sluice === undefined || !Array.isArray(files)) throw new Error("not what this version writes");
  return { sluice, files };
}
