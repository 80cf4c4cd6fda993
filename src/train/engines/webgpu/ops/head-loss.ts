// headLoss: supervised rows are gathered, their logits made some rows at a time, turned into losses and gradients in place.
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { crossEntropyKernel } from "../kernels/cross-entropy.ts";
import { backwardInput, backwardWeight, forward } from "./linear.ts";
import { addRows, takeRows } from "./rows.ts";

/** A workgroup each. */
const mostRows = 65535;

export function createHeadLoss(device: Device): Pick<Ops<GpuTensor>, "headLoss"> {
  const { run, scratch, subgroups, logitsBytes } = device;
  return {
    headLoss({ x, weight, rows, labels, losses, gradX, gradWeight, gradScale, supervised, width, vocabulary }) {
      const piece = Math.min(supervised, mostRows, Math.max(1, Math.floor(logitsBytes / (4 * vocabulary))));
      const logits = scratch("logits", piece * vocabulary);
      const inputs = scratch("supervised rows", piece * width, x.storage);
      for (let first = 0; first < supervised; first += piece) {
        const count = Math.min(piece, supervised - first);
        takeRows(device, { table: x, ids: rows, out: inputs }, { rows: count, width, first });
        const sizes = { rows: count, inputs: width, outputs: vocabulary } as const;
        forward(device, { x: inputs, weight, out: logits, ...sizes, alpha: 1, accumulate: false });
        run(crossEntropyKernel({ backward: gradX !== undefined, subgroups }), {
          buffers: { logits, labels, losses },
          params: { vocabulary, first },
          groups: [count],
        });
        if (!gradX) continue;
        // By now a gradient: beside factors in 16 bits it needs no more of them.
        const gradient = { gradOut: logits, roughGradient: true, ...sizes, alpha: gradScale } as const;
        if (gradWeight) backwardWeight(device, { ...gradient, x: inputs, gradWeight });
        // The gathered rows are done with: their gradients take the place.
        backwardInput(device, { ...gradient, weight, gradX: inputs, accumulate: false });
        addRows(device, { gradOut: inputs, ids: rows, table: gradX }, { rows: count, width, first });
      }
    },
  };
}
