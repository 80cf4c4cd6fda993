// Building the page: elements and text nodes, never markup. Whatever a row holds ends here as text.

type Child = Node | string | false | undefined;

/** An element with attributes; "" sets a bare one, undefined leaves it out. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  for (const child of children) if (child !== false && child !== undefined) element.append(child);
  return element;
}

export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as Kind;
}

/** Control characters, direction marks, line separators and half surrogate pairs: what cannot be seen but changes what is seen. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Appends row text; unseen characters become visible names. A CR before a line feed is dropped. */
export function appendText(parent: Node, text: string): void {
  let from = 0;
  for (const match of text.matchAll(unseen)) {
    const at = match.index;
    if (match[0] === "\r" && text[at + 1] === "\n") {
      if (at > from) parent.appendChild(document.createTextNode(text.slice(from, at)));
      from = at + 1;
      continue;
    }
    if (at > from) parent.appendChild(document.createTextNode(text.slice(from, at)));
    const name = `U+${match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    parent.appendChild(el("span", { class: "unseen", title: `the character ${name}` }, name));
    from = at + match[0].length;
  }
  if (from < text.length) parent.appendChild(document.createTextNode(text.slice(from)));
}

/** Row text that keeps its direction to itself. */
export function rowText<Tag extends "bdi" | "div" | "span">(tag: Tag, className: string, text: string): HTMLElementTagNameMap[Tag] {
  const element = el(tag, { class: className, dir: "auto" });
  appendText(element, text);
  return element;
}

/** The direction of a text's first letter. Text areas are told it: finding out for themselves takes seconds for a line of a megabyte. */
export function directionOf(text: string): "ltr" | "rtl" {
  const [letter] = /\p{L}/u.exec(text.slice(0, 2000)) ?? [""];
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(letter) ? "rtl" : "ltr";
}

/** A name that may be broken behind its underscores and slashes only. */
export function breakable(name: string): (string | Node)[] {
  return name.split(/(?<=[_/])/).flatMap((part, i) => (i === 0 ? [part] : [el("wbr"), part]));
}

/** 1234567 as 1,234,567. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}
