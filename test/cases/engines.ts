// The engines present on this machine, for tests that hold every one of them to the same answers.
import type { Engine, Tensor } from "../../src/train/engine.ts";
import { createCpuEngine, type CpuOptions } from "../../src/train/engines/cpu/index.ts";
import { noWebgpu } from "./webgpu.ts";
import { webgpuEngine } from "./webgpu-shared.ts";

export interface EngineCase {
  readonly name: string;
  /** Undefined, with a reason in `missing`, where this machine lacks what it needs. */
  readonly create: () => Promise<Engine<Tensor> | undefined>;
  readonly missing: string;
}

function cpu(name: string, options: CpuOptions): EngineCase {
  return { name, create: async () => (await createCpuEngine(options)) as unknown as Engine<Tensor>, missing: "" };
}

export const engineCases: readonly EngineCase[] = [
  cpu("cpu, plain SIMD, 1 thread", { threads: 1, blas: "off", simd: "plain" }),
  cpu("cpu, plain SIMD, 2 threads", { threads: 2, blas: "off", simd: "plain" }),
  {
    name: "cpu, relaxed SIMD",
    create: async () => withDevice({ threads: 2, blas: "off" }, /relaxed/),
    missing: "this Node has no relaxed SIMD",
  },
  {
    name: "cpu, OpenBLAS",
    create: async () => withDevice({ threads: 2 }, /OpenBLAS/),
    missing: "koffi or OpenBLAS is not installed",
  },
  { name: "webgpu", create: async () => (noWebgpu === false ? webgpuEngine() : undefined), missing: String(noWebgpu) },
];

async function withDevice(options: CpuOptions, wanted: RegExp): Promise<Engine<Tensor> | undefined> {
  const engine = await createCpuEngine(options);
  if (wanted.test(engine.device)) return engine as unknown as Engine<Tensor>;
  await engine.close();
  return undefined;
}
