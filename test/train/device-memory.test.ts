// How much memory a GPU has, from Vulkan's structures as bytes and from the heaps that drivers are known to list. The tables are those of
// vulkaninfo, as owners posted them in public issue trackers. Khronos' mock driver, which Debian's chromium brings, answers real calls.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { loadKoffi } from "../../src/train/engines/koffi.ts";
import { identifierOf, memoryOfNamed } from "../../src/train/engines/webgpu/device-memory.ts";
import { type DeviceType, readHeaps, readProperties, type VulkanDevice } from "../../src/train/engines/webgpu/vulkan-heaps.ts";

import { scratchFolder } from "../cases/scratch.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

function device(name: string, type: DeviceType, heaps: readonly [bytes: number, "local" | "host"][]): VulkanDevice {
  return { name, type, heaps: heaps.map(([bytes, where]) => ({ bytes, deviceLocal: where === "local" })) };
}

const known: readonly { readonly of: string; readonly device: VulkanDevice; readonly bytes: number | undefined }[] = [
  {
    of: "NVIDIA without resizable BAR: the window is the same memory again (7,987 + 214 MiB are more than the card's 8,192)",
    device: device("NVIDIA GeForce RTX 2080", "discrete", [
      [7987 * MiB, "local"],
      [15 * GiB, "host"],
      [214 * MiB, "local"],
    ]),
    bytes: 7987 * MiB,
  },
  {
    of: "NVIDIA with resizable BAR, less of its own than the machine has",
    device: device("NVIDIA GeForce RTX 3080 Ti", "discrete", [
      [12_084 * MiB, "local"],
      [32_604 * MiB, "host"],
    ]),
    bytes: 12_084 * MiB,
  },
  {
    of: "AMD without resizable BAR: the window is cut off, and Dawn's buffers lie in the rest",
    device: device("AMD Radeon RX 5700", "discrete", [
      [8_321_499_136, "local"],
      [8_573_157_376, "host"],
      [256 * MiB, "local"],
    ]),
    bytes: 8_321_499_136,
  },
  {
    of: "AMD with resizable BAR, the machine's memory first",
    device: device("AMD Radeon RX 5700", "discrete", [
      [16_700_000_000, "host"],
      [8 * GiB, "local"],
    ]),
    bytes: 8 * GiB,
  },
  {
    of: "AMD's integrated GPU on Windows: the part set aside for it is not all it can use",
    device: device("AMD Radeon(TM) Graphics", "integrated", [
      [1_879_048_192, "local"],
      [7_215_251_456, "host"],
      [256 * MiB, "local"],
    ]),
    bytes: 1_879_048_192 + 7_215_251_456 + 256 * MiB,
  },
  {
    of: "AMD's integrated GPU on Linux: two thirds are told as its own",
    device: device("AMD Radeon Vega 8 Graphics (RADV RAVEN)", "integrated", [
      [29_376_905_216, "host"],
      [58_753_810_432, "local"],
    ]),
    bytes: 29_376_905_216 + 58_753_810_432,
  },
  {
    of: "Intel's integrated GPU: one heap",
    device: device("Intel(R) UHD Graphics 620 (KBL GT2)", "integrated", [[12 * GiB, "local"]]),
    bytes: 12 * GiB,
  },
  { of: "a virtual GPU without a heap of its own", device: device("Virtio-GPU", "virtual", [[GiB, "host"]]), bytes: undefined },
  { of: "no heaps at all", device: device("Nothing", "integrated", []), bytes: undefined },
];

for (const { of, device: one, bytes } of known) {
  test(`memory of ${of}`, () => assert.equal(memoryOfNamed([one], identifierOf(one.name))?.bytes, bytes));
}

test("the adapter's device is found by WebGPU's spelling of its name, among others", () => {
  const card = device("NVIDIA GeForce RTX 3090", "discrete", [[24 * GiB, "local"]]);
  const processor = device("Intel(R) UHD Graphics 770", "integrated", [[16 * GiB, "local"]]);
  const software = device("SwiftShader Device (Subzero)", "cpu", [[2 * GiB, "local"]]);
  const all = [processor, card, software];
  assert.equal(memoryOfNamed(all, "nvidia-geforce-rtx-3090")?.bytes, 24 * GiB);
  assert.equal(memoryOfNamed(all, "intel-r-uhd-graphics-770")?.bytes, 16 * GiB);
  assert.equal(memoryOfNamed(all, "swiftshader-device-subzero-")?.bytes, 2 * GiB, "Dawn leaves a hyphen at the end");
  assert.equal(memoryOfNamed(all, "nvidia-geforce-rtx-3090-ti"), undefined);
  assert.equal(memoryOfNamed([processor], "nvidia-geforce-rtx-3090"), undefined, "the only device is not the adapter's");
  assert.equal(memoryOfNamed([], "nvidia-geforce-rtx-3090"), undefined);
  assert.equal(memoryOfNamed([device("", "discrete", [[GiB, "local"]])], ""), undefined, "no name says nothing");
});

test("two cards of one name have their memory where it is the same, else it is unknown", () => {
  const [small, large] = [8, 12].map((size) => device("NVIDIA GeForce RTX 3060", "discrete", [[size * GiB, "local"]]));
  assert.equal(memoryOfNamed([large, large], "nvidia-geforce-rtx-3060")?.bytes, 12 * GiB);
  assert.equal(memoryOfNamed([small, large], "nvidia-geforce-rtx-3060"), undefined);
});

test("whose memory it is, is told", () => {
  const sources = (["discrete", "integrated"] as const).map((type) => memoryOfNamed([device("x", type, [[GiB, "local"]])], "x")?.source);
  assert.deepEqual(sources, ["its own, by Vulkan", "shared with the processor, by Vulkan"]);
});

/** A C structure, field by field: numbers are uint32_t. */
function bytesOf(...fields: (number | bigint | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap((field) => {
      if (field instanceof Uint8Array) return [...field];
      const wide = typeof field === "bigint";
      const view = new DataView(new ArrayBuffer(wide ? 8 : 4));
      if (wide) view.setBigUint64(0, field, true);
      else view.setUint32(0, field, true);
      return [...new Uint8Array(view.buffer)];
    }),
  );
}

test("VkPhysicalDeviceProperties: name and type are read where they lie", () => {
  const made = (type: number, name: string): Uint8Array => {
    const text = new Uint8Array(256);
    text.set(new TextEncoder().encode(name));
    return bytesOf(0x00403000, 0x86c08000, 0x10de, 0x2204, type, text, new Uint8Array(16).fill(255), new Uint8Array(532).fill(255));
  };
  assert.equal(made(2, "x").length, 824);
  assert.deepEqual(readProperties(made(2, "NVIDIA GeForce RTX 3090")), { name: "NVIDIA GeForce RTX 3090", type: "discrete" });
  const types = [0, 1, 3, 4, 5].map((type) => readProperties(made(type, "x")).type);
  assert.deepEqual(types, ["other", "integrated", "virtual", "cpu", "other"]);
  assert.equal(readProperties(made(1, "n".repeat(256))).name, "n".repeat(256), "a name without an end");
});

test("VkPhysicalDeviceMemoryProperties: sizes of 64 bits and flags are read where they lie", () => {
  const types = new Uint8Array(32 * 8).fill(255);
  const rest = new Uint8Array(13 * 16).fill(255);
  const made = (count: number): Uint8Array =>
    bytesOf(11, types, count, 25_769_803_776n, 1, 0xffffffff, 50_000_000_000n, 0, 0xffffffff, 257_949_696n, 3, 0xffffffff, rest);
  assert.equal(made(3).length, 520);
  assert.deepEqual(readHeaps(made(3)), [
    { bytes: 25_769_803_776, deviceLocal: true },
    { bytes: 50_000_000_000, deviceLocal: false },
    { bytes: 257_949_696, deviceLocal: true },
  ]);
  assert.deepEqual(readHeaps(made(0)), []);
  assert.equal(readHeaps(made(1_000_000)).length, 16, "no more than there is room for");
});

const chromium = "/usr/lib/chromium";
const mockDriver = join(chromium, "libVkICD_mock_icd.so");
const noMock = !existsSync(mockDriver) ? "chromium's mock driver is not installed" : !loadKoffi() && "koffi is not installed";

/** What a process of its own reads where the driver named is the only one; it must print nothing itself. */
function devicesOf(driver: string): readonly VulkanDevice[] {
  const manifest = join(scratchFolder("vulkan"), "driver.json");
  writeFileSync(manifest, JSON.stringify({ file_format_version: "1.0.0", ICD: { library_path: driver, api_version: "1.1.0" } }));
  const module = fileURLToPath(new URL("../../src/train/engines/webgpu/vulkan-heaps.js", import.meta.url));
  const code = `const { listVulkanDevices } = await import(${JSON.stringify(module)}); console.log(JSON.stringify(listVulkanDevices()));`;
  const env = { ...process.env, LD_LIBRARY_PATH: chromium, VK_ICD_FILENAMES: manifest };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    encoding: "utf8",
    timeout: 20_000,
    env,
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return JSON.parse(stdout) as VulkanDevice[];
}

test("a driver's device and heaps come through the loader", { skip: noMock }, () => {
  const [{ name, type, heaps }, ...others] = devicesOf(mockDriver);
  assert.deepEqual([name, type, others], ["Vulkan Mock Device", "virtual", []]);
  assert.deepEqual(
    heaps.map(({ deviceLocal }) => deviceLocal),
    [false, true],
  );
  assert.ok(
    heaps.every(({ bytes }) => bytes > 2 ** 32 && bytes < 2 ** 40),
    JSON.stringify(heaps),
  );
});

test("a driver that cannot be loaded is no device, and no word on the terminal", { skip: noMock }, () => {
  assert.deepEqual(devicesOf("/nowhere/libdriver.so"), []);
});
