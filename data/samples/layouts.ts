// The samples' file layouts: conversations to the bytes of JSON Lines, CSV, a JSON array and gzip.
import { crc32 } from "node:zlib";

/** What is written of a conversation: turns of user and assistant, and perhaps what a system said before. */
export interface Conversation {
  readonly system?: string;
  /** Question, answer, question, answer ... */
  readonly turns: readonly string[];
}

/** {"messages": [{"role", "content"}]} */
export function asMessages({ system, turns }: Conversation): string {
  const messages = turns.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
  return JSON.stringify({ messages: system === undefined ? messages : [{ role: "system", content: system }, ...messages] });
}

/** {"conversations": [{"from", "value"}]} */
export function asShareGpt({ system, turns }: Conversation): string {
  const conversations = turns.map((value, i) => ({ from: i % 2 === 0 ? "human" : "gpt", value }));
  return JSON.stringify({ conversations: system === undefined ? conversations : [{ from: "system", value: system }, ...conversations] });
}

/** {"instruction", "input", "output"}: code that a question shows goes to the input. */
export function asAlpaca({ turns: [question, answer] }: Conversation): string {
  const fence = question.indexOf("\n\n```");
  const [instruction, input] = fence < 0 ? [question, ""] : [question.slice(0, fence), question.slice(fence + 2)];
  return JSON.stringify({ instruction, input, output: answer });
}

export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

/** A gzip file of stored blocks: not smaller, but the same bytes whatever zlib the machine has. */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
  const largest = 0xffff;
  const blocks = Math.max(1, Math.ceil(bytes.length / largest));
  const result = new Uint8Array(parts.length + blocks * 5 + bytes.length + 8);
  const view = new DataView(result.buffer);
  result.set(parts);
  let at = parts.length;
  for (let block = 0; block < blocks; block++) {
    const piece = bytes.subarray(block * largest, (block + 1) * largest);
    result[at] = block === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, piece.length, true);
    view.setUint16(at + 3, ~piece.length & 0xffff, true);
    result.set(piece, at + 5);
    at += 5 + piece.length;
  }
  view.setUint32(at, crc32(bytes), true);
  view.setUint32(at + 4, bytes.length, true);
  return result;
}
