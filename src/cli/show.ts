// Row text on a terminal: control characters are shown as symbols, so that a row can never move the cursor or change colours.
import type { Message } from "../core/row.ts";

/** Makes text harmless to print: C0 and C1 controls, bidirectional marks and escapes become visible. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => {
    const code = control.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** A name, such as a file's or a row's id, on one line; nothing else of it is changed. */
export function printableName(name: string): string {
  return printable(name).replaceAll("\t", "\u2409").replaceAll("\n", "\u240a");
}

/** Text on one line, cut to `limit` characters. */
export function onOneLine(text: string, limit: number): string {
  const line = printable(text).replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 3)}...` : line;
}

/** A conversation, a line or more per message, long turns cut. */
export function formatMessages(messages: readonly Message[], limit = 600): string {
  return messages
    .map(({ role, content }) => {
      const text = content.length > limit ? `${content.slice(0, limit)} ... (${content.length - limit} characters more)` : content;
      return `  ${role}: ${printable(text).replaceAll("\n", "\n    ")}\n`;
    })
    .join("");
}
