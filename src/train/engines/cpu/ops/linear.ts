// linear and its backward ops: products with weights in the Hugging Face layout, [outputs, inputs].
import type { Ops } from "../../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device } from "../device.ts";

/** Up to so many rows weights are read once and nothing is packed: generation. */
const fewRows = 8;
const dotOutputs = 64;
const biasRows = 32;
const sumRows = 128;
const partColumns = 256;

type Linear = Pick<Ops<CpuTensor>, "linear" | "linearBackwardInput" | "linearBackwardWeight">;

export function createLinear(device: Device): Linear {
  const { run, multiply } = device;
  return {
    linear({ x, weight, bias, out, rows, inputs, outputs, alpha, accumulate }) {
      if (bias) {
        run({
          kernel: "ADD_BIAS",
          chunks: chunksOf(rows, biasRows),
          work: rows * outputs * 0.3,
          integers: [bias.offset, out.offset, rows, outputs, Number(accumulate)],
        });
      }
      const added = accumulate || bias !== undefined;
      if (rows <= fewRows) {
        run({
          kernel: "DOTS",
          chunks: chunksOf(outputs, dotOutputs),
          work: rows * outputs * inputs * 0.15,
          integers: [x.offset, weight.offset, out.offset, rows, inputs, outputs, Number(added), Number(weight.storage === "bf16")],
          floats: [alpha],
        });
        return;
      }
      const sizes = { m: rows, n: outputs, k: inputs, alpha, accumulate: added };
      const factors = { a: x.offset, lda: inputs, b: weight.offset, ldb: inputs, c: out.offset, ldc: outputs };
      multiply({ transposeA: false, transposeB: true, ...sizes, ...factors }, weight.storage);
    },
    linearBackwardInput({ gradOut, weight, gradX, rows, inputs, outputs, alpha, accumulate }) {
      const sizes = { m: rows, n: inputs, k: outputs, alpha, accumulate };
      const factors = { a: gradOut.offset, lda: outputs, b: weight.offset, ldb: inputs, c: gradX.offset, ldc: inputs };
      multiply({ transposeA: false, transposeB: false, ...sizes, ...factors }, weight.storage);
    },
    linearBackwardWeight({ x, gradOut, gradWeight, gradBias, rows, inputs, outputs, alpha }) {
      const sizes = { m: outputs, n: inputs, k: rows, alpha, accumulate: true };
      const factors = { a: gradOut.offset, lda: outputs, b: x.offset, ldb: inputs, c: gradWeight.offset, ldc: inputs };
      multiply({ transposeA: true, transposeB: false, ...sizes, ...factors });
      if (!gradBias) return;
      const parts = device.scratch.take(chunksOf(rows, sumRows) * outputs * 4);
      run({
        kernel: "COLUMN_SUMS",
        chunks: chunksOf(rows, sumRows),
        work: rows * outputs * 0.3,
        integers: [gradOut.offset, parts, rows, outputs],
      });
      addParts(device, parts, gradBias, chunksOf(rows, sumRows), outputs);
    },
  };
}

/** out[width] += the sum of parts[count, width], in order: a reduction whose parts do not depend on the threads. */
export function addParts({ run }: Device, parts: number, out: CpuTensor, count: number, width: number): void {
  run({
    kernel: "ADD_PARTS",
    chunks: chunksOf(width, partColumns),
    work: count * width * 0.3,
    integers: [parts, out.offset, count, width],
  });
}
