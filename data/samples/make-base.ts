// Puts the model that pipelines/base.yaml trained into data/samples/base, its weights rounded to bfloat16: what the quickstart fine-tunes.
// Usage: npm run base (twenty minutes on two cores; other machines round differently, so the bytes are of the machine that made them).
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";

const trained = join("data", "runs", "base", "checkpoints", "best");
const target = join("data", "samples", "base");

const weights = await openSafetensors(trained);
await writeSafetensors(
  join(target, "model.safetensors"),
  weights.names.map((name) => ({
    name,
    shape: weights.entry(name).shape,
    dtype: "BF16" as const,
    values: () => weights.readFloats(name),
  })),
);
await weights.close();
for (const name of ["generation_config.json", "tokenizer.json", "tokenizer_config.json"])
  copyFileSync(join(trained, name), join(target, name));
const config = JSON.parse(readFileSync(join(trained, "config.json"), "utf8")) as Record<string, unknown>;
writeFileSync(join(target, "config.json"), `${JSON.stringify({ ...config, torch_dtype: "bfloat16" }, null, 2)}\n`);
