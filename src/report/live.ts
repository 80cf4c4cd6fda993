// Serves the report of a run while it goes on: to this machine only, to whoever holds the token, and nothing but two answers: the page, and
// the sections that change. Reads the run's folder, writes nothing.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readWholeJson } from "../io/json-file.ts";
import type { Manifest } from "../pipeline/manifest.ts";
import { runPaths } from "../pipeline/paths.ts";
import { planHash, readPlan } from "../pipeline/frozen-plan.ts";
import { livePage, liveScript, liveSections } from "./live-page.ts";
import { LiveRunReader } from "./live-run.ts";
import { type DocumentParts, reportPage } from "./page.ts";
import { readRun } from "./run-files.ts";
import { type Section, sectionView } from "./section.ts";
import { trainingSection } from "./sections/training.ts";
import { readGenerations, readMetrics, readTraining } from "./training-files.ts";

export interface LiveServer {
  /** With the token. */
  readonly url: string;
  close(): Promise<void>;
}

/** Bytes of a request's head, milliseconds until it must be whole, connections at a time. */
const limits = { head: 8192, time: 5000, connections: 32 };

export async function serveLive({ folder, port }: { readonly folder: string; readonly port: number }): Promise<LiveServer> {
  const token = randomBytes(24).toString("base64url");
  const answers = createAnswers(folder);
  const server = createServer(
    { maxHeaderSize: limits.head, headersTimeout: limits.time, requestTimeout: limits.time, keepAliveTimeout: limits.time },
    (request, response) => {
      const refusal = refused(request, token, (server.address() as AddressInfo).port);
      if (refusal) return send(response, refusal, "text/plain; charset=utf-8", `${refusal.text}\n`);
      void answers(request.url!.split("?")[0]).then(
        (answer) => send(response, answer, answer.type, answer.text),
        (error: Error) => send(response, { status: 500 }, "text/plain; charset=utf-8", `${error.message}\n`),
      );
    },
  );
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${token}`, close: () => closed(server) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
  readonly policy?: string;
}

/** Why a request is not answered. A page of another site can reach this port, but not with this host name and token. */
function refused({ method, headers, url }: IncomingMessage, token: string, port: number): { status: number; text: string } | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? "")) return { status: 421, text: `this server answers to ${hosts[0]} only` };
  if (method !== "GET") return { status: 405, text: "only GET" };
  const given = Buffer.from(new URL(url ?? "/", "http://127.0.0.1").searchParams.get("token") ?? "");
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { status: 403, text: "the token is missing or wrong: use the address that `sluice report --live` printed" };
  return undefined;
}

function send(
  response: ServerResponse,
  { status, policy }: { readonly status: number; readonly policy?: string },
  type: string,
  text: string,
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "content-security-policy": policy ?? "default-src 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  response.end(text);
}

function createAnswers(folder: string): (path: string) => Promise<Answer> {
  const reader = new LiveRunReader(folder);
  return async (path) => {
    if (path !== "/" && path !== "/parts") return { status: 404, type: "text/plain; charset=utf-8", text: "no such page\n" };
    const finished = finishedAt(folder);
    const kind = finished ?? "going on";
    if (path === "/parts") {
      const sections = Object.fromEntries(
        [...(finished === undefined ? goingOn(reader) : []), ...training(folder)].map((section) => [
          section.id,
          sectionView(section).markup,
        ]),
      );
      return { status: 200, type: "application/json; charset=utf-8", text: JSON.stringify({ kind, sections }) };
    }
    const nonce = randomBytes(18).toString("base64");
    const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'`;
    const live: Pick<DocumentParts, "policy" | "script"> = { policy, script: liveScript(nonce, kind) };
    const run = reader.progress();
    const text =
      finished !== undefined
        ? reportPage(await readRun(folder), { live })
        : livePage(run ?? noRun, [...(run ? liveSections(run) : []), ...training(folder)], live);
    return { status: 200, type: "text/html; charset=utf-8", text, policy };
  };
}

const noRun = { name: "a run that has not begun", sources: [], tasks: [], records: 0, stages: [], judgedRows: 0 };

function goingOn(reader: LiveRunReader): Section[] {
  const run = reader.progress();
  return run ? liveSections(run) : [];
}

function training(folder: string): Section[] {
  const section = trainingSection({ training: readTraining(folder), metrics: readMetrics(folder), generations: readGenerations(folder) });
  return section ? [section] : [];
}

/** When the run record of the present plan was written; undefined while there is none. */
function finishedAt(folder: string): string | undefined {
  const paths = runPaths(folder);
  const plan = readPlan(paths);
  if (!plan || !existsSync(paths.runRecord) || !existsSync(join(folder, "examples.json"))) return undefined;
  const record = readWholeJson<Manifest>(paths.runRecord);
  return record?.plan_sha256 === planHash(plan) ? String(statSync(paths.runRecord).mtimeMs) : undefined;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
