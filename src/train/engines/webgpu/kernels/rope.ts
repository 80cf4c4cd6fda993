// Heads made ready for attention: an RMSNorm over each where there is one, then the rotation. A workgroup a head of a row; `half` and
// places in a head are in elements.
import { loads, reads, rowNumber, stores, variants, writes } from "../kernel.ts";
import { total } from "./norm.ts";
import { workgroupReduction } from "./reduce.ts";

const ropeThreads = 32;

interface Options {
  readonly element: "vec4f" | "f32";
  readonly norm: boolean;
  /** The result takes the place of what is read. */
  readonly inPlace: boolean;
  readonly subgroups: boolean;
}

/** The gradients of a head's elements j and j + half before the rotation: `turnedBack(...).a` and `.b`. */
export const turnBack = (gradient: string, element: "vec4f" | "f32"): string => `struct Pair { a: ${element}, b: ${element} }
fn turnedBack(start: u32, j: u32, half: u32, position: u32) -> Pair {
  let c = cosines[position * half + j];
  let s = sines[position * half + j];
  let a = load_${gradient}(start + j);
  let b = load_${gradient}(start + j + half);
  return Pair(a * c + b * s, b * c - a * s);
}`;

const place = `  let row = ${rowNumber};
  if (row >= params.rows) { return; }
  let head = row * params.heads + group.x;
  let half = params.half;
  let start = head * half * 2u;
  let position = positions[row];`;

const params = { rows: "u32", heads: "u32", half: "u32", headSize: "f32" } as const;

const sumAll = (subgroups: boolean): string =>
  workgroupReduction({ name: "sumAll", threads: ropeThreads, type: "f32", operation: "sum", subgroups });

/** Groups: heads, rows. */
export const normRopeKernel = variants("normRope", ({ element, norm, inPlace, subgroups }: Options) => {
  const x = inPlace ? "load_out" : "load_x";
  return {
    threads: ropeThreads,
    subgroups: norm && subgroups,
    buffers: {
      ...(inPlace ? {} : { x: loads(element) }),
      ...(norm ? { weight: loads(element), scale: writes() } : {}),
      out: stores(element),
      cosines: reads(element),
      sines: reads(element),
      positions: reads("u32"),
    },
    params: { ...params, epsilon: "f32" } as const,
    declarations: norm ? sumAll(subgroups) : "",
    body: `${place}
  ${
    norm
      ? `var squares = ${element}(0.0);
  for (var j = thread; j < 2u * half; j += ${ropeThreads}u) { squares += ${x}(start + j) * ${x}(start + j); }
  let factor = inverseSqrt(sumAll(${total(element, "squares")}, thread) / params.headSize + params.epsilon);
  if (thread == 0u) { scale[head] = factor; }`
      : ""
  }
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let a = ${x}(start + j)${norm ? " * factor * load_weight(j)" : ""};
    let b = ${x}(start + j + half)${norm ? " * factor * load_weight(j + half)" : ""};
    let c = cosines[position * half + j];
    let s = sines[position * half + j];
    store_out(start + j, a * c - b * s);
    store_out(start + j + half, b * c + a * s);
  }`,
  };
});

/** Groups: heads, rows. */
export const normRopeBackwardKernel = variants("normRopeBackward", ({ element, norm, inPlace, subgroups }: Options) => {
  const value = `${element === "vec4f" ? "dot(grad.a, load_weight(j) * load_x(start + j)) + dot(grad.b, load_weight(j + half) * load_x(start + j + half))" : "grad.a * load_weight(j) * load_x(start + j) + grad.b * load_weight(j + half) * load_x(start + j + half)"}`;
  return {
    threads: ropeThreads,
    subgroups: norm && subgroups,
    buffers: {
      ...(inPlace ? {} : { gradOut: loads(element) }),
      gradX: stores(element),
      ...(norm ? { x: loads(element), weight: loads(element), scale: reads() } : {}),
      cosines: reads(element),
      sines: reads(element),
      positions: reads("u32"),
    },
    params,
    declarations: `${norm ? sumAll(subgroups) : ""}${turnBack(inPlace ? "gradX" : "gradOut", element)}`,
    body: `${place}
  ${
    norm
      ? `var product = 0.0;
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let grad = turnedBack(start, j, half, position);
    product += ${value};
  }
  let factor = scale[head];
  let pull = sumAll(product, thread) * factor * factor * factor / params.headSize;`
      : ""
  }
  for (var j = thread; j < half; j += ${ropeThreads}u) {
    let grad = turnedBack(start, j, half, position);
    store_gradX(start + j, grad.a${norm ? " * load_weight(j) * factor - load_x(start + j) * pull" : ""});
    store_gradX(start + j + half, grad.b${norm ? " * load_weight(j + half) * factor - load_x(start + j + half) * pull" : ""});
  }`,
  };
});
