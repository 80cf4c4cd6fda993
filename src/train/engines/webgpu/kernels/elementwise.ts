// Kernels that give value i from the values i: clearing, copying, dropout, SwiGLU, AdamW. An invocation does one element, a vector of
// four where lengths allow.
import { groupNumber, type Half, halfFunctions, type Kernel, loads, reads, stores, variants, writes } from "../kernel.ts";

export const elementThreads = 256;

/** `statements` for element i < params.count. */
function overElements(statements: string): string {
  return `  let i = ${groupNumber} * ${elementThreads}u + thread;
  if (i >= params.count) { return; }
${statements}`;
}

interface Vector {
  readonly element: "vec4f" | "f32";
}

/** Zeros over the first params.bytes bytes; the rest of the last word stays. */
export const clearKernel: Kernel<"x", "count" | "bytes"> = {
  name: "clear",
  threads: elementThreads,
  buffers: { x: writes("u32") },
  params: { count: "u32", bytes: "u32" },
  body: overElements(`  let left = params.bytes - i * 4u;
  x[i] = select(x[i] & (0xffffffffu << (8u * (left & 3u))), 0u, left >= 4u);`),
};

/** The bits of `mask` in word params.at are set to those of params.bits. */
export const patchKernel: Kernel<"x", "at" | "mask" | "bits"> = {
  name: "patch",
  threads: 1,
  buffers: { x: writes("u32") },
  params: { at: "u32", mask: "u32", bits: "u32" },
  body: "  x[params.at] = (x[params.at] & ~params.mask) | (params.bits & params.mask);",
};

/** out[length] in f32 = x in 16 bits. count: words of x. */
export const widenKernel = variants("widen", ({ half }: { readonly half: Half }) => ({
  threads: elementThreads,
  buffers: { x: reads("u32"), out: writes() },
  params: { count: "u32", length: "u32" } as const,
  declarations: halfFunctions(half),
  body: overElements(`  let two = ${half}_two(x[i]);
  out[2u * i] = two.x;
  if (2u * i + 1u < params.length) { out[2u * i + 1u] = two.y; }`),
}));

/** out[length] in 16 bits = x in f32. */
export const narrowKernel = variants("narrow", ({ half }: { readonly half: Half }) => ({
  threads: elementThreads,
  buffers: { x: reads(), out: writes("u32") },
  params: { count: "u32", length: "u32" } as const,
  declarations: halfFunctions(half),
  body: overElements(`  let second = select(0.0, x[min(2u * i + 1u, params.length - 1u)], 2u * i + 1u < params.length);
  out[i] = ${half}_pack(vec4f(x[2u * i], second, 0.0, 0.0)).x;`),
}));

/** at, and count, in elements. */
export const copyKernel = variants("copy", ({ element, accumulate }: Vector & { readonly accumulate: boolean }) => ({
  threads: elementThreads,
  buffers: { x: loads(element), out: stores(element) },
  params: { count: "u32", at: "u32" } as const,
  body: overElements(`  store_out(params.at + i, load_x(i)${accumulate ? " + load_out(params.at + i)" : ""});`),
}));

/** Kept where the mixed seed reaches params.least (rate x 2^32, rounded up). */
export const dropoutKernel = variants("dropout", ({ inPlace }: { readonly inPlace: boolean }) => ({
  threads: elementThreads,
  buffers: { ...(inPlace ? {} : { x: reads() }), out: writes() },
  params: { count: "u32", seed: "u32", least: "u32", factor: "f32" } as const,
  body: overElements(`  var h = params.seed + i * 0x9e3779b1u;
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  h = h ^ (h >> 16u);
  out[i] = select(0.0, ${inPlace ? "out" : "x"}[i] * params.factor, h >= params.least);`),
}));

/** 1 / (1 + e^-x) without an overflow on the way. */
const sigmoid = (element: string): string => `fn sigmoid(x: ${element}) -> ${element} {
  let e = exp(-abs(x));
  return select(e, ${element}(1.0), x >= ${element}(0.0)) / (1.0 + e);
}`;

export const swiGluKernel = variants("swiGlu", ({ element }: Vector) => ({
  threads: elementThreads,
  buffers: { gate: loads(element), up: loads(element), out: stores(element) },
  params: { count: "u32" } as const,
  declarations: sigmoid(element),
  body: overElements("  let g = load_gate(i);\n  store_out(i, g * sigmoid(g) * load_up(i));"),
}));

interface SwiGluPlaces extends Vector {
  /** Gradients take the place of gate, of up. */
  readonly overGate: boolean;
  readonly overUp: boolean;
}

export const swiGluBackwardKernel = variants("swiGluBackward", ({ element, overGate, overUp }: SwiGluPlaces) => ({
  threads: elementThreads,
  buffers: {
    ...(overGate ? {} : { gate: loads(element) }),
    ...(overUp ? {} : { up: loads(element) }),
    gradOut: loads(element),
    gradGate: stores(element),
    gradUp: stores(element),
  },
  params: { count: "u32" } as const,
  declarations: sigmoid(element),
  body: overElements(`  let g = load_${overGate ? "gradGate" : "gate"}(i);
  let s = sigmoid(g);
  let grad = load_gradOut(i);
  let u = load_${overUp ? "gradUp" : "up"}(i);
  store_gradUp(i, grad * g * s);
  store_gradGate(i, grad * u * s * (1.0 + g * (1.0 - s)));`),
}));

/** rate: learning rate / bias correction of m; root: 1 / bias correction of sqrt(v). */
export const adamWKernel = variants("adamW", ({ element, withCopy }: Vector & { readonly withCopy: boolean }) => ({
  threads: elementThreads,
  buffers: {
    parameter: stores(element),
    gradient: loads(element),
    m: stores(element),
    v: stores(element),
    clip: reads(),
    ...(withCopy ? { copyOut: stores(element) } : {}),
  },
  params: {
    count: "u32",
    beta1: "f32",
    beta2: "f32",
    rest1: "f32",
    rest2: "f32",
    rate: "f32",
    root: "f32",
    epsilon: "f32",
    decay: "f32",
  } as const,
  body: overElements(`  let g = load_gradient(i) * clip[0];
  let first = params.beta1 * load_m(i) + params.rest1 * g;
  let second = params.beta2 * load_v(i) + params.rest2 * g * g;
  store_m(i, first);
  store_v(i, second);
  let value = load_parameter(i) * params.decay - params.rate * first / (sqrt(second) * params.root + params.epsilon);
  store_parameter(i, value);
  ${withCopy ? "store_copyOut(i, value);" : ""}`),
}));
