// HTML as values: everything put into a template is escaped unless it is HTML already. Row text can therefore only ever be text.

/** A piece of finished HTML. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | false | undefined | readonly Part[];

/** html`<p>${text}</p>` */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = strings[0];
  parts.forEach((part, i) => void (markup += render(part) + strings[i + 1]));
  return { markup };
}

/** For our own constants (style sheets), never for data. */
export function trusted(markup: string): Html {
  return { markup };
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
  return text
    .replace(/[&<>"']/g, (character) => escapes[character])
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
