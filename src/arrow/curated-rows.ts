// Reads a curated shard's bytes back: conversations with their ids, one at a time.
import { tableFromIPC, type Vector } from "apache-arrow";
import type { Message } from "../core/row.ts";

export interface CuratedView {
  readonly rows: number;
  id(index: number): string;
  source(index: number): string;
  messages(index: number): Message[];
}

export function openCuratedShard(bytes: Uint8Array): CuratedView {
  const table = tableFromIPC(bytes);
  const [ids, sources, messages] = ["id", "source", "messages"].map((name) => table.getChild(name)!);
  return {
    rows: table.numRows,
    id: (index) => ids.get(index) as string,
    source: (index) => sources.get(index) as string,
    messages: (index) => Array.from(messages.get(index) as Vector, ({ role, content }) => ({ role, content }) as Message),
  };
}
