// What the pipeline reads inputs with: paths to files, files to splits, splits to records.
export { evaluationItems } from "./evaluation-items.ts";
export { type Inputs, resolveInputs } from "./inputs.ts";
export { planFile, type PlanOptions } from "./plan-file.ts";
export { readSplit } from "./read.ts";
export type { Compression, Format, InputFile, Malformed, MalformedReason, PlannedFile, RecordItem, Split, Visit } from "./readers/types.ts";
