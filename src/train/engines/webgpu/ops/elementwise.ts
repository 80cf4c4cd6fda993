// Ops that work value by value. Those of the optimizer take tensors in pieces too.
import { storages } from "../../../engine.ts";
import type { Ops } from "../../../ops/index.ts";
import type { Device, GpuTensor } from "../device.ts";
import { spread, vectorOf } from "../kernel.ts";
import {
  adamWKernel,
  clearKernel,
  copyKernel,
  dropoutKernel,
  elementThreads,
  swiGluBackwardKernel,
  swiGluKernel,
} from "../kernels/elementwise.ts";
import { dequantizeNf4Kernel } from "../kernels/nf4.ts";
import { addSquaresKernel, clipScaleKernel, squareParts, squaresKernel, squareThreads } from "../kernels/scalars.ts";
import { overPieces } from "../pieces.ts";

type Elementwise = Pick<
  Ops<GpuTensor>,
  "clear" | "copy" | "dropout" | "swiGlu" | "swiGluBackward" | "adamW" | "addSquares" | "clipScale" | "dequantizeNf4"
>;

/** out[at, at + length) = x[0, length), or added to it. */
export function copyValues(
  { run }: Device,
  { x, out, at, length, accumulate }: Pick<Parameters<Elementwise["copy"]>[0], "x" | "out" | "at" | "length" | "accumulate">,
): void {
  const { element, size } = vectorOf(at, length);
  run(copyKernel({ element, accumulate }), {
    buffers: { x, out },
    params: { count: length / size, at: at / size },
    groups: spread(length / size, elementThreads),
  });
}

export function createElementwise(device: Device): Elementwise {
  const { run, scratch, subgroups } = device;
  return {
    clear({ x: all, length: values }) {
      overPieces({ x: all }, values, ({ x }, length) => {
        const bytes = length * storages[all.storage];
        const count = Math.ceil(bytes / 4);
        run(clearKernel, { buffers: { x }, params: { count, bytes }, groups: spread(count, elementThreads) });
      });
    },
    copy({ x, out, at, length, accumulate }) {
      if (x.place !== out.place) return copyValues(device, { x, out, at, length, accumulate });
      // A buffer cannot be read and written by one kernel under two names.
      const apart = scratch("a copy", length);
      copyValues(device, { x, out: apart, at: 0, length, accumulate: false });
      copyValues(device, { x: apart, out, at, length, accumulate });
    },
    dropout({ x, out, length, rate, seed }) {
      const inPlace = x.place === out.place;
      run(dropoutKernel({ inPlace }), {
        buffers: { x, out },
        params: { count: length, seed, least: Math.ceil(rate * 2 ** 32), factor: 1 / (1 - rate) },
        groups: spread(length, elementThreads),
      });
    },
    swiGlu({ gate, up, out, length }) {
      const { element, size } = vectorOf(length);
      run(swiGluKernel({ element }), {
        buffers: { gate, up, out },
        params: { count: length / size },
        groups: spread(length / size, elementThreads),
      });
    },
    swiGluBackward({ gate, up, gradOut, gradGate, gradUp, length }) {
      const { element, size } = vectorOf(length);
      const places = { overGate: gate.place === gradGate.place, overUp: up.place === gradUp.place };
      run(swiGluBackwardKernel({ element, ...places }), {
        buffers: { gate, up, gradOut, gradGate, gradUp },
        params: { count: length / size },
        groups: spread(length / size, elementThreads),
      });
    },
    adamW({ parameter, gradient, m, v, clip, copy, learningRate, beta1, beta2, epsilon, weightDecay, step, length: values }) {
      const numbers = {
        beta1,
        beta2,
        rest1: 1 - beta1,
        rest2: 1 - beta2,
        rate: learningRate / (1 - beta1 ** step),
        root: 1 / Math.sqrt(1 - beta2 ** step),
        epsilon,
        decay: 1 - learningRate * weightDecay,
      };
      overPieces({ parameter, gradient, m, v, copyOut: copy }, values, (pieces, length) => {
        const { element, size } = vectorOf(length);
        run(adamWKernel({ element, withCopy: copy !== undefined }), {
          buffers: { ...pieces, clip },
          params: { count: length / size, ...numbers },
          groups: spread(length / size, elementThreads),
        });
      });
    },
    addSquares({ x: all, sum, length: values }) {
      const parts = scratch("sums of squares", squareParts);
      overPieces({ x: all }, values, ({ x }, length) => {
        const count = Math.min(squareParts, Math.ceil(length / squareThreads));
        run(squaresKernel({ subgroups }), { buffers: { x, parts }, params: { count: length }, groups: [count] });
        run(addSquaresKernel({ subgroups }), { buffers: { parts, sum }, params: { count }, groups: [1] });
      });
    },
    clipScale({ sum, norm, clip, maxNorm, lossScale }) {
      run(clipScaleKernel, { buffers: { sum, norm, clip }, params: { maxNorm, unscale: 1 / lossScale }, groups: [1] });
    },
    dequantizeNf4({ codes, scaleCodes, scaleRanges, codebook, offset, out, length }) {
      const count = Math.ceil(length / 8);
      run(dequantizeNf4Kernel, {
        buffers: { codes, scaleCodes, scaleRanges, codebook, offset, out },
        params: { count, length },
        groups: spread(count, elementThreads),
      });
    },
  };
}
