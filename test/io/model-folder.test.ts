// Models by name: local folders, and a server on this machine that speaks as the Hugging Face Hub does, with its faults.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { after } from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { createRandom } from "../../src/core/random.ts";
import { type ModelFolder, type ModelFolderOptions, resolveModelFolder } from "../../src/io/model-folder.ts";
import { openSafetensors, writeSafetensors } from "../../src/io/safetensors.ts";
import { loadTokenizerFiles } from "../../src/io/tokenizer-files.ts";
import { serving, withEnvironment } from "../cases/server.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-model-"));
after(() => rmSync(folder, { recursive: true }));
const commit = "0123456789abcdef0123456789abcdef01234567";

/** Small files of a model; large ones are those that end in .safetensors. */
async function modelFiles(shards: 1 | 3): Promise<Record<string, Buffer>> {
  const path = join(mkdtempSync(join(folder, "made-")), "model.safetensors");
  const tensors = ["a", "b", "c"].map((name, i) => ({
    name,
    shape: [20_000],
    dtype: "F32" as const,
    values: async () => new Float32Array(20_000).fill(i),
  }));
  await writeSafetensors(path, tensors, { maxShardBytes: shards === 1 ? 5e9 : 80_000 });
  const files: Record<string, Buffer> = {
    "config.json": Buffer.from('{"model_type":"llama"}'),
    "tokenizer.json": Buffer.from('{"model":{}}'),
    "chat_template.jinja": Buffer.from("{{ messages }}"),
    "README.md": Buffer.from("not wanted"),
  };
  for (const name of readdirSync(dirname(path))) files[name] = readFileSync(join(dirname(path), name));
  return files;
}

interface Hub {
  readonly files: Record<string, Buffer>;
  /** Method, path and range of each request. */
  readonly asked: string[];
  /** Answers instead of the Hub where it returns true. */
  fault?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

function hash(kind: string, ...parts: (string | Buffer)[]): string {
  const state = createHash(kind);
  for (const part of parts) state.update(part);
  return state.digest("hex");
}

function answer(hub: Hub, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "", "http://x");
  hub.asked.push([request.method, pathname, request.headers.range].filter((part) => part !== undefined).join(" "));
  if (hub.fault?.(request, response)) return;
  const json = (status: number, value: unknown): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (pathname.startsWith("/api/models/team/model/revision/")) {
    const known = ["main", "v1.0", commit].includes(decodeURIComponent(pathname.split("/").pop() ?? ""));
    if (!known) return json(404, { error: "Invalid rev id" });
    return json(200, { _id: "1", id: "team/model", sha: commit, lastModified: "2026-01-01T00:00:00.000Z" });
  }
  if (pathname === `/api/models/team/model/paths-info/${commit}`) {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", () => {
      const { paths } = JSON.parse(text) as { paths: string[] };
      const infos = paths.filter((path) => path in hub.files);
      json(
        200,
        infos.map((path) => {
          const bytes = hub.files[path];
          const size = bytes.length;
          const lfs = path.endsWith(".safetensors") ? { lfs: { oid: hash("sha256", bytes), size, pointerSize: 130 } } : {};
          return { type: "file", path, size, oid: hash("sha1", `blob ${size}\0`, bytes), ...lfs };
        }),
      );
    });
    return;
  }
  const name = /^\/team\/model\/resolve\/[\da-f]{40}\/(.+)$/.exec(pathname)?.[1];
  const bytes = name === undefined ? undefined : hub.files[name];
  if (!bytes) return json(404, { error: "Repository not found" });
  sendFile(bytes, request, response);
}

function sendFile(bytes: Buffer, request: IncomingMessage, response: ServerResponse, stopAfter = Infinity): void {
  const etag = `"${hash("md5", bytes)}"`;
  const wanted = /bytes=(\d+)-/.exec(request.headers.range ?? "");
  const from = wanted && [undefined, etag].includes(request.headers["if-range"] as string | undefined) ? Number(wanted[1]) : 0;
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    etag,
    "content-length": rest.length,
    ...(from > 0 ? { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  if (rest.length > stopAfter) response.write(rest.subarray(0, stopAfter), () => setTimeout(() => response.destroy(), 30));
  else response.end(rest);
}

async function onHub<T>(
  hub: Hub,
  use: (get: (reference?: string, options?: Partial<ModelFolderOptions>) => Promise<ModelFolder>) => Promise<T>,
): Promise<T> {
  return serving(
    (request, response) => answer(hub, request, response),
    (base) =>
      withEnvironment({ HF_ENDPOINT: base, HF_TOKEN: undefined, HF_HUB_OFFLINE: undefined }, () =>
        use((reference = "team/model", options = {}) =>
          resolveModelFolder(reference, { baseDir: folder, cacheDir: join(folder, "cache"), ...options }),
        ),
      ),
  );
}

function newCache(): string {
  return mkdtempSync(join(folder, "cache-"));
}

/** Files below a folder, without folders. */
function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((found) => !found.isDirectory())
    .map((found) => join(found.parentPath, found.name).slice(path.length + 1))
    .sort();
}

test("a local folder is returned as it is; what it lacks is named", async () => {
  const path = join(folder, "local");
  mkdirSync(path);
  const refuses = (message: RegExp): Promise<void> =>
    assert.rejects(resolveModelFolder("local", { baseDir: folder }), (error) => {
      assert.ok(error instanceof SluiceError && error.exitCode === 2);
      assert.match(error.message, message);
      return true;
    });
  await refuses(/an empty folder/);
  writeFileSync(join(path, "pytorch_model.bin"), "");
  await refuses(/pickle only, which is not read/);
  for (const [name, bytes] of Object.entries(await modelFiles(3))) writeFileSync(join(path, name), bytes);
  assert.deepEqual(await resolveModelFolder("local", { baseDir: folder }), { path });
  assert.deepEqual(await resolveModelFolder(path, { baseDir: "/" }), { path });
  rmSync(join(path, "model-00002-of-00003.safetensors"));
  rmSync(join(path, "tokenizer.json"));
  await refuses(/model: .*local\n[\s\S]*no tokenizer\.json, no model-00002-of-00003\.safetensors\n.*AutoTokenizer/);
  rmSync(join(path, "config.json"));
  writeFileSync(join(path, "adapter_config.json"), "{}");
  await refuses(/a LoRA adapter[\s\S]*the model that the adapter was trained on/);
  await assert.rejects(resolveModelFolder("not/a/model", { baseDir: folder }), /neither a folder \(.*not\/a\/model\) nor a Hub id/);
  await assert.rejects(resolveModelFolder("../x", { baseDir: folder }), /neither a folder/);
});

test("a model of the Hub is brought into the cache once, only the files wanted, laid out as Hugging Face's tools do", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const cacheDir = newCache();
  const progress: string[] = [];
  await onHub(hub, async (get) => {
    const onProgress: ModelFolderOptions["onProgress"] = ({ file, bytes, total }) => void (bytes === total && progress.push(file));
    const found = await get("team/model", { cacheDir, onProgress });
    const at = join(cacheDir, "models--team--model");
    assert.deepEqual(found, { path: join(at, "snapshots", commit), commit });
    const names = ["chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json"];
    assert.deepEqual(filesIn(at), ["refs/main", ...names.map((name) => `snapshots/${commit}/${name}`)]);
    for (const name of names) assert.deepEqual(readFileSync(join(found.path, name)), hub.files[name]);
    assert.equal(readFileSync(join(at, "refs/main"), "utf8"), commit);
    assert.deepEqual(progress, ["config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors"]);
    hub.asked.length = 0;
    assert.deepEqual(await get("team/model", { cacheDir }), found);
    assert.deepEqual(hub.asked, ["GET /api/models/team/model/revision/main", `POST /api/models/team/model/paths-info/${commit}`]);
    assert.deepEqual(await get("team/model@v1.0", { cacheDir }), found);
    assert.deepEqual(await get("team/model", { cacheDir, revision: commit }), found);
    assert.ok(!hub.asked.some((line) => line.includes("resolve")), "nothing is fetched twice");
  });
});

test("shards are brought in, and what a stopped start has fetched is gone on with", async () => {
  const hub: Hub = { files: await modelFiles(3), asked: [] };
  const cacheDir = newCache();
  const second = "model-00002-of-00003.safetensors";
  await onHub(hub, async (get) => {
    // The connection breaks in the middle of the second shard, each time it is tried.
    hub.fault = (request, response) => {
      if (!request.url?.endsWith(second)) return false;
      sendFile(hub.files[second], request, response, 1000);
      return true;
    };
    await assert.rejects(
      get("team/model", { cacheDir }),
      /model: team\/model\n[\s\S]*00002-of-00003\.safetensors: .*, 5 times\n.*what was fetched is kept/,
    );
    const at = join(cacheDir, "models--team--model/snapshots", commit);
    assert.ok(existsSync(join(at, "model-00001-of-00003.safetensors")) && !existsSync(join(at, second)));
    delete hub.fault;
    hub.asked.length = 0;
    const { path } = await get("team/model", { cacheDir });
    assert.deepEqual(
      hub.asked.filter((line) => line.includes("resolve")).map((line) => line.replace(/\/team.*\//, "")),
      [`GET ${second} bytes=5000-`, "GET model-00003-of-00003.safetensors"],
    );
    const tensors = await openSafetensors(path);
    assert.deepEqual((await tensors.readFloats("b"))[19_999], 1);
    await tensors.close();
  });
});

test("a large file arrives however often the connection breaks, as long as it brings something", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const random = createRandom(9);
  const bytes = Buffer.from(Uint32Array.from({ length: 3 << 20 }, () => random.uint32()).buffer);
  hub.files["model.safetensors"] = bytes;
  hub.fault = (request, response) => {
    if (!request.url?.endsWith("model.safetensors")) return false;
    sendFile(bytes, request, response, 1_500_000);
    return true;
  };
  await onHub(hub, async (get) => {
    const { path } = await get("team/model", { cacheDir: newCache() });
    assert.ok(readFileSync(join(path, "model.safetensors")).equals(bytes));
  });
  assert.ok(hub.asked.filter((line) => line.includes("model.safetensors")).length > 5);
});

test("a busy server is asked again", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const busy = new Set<string>();
  hub.fault = (request, response) => {
    const url = request.url ?? "";
    if (busy.has(url)) return false;
    busy.add(url);
    response.writeHead(503).end();
    return true;
  };
  await onHub(hub, async (get) => assert.equal((await get("team/model", { cacheDir: newCache() })).commit, commit));
  assert.ok(busy.size >= 5);
});

test("a file that is not what the Hub says is refused and deleted, large or small, of the right size or not", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const changed = (bytes: Buffer, by: number): Buffer => {
    const copy = Buffer.from(by < 0 ? bytes.subarray(0, by) : bytes);
    copy[copy.length >> 1] ^= 1;
    return copy;
  };
  for (const [name, by] of [
    ["model.safetensors", 0],
    ["tokenizer.json", 0],
    ["config.json", -3],
  ] as const) {
    const cacheDir = newCache();
    hub.fault = (request, response) => {
      if (!request.url?.endsWith(name)) return false;
      sendFile(changed(hub.files[name], by), request, response);
      return true;
    };
    await onHub(hub, async (get) => {
      await assert.rejects(get("team/model", { cacheDir }), (error: SluiceError) => {
        assert.equal(error.exitCode, 3);
        assert.match(error.message, new RegExp(`${name}\\n.*as the Hub says\\n[\\s\\S]*damaged copy was deleted`));
        return true;
      });
      assert.ok(!filesIn(cacheDir).some((path) => path.includes(name)), filesIn(cacheDir).join());
      delete hub.fault;
      assert.equal((await get("team/model", { cacheDir })).commit, commit);
    });
  }
});

test("what the Hub lacks or refuses is told before anything is downloaded", async () => {
  const whole = await modelFiles(3);
  const without = (...names: string[]): Record<string, Buffer> =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name)));
  const hub: { files: Record<string, Buffer>; asked: string[]; fault?: Hub["fault"] } = { files: whole, asked: [] };
  const refuses = async (message: RegExp, reference?: string): Promise<void> =>
    onHub(hub, (get) =>
      assert.rejects(get(reference, { cacheDir: newCache() }), (error) => {
        assert.ok(error instanceof SluiceError && error.exitCode === 2, String(error));
        assert.match(error.message, message);
        return true;
      }),
    );
  hub.files = without("tokenizer.json");
  await refuses(/model: team\/model\n[\s\S]*no tokenizer\.json\n.*AutoTokenizer/);
  hub.files = { ...without("model.safetensors.index.json"), "pytorch_model.bin": Buffer.from("x") };
  await refuses(/team\/model\/pytorch_model\.bin\n[\s\S]*pickle only/);
  hub.files = without("model.safetensors.index.json");
  await refuses(/no model\.safetensors/);
  await refuses(/answered 404: Invalid rev id\n.*check the name and the revision/, "team/model@v9");
  await refuses(/answered 404/, "team/other");
  assert.ok(!hub.asked.some((line) => line.includes("resolve")));
  hub.files = without("model-00003-of-00003.safetensors");
  await refuses(/no model-00003-of-00003\.safetensors/);
  hub.fault = (_, response) => Boolean(response.writeHead(401).end());
  await refuses(/answered 401[\s\S]*set HF_TOKEN[\s\S]*accept its terms/);
  hub.fault = (_, response) => Boolean(response.writeHead(200).end("<html>Log in</html>"));
  await refuses(/an answer that is not the Hub's[\s\S]*check HF_ENDPOINT/);
});

test("an index from the network that names a file elsewhere is refused", async () => {
  const files = await modelFiles(3);
  files["model.safetensors.index.json"] = Buffer.from('{"weight_map":{"a":"../../../evil.safetensors"}}');
  await onHub({ files, asked: [] }, (get) =>
    assert.rejects(get("team/model", { cacheDir: newCache() }), /no safetensors file beside the index/),
  );
});

test("without a network the copy in the cache stands, one of Hugging Face's own tools too", async () => {
  const hub: Hub = { files: await modelFiles(3), asked: [] };
  const cacheDir = newCache();
  const found = await onHub(hub, (get) => get("team/model", { cacheDir }));
  const gone = { HF_ENDPOINT: "http://127.0.0.1:9", HF_HUB_OFFLINE: undefined };
  const options = { baseDir: folder, cacheDir };
  await withEnvironment(gone, async () => assert.deepEqual(await resolveModelFolder("team/model", options), found));
  await withEnvironment({ HF_HUB_OFFLINE: "1" }, async () => {
    assert.deepEqual(await resolveModelFolder("team/model", options), found);
    assert.deepEqual(await resolveModelFolder(`team/model@${commit}`, options), found);
    await assert.rejects(
      resolveModelFolder("team/other", options),
      /no such folder, not in the cache, and the Hub was not asked: HF_HUB_OFFLINE is set[\s\S]*check the path/,
    );
    rmSync(join(found.path, "model-00002-of-00003.safetensors"));
    await assert.rejects(
      resolveModelFolder("team/model", options),
      /no model-00002-of-00003\.safetensors in the cache, and the Hub was not reached: HF_HUB_OFFLINE/,
    );
  });
  // huggingface_hub keeps files under blobs/ and links to them.
  const linked = newCache();
  const at = join(linked, "models--team--model");
  cpSync(join(cacheDir, "models--team--model"), at, { recursive: true });
  const blob = join(at, "blobs", "x");
  mkdirSync(dirname(blob));
  const link = join(at, "snapshots", commit, "model-00002-of-00003.safetensors");
  writeFileSync(blob, hub.files["model-00002-of-00003.safetensors"]);
  symlinkSync(blob, link);
  hub.asked.length = 0;
  assert.equal((await onHub(hub, (get) => get("team/model", { cacheDir: linked }))).path, dirname(link));
  assert.ok(!hub.asked.some((line) => line.includes("resolve")));
});

test("the token goes to the Hub, with each request", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const tokens = new Set<string | undefined>();
  hub.fault = (request) => {
    tokens.add(request.headers.authorization);
    return false;
  };
  await onHub(hub, (get) => withEnvironment({ HF_TOKEN: "hf_secret" }, () => get("team/model", { cacheDir: newCache() })));
  assert.deepEqual([...tokens], ["Bearer hf_secret"]);
});

test("a tokenizer of the Hub comes by way of the same cache", async () => {
  const hub: Hub = { files: await modelFiles(1), asked: [] };
  const cache = newCache();
  await onHub(hub, () =>
    withEnvironment({ HF_HUB_CACHE: cache }, async () => {
      const files = await loadTokenizerFiles("team/model");
      assert.deepEqual(Object.keys(files), ["tokenizer.json", "chat_template.jinja"]);
      assert.equal(Buffer.from(files["chat_template.jinja"]).toString(), "{{ messages }}");
      assert.ok(!hub.asked.some((line) => line.includes("model.safetensors")));
      await withEnvironment({ HF_HUB_OFFLINE: "1" }, async () => assert.deepEqual(await loadTokenizerFiles("team/model@main"), files));
      await assert.rejects(loadTokenizerFiles("team/other"), /tokenizer: team\/other\n[\s\S]*answered 404/);
    }),
  );
  await assert.rejects(loadTokenizerFiles("no such"), /neither a folder nor a Hub id/);
});
