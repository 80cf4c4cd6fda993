// What a run calls once it has a plan, as one module: it is loaded while workers start.
export { readSharedTokenizer } from "./context.ts";
export { describeRows } from "./describe.ts";
export { finishRun } from "./finish.ts";
export { dedupStage } from "./stage-dedup.ts";
export { holdOutStage } from "./stage-hold-out.ts";
export { mixStage } from "./stage-mix.ts";
export { notMixed, stopError, unreadableError, unsettled } from "./stop.ts";
