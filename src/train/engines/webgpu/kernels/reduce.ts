// Sums and maxima over a workgroup, in an order that depends on nothing but its size: within subgroups where the device has them, then
// over their results; else a tree in workgroup memory. Callers are in uniform control flow.

interface Reduction {
  readonly name: string;
  readonly threads: number;
  /** f32 or vec4f. */
  readonly type: string;
  readonly operation: "sum" | "max";
  readonly subgroups: boolean;
}

/** Declares `fn NAME(value: TYPE, thread: u32) -> TYPE`. */
export function workgroupReduction({ name, threads, type, operation, subgroups }: Reduction): string {
  const join = (a: string, b: string): string => (operation === "sum" ? `${a} + ${b}` : `max(${a}, ${b})`);
  const memory = `${name}Memory`;
  if (subgroups) {
    // The smallest subgroup there is has 4 invocations.
    return `var<workgroup> ${memory}: array<${type}, ${Math.max(1, threads / 4)}>;
fn ${name}(value: ${type}, thread: u32) -> ${type} {
  let part = ${operation === "sum" ? "subgroupAdd" : "subgroupMax"}(value);
  if (lane == 0u) { ${memory}[subgroup] = part; }
  workgroupBarrier();
  var all = ${memory}[0];
  for (var i = 1u; i < subgroups; i++) { all = ${join("all", `${memory}[i]`)}; }
  workgroupBarrier();
  return all;
}
`;
  }
  return `var<workgroup> ${memory}: array<${type}, ${threads}>;
fn ${name}(value: ${type}, thread: u32) -> ${type} {
  ${memory}[thread] = value;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half >>= 1u) {
    if (thread < half) { ${memory}[thread] = ${join(`${memory}[thread]`, `${memory}[thread + half]`)}; }
    workgroupBarrier();
  }
  let all = ${memory}[0];
  workgroupBarrier();
  return all;
}
`;
}
