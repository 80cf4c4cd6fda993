// sluice devices: what this machine can train on, and what `device: auto` takes.
import { listDevices } from "../../train/engines/devices.ts";
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
    for (const { engine, device, missing, product, adapter } of found.devices) {
      process.stdout.write(`${engine.padEnd(8)} ${device ?? `not here: ${missing}`}\n`);
      const line = (name: string, text: string): void => void process.stdout.write(`         ${name.padEnd(18)} ${text}\n`);
      if (product) line("matrix product", `${product.gflops.toFixed(1)} GFLOP/s (${product.size} x ${product.size}, f32)`);
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
