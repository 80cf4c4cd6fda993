// How much memory a GPU has. WebGPU does not tell, so Vulkan is asked, and its device of the adapter's name is taken. What else uses that
// memory is not known: a model above this size cannot fit, one below it may not. On macOS nothing tells (Metal does, to native code only).
import { type Heap, listVulkanDevices, type VulkanDevice } from "./vulkan-heaps.ts";

export interface DeviceMemory {
  readonly bytes: number;
  /** Whose memory that is, and who said so; for people. */
  readonly source: string;
}

/** Undefined where Vulkan cannot be asked, knows no device of that name, or two of different memory. */
export function deviceMemory(info: Pick<GPUAdapterInfo, "device">): DeviceMemory | undefined {
  return memoryOfNamed(listVulkanDevices(), info.device);
}

/** Name: normalised, as WebGPU gives it. */
export function memoryOfNamed(devices: readonly VulkanDevice[], name: string): DeviceMemory | undefined {
  const wanted = identifierOf(name);
  const named = wanted === "" ? [] : devices.filter((device) => identifierOf(device.name) === wanted);
  const [first, ...others] = named.map(memoryOfDevice);
  return others.every((other) => other?.bytes === first?.bytes) ? first : undefined;
}

/** WebGPU's normalised identifier: letters and digits in lower case, a hyphen for whatever lies between. */
export function identifierOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/**
 * Of a GPU that shares the machine's memory all heaps: drivers cut it into parts as they like, of which the device-local one may be as small
 * as 512 MiB. Of any other the largest device-local heap: Dawn's buffers lie there, and a second one is a window of 256 MiB for the processor,
 * cut off (AMD) or the same memory once more (NVIDIA).
 */
function memoryOfDevice({ type, heaps }: VulkanDevice): DeviceMemory | undefined {
  const shared = type === "integrated" || type === "cpu";
  const sizes = (shared ? heaps : heaps.filter(({ deviceLocal }) => deviceLocal)).map(({ bytes }: Heap) => bytes);
  const bytes = shared ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(0, ...sizes);
  if (bytes === 0) return undefined;
  return { bytes, source: shared ? "shared with the processor, by Vulkan" : "its own, by Vulkan" };
}
