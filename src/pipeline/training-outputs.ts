// What a finished training left: recorded in run.json when it ends, looked at when the run is started again. What training can make again from
// its last whole checkpoint it makes again; what it cannot (the curve, checkpoints that nothing needs any more) is told.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { dataError } from "../core/errors.ts";
import type { FileRecord } from "../io/atomic.ts";
import { type Sha256, sha256, sumOfFile } from "../io/checksum.ts";
import { checkpointFault, checkpointName, checkpointSteps, lastWhole, recordedFiles, stateFile } from "./checkpoint-folder.ts";
import { fileFault, fileRecord } from "./completion.ts";
import type { Manifest } from "./manifest.ts";
import { isTrainingOutput, type RunPaths } from "./paths.ts";
import type { TrainingRecord } from "./training-record.ts";

/** run.json of a run that may have been trained. */
export type TrainedManifest = Manifest & { readonly training?: TrainingRecord };

/** run.json as curation wrote it. */
export function curationManifest(manifest: TrainedManifest): Manifest {
  const curation: { training?: TrainingRecord } & Manifest = { ...manifest };
  delete curation.training;
  return { ...curation, outputs: curation.outputs.filter(({ file }) => !isTrainingOutput(file)) };
}

/** All that training left, with size and SHA-256. Tensors were summed when they were written; the rest is small and read again. */
export function trainingOutputs(paths: RunPaths, merged: readonly FileRecord<Sha256>[]): FileRecord<Sha256>[] {
  const measured = (path: string): FileRecord<Sha256>[] =>
    existsSync(path) ? [fileRecord(paths, path, { bytes: statSync(path).size, ...sumOfFile(path, sha256()) })] : [];
  const below = (folder: string, records: readonly FileRecord<Sha256>[]): FileRecord<Sha256>[] =>
    records.map(({ file, ...sums }) => fileRecord(paths, join(folder, file), sums));
  const events = existsSync(paths.tensorboard) ? readdirSync(paths.tensorboard).map((name) => join(paths.tensorboard, name)) : [];
  const checkpoints = checkpointSteps(paths.checkpoints).map((step) => join(paths.checkpoints, checkpointName(step)));
  return [
    ...[paths.metrics, ...events, paths.training, paths.generations].flatMap(measured),
    ...checkpoints.flatMap((folder) => [...below(folder, recordedFiles(folder)), ...measured(join(folder, stateFile))]),
    ...below(paths.merged, merged),
  ];
}

export interface EarlierTraining {
  /** Of a training that ended and stands as it is, but for `notWhole`. */
  readonly record: TrainingRecord | undefined;
  /** What is missing or unlike what was written, and is made again. */
  readonly remade: readonly string[];
  /** The same, and cannot be made again without training anew. */
  readonly notWhole: readonly string[];
}

/** What an earlier start left. Throws where the checkpoint to use is gone and no earlier one leads to it. */
export function earlierTraining(paths: RunPaths, { training, outputs }: TrainedManifest): EarlierTraining {
  if (training === undefined) return { record: undefined, remade: [], notWhole: [] };
  const remade = new Set<string>();
  const notWhole = new Set<string>();
  const inUse = checkpointFault(join(paths.folder, training.checkpoint), "ask");
  if (inUse !== undefined) remade.add(takenUp(paths, training.checkpoint, inUse));
  for (const record of outputs) {
    if (!isTrainingOutput(record.file)) continue;
    const fault = fileFault(paths.folder, record);
    if (fault === undefined) continue;
    const canBeMade = /^(training\.json|generations\.jsonl|merged\/.*)$/.test(record.file);
    (canBeMade ? remade : notWhole).add(missingFolder(paths.folder, record.file) ?? fault);
  }
  return { record: remade.size === 0 ? training : undefined, remade: [...remade], notWhole: [...notWhole] };
}

/** What is said of the checkpoint to use where training can come by it again. */
function takenUp(paths: RunPaths, checkpoint: string, fault: string): string {
  const { step } = lastWhole(paths.checkpoints, "train");
  if (step !== undefined && step < Number(/\d+$/.exec(checkpoint)?.[0])) return `${checkpoint}: ${fault}`;
  const missing = missingFolder(paths.folder, `${checkpoint}/${stateFile}`);
  const other = step === undefined ? "" : `use another one (${join(paths.checkpoints, checkpointName(step))} is whole), `;
  throw dataError({
    where: paths.folder,
    expected: `${checkpoint}, the checkpoint that training ended with`,
    found: missing ?? `${checkpoint}: ${fault}`,
    fix: `put it back, ${other}or train anew on the same shards with \`sluice train ${paths.folder} --fresh\``,
  });
}

/** "checkpoints/step-000008 is missing" where a whole folder is. */
function missingFolder(folder: string, file: string): string | undefined {
  const parts = file.split("/");
  for (let length = 1; length < parts.length; length++) {
    const above = parts.slice(0, length).join("/");
    if (!existsSync(join(folder, above))) return `${above} is missing`;
  }
  return undefined;
}
