// sluice devices: what this machine can train on, and what `device: auto` takes.
import { listDevices, type ProductSpeed } from "../../train/engines/devices.ts";
import type { Command } from "../command.ts";

export const devices: Command = {
  usage: "[--json]",
  positionals: { least: 0, most: 0 },
  options: { json: { type: "boolean" } },
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
      line("adapter", adapter.software ? `${adapter.name} (software)` : adapter.name);
      line("features", adapter.features.join(" "));
      for (const [name, limit] of Object.entries(adapter.limits)) {
        line(name, name.endsWith("Size") && limit >= 2 ** 20 ? `${Math.round(limit / 2 ** 20).toLocaleString("en")} MiB` : String(limit));
      }
    }
    process.stdout.write(`device: auto takes ${found.auto.engine}: ${found.auto.reason}\n`);
    return 0;
  },
};
