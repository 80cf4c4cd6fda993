// HTML as values: everything put into a template is escaped unless it is HTML already. Row text can therefore only ever be text.
import { visible } from "./visible.ts";

/** A piece of finished HTML. */
export interface Html {
  readonly markup: string;
}

export type Part = Html | string | number | false | undefined | readonly Part[];

/** html`<p>${text}</p>` */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let literals = withoutIndent.get(strings);
  if (!literals) withoutIndent.set(strings, (literals = strings.map((literal) => literal.replace(/\n\s+/g, "\n"))));
  let markup = literals[0];
  for (let i = 0; i < parts.length; i++) markup += render(parts[i]) + literals[i + 1];
  return { markup };
}

/** The source's indentation would be a fifth of a page. Only our own words are touched, never what is put into them. */
const withoutIndent = new WeakMap<TemplateStringsArray, readonly string[]>();

export const nothing: Html = { markup: "" };

/** For our own constants (style sheets), never for data. */
export function trusted(markup: string): Html {
  return { markup };
}

/** A name or id from the data: isolated, so that its direction cannot reorder what stands around it. */
export function name(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

export function id(text: string): Html {
  return html`<bdi class="id">${text}</bdi>`;
}

/** Parts with a separator between them. */
export function joined(parts: readonly Part[], separator: string): Part[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
}

/** A fragment's id from names of sources, stages and reasons: letters and digits stay, everything else becomes its code. */
export function anchor(...words: readonly string[]): string {
  return words.map((word) => word.replace(/[^A-Za-z0-9_]/g, (character) => `.${character.charCodeAt(0).toString(16)}`)).join("-");
}

function render(part: Part): string {
  if (part === false || part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") return escape(String(part));
  return isList(part) ? part.map(render).join("") : part.markup;
}

function isList(part: Html | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part);
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => escapes[character]);
}
