// What reproduces the run: the command, versions, every input and output with its hash, and the recipe with all defaults.
import { recipeBeside } from "../../pipeline/decisions.ts";
import type { Manifest } from "../../pipeline/manifest.ts";
import { html, type Html, id, name, nothing } from "../html.ts";
import { bytes, count, duration, words } from "../numbers.ts";
import type { Section, Sheet } from "../section.ts";
import { number, table, text } from "../table.ts";

export function reproduce({ manifest, files }: Sheet): Section {
  const { recipe_file, recipe, measured } = manifest;
  return {
    id: "reproduce",
    title: "To reproduce it",
    body: html`<p>The same recipe, inputs and version give the same bytes with any number of workers:</p>
      <pre
        tabindex="0"
      ><code>sluice run ${quoted(files.plan ? recipeBeside(files.plan.decisions.file, recipe_file) : recipe_file)}</code></pre>
      ${facts(manifest)}
      <h3>Inputs</h3>
      ${inputs(manifest)}${evaluationFiles(files)}
      <details class="numbers">
        <summary>Outputs and their hashes</summary>
        ${outputs(manifest)}
      </details>
      <details class="numbers">
        <summary>Recipe, with every default</summary>
        ${settings(recipe)}
      </details>
      <details class="numbers">
        <summary>Time and memory</summary>
        ${table({
          caption: "Seconds by stage",
          columns: [text("stage"), number("seconds")],
          rows: Object.entries(measured.seconds).map(([stage, seconds]) => [words(stage), seconds.toFixed(3)]),
        })}
        <p class="soft">
          ${count(measured.workers)} ${measured.workers === 1 ? "worker" : "workers"}, at most ${bytes(measured.peak_memory_bytes)}.
        </p>
      </details>`,
  };
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./+@-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

function facts({ sluice, plan_sha256, recipe, measured }: Manifest): Html {
  const { seed, tokenizer, chat_template } = recipe as { seed?: number; tokenizer?: string; chat_template?: string };
  const total = Object.values(measured.seconds).reduce((a, b) => a + b, 0);
  const lines: (readonly [string, Html])[] = [
    ["Sluice", html`${sluice}, Node.js ${measured.node}`],
    ["plan", html`<code>${plan_sha256}</code>`],
    ["seed", html`${String(seed)}`],
    ["tokenizer", html`<bdi>${String(tokenizer)}</bdi>, chat template <bdi>${String(chat_template)}</bdi>`],
    ["started", html`${measured.started}, took ${duration(total)}`],
  ];
  return html`<dl class="facts">
    ${lines.map(
      ([term, value]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function inputs({ inputs: files, skipped_files }: Manifest): Html {
  const schemas = (found: Readonly<Record<string, number>>): string =>
    Object.entries(found)
      .map(([schema, rows]) => `${schema} ${count(rows)}`)
      .join(", ");
  return html`${table({
    caption: "Input files",
    columns: [text("file"), text("source"), text("format"), number("records"), number("bytes"), text("recognised as"), text("SHA-256")],
    rows: files.map((file) => [
      id(file.file),
      name(file.source),
      file.compression === "none" ? file.format : `${file.format}, ${file.compression}`,
      file.records,
      file.bytes,
      schemas(file.schemas),
      hash(file.sha256),
    ]),
  })}${skipped_files.length > 0 && html`<p class="soft">Skipped: ${skipped_files.slice(0, 50).map((file) => html`${id(file)} `)}</p>`}`;
}

function hash(sha256: string): Html {
  return html`<code class="hash">${sha256}</code>`;
}

function evaluationFiles({ plan }: Sheet["files"]): Html {
  if (!plan) return nothing;
  const rows = [
    ...plan.evaluation.map(({ file, sha256 }) => [id(file), "evaluation data", hash(sha256)]),
    ...Object.entries(plan.tokenizer).map(([file, sha256]) => [id(file), "tokenizer", hash(sha256)]),
  ];
  return rows.length === 0
    ? nothing
    : table({ caption: "Evaluation and tokenizer files", columns: [text("file"), text("what"), text("SHA-256")], rows });
}

function outputs({ outputs: files }: Manifest): Html {
  return table({
    caption: "Output files",
    columns: [text("file"), number("bytes"), text("SHA-256")],
    rows: files.map(({ file, bytes: size, sha256 }) => [id(file), size, hash(sha256)]),
  });
}

function settings(recipe: unknown): Html {
  return table({
    caption: "Recipe, with every default",
    columns: [text("key"), text("value")],
    rows: flattened(recipe).map(([path, value]) => [html`<code>${path}</code>`, html`<bdi>${cut(JSON.stringify(value))}</bdi>`]),
  });
}

/** A source can name thousands of files. */
function cut(json: string): string {
  return json.length > 1000 ? `${json.slice(0, 1000)}… (${count(json.length)} characters)` : json;
}

/** Every value with its path, "sources.general.path"; named things by their names. */
function flattened(value: unknown, path = ""): (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || (Array.isArray(value) && value.every((item) => typeof item !== "object")))
    return [[path, value]];
  const entries = Array.isArray(value)
    ? value.map((item, i): [string, unknown] => [String((item as { name?: unknown }).name ?? i), item])
    : Object.entries(value);
  if (entries.length === 0) return [[path, value]];
  return entries.flatMap(([key, item]) =>
    Array.isArray(value) || key !== "name" || path === "" ? flattened(item, path === "" ? key : `${path}.${key}`) : [],
  );
}
