// Calls become one command buffer: kernels are recorded in order and sent when somebody waits, writes behind them, or the ring of
// parameters is full. Pipelines are compiled once and bind groups made once for the same buffers.
import { computeStage, usage } from "./flags.ts";
import { type Binding, type Half, type Kernel, moduleOf } from "./kernel.ts";

/** A buffer and who uses it. */
export interface Place {
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** The submission it was last recorded in. */
  used: number;
  /** Bind groups that hold it. */
  readonly groups: Set<string>;
}

export interface Dispatch<B extends string, P extends string> {
  readonly buffers: { readonly [N in B]: { readonly place: Place } | undefined };
  readonly params: Readonly<Record<P, number>>;
  readonly groups: readonly [number, number?, number?];
}

export interface Recorder {
  /** halves: buffers that hold 16-bit values. */
  run<B extends string, P extends string>(kernel: Kernel<B, P>, dispatch: Dispatch<B, P>, halves?: ReadonlyMap<string, Half>): void;
  /** Copies bytes; all multiples of 4. */
  copy(from: Place, fromByte: number, to: GPUBuffer, bytes: number): void;
  /** Sends what is recorded. */
  submit(): void;
  /** Whether work that is recorded and not yet sent uses it. */
  uses(place: Place): boolean;
  /** Forgets a place; its memory is free once the work recorded so far is done. */
  drop(place: Place): void;
  /** Pipelines compiled so far. */
  readonly pipelines: number;
  readonly submissions: number;
}

interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly number: number;
  /** Bytes of its parameters. */
  readonly bytes: number;
}

const ringSlots = 2048;

export function createRecorder(device: GPUDevice): Recorder {
  const slotBytes = Math.max(64, device.limits.minUniformBufferOffsetAlignment);
  const ring = device.createBuffer({ size: ringSlots * slotBytes, usage: usage.uniform | usage.copyTo });
  const staged = new ArrayBuffer(ringSlots * slotBytes);
  const [words, floats] = [new Uint32Array(staged), new Float32Array(staged)];
  const compiled = new Map<string, Compiled>();
  const layouts = new Map<string, { readonly group: GPUBindGroupLayout; readonly pipeline: GPUPipelineLayout }>();
  const groups = new Map<string, GPUBindGroup>();
  let doomed: Place[] = [];
  let encoder: GPUCommandEncoder | undefined;
  let pass: GPUComputePassEncoder | undefined;
  let slot = 0;
  let submissions = 1;

  const layoutOf = (kernel: Kernel): { readonly group: GPUBindGroupLayout; readonly pipeline: GPUPipelineLayout } => {
    const kinds = Object.values<Binding>(kernel.buffers as Readonly<Record<string, Binding>>).map(({ access }) => access);
    const key = kinds.join();
    let layout = layouts.get(key);
    if (!layout) {
      const visibility = computeStage;
      const group = device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
          ...kinds.map((access, i) => ({
            binding: i + 1,
            visibility,
            buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
          })),
        ],
      });
      layouts.set(key, (layout = { group, pipeline: device.createPipelineLayout({ bindGroupLayouts: [group] }) }));
    }
    return layout;
  };
  const compile = (kernel: Kernel, halves: ReadonlyMap<string, Half> | undefined): Compiled => {
    const name = halves ? `${kernel.name} ${[...halves].join(" ")}` : kernel.name;
    let found = compiled.get(name);
    if (!found) {
      const { group, pipeline: layout } = layoutOf(kernel);
      const module = device.createShaderModule({ label: name, code: moduleOf(kernel, halves) });
      const pipeline = device.createComputePipeline({ label: name, layout, compute: { module, entryPoint: "main" } });
      const bytes = Math.ceil(Object.keys(kernel.params).length / 4) * 16;
      compiled.set(name, (found = { pipeline, layout: group, number: compiled.size, bytes }));
    }
    return found;
  };
  const bind = ({ layout, number, bytes }: Compiled, places: readonly Place[]): GPUBindGroup => {
    let key = String(number);
    for (const { id } of places) key += `,${id}`;
    let group = groups.get(key);
    if (!group) {
      const entries = places.map(({ buffer }, i) => ({ binding: i + 1, resource: { buffer } }));
      group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: ring, size: bytes } }, ...entries] });
      groups.set(key, group);
      for (const place of places) place.groups.add(key);
    }
    return group;
  };
  const open = (): GPUCommandEncoder => (encoder ??= device.createCommandEncoder());
  const endPass = (): void => {
    pass?.end();
    pass = undefined;
  };
  const submit = (): void => {
    endPass();
    if (encoder) {
      // The ring's last content was read by work sent before: the queue keeps the order.
      if (slot > 0) device.queue.writeBuffer(ring, 0, staged, 0, slot * slotBytes);
      device.queue.submit([encoder.finish()]);
      submissions++;
    }
    encoder = undefined;
    slot = 0;
    for (const { buffer } of doomed) buffer.destroy();
    doomed = [];
  };

  return {
    run(kernel, { buffers, params, groups: [x, y = 1, z = 1] }, halves) {
      const done = compile(kernel, halves);
      if (slot === ringSlots) submit();
      let at = (slot * slotBytes) / 4;
      for (const name in kernel.params) (kernel.params[name] === "f32" ? floats : words)[at++] = params[name];
      const places: Place[] = [];
      for (const name in kernel.buffers) {
        const { place } = buffers[name]!;
        place.used = submissions;
        places.push(place);
      }
      const group = bind(done, places);
      pass ??= open().beginComputePass();
      pass.setPipeline(done.pipeline);
      pass.setBindGroup(0, group, [slot * slotBytes]);
      pass.dispatchWorkgroups(x, y, z);
      slot++;
    },
    copy(from, fromByte, to, bytes) {
      endPass();
      from.used = submissions;
      open().copyBufferToBuffer(from.buffer, fromByte, to, 0, bytes);
    },
    submit,
    uses: ({ used }) => used === submissions && encoder !== undefined,
    drop(place) {
      for (const key of place.groups) groups.delete(key);
      place.groups.clear();
      if (encoder && place.used === submissions) doomed.push(place);
      else place.buffer.destroy();
    },
    get pipelines() {
      return compiled.size;
    },
    get submissions() {
      return submissions - 1;
    },
  };
}
