// Builds the product: AssemblyScript kernels to a module that holds their bytes, then TypeScript to dist/.
// Usage: node build.mjs [--out DIR]
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const flag = process.argv.indexOf("--out");
const out = flag > 0 ? process.argv[flag + 1] : "dist";

/** Every src/<folder>/assembly/<name>.ts becomes src/<folder>/<name>.wasm.ts, a module exporting the bytes. */
async function buildKernels() {
  for (const folder of readdirSync(join(root, "src"))) {
    const assembly = join(root, "src", folder, "assembly");
    let names = [];
    try {
      names = readdirSync(assembly).filter((name) => name.endsWith(".ts"));
    } catch {
      continue;
    }
    for (const name of names) await buildKernel(join(assembly, name), join(root, "src", folder, name.replace(/\.ts$/, ".wasm.ts")));
  }
}

async function buildKernel(source, target) {
  try {
    if (statSync(target).mtimeMs > statSync(source).mtimeMs) return;
  } catch {
    // no module yet: build it
  }
  const asc = await import("assemblyscript/asc");
  const { error, stdout, stderr, binary } = await compile(asc, source);
  if (error) throw new Error(`${source}: AssemblyScript failed\n${stdout}${stderr}`);
  const bytes = Buffer.from(binary).toString("base64");
  writeFileSync(
    target,
    `// Made by build.mjs from assembly/; not in git.\n/** The WebAssembly module, base64. */\nexport const wasm = "${bytes}";\n`,
  );
}

async function compile(asc, source) {
  let binary = new Uint8Array();
  const result = await asc.main(
    [source, "--outFile", "kernel.wasm", "-O3", "--runtime", "stub", "--enable", "simd", "--importMemory", "--noAssert"],
    {
      readFile: (name, base) => read(name, base),
      writeFile: (name, data) => void (name.endsWith(".wasm") && (binary = data)),
      listFiles: () => [],
    },
  );
  return { error: result.error, stdout: result.stdout.toString(), stderr: result.stderr.toString(), binary };
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

await buildKernels();
if (out === "dist") for (const part of ["src", "test", "data"]) rmSync(join(root, "dist", part), { recursive: true, force: true });
mkdirSync(join(root, out), { recursive: true });
try {
  execFileSync(process.execPath, [join(dirname(require.resolve("typescript/package.json")), "bin", "tsc"), "--outDir", out], {
    cwd: root,
    stdio: "inherit",
  });
} catch {
  process.exit(1);
}
