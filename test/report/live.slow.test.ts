// The live report: served to this machine and to whoever holds the token, telling how far a run is, then the whole page.
import assert from "node:assert/strict";
import { request } from "node:http";
import { appendFileSync, existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import test from "node:test";
import { type LiveServer, serveLive } from "../../src/report/live.ts";
import { hasSampleTokenizer, type Project } from "../cases/project.ts";
import { createReportProject, parsePage, writeRecipe } from "./report-run.ts";
import { makeTraining, writeTraining } from "./training-fixture.ts";

const skip = hasSampleTokenizer();
let project: Project;
let server: LiveServer;
let folder = "";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(url: string | URL, options: { readonly method?: string; readonly headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent: false, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString("utf8") }),
      );
    });
    call.on("error", reject);
    call.end();
  });
}

function at(path: string, token?: string): URL {
  const url = new URL(server.url);
  url.pathname = path;
  if (token !== undefined) url.searchParams.set("token", token);
  return url;
}

interface Parts {
  readonly kind: string;
  readonly sections: Readonly<Record<string, string>>;
}

before(async () => {
  if (skip !== false) return;
  project = createReportProject();
  const run = project.sluice("run", writeRecipe(project, { name: "live" }), "--until", "judge");
  assert.equal(run.status, 0, run.stderr);
  folder = join(project.folder, "data", "runs", "live");
  server = await serveLive({ folder, port: 0 });
});

after(async () => {
  if (skip === false) await server.close();
});

test("it listens on this machine only, with a token of its own", { skip }, async () => {
  const url = new URL(server.url);
  assert.equal(url.hostname, "127.0.0.1");
  assert.ok((url.searchParams.get("token") ?? "").length >= 32);
  const other = await serveLive({ folder, port: 0 });
  assert.notEqual(new URL(other.url).searchParams.get("token"), url.searchParams.get("token"));
  await other.close();
});

test("a request without the token, or with another one, gets nothing", { skip }, async () => {
  for (const path of ["/", "/parts"]) {
    for (const token of ["", "x", "A".repeat(32), "\u00e9".repeat(32)]) {
      const { status, body } = await ask(at(path, token));
      assert.equal(status, 403);
      assert.match(body, /^the token is missing or wrong/);
    }
    const bare = at(path);
    bare.search = "";
    assert.equal((await ask(bare)).status, 403);
  }
});

test("a request under another host name gets nothing, though it has the token", { skip }, async () => {
  for (const host of ["evil.example", `evil.example:${new URL(server.url).port}`, "127.0.0.1", "localhost:1"]) {
    const { status } = await ask(server.url, { headers: { host } });
    assert.equal(status, 421, host);
  }
  assert.equal((await ask(server.url, { headers: { host: `localhost:${new URL(server.url).port}` } })).status, 200);
});

test("only two pages are there, and only to read", { skip }, async () => {
  assert.equal((await ask(at("/run.json"))).status, 404);
  assert.equal((await ask(at("/../run.json"))).status, 404);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) assert.equal((await ask(server.url, { method })).status, 405);
  assert.equal((await ask(server.url, { headers: { "x-long": "x".repeat(20_000) } })).status, 431);
});

test("the page may run its own script and ask its own server, nothing else", { skip }, async () => {
  const { headers, body } = await ask(server.url);
  const policy = String(headers["content-security-policy"]);
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
  assert.ok(nonce && body.includes(`<script nonce="${nonce}">`));
  assert.match(policy, /^default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-[^']+'; connect-src 'self'$/);
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-frame-options"], "DENY");
  assert.deepEqual(parsePage(body).errors, []);
  assert.notEqual(/nonce-([^']+)'/.exec(String((await ask(server.url)).headers["content-security-policy"]))?.[1], nonce);
});

test("a run that goes on shows its tasks and the funnel so far; curves come with the first measurement", { skip }, async () => {
  const first = JSON.parse((await ask(at("/parts"))).body) as Parts;
  assert.equal(first.kind, "going on");
  assert.deepEqual(Object.keys(first.sections), ["progress", "funnel"]);
  const progress = first.sections.progress.replaceAll(/<[^>]+>|\s+/g, " ");
  assert.match(progress, /judge\s+2 of 2, 100\s%/);
  assert.match(progress, /361\s+records read/);
  assert.match(first.sections.funnel.replaceAll(/<[^>]+>|\s+/g, " "), /360\s+rows judged so far/);
  assert.match(first.sections.funnel, /response short/);
  const training = makeTraining({ steps: 100, sources: ["a", "b"], turn: 1, seed: 1 });
  writeTraining(folder, training);
  renameSync(join(folder, "training.json"), join(folder, "training.later"));
  const second = JSON.parse((await ask(at("/parts"))).body) as Parts;
  assert.deepEqual(Object.keys(second.sections), ["progress", "funnel", "training"]);
  // A line that is not whole yet is not looked at.
  appendFileSync(join(folder, "metrics.jsonl"), '{"step":110,"epoch"');
  const third = JSON.parse((await ask(at("/parts"))).body) as Parts;
  assert.equal(third.sections.training, second.sections.training);
  appendFileSync(join(folder, "metrics.jsonl"), ':1,"loss":0.5}\n');
  const fourth = JSON.parse((await ask(at("/parts"))).body) as Parts;
  assert.notEqual(fourth.sections.training, second.sections.training);
});

test("when the run is finished the whole report is served, and the kind of page changes", { skip }, async () => {
  assert.equal(project.sluice("run", "pipelines/live.yaml").status, 0);
  assert.ok(existsSync(join(folder, "run.json")));
  const parts = JSON.parse((await ask(at("/parts"))).body) as Parts;
  assert.notEqual(parts.kind, "going on");
  assert.deepEqual(Object.keys(parts.sections), ["training"]);
  const { status, body } = await ask(server.url);
  assert.equal(status, 200);
  assert.deepEqual(parsePage(body).errors, []);
  assert.match(body, /id="verdict"[\s\S]*id="mix"[\s\S]*id="training"[\s\S]*id="reproduce"/);
});
