// How a run's progress is shown: a line that rewrites itself on a terminal, a plain line per stage elsewhere. All of it goes to stderr.
import { counted } from "../core/count.ts";
import { printable } from "./show.ts";
import type { Progress } from "../pipeline/run.ts";

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const live = stream.isTTY === true;
  let lineOpen = false;
  let status = "";
  const clear = (): void => {
    if (lineOpen) stream.write("\r\u001b[K");
    lineOpen = false;
  };
  return {
    step(stage, done, total) {
      if (live) {
        clear();
        const width = 24;
        const filled = Math.round((width * done) / total);
        const line = `${stage.padEnd(8)} ${"#".repeat(filled)}${".".repeat(width - filled)} ${done}/${total}  ${status}`;
        stream.write(line.trimEnd().slice(0, Math.max(40, (stream.columns ?? 80) - 1)));
        lineOpen = true;
        if (done < total) return;
        clear();
        status = "";
      } else if (done === total) stream.write(`${stage}: ${counted(total, "task")} done\n`);
    },
    status(text) {
      status = text;
      if (!live) stream.write(`${text}\n`);
    },
    say(text) {
      clear();
      stream.write(`${printable(text)}\n`);
    },
  };
}
