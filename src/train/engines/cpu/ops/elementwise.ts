// Ops over length values: SwiGLU, the optimizer, copies, dropout, 4-bit weights.
import { storages } from "../../../engine.ts";
import { nf4Values } from "../../../ops/dequantize-nf4.ts";
import type { Ops } from "../../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device, optional } from "../device.ts";
import type { Kernel } from "../pool.ts";
import { chunkValues } from "../storages.ts";

type Elementwise = Pick<
  Ops<CpuTensor>,
  "swiGlu" | "swiGluBackward" | "adamW" | "addSquares" | "clipScale" | "clear" | "copy" | "dropout" | "dequantizeNf4"
>;

export function createElementwise(device: Device): Elementwise {
  const { run, memory, scratch } = device;
  const over = (kernel: Kernel, length: number, cost: number, integers: readonly number[], floats?: readonly number[]): void =>
    run({ kernel, chunks: chunksOf(length, chunkValues), work: length * cost, integers, floats });
  /** f32[256][2]: the two values of each byte of codes. */
  let pairs = 0;

  return {
    swiGlu({ gate, up, out, length }) {
      over("SWIGLU", length, 2, [gate.offset, up.offset, out.offset, length]);
    },
    swiGluBackward({ gate, up, gradOut, gradGate, gradUp, length }) {
      over("SWIGLU_BACKWARD", length, 3, [gate.offset, up.offset, gradOut.offset, gradGate.offset, gradUp.offset, length]);
    },
    adamW({ parameter, gradient, m, v, clip, copy, learningRate, beta1, beta2, epsilon, weightDecay, step, length }) {
      const stepSize = learningRate / (1 - beta1 ** step);
      const correction = 1 / Math.sqrt(1 - beta2 ** step);
      over(
        "ADAMW",
        length,
        2,
        [parameter.offset, gradient.offset, m.offset, v.offset, clip.offset, optional(copy), length],
        [beta1, 1 - beta1, beta2, 1 - beta2, 1 - learningRate * weightDecay, stepSize, correction, epsilon],
      );
    },
    addSquares({ x, sum, length }) {
      const chunks = chunksOf(length, chunkValues);
      const parts = scratch.take(chunks * 8);
      over("SQUARES", length, 0.5, [x.offset, parts, length]);
      const total = memory.floats(sum.offset, 1);
      total[0] = memory.doubles(parts, chunks).reduce((so, part) => so + part, total[0]);
    },
    clipScale({ sum, norm, clip, maxNorm, lossScale }) {
      const length = Math.sqrt(memory.floats(sum.offset, 1)[0]) / lossScale;
      memory.floats(norm.offset, 1)[0] = length;
      memory.floats(clip.offset, 1)[0] = (maxNorm === 0 ? 1 : Math.min(1, maxNorm / (length + 1e-6))) / lossScale;
    },
    clear({ x, length }) {
      const whole = Math.floor((length * storages[x.storage]) / 4);
      over("CLEAR", whole, 0.1, [x.offset, whole]);
      memory.bytes(x.offset + whole * 4, length * storages[x.storage] - whole * 4).fill(0);
    },
    copy({ x, out, at, length, accumulate }) {
      over("COPY", length, accumulate ? 0.4 : 0.3, [x.offset, out.offset + at * 4, length, Number(accumulate)]);
    },
    dropout({ x, out, length, rate, seed }) {
      const threshold = Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
      over("DROPOUT", length, 1, [x.offset, out.offset, length, seed, threshold], [1 / (1 - rate)]);
    },
    dequantizeNf4({ codes, scaleCodes, scaleRanges, codebook, offset, out, length }) {
      if (pairs === 0) {
        pairs = memory.allocate({ name: "pairs of 4-bit values", shape: [256, 2], storage: "f32" });
        memory.floats(pairs, 512).set(Float32Array.from({ length: 512 }, (_, i) => nf4Values[i % 2 === 0 ? i >> 5 : (i >> 1) & 15]));
      }
      const scales = [scaleCodes.offset, scaleRanges.offset, codebook.offset, offset.offset];
      over("DEQUANTIZE", length, 0.5, [codes.offset, ...scales, out.offset, length, pairs]);
    },
  };
}
