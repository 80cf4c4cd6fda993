// Ctrl-C while a model is trained: the first asks the trainer to save and stop, the second ends the process at once.
import type { Interrupt } from "../pipeline/run.ts";

export function createInterrupt(say: (text: string) => void): Interrupt {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(130);
    asked = true;
    say("stopping after this step; the checkpoint is saved then. Ctrl-C again ends at once, and the last checkpoint stays");
  };
  return {
    arm: () => void process.on("SIGINT", handle).on("SIGTERM", handle),
    disarm: () => void process.off("SIGINT", handle).off("SIGTERM", handle),
    asked: () => asked,
  };
}
