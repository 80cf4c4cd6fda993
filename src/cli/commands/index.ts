// The commands: a file here and a line in this list. A command is loaded when it is called, so that none waits for what others need.
import type { ListedCommand } from "../command.ts";

export const commands: readonly ListedCommand[] = [
  {
    name: "run",
    summary: "run a recipe: read, filter, deduplicate, mix, write shards, ledger and report; train where it names a model",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "train",
    summary: "train on a run's shards; --fresh starts training over and keeps the shards",
    load: async () => (await import("./train.ts")).train,
  },
  {
    name: "eval",
    summary: "measure a checkpoint on held-out rows: loss by source, behaviour of sample answers",
    load: async () => (await import("./eval.ts")).evaluate,
  },
  {
    name: "generate",
    summary: "ask a checkpoint something; greedy unless --temperature is given",
    load: async () => (await import("./generate.ts")).generate,
  },
  {
    name: "check",
    summary: "check a recipe, show how its files are read and which tokens carry loss",
    load: async () => (await import("./check.ts")).check,
  },
  { name: "explain", summary: "tell what became of one row of a run, and why", load: async () => (await import("./explain.ts")).explain },
  { name: "diff", summary: "compare two runs row by row", load: async () => (await import("./diff.ts")).diff },
  {
    name: "report",
    summary: "write a run's HTML report, compare it with another run, or watch it live",
    load: async () => (await import("./report.ts")).report,
  },
  {
    name: "review",
    summary: "decide on flagged and dropped rows in a local web page; the next run with --fresh replays the decisions",
    load: async () => (await import("./review.ts")).review,
  },
  {
    name: "devices",
    summary: "show what this machine can train on",
    load: async () => (await import("./devices.ts")).devices,
  },
];
