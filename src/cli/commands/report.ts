// sluice report RUN: writes the page again from what the run left, compares the run with another, or serves the page while the run goes on.
import { once } from "node:events";
import { recipeError } from "../../core/errors.ts";
import { writeReport } from "../../report/index.ts";
import { serveLive } from "../../report/live.ts";
import type { Command } from "../command.ts";
import { findRun } from "../recipe-file.ts";

export const report: Command = {
  words: "RUN",
  positionals: { least: 1, most: 1 },
  options: {
    against: { type: "string", value: "RUN", help: "compare with this other run" },
    live: { type: "boolean", help: "serve the page to this machine and follow the run while it goes on" },
    port: { type: "string", value: "N", help: "with --live: the port; 0 takes a free one (default 0)" },
  },
  async run({ values, positionals: [run] }) {
    const { against, live, port } = values;
    if (live === true && against !== undefined) {
      throw recipeError({
        where: "--live --against",
        expected: "one of them",
        found: "both",
        fix: "compare with --against when the run is finished",
      });
    }
    if (live === true) return serve(findRun(run), portOf(port ?? 0));
    if (port !== undefined)
      throw recipeError({ where: "--port", expected: "--live beside it", found: "no --live", fix: "add --live, or leave out --port" });
    process.stdout.write(`${await writeReport(findRun(run), typeof against === "string" ? findRun(against) : undefined)}\n`);
    return 0;
  },
};

async function serve(folder: string, port: number): Promise<number> {
  const server = await serveLive({ folder, port });
  process.stdout.write(`${server.url}\n`);
  process.stderr.write("the report is served to this machine until you press Ctrl+C\n");
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await server.close();
  return 0;
}

function portOf(word: unknown): number {
  const port = Number(word);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw recipeError({
    where: "--port",
    expected: "a port number, or 0 for any free one",
    found: String(word),
    fix: "leave it out, or give a number up to 65535",
  });
}
