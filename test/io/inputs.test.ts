// Paths to files: local ones, and remote ones from servers on this machine that speak as the Hub, S3 and the web do.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { resolveInputs } from "../../src/io/index.ts";
import { serving, withEnvironment } from "../cases/server.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-inputs-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const noLinks = process.platform === "win32" && "links need rights there";

async function namesOf(folder: string, ...path: string[]): Promise<readonly string[]> {
  const { files } = await resolveInputs({
    where: "sources.s path",
    path: path.map((each) => join(folder, each)),
    cacheDir: join(folder, ".cache"),
  });
  return files.map(({ name }) => name);
}

test("files, folders and globs, in natural order, each file once", async () => {
  const folder = folderOf({
    "a/part-10.jsonl": "",
    "a/part-2.jsonl": "",
    "a/deep/x.csv": "",
    "a/notes.md": "",
    "b.json.gz": "",
    "a/.hidden.jsonl": "",
  });
  assert.deepEqual(await namesOf(folder, "b.json.gz"), ["b.json.gz"]);
  assert.deepEqual(await namesOf(folder, "a"), ["deep/x.csv", "part-2.jsonl", "part-10.jsonl"]);
  assert.deepEqual(await namesOf(folder, "a/*.jsonl"), ["part-2.jsonl", "part-10.jsonl"]);
  assert.deepEqual(await namesOf(folder, "**/*.{csv,gz}"), ["a/deep/x.csv", "b.json.gz"]);
  assert.deepEqual(await namesOf(folder, "a/part-[0-9].jsonl", "a"), ["part-2.jsonl", "deep/x.csv", "part-10.jsonl"]);
  const { skipped } = await resolveInputs({ where: "sources.s path", path: [join(folder, "a")], cacheDir: folder });
  assert.deepEqual(skipped, ["notes.md"]);
  rmSync(folder, { recursive: true });
});

test("files of one name in two folders keep different names", async () => {
  const folder = folderOf({ "a/x.jsonl": "", "b/x.jsonl": "" });
  const names = await namesOf(folder, "a", "b");
  assert.equal(new Set(names).size, 2);
  assert.ok(names[0].endsWith("a/x.jsonl") && names[1].endsWith("b/x.jsonl") && !names[0].startsWith("/"), names.join());
  rmSync(folder, { recursive: true });
});

test("a folder linked into itself ends", { skip: noLinks }, async () => {
  const folder = folderOf({ "a/x.jsonl": "" });
  symlinkSync(folder, join(folder, "a", "again"));
  assert.deepEqual(await namesOf(folder, "a"), ["again/a/x.jsonl"].slice(1).concat("x.jsonl"));
  rmSync(folder, { recursive: true });
});

test("a path that leads nowhere names the source and the path", async () => {
  const folder = folderOf({ "a/readme.txt": "" });
  await assert.rejects(namesOf(folder, "none.jsonl"), /sources\.s path .*none\.jsonl[\s\S]*no such file/);
  await assert.rejects(namesOf(folder, "none/*.jsonl"), /no such file/);
  await assert.rejects(namesOf(folder, "a"), /1 files, none with a known ending/);
  await assert.rejects(
    resolveInputs({ where: "decontaminate.against", path: ["gs://bucket/x.jsonl"], cacheDir: folder }),
    /: decontaminate\.against gs:\/\/bucket\/x\.jsonl[\s\S]*a kind that is not read[\s\S]*https:\/\//,
  );
  rmSync(folder, { recursive: true });
});

test("a link to a file that is not there is told, not passed over", { skip: noLinks }, async () => {
  const folder = folderOf({ "a/x.jsonl": "" });
  symlinkSync(join(folder, "gone"), join(folder, "a", "y.jsonl"));
  await assert.rejects(namesOf(folder, "a"), /y\.jsonl, a link to a file that is not there/);
  await assert.rejects(namesOf(folder, "a/*.jsonl"), /y\.jsonl, a link to a file that is not there/);
  assert.deepEqual(await namesOf(folder, "a/x*.jsonl"), ["x.jsonl"]);
  rmSync(folder, { recursive: true });
});

test("a pipe is refused and never waited for", { skip: noLinks }, async () => {
  const folder = folderOf({ "a/x.jsonl": "" });
  execFileSync("mkfifo", [join(folder, "a", "p.jsonl")]);
  for (const path of ["a/p.jsonl", "a", "a/*.jsonl"]) await assert.rejects(namesOf(folder, path), /p\.jsonl, a pipe or a device/);
  rmSync(folder, { recursive: true });
});

const body = '{"prompt":"Q","completion":"A"}\n'.repeat(5000);

test("a file on the web is copied whole, going on where the connection broke, and only once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-web-"));
  const ranges: (string | undefined)[] = [];
  await serving(
    (request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      ranges.push(request.headers.range);
      response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length - from });
      if (from > 0) response.end(body.slice(from));
      else response.write(body.slice(0, 60_000), () => setTimeout(() => response.destroy(), 50));
    },
    async (base) => {
      const url = `${base}/data/rows.jsonl?token=1`;
      const { files } = await resolveInputs({ where: "sources.s path", path: [url], cacheDir: folder });
      assert.equal(files[0].name, "rows.jsonl");
      assert.equal(readFileSync(files[0].path, "utf8"), body);
      assert.deepEqual(ranges, [undefined, "bytes=60000-"]);
      await resolveInputs({ where: "sources.s path", path: [url], cacheDir: folder });
      assert.equal(ranges.length, 2, "the copy is used");
    },
  );
  rmSync(folder, { recursive: true });
});

test("a part of an earlier start is gone on with; a copy of another version is fetched anew; without a network the copy stands", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-web-"));
  const asked: (readonly (string | undefined)[])[] = [];
  let version = '"v1"';
  let broken = true;
  let address = "";
  const get = async (): Promise<string> => {
    const { files } = await resolveInputs({ where: "sources.s path", path: [address], cacheDir: folder });
    return readFileSync(files[0].path, "utf8");
  };
  const text = (): string => `${version}${"x".repeat(100_000)}`;
  await serving(
    (request, response) => {
      const { range, "if-range": ifRange, "if-none-match": known } = request.headers;
      asked.push([range, ifRange as string | undefined, known]);
      if (known === version) return void response.writeHead(304).end();
      const from = ifRange === version ? Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0) : 0;
      const rest = text().slice(from);
      response.writeHead(from > 0 ? 206 : 200, { etag: version, "content-length": rest.length });
      // A first start that is stopped: no answer ever ends.
      if (broken) response.write(rest.slice(0, 1000), () => setTimeout(() => response.destroy(), 20));
      else response.end(rest);
    },
    async (base) => {
      address = `${base}/rows.jsonl`;
      await assert.rejects(get(), /5 times/);
      broken = false;
      asked.length = 0;
      assert.equal(await get(), text());
      assert.deepEqual(asked, [["bytes=5000-", '"v1"', undefined]]);
      assert.equal(await get(), text());
      assert.deepEqual(asked[1], [undefined, undefined, '"v1"']);
      version = '"v2"';
      assert.equal(await get(), text());
    },
  );
  assert.equal(await get(), text(), "the server is gone");
  rmSync(folder, { recursive: true });
});

test("a server that refuses is told with its address", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-web-"));
  await serving(
    (_, response) => void response.writeHead(403).end(),
    async (base) => {
      await assert.rejects(
        resolveInputs({ where: "sources.s path", path: [`${base}/x.jsonl`], cacheDir: folder }),
        /x\.jsonl[\s\S]*answered 403/,
      );
    },
  );
  rmSync(folder, { recursive: true });
});

test("s3:// lists in pages, signs requests and copies what matches", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-s3-"));
  const signed: boolean[] = [];
  const list = (keys: readonly string[], next?: string): string =>
    `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("")}${next ? `<NextContinuationToken>${next}</NextContinuationToken>` : ""}</ListBucketResult>`;
  await serving(
    (request, response) => {
      const url = new URL(request.url ?? "", "http://x");
      signed.push((request.headers.authorization ?? "").startsWith("AWS4-HMAC-SHA256"));
      if (url.searchParams.get("list-type") === "2") {
        assert.equal(url.searchParams.get("prefix"), "train/");
        response.end(
          url.searchParams.get("continuation-token") === "t&1"
            ? list(["train/b&amp;c.jsonl"])
            : list(["train/", "train/a.jsonl", "train/notes.md"], "t&amp;1"),
        );
      } else response.end(`${decodeURIComponent(url.pathname)}\n`);
    },
    async (base) => {
      const environment = {
        AWS_ENDPOINT_URL: base,
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_REGION: "eu-central-1",
        AWS_SESSION_TOKEN: undefined,
      };
      const { files, skipped } = await withEnvironment(environment, () =>
        resolveInputs({ where: "sources.s path", path: ["s3://bucket/train/"], cacheDir: folder }),
      );
      assert.deepEqual(
        files.map(({ name }) => name),
        ["a.jsonl", "b&c.jsonl"],
      );
      assert.deepEqual(skipped, ["notes.md"]);
      assert.equal(readFileSync(files[1].path, "utf8"), "/bucket/train/b&c.jsonl\n");
      assert.ok(signed.length >= 4 && signed.every(Boolean));
    },
  );
  rmSync(folder, { recursive: true });
});

test("hf:// lists a data set's files and copies what matches", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-hub-"));
  const tree = ["data/train-0.jsonl", "data/train-1.jsonl", "README.md"];
  await serving(
    (request, response) => {
      const { pathname } = new URL(request.url ?? "", "http://x");
      if (pathname.startsWith("/api/datasets/team/set/tree/")) {
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify(tree.filter((path) => path.startsWith("data/")).map((path) => ({ type: "file", path, size: 5, oid: path }))),
        );
        return;
      }
      const name = pathname.split("/").pop() ?? "";
      response.setHeader("etag", '"x"');
      const text = `${name}\n`;
      const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "");
      const part = range ? text.slice(Number(range[1]), Number(range[2]) + 1) : text;
      response.writeHead(range ? 206 : 200, {
        "content-length": part.length,
        ...(range ? { "content-range": `bytes ${range[1]}-${Number(range[1]) + part.length - 1}/${text.length}` } : {}),
      });
      response.end(request.method === "HEAD" ? undefined : part);
    },
    async (base) => {
      await withEnvironment({ HF_ENDPOINT: base, HF_TOKEN: undefined }, async () => {
        const { files } = await resolveInputs({
          where: "sources.s path",
          path: ["hf://datasets/team/set@main/data/*.jsonl"],
          cacheDir: folder,
        });
        assert.deepEqual(
          files.map(({ name }) => name),
          ["train-0.jsonl", "train-1.jsonl"],
        );
        assert.equal(readFileSync(files[1].path, "utf8"), "train-1.jsonl\n");
      });
    },
  );
  await assert.rejects(
    resolveInputs({ where: "sources.s path", path: ["hf://models/x"], cacheDir: folder }),
    /hf:\/\/datasets\/OWNER\/NAME/,
  );
  rmSync(folder, { recursive: true });
});
