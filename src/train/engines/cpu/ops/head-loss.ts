// headLoss: supervised rows are gathered, their logits made a few rows at a time, turned into losses and gradients in place.
import type { Ops } from "../../../ops/index.ts";
import { chunksOf, type CpuTensor, type Device } from "../device.ts";
import { gatherRowsOf, scatterRowsOf } from "./rows.ts";

/** Bytes of logits, gathered rows and their gradients at a time. */
const pieceBytes = 48 * 2 ** 20;
/** Rows of a piece are a multiple of it, so that products have whole tiles. */
const leastRows = 8;
const softmaxRows = 4;

export function createHeadLoss(device: Device): Pick<Ops<CpuTensor>, "headLoss"> {
  const { run, multiply, scratch } = device;
  return {
    headLoss({ x, weight, rows, labels, losses, gradX, gradWeight, gradScale, supervised, width, vocabulary }) {
      const fit = Math.floor(pieceBytes / (4 * (vocabulary + 2 * width)) / leastRows) * leastRows;
      const piece = Math.min(supervised, Math.max(leastRows, fit));
      const inputs = scratch.take(piece * width * 4);
      const logits = scratch.take(piece * vocabulary * 4);
      const gradInputs = gradX ? scratch.take(piece * width * 4) : 0;
      // Products take scratch too: each piece's is the same.
      const mark = scratch.mark();
      for (let from = 0; from < supervised; from += piece) {
        const count = Math.min(piece, supervised - from);
        const ids = rows.offset + from * 4;
        gatherRowsOf(device, { table: x.offset, ids, rows: inputs, count, width }, 4);
        const head = { b: weight.offset, ldb: width, accumulate: false, transposeA: false };
        const logitsOf = { a: inputs, lda: width, c: logits, ldc: vocabulary, m: count, n: vocabulary, k: width, alpha: 1 };
        multiply({ ...head, ...logitsOf, transposeB: true }, weight.storage);
        scratch.release(mark);
        run({
          kernel: "CROSS_ENTROPY",
          chunks: chunksOf(count, softmaxRows),
          work: count * vocabulary * 1.5,
          integers: [logits, labels.offset + from * 4, losses.offset + from * 4, count, vocabulary, Number(gradX !== undefined)],
        });
        if (!gradX) continue;
        const pull = { a: logits, lda: vocabulary, n: width, ldc: width, alpha: gradScale, transposeB: false };
        multiply({ ...head, ...pull, m: count, k: vocabulary, c: gradInputs }, weight.storage);
        scratch.release(mark);
        scatterRowsOf(device, { rows: gradInputs, ids, table: gradX.offset, count, width });
        if (!gradWeight) continue;
        const given = { b: inputs, ldb: width, accumulate: true, transposeA: true };
        multiply({ ...pull, ...given, m: vocabulary, k: count, c: gradWeight.offset });
        scratch.release(mark);
      }
    },
  };
}
