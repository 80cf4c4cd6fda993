// npm run bench [-- NAME ...]: speed as ratios within one run. Names: tokenizer, dedup, curate (200,000 rows), curate-large (2,000,000 too),
// report (1,000,000 ledger rows), train-ops, train and gpu (beside PyTorch, where SLUICE_TORCH names a Python that has it).
import { benchCurate } from "./curate.ts";
import { benchDedup } from "./dedup.ts";
import { benchGpu } from "./gpu.ts";
import { benchReport } from "./report.ts";
import { benchTokenizer } from "./tokenizer.ts";
import { benchTrain } from "./train.ts";
import { benchTrainOps } from "./train-ops.ts";

const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  tokenizer: benchTokenizer,
  dedup: benchDedup,
  curate: () => benchCurate([200_000]),
  "train-ops": benchTrainOps,
  train: () => benchTrain(),
  "train-30m": () => benchTrain(["30m"]),
  report: () => benchReport(1_000_000),
  "curate-large": () => benchCurate([200_000, 2_000_000]),
  gpu: benchGpu,
};

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : ["tokenizer", "dedup", "curate"]) {
  const bench = benches[name];
  if (!bench) {
    console.error(`no bench ${name}; there are ${Object.keys(benches).join(", ")}`);
    process.exit(2);
  }
  console.log(`--- ${name}`);
  await bench();
}
