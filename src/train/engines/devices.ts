// What this machine can train on: each engine's device, what it offers and how fast it multiplies, and what `device: auto` takes.
import type { Engine, EngineName, Tensor } from "../engine.ts";
import { createCpuEngine } from "./cpu/index.ts";
import { findGpu, isSoftware, memoryOf, nameOf } from "./webgpu/adapter.ts";
import { createWebgpuEngine } from "./webgpu/index.ts";

export interface ProductSpeed {
  readonly size: number;
  readonly gflops: number;
}

export interface DeviceReport {
  readonly engine: EngineName;
  /** Undefined where there is none, with the reason in `missing`. */
  readonly device?: string;
  readonly missing?: string;
  /** Of a product of `size` x `size` matrices in f32, measured; on a GPU also of factors in bf16, which may run on matrix units. */
  readonly product?: ProductSpeed;
  readonly bf16Product?: ProductSpeed;
  readonly adapter?: {
    readonly name: string;
    readonly vendor: string;
    readonly architecture: string;
    /** In WebGPU's spelling, e.g. "nvidia-geforce-rtx-3090". */
    readonly model: string;
    /** Name and version, in the driver's own words; empty where it tells none. */
    readonly driver: string;
    readonly software: boolean;
    /** Null where it is not known; `memorySource` says whose it is, or why it is not known. */
    readonly memoryBytes: number | null;
    readonly memorySource: string;
    readonly features: readonly string[];
    /** Bytes and counts. */
    readonly limits: Readonly<Record<string, number>>;
  };
}

export interface Devices {
  readonly devices: readonly DeviceReport[];
  readonly auto: { readonly engine: EngineName; readonly reason: string };
}

const told = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** now: milliseconds, from any start. */
export async function listDevices(now: () => number): Promise<Devices> {
  const cpu = await createCpuEngine();
  const devices: DeviceReport[] = [
    { engine: "cpu", device: cpu.device, product: await timeProduct(cpu, { least: 1024, most: 1024 }, "f32", now) },
  ];
  await cpu.close();
  const gpu = await findGpu();
  if ("missing" in gpu) {
    devices.push({ engine: "webgpu", missing: gpu.missing });
    return { devices, auto: { engine: "cpu", reason: gpu.missing } };
  }
  const { info, features, limits } = gpu.adapter;
  const { vendor, architecture, device, description } = info;
  const software = isSoftware(gpu.adapter);
  const engine = await createWebgpuEngine(gpu);
  const sizes = software ? { least: 256, most: 256 } : { least: 1024, most: 4096 };
  const { bytes, source } = memoryOf(gpu.adapter);
  devices.push({
    engine: "webgpu",
    device: engine.device,
    product: await timeProduct(engine, sizes, "f32", now),
    bf16Product: await timeProduct(engine, sizes, "bf16", now),
    adapter: {
      name: nameOf({ vendor, architecture, device, description: "" }),
      vendor,
      architecture,
      model: device,
      driver: description,
      software,
      memoryBytes: bytes === Infinity ? null : bytes,
      memorySource: source,
      features: [...features].sort(),
      limits: Object.fromEntries(told.map((name) => [name, limits[name]])),
    },
  });
  await engine.close();
  const reason = software ? "the WebGPU adapter is software, which the cpu engine is faster than" : "there is a GPU";
  return { devices, auto: { engine: software ? "cpu" : "webgpu", reason } };
}

/** Products of `least` x `least` matrices; of larger ones, to `most`, where a product takes too little time to tell a device's speed. */
export interface ProductSizes {
  readonly least: number;
  readonly most: number;
}

const longEnough = 2; // milliseconds

export async function timeProduct<T extends Tensor>(
  engine: Engine<T>,
  { least, most }: ProductSizes,
  storage: "f32" | "bf16",
  now: () => number,
): Promise<ProductSpeed> {
  for (let size = least; ; size *= 2) {
    const milliseconds = await timeOneSize(engine, size, storage, now);
    if (milliseconds >= longEnough || 2 * size > most) return { size, gflops: (2 * size ** 3) / milliseconds / 1e6 };
  }
}

/** Milliseconds a product: the fastest of some rounds, each of as many products as take a while. */
async function timeOneSize<T extends Tensor>(engine: Engine<T>, size: number, storage: "f32" | "bf16", now: () => number): Promise<number> {
  const make = (name: string, kept: "f32" | "bf16"): T => engine.allocate({ name, shape: [size, size], storage: kept });
  const [x, weight, out] = [make("x", storage), make("weight", storage), make("out", "f32")];
  const values = new Float32Array(size * size);
  for (let i = 0; i < values.length; i++) values[i] = (((i % 997) * 7919) % 997) / 997 - 0.5;
  engine.write(x, values);
  engine.write(weight, values);
  const run = async (times: number): Promise<number> => {
    const start = now();
    for (let i = 0; i < times; i++) {
      engine.ops.linear({ x, weight, out, rows: size, inputs: size, outputs: size, alpha: 1, accumulate: false });
    }
    await engine.finish();
    return (now() - start) / times;
  };
  await run(1);
  const once = await run(1);
  const times = Math.max(1, Math.min(100, Math.round(50 / once)));
  let best = Infinity;
  for (let round = 0; round < 3; round++) best = Math.min(best, await run(times));
  for (const tensor of [x, weight, out]) engine.release(tensor);
  return best;
}
