// A chat template's text as the library's syntax tree, with {% generation %} marks in it.
import { parse, tokenize } from "@huggingface/jinja";

/** A node of the library's syntax tree; which fields it has depends on its type. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface ParsedTemplate {
  readonly program: Node;
  /** The template has {% generation %} blocks. */
  readonly marked: boolean;
  readonly givesDate: boolean;
}

/** Generation tags become assignments to this name, which keep the whitespace rules of a block tag. */
const markName = "sluice_generation_mark";
const generationTag = /\{%(-?)\s*(end)?generation\s*(-?)%\}/g;

export function parseTemplate(jinja: string): ParsedTemplate {
  const marked = /\{%-?\s*generation\s*-?%\}/.test(jinja);
  const source = jinja.replace(generationTag, (_, left, end, right) => `{%${left} set ${markName} = ${end ? "false" : "true"} ${right}%}`);
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })) as unknown as Node;
  return { program, marked, givesDate: /strftime_now\s+is\s+(not\s+)?defined/.test(jinja) };
}

/** True for the assignments that generation tags became. */
export function isMark(node: Node): boolean {
  const assignee = node["assignee"] as Node;
  return assignee.type === "Identifier" && assignee["value"] === markName;
}
