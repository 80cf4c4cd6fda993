// A few held-out conversations to ask the model before and after training: the same ones each time, spread over the sources.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openCuratedShard } from "../arrow/curated-rows.ts";
import type { Message } from "../core/row.ts";
import type { ConversationEncoder } from "../tokenizer/conversation.ts";
import { type Prompt, promptOf } from "../tokenizer/prompt.ts";
import { isRefusal } from "../tokenizer/template.ts";
import type { Tokenizer } from "../tokenizer/types.ts";
import type { ShardFigures } from "./manifest.ts";

export interface SamplePrompt {
  readonly id: string;
  readonly source: string;
  /** Everything before the last answer. */
  readonly messages: readonly Message[];
  /** The row's own last answer. */
  readonly reference: string;
  readonly prompt: Prompt;
}

export interface SampleOptions {
  readonly folder: string;
  readonly shards: readonly ShardFigures[];
  readonly count: number;
  /** Longer prompts are passed over. */
  readonly maxPromptTokens: number;
  readonly encoder: ConversationEncoder;
  readonly tokenizer: Tokenizer;
  readonly eosToken: string | undefined;
}

/** Takes the first rows of each source in turn, from the first shard of held-out rows. */
export function chooseSamples({ folder, shards, count, maxPromptTokens, encoder, tokenizer, eosToken }: SampleOptions): SamplePrompt[] {
  const first = shards.find(({ part }) => part === "eval");
  if (!first || count === 0) return [];
  const rows = openCuratedShard(readFileSync(join(folder, first.curated)));
  const bySource = new Map<string, number[]>();
  for (let row = 0; row < rows.rows; row++) {
    const places = bySource.get(rows.source(row));
    if (places) places.push(row);
    else bySource.set(rows.source(row), [row]);
  }
  const chosen: SamplePrompt[] = [];
  for (let turn = 0; chosen.length < count; turn++) {
    const places = [...bySource.values()].flatMap((list) => (turn < list.length ? [list[turn]] : []));
    if (places.length === 0) break;
    for (const row of places.slice(0, count - chosen.length)) {
      const all = rows.messages(row);
      const last = all.findLastIndex(({ role }) => role === "assistant");
      if (last < 1) continue;
      const messages = all.slice(0, last);
      const prompt = promptOf(messages, { encoder, tokenizer, eosToken });
      if (isRefusal(prompt) || prompt.ids.length > maxPromptTokens) continue;
      chosen.push({ id: rows.id(row), source: rows.source(row), messages, reference: all[last].content, prompt });
    }
  }
  return chosen;
}
