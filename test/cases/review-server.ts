// A review server as users start it: the command line in a project's folder, and the page's requests to it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { existsSync, readFileSync } from "node:fs";
import type { Decision } from "../../src/pipeline/decisions.ts";
import { cli, type Project } from "./project.ts";

export interface ReviewProcess {
  readonly origin: string;
  /** Tokens in the order of the links. */
  readonly tokens: readonly string[];
  readonly links: readonly string[];
  readonly child: ChildProcess;
  /** A request as the page makes it; POST where there is a body. */
  ask(path: string, body?: unknown, token?: string): Promise<{ readonly status: number; readonly value: any }>;
  /** Everything the command said so far. */
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startReview(project: Project, ...words: readonly string[]): Promise<ReviewProcess> {
  const child = spawn(process.execPath, [cli, "review", ...words], { cwd: project.folder, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => void (text += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("Ctrl+C stops")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`sluice review ended with ${code}: ${text}`)));
  });
  const links = [...text.matchAll(/http:\/\/\S+#\S+/g)].map(([link]) => link);
  const origin = new URL(links[0]).origin;
  const tokens = links.map((link) => link.slice(link.indexOf("#") + 1));
  return {
    origin,
    tokens,
    links,
    child,
    output: () => text,
    async ask(path, body, token = tokens[0]) {
      const response = await fetch(`${origin}/api/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "x-sluice-token": token, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, value: await response.json() };
    },
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}

/** The lines of the project's decisions file; none where nothing was decided yet. */
export function decisionLines(project: Project, file = "pipelines/review.decisions.jsonl"): Decision[] {
  if (!existsSync(join(project.folder, file))) return [];
  return readFileSync(join(project.folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Decision);
}
