// sluice generate CHECKPOINT "PROMPT": asks a model, token by token.
import { counted } from "../../core/count.ts";
import { recipeError } from "../../core/errors.ts";
import { createRandom } from "../../core/random.ts";
import type { Message } from "../../core/row.ts";
import { checkpointOf, openCheckpoint } from "../../pipeline/open-checkpoint.ts";
import { promptOf } from "../../tokenizer/prompt.ts";
import { isRefusal } from "../../tokenizer/template.ts";
import { generate as generateTokens } from "../../train/generate.ts";
import { createDecoder } from "../../train/model/decoder.ts";
import { decoderChunk } from "../../train/settings.ts";
import { type Command, type CommandInput, jsonOption } from "../command.ts";
import { printable } from "../show.ts";

export const generate: Command = {
  words: 'CHECKPOINT|RUN "PROMPT"',
  positionals: { least: 2, most: 2 },
  options: {
    system: { type: "string", value: "TEXT", help: "a system prompt before the question" },
    temperature: { type: "string", value: "T", default: "0", help: "how freely tokens are drawn; 0 takes the likeliest" },
    "top-p": { type: "string", value: "P", default: "1", help: "draw from the likeliest tokens that make up this share" },
    "max-new-tokens": { type: "string", value: "N", default: "256", help: "stop after so many tokens" },
    seed: { type: "string", value: "N", default: "0", help: "of the drawing; the same seed gives the same answer" },
    json: jsonOption,
  },
  async run({ values, positionals: [word, text] }) {
    const sampling = {
      temperature: number(values, "temperature", { least: 0, most: 100 }),
      top_p: number(values, "top-p", { least: 0, most: 1 }),
      max_new_tokens: number(values, "max-new-tokens", { least: 1, most: 1e6, whole: true }),
    };
    const seed = number(values, "seed", { least: 0, most: 2 ** 32 - 1, whole: true });
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const checkpoint = await openCheckpoint(checkpointOf(word, say), { device: "auto", say });
    const { engine, weights, tokenizer, encoder, eosToken, folder, config } = checkpoint;
    try {
      const system: Message[] = typeof values.system === "string" ? [{ role: "system", content: values.system }] : [];
      const prompt = promptOf([...system, { role: "user", content: text }], { encoder, tokenizer, eosToken });
      if (isRefusal(prompt)) {
        throw recipeError({
          where: folder,
          expected: "a prompt that the chat template takes",
          found: prompt.error,
          fix: "leave out --system, or use another checkpoint",
        });
      }
      const capacity = prompt.ids.length + sampling.max_new_tokens;
      if (capacity > config.positions)
        process.stderr.write(`note: ${capacity} tokens are more than the model's ${config.positions} positions\n`);
      const decoder = createDecoder(engine, weights, { capacity, chunk: decoderChunk, storage: "f32" });
      const show = values.json === true ? undefined : createPrinter(tokenizer.decode);
      const started = performance.now();
      const { ids, ended } = await generateTokens({
        decoder,
        ...prompt,
        prompt: prompt.ids,
        sampling,
        random: createRandom(seed),
        token: show,
      });
      const seconds = (performance.now() - started) / 1000;
      if (values.json === true) {
        const answer = { text: tokenizer.decode(ids), ended, prompt_tokens: prompt.ids.length, new_tokens: ids.length, seconds };
        process.stdout.write(`${JSON.stringify(answer)}\n`);
      } else {
        process.stdout.write("\n");
        const how = ended === "end" ? "ended by itself" : "cut at --max-new-tokens";
        process.stderr.write(`${counted(ids.length, "token")} in ${seconds.toFixed(1)} s on ${engine.name}, ${how}\n`);
      }
      return 0;
    } finally {
      await checkpoint.close();
    }
  },
};

/** Writes text as tokens come; a character whose bytes are not all there yet waits. */
function createPrinter(decode: (ids: ArrayLike<number>) => string): (id: number) => void {
  const ids: number[] = [];
  let written = 0;
  return (id) => {
    ids.push(id);
    const text = decode(ids);
    if (text.endsWith("\ufffd")) return;
    process.stdout.write(printable(text.slice(written)));
    written = text.length;
  };
}

function number(
  values: CommandInput["values"],
  name: string,
  { least, most, whole = false }: { readonly least: number; readonly most: number; readonly whole?: boolean },
): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw recipeError({
    where: `--${name}`,
    expected: `a ${whole ? "whole " : ""}number from ${least} to ${most}`,
    found: String(values[name]),
    fix: "see `sluice generate --help`",
  });
}
