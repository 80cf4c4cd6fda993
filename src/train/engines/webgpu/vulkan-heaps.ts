// What Vulkan says of this machine's devices: name, type, and the heaps of their memory. Structures are read from bytes, at the offsets that
// the specification's C declarations have on 64-bit machines (Dawn's package is for no other). Nothing here knows WebGPU.
import { loadKoffi } from "../koffi.ts";

export interface VulkanDevice {
  /** As the driver tells it, e.g. "NVIDIA GeForce RTX 3090". */
  readonly name: string;
  readonly type: DeviceType;
  readonly heaps: readonly Heap[];
}

export interface Heap {
  readonly bytes: number;
  /** VK_MEMORY_HEAP_DEVICE_LOCAL_BIT */
  readonly deviceLocal: boolean;
}

/** VkPhysicalDeviceType, by its numbers. */
const deviceTypes = ["other", "integrated", "discrete", "virtual", "cpu"] as const;
export type DeviceType = (typeof deviceTypes)[number];

/** The loader by platform. macOS has none of its own, and Dawn uses Metal there. */
export const vulkanLoaders: Readonly<Record<string, string>> = { linux: "libvulkan.so.1", win32: "vulkan-1.dll" };

/** VkInstanceCreateInfo: its sType is 1; all else zero asks for Vulkan 1.0 without layers and extensions. */
const instanceInfo = { bytes: 64, sType: 0, sTypeValue: 1 } as const;

/** VkPhysicalDeviceProperties: 824 bytes; behind the name lie an id, limits and sparse properties. */
const propertiesLayout = { bytes: 824, deviceType: 16, deviceName: 20, nameBytes: 256 } as const;

/** VkPhysicalDeviceMemoryProperties: a count and 32 types of 8 bytes, then a count and 16 heaps: a size of 64 bits, flags, 4 bytes of nothing. */
const memoryLayout = {
  bytes: 520,
  heapCount: 260,
  heaps: 264,
  heapBytes: 16,
  heapFlags: 8,
  mostHeaps: 16,
} as const;

const deviceLocalBit = 1;
const success = 0;
/** VK_INCOMPLETE: there are more devices than were asked for. */
const incomplete = 5;
const mostDevices = 64;

export function readProperties(bytes: Uint8Array): Pick<VulkanDevice, "name" | "type"> {
  const { deviceType, deviceName, nameBytes } = propertiesLayout;
  const name = bytes.subarray(deviceName, deviceName + nameBytes);
  const end = name.indexOf(0);
  return {
    name: new TextDecoder().decode(end < 0 ? name : name.subarray(0, end)),
    type: deviceTypes[viewOf(bytes).getUint32(deviceType, true)] ?? "other",
  };
}

export function readHeaps(bytes: Uint8Array): Heap[] {
  const { heapCount, heaps, heapBytes, heapFlags, mostHeaps } = memoryLayout;
  const view = viewOf(bytes);
  const count = Math.min(view.getUint32(heapCount, true), mostHeaps);
  return Array.from({ length: count }, (_, i) => {
    const at = heaps + i * heapBytes;
    return {
      bytes: Number(view.getBigUint64(at, true)),
      deviceLocal: (view.getUint32(at + heapFlags, true) & deviceLocalBit) !== 0,
    };
  });
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/**
 * The devices of this machine; none where koffi, the loader or a driver is missing. Makes a Vulkan instance and ends it, as Dawn does when it
 * looks for adapters: ask after Dawn has, so that a driver's trouble is met where it is told.
 */
export function listVulkanDevices(): VulkanDevice[] {
  try {
    const path = vulkanLoaders[process.platform];
    const library = path === undefined ? undefined : loadKoffi()?.load(path);
    if (!library) return [];
    const create = library.func("int32_t vkCreateInstance(void *info, void *allocator, void *instance)");
    const enumerate = library.func("int32_t vkEnumeratePhysicalDevices(uintptr_t instance, void *count, void *devices)");
    const getProperties = library.func("void vkGetPhysicalDeviceProperties(uintptr_t device, void *properties)");
    const getMemory = library.func("void vkGetPhysicalDeviceMemoryProperties(uintptr_t device, void *properties)");
    const destroy = library.func("void vkDestroyInstance(uintptr_t instance, void *allocator)");
    const info = new Uint8Array(instanceInfo.bytes);
    viewOf(info).setUint32(instanceInfo.sType, instanceInfo.sTypeValue, true);
    const instance = new BigUint64Array(1);
    if (create(info, null, instance) !== success) return [];
    try {
      const count = Uint32Array.of(mostDevices);
      const handles = new BigUint64Array(mostDevices);
      const result = enumerate(instance[0], count, handles);
      if (result !== success && result !== incomplete) return [];
      return Array.from(handles.subarray(0, count[0]), (handle) => {
        const properties = new Uint8Array(propertiesLayout.bytes);
        const memory = new Uint8Array(memoryLayout.bytes);
        getProperties(handle, properties);
        getMemory(handle, memory);
        return { ...readProperties(properties), heaps: readHeaps(memory) };
      });
    } finally {
      destroy(instance[0], null);
    }
  } catch {
    return [];
  }
}
