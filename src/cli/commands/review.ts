// sluice review RUN: serves the review page, or hands rows to another annotation tool and takes its answers.
import { existsSync, readFileSync } from "node:fs";
import { hostname, networkInterfaces, userInfo } from "node:os";
import { count, counted } from "../../core/count.ts";
import { recipeError } from "../../core/errors.ts";
import { readWholeJson } from "../../io/json-file.ts";
import { AtomicFile } from "../../io/atomic.ts";
import { recipeBeside } from "../../pipeline/decisions.ts";
import type { Manifest } from "../../pipeline/manifest.ts";
import { runPaths } from "../../pipeline/paths.ts";
import {
  type Desk,
  exchangeFormats,
  exportRows,
  importDecisions,
  issueTokens,
  linkFor,
  openDesk,
  reviewerNames,
  startServer,
} from "../../review/index.ts";
import { type Command, type CommandInput, jsonOption } from "../command.ts";
import { findRun } from "../recipe-file.ts";

export const review: Command = {
  words: "RUN",
  positionals: { least: 1, most: 1 },
  options: {
    reviewer: { type: "string", value: "NAME", help: "in whose name decisions are written; left out: the user of this machine" },
    port: { type: "string", value: "N", default: "0", help: "the page's port; 0 takes a free one" },
    host: { type: "string", value: "ADDRESS", help: "with --auth: open the page to the network at this address" },
    auth: { type: "string", value: "NAME,NAME", multiple: true, help: "who may review; each gets a link of their own" },
    export: { type: "string", value: "FILE", help: "with --format: write the rows for another annotation tool instead of serving a page" },
    format: { type: "string", value: exchangeFormats.join("|"), help: "the tool that --export writes for" },
    import: { type: "string", value: "FILE", help: "take decisions from another tool's file" },
    json: jsonOption,
  },
  async run({ values, positionals }) {
    const folder = findRun(positionals[0]);
    const network = networkOf(values);
    const format = formatOf(values);
    if (typeof values.import === "string" && !existsSync(values.import))
      throw recipeError({ where: "--import", expected: "a JSON file", found: `no file ${values.import}`, fix: "check the path" });
    const desk = await openDesk(folder);
    /** A JSON line, or what a person reads. */
    const tell: Tell = (value, text) => void process.stdout.write(values.json === true ? `${JSON.stringify(value)}\n` : text);
    try {
      if (typeof values.import === "string") await importFile(desk, values.import, network.reviewers[0], tell);
      if (format !== undefined) exportFile(desk, String(values.export), format, tell);
      if (values.import === undefined && format === undefined) await serve(desk, folder, network, tell);
    } finally {
      desk.close();
    }
    return 0;
  },
};

type Tell = (value: object, text: string) => void;

interface Network {
  readonly address: string;
  readonly port: number;
  readonly reviewers: readonly string[];
  readonly isShared: boolean;
}

function networkOf({ host, auth, reviewer, port: word }: CommandInput["values"]): Network {
  const port = Number(word);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw recipeError({
      where: "--port",
      expected: "a number from 0 to 65535",
      found: String(word),
      fix: "leave it out to take a free one",
    });
  if (auth === undefined && host !== undefined) {
    throw recipeError({
      where: "--host",
      expected: "--auth with the names of those who may review",
      found: "no --auth",
      fix: `e.g. --host ${String(host)} --auth ana,ben: each of them gets a link of their own`,
    });
  }
  const reviewers =
    auth === undefined
      ? reviewerNames([typeof reviewer === "string" ? reviewer : userInfo().username], "--reviewer")
      : reviewerNames((auth as string[]).map(String), "--auth");
  return { address: typeof host === "string" ? host : "127.0.0.1", port, reviewers, isShared: host !== undefined };
}

function formatOf({ export: file, format }: CommandInput["values"]): string | undefined {
  if (file === undefined && format === undefined) return undefined;
  if (file !== undefined && exchangeFormats.includes(String(format))) return String(format);
  throw recipeError({
    where: "sluice review",
    expected: `--export FILE --format ${exchangeFormats.join(" or ")}`,
    found: file === undefined ? "--format without --export" : `--format ${format === undefined ? "left out" : String(format)}`,
    fix: `e.g. --export review.json --format ${exchangeFormats[0]}`,
  });
}

function exportFile(desk: Desk, path: string, format: string, tell: Tell): void {
  const { pieces, setUp } = exportRows(desk, format);
  const file = new AtomicFile(path);
  for (const piece of pieces()) file.append(Buffer.from(piece));
  file.commit();
  const { rows } = desk.progress();
  tell({ exported: path, format, rows }, `${path}: ${counted(rows, "row")} for ${format}\n\n${setUp.replaceAll("FILE", path)}\n`);
}

async function importFile(desk: Desk, file: string, reviewer: string, tell: Tell): Promise<void> {
  const now = new Date().toISOString();
  const imported = await importDecisions({ desk, text: readFileSync(file, "utf8"), file, reviewer, now });
  const { format, items, taken, known, foreign } = imported;
  tell(
    { imported: file, ...imported },
    `${file}: ${counted(items, "item")} of ${format}; ${counted(taken, "decision")} written to ${desk.decisionsFile}, ${count(known)} were there already, ${count(foreign)} are on rows that did not come to review in this run\n`,
  );
}

/** Serves until the process is told to stop. */
async function serve(desk: Desk, folder: string, { address, port, reviewers, isShared }: Network, tell: Tell): Promise<void> {
  const tokens = issueTokens(reviewers);
  const server = await startServer({
    desk,
    address,
    port,
    names: isShared ? ownNames(address) : [],
    tokens,
    report: (error) => void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    throw recipeError({
      where: `--host ${address} --port ${port}`,
      expected: "an address and port of this machine that are free",
      found: error.code ?? error.message,
      fix: "name another port, or leave it out to take a free one",
    });
  });
  const { flagged, dropped } = desk.progress();
  const shownAs = address === "0.0.0.0" || address === "::" ? hostname() : address;
  const origin = `http://${shownAs.includes(":") ? `[${shownAs}]` : shownAs}:${server.port}`;
  const links = [...tokens].map(([token, reviewer]) => ({ reviewer, link: linkFor(origin, token) }));
  const exposed = `This opens port ${server.port} of ${address} to the network, without encryption: whoever has a link below can read all ${count(desk.rows)} rows of this run and decide in its owner's name, and whoever can watch the network can read along. Give each link to its reviewer only.\n`;
  tell(
    { run: desk.run, links, decisions_file: desk.decisionsFile, flagged, dropped },
    [
      `${count(flagged.rows)} flagged and ${count(dropped.rows)} dropped rows to review (${count(flagged.open)} and ${count(dropped.open)} open)\n`,
      isShared ? exposed : "",
      linkLines(links),
      `Decisions go to ${desk.decisionsFile}. Ctrl+C stops.\n`,
    ].join(""),
  );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await server.close();
  const decisions = desk.store.book.size;
  const replay = `sluice run ${recipeOf(folder, desk)} --fresh`;
  tell(
    { decisions, replay },
    `\n${counted(decisions, "decision")} ${decisions === 1 ? "stands" : "stand"} in ${desk.decisionsFile}. Replay them: ${replay}\n`,
  );
}

/** A line a link; with its reviewer's name where there are several. */
function linkLines(links: readonly { readonly reviewer: string; readonly link: string }[]): string {
  const width = Math.max(...links.map(({ reviewer }) => reviewer.length));
  return links.map(({ reviewer, link }) => `${links.length > 1 ? `${reviewer.padEnd(width)}  ` : ""}${link}\n`).join("");
}

/** Names by which other machines may call this one. */
function ownNames(address: string): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const any = address === "0.0.0.0" || address === "::";
  const reached = any ? addresses.map(({ address: own, family }) => (family === "IPv6" ? `[${own}]` : own)) : [];
  return [hostname(), "localhost", ...reached];
}

function recipeOf(folder: string, desk: Desk): string {
  const { runRecord } = runPaths(folder);
  if (!existsSync(runRecord)) return "RECIPE";
  return recipeBeside(desk.decisionsFile, readWholeJson<Manifest>(runRecord)?.recipe_file ?? "RECIPE");
}
