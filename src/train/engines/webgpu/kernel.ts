// What a kernel is: WGSL for the body, and a list of what it reads and writes from which the declarations around it are made.
// Kernels know no tensors, models or devices. A kernel's variants are built once and known by their name.

export interface Binding {
  readonly access: "read" | "read_write";
  /** What the buffer is an array of, e.g. "vec4f". */
  readonly element: string;
  /** The code reaches it by load_NAME(i) and store_NAME(i, value) alone, so that its values may also lie in 16 bits. */
  readonly anyStorage?: true;
}

export interface Kernel<B extends string = string, P extends string = string> {
  /** Unique: what pipelines are cached by. */
  readonly name: string;
  /** By their names in the code; a variant may leave some out. */
  readonly buffers: { readonly [N in B]?: Binding };
  readonly params: Readonly<Record<P, "u32" | "f32">>;
  /** Invocations of a workgroup. */
  readonly threads: number;
  /** Declarations at module scope: workgroup memory, functions. */
  readonly declarations?: string;
  /** Of main. Known there: group, groups (vec3u), thread (u32), params; with subgroups also lane, subgroup, subgroups (u32). */
  readonly body: string;
  readonly subgroups?: boolean;
  /** Uses subgroup matrices with such factors; needs subgroups too. */
  readonly matrices?: "f16" | "f32";
}

export function reads(element = "f32"): Binding {
  return { access: "read", element };
}

export function writes(element = "f32"): Binding {
  return { access: "read_write", element };
}

export function loads(element: "vec4f" | "f32"): Binding {
  return { access: "read", element, anyStorage: true };
}

export function stores(element: "vec4f" | "f32"): Binding {
  return { access: "read_write", element, anyStorage: true };
}

/** A kernel's variants by their options. */
export function variants<O extends object, B extends string, P extends string>(
  name: string,
  build: (options: O) => Omit<Kernel<B, P>, "name">,
): (options: O) => Kernel<B, P> {
  const built = new Map<string, Kernel<B, P>>();
  return (options) => {
    const key = JSON.stringify(options);
    let kernel = built.get(key);
    if (!kernel) built.set(key, (kernel = { name: `${name} ${key}`, ...build(options) }));
    return kernel;
  };
}

/** How two values lie in a word. */
export type Half = "bf16" | "f16";

/** The whole module; its entry point is main. The buffers in `halves` hold 16-bit values. */
export function moduleOf(kernel: Kernel, halves: ReadonlyMap<string, Half> = new Map()): string {
  const { buffers, params, threads, declarations = "", body, subgroups = false, matrices } = kernel;
  const extensions = [
    ...(subgroups ? ["subgroups"] : []),
    ...(matrices ? ["chromium_experimental_subgroup_matrix"] : []),
    ...(matrices === "f16" ? ["f16"] : []),
  ];
  const members = Object.entries(params).map(([name, type]) => `${name}: ${type}`);
  const bindings = Object.entries<Binding>(buffers as Readonly<Record<string, Binding>>).map(([name, binding], i) => {
    const { access, anyStorage } = binding;
    const element = halves.has(name) ? (binding.element === "vec4f" ? "vec2u" : "u32") : binding.element;
    const accessors = anyStorage ? accessorsOf(name, binding, halves.get(name)) : "";
    return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${element}>;${accessors}`;
  });
  const inputs = [
    "@builtin(workgroup_id) group: vec3u",
    "@builtin(num_workgroups) groups: vec3u",
    "@builtin(local_invocation_index) thread: u32",
    ...(subgroups
      ? [
          "@builtin(subgroup_invocation_id) laneOf: u32",
          "@builtin(subgroup_id) subgroupOf: u32",
          "@builtin(num_subgroups) subgroupsOf: u32",
        ]
      : []),
  ];
  return `${extensions.map((name) => `enable ${name};\n`).join("")}struct Params { ${members.join(", ")} }
@group(0) @binding(0) var<uniform> params: Params;
${[...new Set(halves.values())].map(halfFunctions).join("\n")}
${bindings.join("\n")}
${subgroups ? "var<private> lane: u32; var<private> subgroup: u32; var<private> subgroups: u32;" : ""}
${declarations}
@compute @workgroup_size(${threads})
fn main(${inputs.join(", ")}) {
  _ = groups.x + group.x + thread;
  ${subgroups ? "lane = laneOf; subgroup = subgroupOf; subgroups = subgroupsOf;" : ""}
${body}
}
`;
}

function accessorsOf(name: string, { access, element }: Binding, half: Half | undefined): string {
  const vector = element === "vec4f";
  const unpacked = vector ? `${half}_four(${name}[i])` : `${half}_one(${name}[i / 2u], i)`;
  const load = `\nfn load_${name}(i: u32) -> ${element} { return ${half ? unpacked : `${name}[i]`}; }`;
  // One value of two in a word is never stored alone: another invocation may store the other.
  if (access === "read" || (half && !vector)) return load;
  return `${load}\nfn store_${name}(i: u32, value: ${element}) { ${name}[i] = ${half ? `${half}_pack(value)` : "value"}; }`;
}

/** To nearest, ties to even; what is no number stays none. bf16 is the upper half of an f32. */
const roundTo: Readonly<Record<Half, string>> = {
  bf16: `  let rounded = (bits + 0x7fffu + ((bits >> vec4u(16u)) & vec4u(1u))) >> vec4u(16u);
  return select(rounded, (bits >> vec4u(16u)) | vec4u(0x40u), (bits & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));`,
  f16: `  let size = bits & vec4u(0x7fffffffu);
  let usual = (size - 0x38000000u + 0xfffu + ((size >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // Below 2^-14 values are multiples of 2^-24, which is what the sum with 0.5 rounds to.
  let small = bitcast<vec4u>(bitcast<vec4f>(size) + vec4f(0.5)) - 0x3f000000u;
  var result = select(usual, small, size < vec4u(0x38800000u));
  result = select(result, vec4u(0x7c00u), size >= vec4u(0x477ff000u));
  result = select(result, vec4u(0x7e00u), size > vec4u(0x7f800000u));
  return result | ((bits >> vec4u(16u)) & vec4u(0x8000u));`,
};

const unpack: Readonly<Record<Half, string>> = {
  bf16: "vec2f(bitcast<f32>(word << 16u), bitcast<f32>(word & 0xffff0000u))",
  f16: "unpack2x16float(word)",
};

/** HALF_one, HALF_four, HALF_bits and HALF_pack. */
export function halfFunctions(half: Half): string {
  return `fn ${half}_two(word: u32) -> vec2f { return ${unpack[half]}; }
fn ${half}_one(word: u32, i: u32) -> f32 { let two = ${half}_two(word); return select(two.x, two.y, (i & 1u) == 1u); }
fn ${half}_four(words: vec2u) -> vec4f { return vec4f(${half}_two(words.x), ${half}_two(words.y)); }
fn ${half}_bits(values: vec4f) -> vec4u {
  let bits = bitcast<vec4u>(values);
${roundTo[half]}
}
fn ${half}_pack(values: vec4f) -> vec2u {
  let halves = ${half}_bits(values);
  return vec2u(halves.x | (halves.y << 16u), halves.z | (halves.w << 16u));
}`;
}

/** Text for each of 0 to count - 1: loops whose variables must lie in registers. */
export function unroll(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** Workgroups for `count` items, `each` a workgroup: over two dimensions where one is not enough. In the kernel: `itemOf`. */
export function spread(count: number, each: number): readonly [number, number] {
  const groups = Math.max(1, Math.ceil(count / each));
  const most = 65535;
  if (groups <= most) return [groups, 1];
  const rows = Math.ceil(groups / most);
  return [Math.ceil(groups / rows), rows];
}

/** The workgroup's number where `spread` laid them out. */
export const groupNumber = "(group.y * groups.x + group.x)";

/** Workgroups for rows, a row each: the second and third dimension. In the kernel: `rowNumber`, which may lie behind the last row. */
export function rowGroups(rows: number): readonly [number, number] {
  const deep = Math.ceil(rows / 65535);
  return [Math.ceil(rows / deep), deep];
}

export const rowNumber = "(group.z * groups.y + group.y)";

/** vec4f where every row of these widths is whole vectors, else f32; and how many values that is. */
export function vectorOf(...widths: readonly number[]): { readonly element: "vec4f" | "f32"; readonly size: 4 | 1 } {
  return widths.every((width) => width % 4 === 0) ? { element: "vec4f", size: 4 } : { element: "f32", size: 1 };
}
