// Tensors in bf16 and f16, for every kernel in one place. A kernel that reaches a buffer by load and store takes it as it is; for others, and where
// single values would be stored, a copy in f32 is made before and rounded back after.
import { storages } from "../../engine.ts";
import type { GpuTensor } from "./device.ts";
import { type Binding, type Half, type Kernel, spread } from "./kernel.ts";
import { elementThreads, narrowKernel, widenKernel } from "./kernels/elementwise.ts";
import type { Memory } from "./memory.ts";
import type { Dispatch, Recorder } from "./recorder.ts";

export interface TensorDispatch<B extends string, P extends string> extends Dispatch<B, P> {
  readonly buffers: { readonly [N in B]: GpuTensor | undefined };
}

/** Runs kernels on tensors of any storage. */
export type RunAny = <B extends string, P extends string>(kernel: Kernel<B, P>, dispatch: TensorDispatch<B, P>) => void;

export function withStorages(recorder: Recorder, scratch: Memory["scratch"]): RunAny {
  const widen = (x: GpuTensor, out: GpuTensor): void => {
    const words = Math.ceil(x.length / 2);
    recorder.run(widenKernel({ half: x.storage as Half }), {
      buffers: { x, out },
      params: { count: words, length: x.length },
      groups: spread(words, elementThreads),
    });
  };
  const narrow = (x: GpuTensor, out: GpuTensor): void => {
    const words = Math.ceil(out.length / 2);
    recorder.run(narrowKernel({ half: out.storage as Half }), {
      buffers: { x, out },
      params: { count: words, length: out.length },
      groups: spread(words, elementThreads),
    });
  };
  return (kernel, dispatch) => {
    if (!hasHalf(kernel, dispatch)) return recorder.run(kernel, dispatch);
    const halves = new Map<string, Half>();
    const buffers: Record<string, GpuTensor | undefined> = { ...(dispatch.buffers as Readonly<Record<string, GpuTensor | undefined>>) };
    const changed: [GpuTensor, GpuTensor][] = [];
    const wide = new Map<GpuTensor, GpuTensor>();
    for (const [name, binding] of Object.entries<Binding>(kernel.buffers as Readonly<Record<string, Binding>>)) {
      const tensor = buffers[name]!;
      const { storage } = tensor;
      if ((storage !== "bf16" && storage !== "f16") || binding.element === "u32") continue;
      const { access, element, anyStorage } = binding;
      if (anyStorage && (element === "vec4f" || access === "read")) {
        halves.set(name, storage);
        continue;
      }
      let copy = wide.get(tensor);
      if (!copy) {
        copy = scratch(`${name} in f32`, tensor.length);
        wide.set(tensor, copy);
        widen(tensor, copy);
      }
      buffers[name] = copy;
      if (access === "read_write") changed.push([copy, tensor]);
    }
    recorder.run(kernel, { ...dispatch, buffers: buffers as typeof dispatch.buffers }, halves.size > 0 ? halves : undefined);
    for (const [copy, tensor] of changed) narrow(copy, tensor);
  };
}

/** Asked for every dispatch: no objects are made. */
function hasHalf<B extends string, P extends string>({ buffers }: Kernel<B, P>, { buffers: given }: TensorDispatch<B, P>): boolean {
  for (const name in buffers) if (storages[given[name]?.storage ?? "f32"] === 2) return true;
  return false;
}
