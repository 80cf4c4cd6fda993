// Builds the product: AssemblyScript kernels to a module that holds their bytes, then TypeScript to dist/.
// Usage: node build.mjs [--out DIR]
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const flag = process.argv.indexOf("--out");
const out = flag > 0 ? process.argv[flag + 1] : "dist";

/** Each kernel: a file in assembly/ and what it imports, built with these flags to a module beside the folder that exports the bytes. */
const threads = ["--enable", "threads", "--sharedMemory", "--maximumMemory", "65536"];
const kernels = [
  { folder: "src/tokenizer", module: "kernel" },
  // For machines whose WebAssembly has no SIMD.
  { folder: "src/tokenizer", module: "kernel-scalar", simd: false },
  { folder: "src/io", module: "kernel" },
  { folder: "src/dedup", module: "kernel" },
  { folder: "src/dedup", source: "terms", module: "terms" },
  { folder: "src/filters", module: "kernel" },
  { folder: "src/diversity", module: "kernel" },
  // Long loops over numbers, with few calls: inlining gains nothing.
  { folder: "src/train/engines/cpu", module: "kernel", inline: false, flags: threads },
  // The same with fused multiply-add, where the machine's WebAssembly has it.
  { folder: "src/train/engines/cpu", module: "kernel-relaxed", inline: false, flags: [...threads, "--enable", "relaxed-simd"] },
];

/** What kernels of several folders import. */
const sharedAssembly = join(root, "src/core/assembly");

async function buildKernel({ folder, source = "kernel", module, simd = true, inline = true, flags = [] }) {
  const assembly = join(root, folder, "assembly");
  const target = join(root, folder, `${module}.wasm.ts`);
  const sources = [assembly, sharedAssembly].flatMap((from) => readdirSync(from).map((name) => join(from, name)));
  const changed = Math.max(...[...sources, fileURLToPath(import.meta.url)].map((file) => statSync(file).mtimeMs));
  try {
    if (statSync(target).mtimeMs > changed) return;
  } catch {
    // no module yet: build it
  }
  const asc = await import("assemblyscript/asc");
  const { error, stdout, stderr, binary } = await compile(asc, join(assembly, `${source}.ts`), [
    ...(simd ? ["--enable", "simd"] : []),
    ...flags,
  ]);
  if (error) throw new Error(`${assembly}: AssemblyScript failed\n${stdout}${stderr}`);
  const bytes = Buffer.from(inline ? await inlined(binary) : binary).toString("base64");
  writeFileSync(
    target,
    `// Made by build.mjs from assembly/; not in git.\n/** The WebAssembly module, base64. */\nexport const wasm = "${bytes}";\n`,
  );
}

async function compile(asc, source, flags) {
  let binary = new Uint8Array();
  const result = await asc.main(
    [source, "--outFile", "kernel.wasm", "-O3", "--runtime", "stub", "--importMemory", "--noAssert", ...flags],
    {
      readFile: (name, base) => read(name, base),
      writeFile: (name, data) => void (name.endsWith(".wasm") && (binary = data)),
      listFiles: () => [],
    },
  );
  return { error: result.error, stdout: result.stdout.toString(), stderr: result.stderr.toString(), binary };
}

/**
 * Puts functions into their callers. AssemblyScript inlines small ones only and V8 none, and a call a word or a letter is felt. Sizes are
 * in expressions.
 */
async function inlined(binary) {
  const { default: binaryen } = await import("assemblyscript/binaryen");
  const module = binaryen.readBinary(binary);
  const { SIMD128, BulkMemory, BulkMemoryOpt, SignExt, NontrappingFPToInt, MutableGlobals } = binaryen.Features;
  module.setFeatures(SIMD128 | BulkMemory | BulkMemoryOpt | SignExt | NontrappingFPToInt | MutableGlobals);
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(30);
  binaryen.setFlexibleInlineMaxSize(200);
  binaryen.setOneCallerInlineMaxSize(100_000);
  module.optimize();
  const result = module.emitBinary();
  module.dispose();
  return result;
}

function read(name, base) {
  for (const path of [name, join(base ?? root, name)]) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      // asc probes several places
    }
  }
  return null;
}

/** Removes what an earlier build left and this one, begun at `started` (ms), did not write. */
function removeStale(folder, started) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeStale(path, started);
    else if (statSync(path).mtimeMs < started) rmSync(path);
  }
}

for (const kernel of kernels) await buildKernel(kernel);
// Less a second: a file system's clock may be behind. Files are written over and not removed first, so a run of this checkout that goes on
// meanwhile still finds what it has not loaded yet.
const started = Date.now() - 1000;
mkdirSync(join(root, out), { recursive: true });
// The review page's files that are not TypeScript.
for (const name of readdirSync(join(root, "src", "review", "page")).filter((name) => /\.(html|css)$/.test(name))) {
  mkdirSync(join(root, out, "src", "review", "page"), { recursive: true });
  copyFileSync(join(root, "src", "review", "page", name), join(root, out, "src", "review", "page", name));
}
try {
  execFileSync(process.execPath, [join(dirname(require.resolve("typescript/package.json")), "bin", "tsc"), "--outDir", out], {
    cwd: root,
    stdio: "inherit",
  });
} catch {
  process.exit(1);
}
// What npm links as the command `sluice` must be executable; tsc makes plain files.
chmodSync(join(root, out, "src", "cli", "main.js"), 0o755);
if (out === "dist") for (const part of ["src", "test", "data"]) removeStale(join(root, "dist", part), started);
