// sluice devices: what this machine can train on, and what `device: auto` takes.
import { mebibytes } from "../../core/count.ts";
import { listDevices, type ProductSpeed } from "../../train/engines/devices.ts";
import { type Command, jsonOption } from "../command.ts";

export const devices: Command = {
  words: "",
  positionals: { least: 0, most: 0 },
  options: { json: jsonOption },
  async run({ values }) {
    const found = await listDevices(() => performance.now());
    if (values.json === true) {
      process.stdout.write(`${JSON.stringify(found)}\n`);
      return 0;
    }
    for (const { engine, device, missing, product, bf16Product, adapter } of found.devices) {
      process.stdout.write(`${engine.padEnd(8)} ${device ?? `not here: ${missing}`}\n`);
      const line = (name: string, text: string): void => void process.stdout.write(`         ${name.padEnd(18)} ${text}\n`);
      const tellSpeed = ({ size, gflops }: ProductSpeed, storage: string): void =>
        line("matrix product", `${gflops.toFixed(1)} GFLOP/s (${size} x ${size}, ${storage})`);
      if (product) tellSpeed(product, "f32");
      if (bf16Product) tellSpeed(bf16Product, "bf16");
      if (!adapter) continue;
      const { name, driver, software, memoryBytes, memorySource, features, limits } = adapter;
      line("adapter", software ? `${name} (software)` : name);
      if (driver !== "") line("driver", driver);
      line("memory", memoryBytes === null ? `unknown: ${memorySource}` : `${mebibytes(memoryBytes)} (${memorySource})`);
      line("features", features.join(" "));
      for (const [limit, value] of Object.entries(limits)) {
        line(limit, limit.endsWith("Size") && value >= 2 ** 20 ? mebibytes(value) : String(value));
      }
    }
    process.stdout.write(`device: auto takes ${found.auto.engine}: ${found.auto.reason}\n`);
    return 0;
  },
};
