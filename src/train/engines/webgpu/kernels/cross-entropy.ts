// A row of logits to its loss and, in place, its gradient: softmax - 1 at the label. A workgroup a row.
import { reads, variants, writes } from "../kernel.ts";
import { workgroupReduction } from "./reduce.ts";

const lossThreads = 256;

interface Options {
  readonly backward: boolean;
  readonly subgroups: boolean;
}

/** logits[rows, vocabulary]; labels and losses from params.first on. */
export const crossEntropyKernel = variants("crossEntropy", ({ backward, subgroups }: Options) => ({
  threads: lossThreads,
  subgroups,
  buffers: { logits: backward ? writes() : reads(), labels: reads("u32"), losses: writes() },
  params: { vocabulary: "u32", first: "u32" } as const,
  declarations: `${workgroupReduction({ name: "sumAll", threads: lossThreads, type: "f32", operation: "sum", subgroups })}
${workgroupReduction({ name: "maxAll", threads: lossThreads, type: "f32", operation: "max", subgroups })}`,
  body: `  let at = group.x * params.vocabulary;
  var most = -3.0e38;
  for (var t = thread; t < params.vocabulary; t += ${lossThreads}u) { most = max(most, logits[at + t]); }
  most = maxAll(most, thread);
  var sum = 0.0;
  for (var t = thread; t < params.vocabulary; t += ${lossThreads}u) { sum += exp(logits[at + t] - most); }
  sum = sumAll(sum, thread);
  let label = labels[params.first + group.x];
  if (thread == 0u) { losses[params.first + group.x] = most + log(sum) - logits[at + label]; }
  ${
    backward
      ? `storageBarrier();
  for (var t = thread; t < params.vocabulary; t += ${lossThreads}u) {
    logits[at + t] = exp(logits[at + t] - most) / sum - select(0.0, 1.0, t == label);
  }`
      : ""
  }`,
}));
