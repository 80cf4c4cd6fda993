// What a kernel is: WGSL for the body, and a list of what it reads and writes from which the declarations around it are made.
// Kernels know no tensors, models or devices. A kernel's variants are built once and known by their name.

export interface Binding {
  readonly access: "read" | "read_write";
  /** What the buffer is an array of, e.g. "vec4f". */
  readonly element: string;
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
  /** Of main. Known there: group, groups (vec3u), thread (u32), params; with subgroups also lane, subgroup, subgroups. */
  readonly body: string;
  readonly subgroups?: boolean;
}

export function reads(element = "f32"): Binding {
  return { access: "read", element };
}

export function writes(element = "f32"): Binding {
  return { access: "read_write", element };
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

/** The whole module; its entry point is main. */
export function moduleOf({ buffers, params, threads, declarations = "", body, subgroups = false }: Kernel): string {
  const members = Object.entries(params).map(([name, type]) => `${name}: ${type}`);
  const bindings = Object.entries<Binding>(buffers as Readonly<Record<string, Binding>>).map(
    ([name, { access, element }], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${element}>;`,
  );
  const inputs = [
    "@builtin(workgroup_id) group: vec3u",
    "@builtin(num_workgroups) groups: vec3u",
    "@builtin(local_invocation_index) thread: u32",
    ...(subgroups ? ["@builtin(subgroup_invocation_id) laneOf: u32", "@builtin(subgroup_id) subgroupOf: u32"] : []),
  ];
  return `${subgroups ? "enable subgroups;\n" : ""}struct Params { ${members.join(", ")} }
@group(0) @binding(0) var<uniform> params: Params;
${bindings.join("\n")}
${subgroups ? "var<private> lane: u32; var<private> subgroup: u32;" : ""}
${declarations}
@compute @workgroup_size(${threads})
fn main(${inputs.join(", ")}) {
  _ = groups.x + group.x + thread;
  ${subgroups ? "lane = laneOf; subgroup = subgroupOf;" : ""}
${body}
}
`;
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

/** vec4f where every row of these widths is whole vectors, else f32; and how many values that is. */
export function vectorOf(...widths: readonly number[]): { readonly element: "vec4f" | "f32"; readonly size: 4 | 1 } {
  return widths.every((width) => width % 4 === 0) ? { element: "vec4f", size: 4 } : { element: "f32", size: 1 };
}
