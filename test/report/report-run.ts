// A small run with everything a report shows: two sources, a broken record, duplicates, refusals, evaluation data, a source that repeats.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DefaultTreeAdapterMap, parse } from "parse5";
import { createProject, type Project, sampleLines, sampleTokenizer } from "../cases/project.ts";

export type Node = DefaultTreeAdapterMap["node"];
export type Element = DefaultTreeAdapterMap["element"];

export interface RecipeChanges {
  readonly name: string;
  readonly minResponse?: number;
  readonly refusal?: "drop" | "flag";
  /** Rows of the mix. */
  readonly total?: number;
}

/** A project with the data; recipes are written by writeRecipe. */
export function createReportProject(): Project {
  const project = createProject();
  project.write("data/a.jsonl", sampleLines(300, 1));
  project.write("data/b.jsonl", `${sampleLines(60, 2)}{"messages": [{"role": "user"\n`);
  const known = JSON.parse(sampleLines(300, 1).split("\n")[10]) as { messages: readonly { content: string }[] };
  project.write(
    "data/eval.jsonl",
    `${JSON.stringify({ prompt: known.messages[0].content, answer: known.messages[1].content })}\n${JSON.stringify({ prompt: "Name a tree.", answer: "An oak." })}\n`,
  );
  mkdirSync(join(project.folder, "pipelines"));
  return project;
}

export function writeRecipe(project: Project, { name, minResponse = 10, refusal = "flag", total = 260 }: RecipeChanges): string {
  const file = `pipelines/${name}.yaml`;
  project.write(
    file,
    `name: ${name}
seed: 7
tokenizer: ${JSON.stringify(sampleTokenizer)}
chat_template: chatml
max_quarantined: 0.05
sources:
  a: { path: data/a.jsonl }
  b: { path: data/b.jsonl }
hold_out: { fraction: 0.03, max_rows: 50 }
decontaminate: { against: [data/eval.jsonl] }
filters:
  length: { min_response_tokens: ${minResponse} }
  refusal: { action: ${refusal} }
dedup: { scope: prompt, threshold: 0.9 }
mix: { target_total: ${total}, proportions: { a: 0.6, b: 0.4 }, max_repeats: 4, shortfall: upsample }
train: { max_length: 512 }
`,
  );
  return file;
}

/** Parses a page and throws what a strict parser finds wrong with it. */
export function parsePage(text: string): { readonly document: Node; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const document = parse(text, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startLine, startCol }) => void errors.push(`${code} at ${startLine}:${startCol}`),
  });
  return { document, errors };
}

/** All elements, in document order. */
export function elements(node: Node): Element[] {
  const children = "childNodes" in node ? node.childNodes.flatMap(elements) : [];
  return "tagName" in node ? [node, ...children] : children;
}

export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((entry) => entry.name === name)?.value;
}

export function hasClass(element: Element, name: string): boolean {
  return (attribute(element, "class") ?? "").split(" ").includes(name);
}

export function textOf(node: Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}
