// Heads made ready for attention: an RMSNorm over each where there is one, then the rotation. A workgroup a head of a row.
import { reads, rowNumber, variants, writes } from "../kernel.ts";
import { workgroupReduction } from "./reduce.ts";

export const ropeThreads = 32;

interface Options {
  readonly norm: boolean;
  /** The result takes the place of what is read. */
  readonly inPlace: boolean;
  readonly subgroups: boolean;
}

/** A head's pair j, j + half, turned back by its position: the gradient before the rotation. */
export const turnBack = (gradient: string): string => `fn turnedBack(start: u32, j: u32, half: u32, position: u32) -> vec2f {
  let angle = vec2f(cosines[position * half + j], sines[position * half + j]);
  let a = ${gradient}[start + j];
  let b = ${gradient}[start + j + half];
  return vec2f(a * angle.x + b * angle.y, b * angle.x - a * angle.y);
}`;

const place = `  let row = ${rowNumber};
  if (row >= params.rows) { return; }
  let head = row * params.heads + group.x;
  let start = head * params.headSize;
  let half = params.headSize / 2u;
  let position = positions[row];`;

const sumAll = (subgroups: boolean): string =>
  workgroupReduction({ name: "sumAll", threads: ropeThreads, type: "f32", operation: "sum", subgroups });

/** Groups: heads, rows. */
export const normRopeKernel = variants("normRope", ({ norm, inPlace, subgroups }: Options) => {
  const x = inPlace ? "out" : "x";
  return {
    threads: ropeThreads,
    subgroups: norm && subgroups,
    buffers: {
      ...(inPlace ? {} : { x: reads() }),
      ...(norm ? { weight: reads(), scale: writes() } : {}),
      out: writes(),
      cosines: reads(),
      sines: reads(),
      positions: reads("u32"),
    },
    params: { rows: "u32", heads: "u32", headSize: "u32", epsilon: "f32" } as const,
    declarations: norm ? sumAll(subgroups) : "",
    body: `${place}
  ${
    norm
      ? `var squares = 0.0;
  for (var j = thread; j < params.headSize; j += ${ropeThreads}u) { squares += ${x}[start + j] * ${x}[start + j]; }
  let factor = inverseSqrt(sumAll(squares, thread) / f32(params.headSize) + params.epsilon);
  if (thread == 0u) { scale[head] = factor; }`
      : ""
  }
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let a = ${x}[start + j]${norm ? " * factor * weight[j]" : ""};
    let b = ${x}[start + j + half]${norm ? " * factor * weight[j + half]" : ""};
    let c = cosines[position * half + j];
    let s = sines[position * half + j];
    out[start + j] = a * c - b * s;
    out[start + j + half] = b * c + a * s;
  }`,
  };
});

/** Groups: heads, rows. */
export const normRopeBackwardKernel = variants("normRopeBackward", ({ norm, inPlace, subgroups }: Options) => {
  const gradient = inPlace ? "gradX" : "gradOut";
  return {
    threads: ropeThreads,
    subgroups: norm && subgroups,
    buffers: {
      ...(inPlace ? {} : { gradOut: reads() }),
      gradX: writes(),
      ...(norm ? { x: reads(), weight: reads(), scale: reads() } : {}),
      cosines: reads(),
      sines: reads(),
      positions: reads("u32"),
    },
    params: { rows: "u32", heads: "u32", headSize: "u32" } as const,
    declarations: `${norm ? sumAll(subgroups) : ""}${turnBack(gradient)}`,
    body: `${place}
  ${
    norm
      ? `var product = 0.0;
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let grad = turnedBack(start, j, half, position);
    product += grad.x * weight[j] * x[start + j] + grad.y * weight[j + half] * x[start + j + half];
  }
  let factor = scale[head];
  let pull = sumAll(product, thread) * factor * factor * factor / f32(params.headSize);`
      : ""
  }
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let grad = turnedBack(start, j, half, position);
    gradX[start + j] = grad.x${norm ? " * weight[j] * factor - x[start + j] * pull" : ""};
    gradX[start + j + half] = grad.y${norm ? " * weight[j + half] * factor - x[start + j + half] * pull" : ""};
  }`,
  };
});
