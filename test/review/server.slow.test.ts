// The review's server: decisions are on the disk before it answers, reviewers lose nothing to one another, and abuse is refused.
import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { mountSmallDisk, noSmallDisk } from "../cases/small-disk.ts";
import { createRandom } from "../../src/core/random.ts";
import type { BulkAnswer, Progress, QueueAnswer, RowAnswer, Session, SimilarAnswer, UndoAnswer } from "../../src/review/api.ts";
import { createProject, type Project } from "../cases/project.ts";
import { decisionLines, type ReviewProcess, startReview } from "../cases/review-server.ts";
import { hostileRows, reviewRows, writeReviewProject } from "../cases/review-rows.ts";

const project: Project = createProject();
let server: ReviewProcess;

test.before(async () => {
  const short = Array.from({ length: 6 }, (_, i) => [
    { role: "user" as const, content: `What is the ${i}th number in this list of words, please?` },
    { role: "assistant" as const, content: "Yes." },
  ]);
  writeReviewProject(project, [...reviewRows(400, 5), ...hostileRows(), ...short]);
  const { status, stderr } = project.sluice("run", "pipelines/review.yaml");
  assert.equal(status, 0, stderr);
  server = await startReview(project, "review", "--auth", "ana,ben");
});
test.after(async () => {
  await server.stop();
  rmSync(project.folder, { recursive: true });
});

async function queue(filter: object, limit = 100): Promise<QueueAnswer> {
  const { status, value } = await server.ask("queue", { filter, offset: 0, limit });
  assert.equal(status, 200, JSON.stringify(value));
  return value as QueueAnswer;
}

async function row(number: number): Promise<RowAnswer> {
  return (await server.ask(`row?row=${number}`)).value as RowAnswer;
}

async function progress(): Promise<Progress> {
  return (await server.ask("progress")).value as Progress;
}

async function decide(number: number, decision: string, more: object = {}, token = server.tokens[0]): Promise<number> {
  const { hash } = await row(number);
  return (await server.ask("decide", { row: number, hash, decision, ...more }, token)).status;
}

test("the queue begins with refusals; flags, reasons, rules, sources and words are queues too", async () => {
  const session = (await server.ask("session")).value as Session;
  assert.equal(session.reviewer, "ana");
  const all = await queue({ about: "review" });
  assert.equal(all.total, session.progress.rows);
  assert.ok(
    all.rows[0].causes.some((cause) => cause.startsWith("refusal/")),
    "refusals first",
  );
  for (const cause of session.progress.causes) assert.equal((await queue({ about: cause.key })).total, cause.rows, cause.key);
  assert.equal((await queue({ about: "drop:length/response_short" })).total, 6);
  const [flagged, dropped] = [(await queue({ about: "flagged" })).total, (await queue({ about: "dropped" })).total];
  assert.ok(flagged + dropped >= all.total && flagged < all.total, "a flagged row may be dropped later: it is in both queues");
  const found = await queue({ about: "all", text: "question 17:" });
  assert.equal(found.total, 1, "search looks at rows that came to no review, whatever the case");
  assert.deepEqual((await queue({ about: "all", text: found.rows[0].id.toUpperCase() })).rows[0], found.rows[0], "and at ids");
  assert.equal((await queue({ about: "all", source: "b" })).total, 0);
  assert.equal((await server.ask("queue", { filter: { about: "flag:nothing" }, offset: 0, limit: 1 })).status, 404);
});

test("a row is shown with its matched words marked, why it is here, and rows like it", async () => {
  const [first] = (await queue({ about: "flag:refusal" })).rows;
  const shown = await row(first.row);
  const marked = shown.turns.flatMap(({ content, marks }) => marks.map(({ start, end }) => content.slice(start, end)));
  assert.ok(marked.length > 0 && marked.every((text) => shown.causes.some(({ detail }) => detail.includes(text.replace(/\s+/g, " ")))));
  const { similar } = (await server.ask(`similar?row=${first.row}`)).value as SimilarAnswer;
  assert.ok(similar.length > 0 && similar.every(({ similarity, row: other }) => similarity > 0.1 && other !== first.row));
});

test("a decision is on the disk when the answer comes, with who and when; undo is a line too", async () => {
  const [first, second] = (await queue({ about: "flag:refusal", status: "open" })).rows;
  assert.equal(await decide(first.row, "drop", { comment: "no\u202e use" }), 200);
  const line = decisionLines(project).at(-1)!;
  assert.deepEqual([line.decision, line.reviewer, line.comment, line.row], ["drop", "ana", "no\u202e use", first.id]);
  assert.ok(Math.abs(Date.parse(line.time) - Date.now()) < 60_000);
  const turn = (await row(second.row)).turns.findIndex(({ role }) => role === "assistant") + 1;
  assert.equal(await decide(second.row, "edit", { edits: [{ turn, content: "A better answer." }] }), 200);
  assert.equal(decisionLines(project).at(-1)?.edits?.[0].content, "A better answer.");
  const undone = (await server.ask("undo", {})).value as UndoAnswer;
  assert.deepEqual([undone.undone, undone.decision, undone.row], [1, "edit", second.row]);
  assert.equal(decisionLines(project).at(-1)?.decision, "undo");
  assert.equal((await row(second.row)).status, "open");
  assert.equal((await row(first.row)).status, "drop");
});

test("what cannot be decided is refused and writes nothing", async () => {
  const before = decisionLines(project).length;
  const [{ row: number }] = (await queue({ about: "flagged" })).rows;
  const { hash } = await row(number);
  for (const [body, status] of [
    [{ row: number, hash: "0".repeat(32), decision: "drop" }, 409],
    [{ row: 10_000_000, hash, decision: "drop" }, 404],
    [{ row: number, hash, decision: "maybe" }, 400],
    [{ row: number, hash, decision: "undo" }, 400],
    [{ row: number, hash, decision: "edit" }, 400],
    [{ row: number, hash, decision: "edit", edits: [{ turn: 1, content: "not mine" }] }, 400],
    [{ row: number, hash, decision: "edit", edits: [{ turn: 2, content: "  " }] }, 400],
    [{ row: number, hash, decision: "drop", comment: "x".repeat(20_000) }, 400],
    [{ row: "../../etc/passwd", hash, decision: "drop" }, 400],
    [[], 400],
    ["text", 400],
  ] as const) {
    assert.equal((await server.ask("decide", body)).status, status, JSON.stringify(body).slice(0, 200));
  }
  assert.equal(decisionLines(project).length, before);
});

test("two reviewers: both words are kept, a difference is told, and each undoes their own", async () => {
  const [target] = (await queue({ about: "flag:ai_disclaimer", status: "open" })).rows;
  assert.equal(await decide(target.row, "keep", {}, server.tokens[0]), 200);
  assert.equal(await decide(target.row, "drop", {}, server.tokens[1]), 200);
  assert.deepEqual(
    (await queue({ about: "review", status: "disputed" })).rows.map(({ row: found }) => found),
    [target.row],
  );
  assert.equal((await progress()).disputed, 1);
  assert.equal((await row(target.row)).status, "drop", "the latest counts");
  assert.equal((await queue({ about: "review", reviewer: "ben" })).total, 1);
  await server.ask("undo", {}, server.tokens[1]);
  assert.equal((await row(target.row)).status, "keep");
  const words = (await progress()).reviewers.find(({ name }) => name === "ana");
  assert.equal(words?.keep, 1);
});

test("a bulk decides what a rule matches, after a count, leaves decided rows alone, and is undone at once", async () => {
  const filter = { about: "flag:no_access" };
  const [kept] = (await queue(filter)).rows;
  await decide(kept.row, "keep");
  const before = decisionLines(project).length;
  const asked = (await server.ask("bulk", { filter, decision: "drop" })).value as BulkAnswer;
  assert.deepEqual([asked.applied, asked.decided], [false, 1]);
  assert.equal(decisionLines(project).length, before, "asking writes nothing");
  const wrong = await server.ask("bulk", { filter, decision: "drop", expected: asked.rows + 1 });
  assert.equal(wrong.status, 409);
  const done = (await server.ask("bulk", { filter, decision: "drop", expected: asked.rows })).value as BulkAnswer;
  assert.equal(done.applied, true);
  assert.equal((await row(kept.row)).status, "keep");
  assert.equal((await queue({ ...filter, status: "drop" })).total, asked.rows);
  const rule = done.progress.causes.find(({ key }) => key === "flag:no_access")!;
  assert.deepEqual([rule.judged, rule.confirmed], [asked.contents + 1, asked.contents], "precision of the rule so far");
  const undone = (await server.ask("undo", {})).value as UndoAnswer;
  assert.equal(undone.undone, asked.contents);
  assert.equal((await queue({ ...filter, status: "open" })).total, asked.rows);
});

test("a thousand decisions at once: each is answered and none is lost, another process's neither", async () => {
  const rows = (await queue({ about: "all" }, 300)).rows.slice(0, 250);
  const hashes = await Promise.all(rows.map(async ({ row: number }) => (await row(number)).hash));
  const before = decisionLines(project).length;
  const foreign = { hash: "f".repeat(32), decision: "keep", reviewer: "zoe", time: "2026-01-31T12:00:00Z" };
  const answers = await Promise.all([
    ...Array.from({ length: 1000 }, (_, i) =>
      server.ask(
        "decide",
        {
          row: rows[i % 250].row,
          hash: hashes[i % 250],
          decision: ["keep", "drop", "skip", "keep"][Math.floor(i / 250)],
          comment: `n${i}`,
        },
        server.tokens[i % 2],
      ),
    ),
    new Promise<{ status: number }>((resolve) =>
      setTimeout(() => {
        appendFileSync(join(project.folder, "pipelines/review.decisions.jsonl"), `${JSON.stringify(foreign)}\n`);
        resolve({ status: 200 });
      }, 60),
    ),
  ]);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const lines = decisionLines(project).slice(before);
  assert.equal(lines.length, 1001);
  assert.equal(new Set(lines.map(({ comment }) => comment)).size, 1001);
  assert.ok((await progress()).reviewers.some(({ name }) => name === "zoe"));
});

interface Raw {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A request with any head: fetch would mend it. */
function raw(options: { path?: string; method?: string; headers?: Record<string, string>; body?: string | Buffer }): Promise<Raw> {
  const { port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path: options.path ?? "/api/progress", method: options.method, headers: options.headers },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => void (body += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(options.body);
  });
}

test("other hosts, other origins, wrong tokens and wrong kinds of body are refused", async () => {
  const token = { "x-sluice-token": server.tokens[0] };
  const json = { ...token, "content-type": "application/json" };
  const cases: [string, Parameters<typeof raw>[0], number][] = [
    ["a name pointed at this address", { headers: { ...token, host: "evil.example" } }, 421],
    ["the right name, another port", { headers: { ...token, host: "127.0.0.1:1" } }, 421],
    ["a page of another origin", { headers: { ...token, origin: "http://evil.example" } }, 403],
    ["a page without an origin", { headers: { ...token, origin: "null" } }, 403],
    ["another port of this machine", { headers: { ...token, origin: "http://127.0.0.1:1" } }, 403],
    ["what the browser calls another site", { headers: { ...token, "sec-fetch-site": "same-site" } }, 403],
    ["no token", {}, 401],
    ["a wrong token", { headers: { "x-sluice-token": "x".repeat(32) } }, 401],
    ["a token in the address", { path: `/api/progress?token=${server.tokens[0]}` }, 401],
    [
      "a form",
      { path: "/api/undo", method: "POST", headers: { ...token, "content-type": "application/x-www-form-urlencoded" }, body: "a=1" },
      415,
    ],
    ["plain text", { path: "/api/undo", method: "POST", headers: { ...token, "content-type": "text/plain" }, body: "{}" }, 415],
    ["no JSON", { path: "/api/undo", method: "POST", headers: json, body: "{" }, 400],
    ["reading what is to be written", { path: "/api/undo", headers: token }, 404],
    ["writing the page", { path: "/", method: "POST" }, 405],
    ["another method", { path: "/api/progress", method: "DELETE", headers: token }, 404],
  ];
  const before = decisionLines(project).length;
  for (const [name, options, status] of cases) assert.equal((await raw(options)).status, status, name);
  assert.equal(decisionLines(project).length, before);
});

test("no path leads out of the page's own files", async () => {
  for (const path of [
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/package.json",
    "//etc/passwd",
    "/page.css/../../server.js",
    "/server.js",
    "/../data/runs/review/run.json",
    "/api/../run.json",
    "/\u0000",
    "/index.html%00.css",
    "/C:\\windows\\win.ini",
    "http://evil.example/",
    "/api/row?row=../../etc/passwd",
    "/api/row?row=-1",
    "/api/row?row=1e99",
    "/api/row",
  ]) {
    const { status, body } = await raw({ path: path.replaceAll("\u0000", "%00"), headers: { "x-sluice-token": server.tokens[0] } });
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    assert.ok(!body.includes("root:") && !body.includes('"dependencies"'), path);
  }
});

test("the page may run and load nothing but its own files", async () => {
  const { headers, status } = await raw({ path: "/" });
  assert.equal(status, 200);
  const policy = String(headers["content-security-policy"]);
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"])
    assert.ok(policy.includes(part));
  assert.ok(!policy.includes("unsafe"));
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["access-control-allow-origin"], undefined);
});

test("giant bodies, broken requests and a thousand connections are refused or served, and the server lives on", async () => {
  const headers = { "x-sluice-token": server.tokens[0], "content-type": "application/json" };
  const giant = Buffer.alloc(17 << 20, 0x20);
  const told = await raw({
    path: "/api/decide",
    method: "POST",
    headers: { ...headers, "content-length": String(giant.length) },
    body: giant,
  }).catch((error: NodeJS.ErrnoException) => ({ status: error.code === "EPIPE" || error.code === "ECONNRESET" ? 413 : 0 }));
  assert.equal(told.status, 413);
  const { port } = new URL(server.origin);
  const spoken = await Promise.all(
    [
      "garbage\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      `GET /${"a".repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      "POST /api/undo HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    ].map(
      (text) =>
        new Promise<string>((resolve) => {
          let answer = "";
          const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
          socket.on("data", (chunk: Buffer) => void (answer += chunk.toString()));
          socket.on("error", () => resolve("closed"));
          socket.on("close", () => resolve(answer || "closed"));
        }),
    ),
  );
  for (const answer of spoken) assert.match(answer, /^(HTTP\/1\.1 4\d\d|closed)/);
  const endless = await new Promise<string>((resolve) => {
    let answer = "";
    const socket = connect(Number(port), "127.0.0.1", () => {
      socket.write(
        `POST /api/decide HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-sluice-token: ${server.tokens[0]}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      const chunk = `100000\r\n${" ".repeat(1 << 20)}\r\n`;
      const pump = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", pump);
      pump();
    });
    socket.on("data", (part: Buffer) => void (answer += part.toString()));
    socket.on("error", () => resolve(answer || "closed"));
    socket.on("close", () => resolve(answer || "closed"));
  });
  assert.match(endless, /^(HTTP\/1\.1 413|closed)/);
  const crowd = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => server.ask(i % 2 ? "progress" : "row?row=3").then(({ status }) => status)),
  );
  assert.deepEqual([...new Set(crowd)], [200]);
  assert.equal(server.child.exitCode, null);
});

test("the network is only opened with named reviewers, and the command says what that exposes", async () => {
  const alone = project.sluice("review", "review", "--host", "0.0.0.0");
  assert.equal(alone.status, 2);
  assert.match(alone.stderr, /--auth/);
  assert.equal(project.sluice("review", "review", "--host", "0.0.0.0", "--auth", "../x").status, 2);
  const open = await startReview(project, "review", "--host", "0.0.0.0", "--auth", "ana,ben");
  try {
    assert.match(open.output(), /to the network, without encryption.*can read all \d+ rows/);
    assert.equal(open.links.length, 2);
    assert.notEqual(open.tokens[0], open.tokens[1]);
  } finally {
    await open.stop();
  }
});

test("a server that is killed leaves a file that the next one goes on with, a torn end mended", async () => {
  const second = await startReview(project, "review", "--reviewer", "cleo");
  const [target] = (await queue({ about: "review" })).rows;
  const { hash } = await row(target.row);
  assert.equal((await second.ask("decide", { row: target.row, hash, decision: "keep", comment: "before the crash" })).status, 200);
  await second.stop("SIGKILL");
  const lines = decisionLines(project).length;
  appendFileSync(join(project.folder, "pipelines/review.decisions.jsonl"), '{"hash":"0123');
  const third = await startReview(project, "review", "--reviewer", "cleo");
  const all = decisionLines(project);
  assert.equal(all.length, lines);
  assert.equal(all.at(-1)?.comment, "before the crash");
  const shown = (await third.ask(`row?row=${target.row}`)).value as RowAnswer;
  assert.ok(shown.decisions.some(({ reviewer, comment }) => reviewer === "cleo" && comment === "before the crash"));
  await third.stop();
});

test("kill -9 in the middle of decisions, three times: everything that was answered for is in the file, and every line is whole", async (t) => {
  const { rows } = await queue({ about: "all" }, 60);
  const seen = await Promise.all(rows.map(({ row: number }) => row(number)));
  const random = createRandom(17);
  let answered = 0;
  for (let kill = 0; kill < 3; kill++) {
    const victim = await startReview(project, "review", "--reviewer", "dora");
    const saved: string[] = [];
    const work = seen.map(async ({ row: number, hash }, i) => {
      for (let j = 0; j < 20; j++) {
        const comment = `kill ${kill} row ${i} time ${j}`;
        const { status } = await victim.ask("decide", { row: number, hash, decision: "drop", comment });
        if (status === 200) saved.push(comment);
      }
    });
    const timer = setTimeout(() => void victim.stop("SIGKILL"), 50 + random.below(700));
    await Promise.allSettled(work);
    clearTimeout(timer);
    await victim.stop("SIGKILL");
    await (await startReview(project, "review", "--reviewer", "dora")).stop();
    const kept = new Set(decisionLines(project).map(({ comment }) => comment));
    assert.deepEqual(
      saved.filter((comment) => !kept.has(comment)),
      [],
    );
    answered += saved.length;
  }
  t.diagnostic(`${answered} decisions were answered for before the kills`);
});

test("a full disk: the decision is refused with what to do, and the file keeps its whole lines", async (t) => {
  const folder = join(project.folder, "small");
  mkdirSync(join(folder, "pipelines"), { recursive: true });
  const disk = mountSmallDisk(join(folder, "pipelines"), "64k");
  if (!disk) {
    t.skip(noSmallDisk);
    return;
  }
  try {
    cpSync(join(project.folder, "data"), join(folder, "data"), { recursive: true });
    const small = { ...project, folder };
    const narrow = await startReview(small, "review", "--reviewer", "eve");
    const { rows } = await queue({ about: "all" }, 1);
    const { hash } = await row(rows[0].row);
    const statuses: number[] = [];
    let told = "";
    while (!statuses.includes(507) && statuses.length < 60) {
      const { status, value } = await narrow.ask("decide", {
        row: rows[0].row,
        hash,
        decision: "keep",
        comment: `${statuses.length} ${"x".repeat(3000)}`,
      });
      statuses.push(status);
      told = (value as { error?: string }).error ?? "";
    }
    assert.match(told, /the disk is full/);
    assert.equal(decisionLines(small).length, statuses.filter((status) => status === 200).length);
    assert.ok(statuses.length > 5);
    await narrow.stop();
  } finally {
    disk.unmount();
  }
});
