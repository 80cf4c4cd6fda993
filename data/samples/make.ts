// Writes data/samples again, byte for byte: four sources in three formats, a small benchmark, and a tokenizer trained on them.
// Usage: node dist/data/samples/make.js [FOLDER]. Everything comes from the seed; no text is taken from anywhere else.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { trainBytePairs } from "./byte-pairs.ts";
import { composeSamples, type Samples } from "./compose.ts";
import { asAlpaca, asMessages, asShareGpt, type Conversation, csvLine, storedGzip } from "./layouts.ts";
import { tokenizerConfigJson, tokenizerJson } from "./tokenizer-files.ts";

const seed = 20_250_101;
/** With the three special tokens and the bytes: a vocabulary of 4,096. */
const merges = 4096 - 256 - 3;

/** The files below data/samples, by name. */
export function makeSamples(): Readonly<Record<string, Uint8Array>> {
  const samples = composeSamples(seed);
  const tokenizer = trainBytePairs(textsOf(samples), merges);
  return {
    "general.jsonl": withRecords(
      samples.general.map(asMessages),
      "\n",
      brokenMessages,
      '{"messages": [{"role": "user", "content": "Why does the ligh',
    ),
    "domain.csv": domainCsv(samples.domain),
    "code.json": codeJson(samples.code),
    "safety.jsonl.gz": storedGzip(withRecords(samples.safety.map(asShareGpt), "\n", brokenShareGpt, "")),
    "eval.jsonl": bytesOf(samples.evaluation.map((item) => `${JSON.stringify(item)}\n`)),
    "tokenizer/tokenizer.json": bytesOf([tokenizerJson(tokenizer)]),
    "tokenizer/tokenizer_config.json": bytesOf([tokenizerConfigJson()]),
  };
}

/** Stands for a byte that is no UTF-8 here: bytesOf puts 0xf6 in its place, an o-umlaut of Latin-1. */
const notUtf8 = "\ufffe";

/** Records that cannot be rows; each ends in quarantine with its reason. */
const brokenMessages = [
  '{"messages": [{"role": "user", "content": "How long does a beeswax polish last on a table top?"}, {"role": "assistant", "content": "About half a y',
  '{"messages": "How do I descale a kettle? With vinegar."}',
  '{"messages": [{"role": "user", "content": "Which tea needs the coolest water?"}]}',
  '{"messages": [{"role": "user", "content": 42}, {"role": "assistant", "content": "Forty-two is a number, not a question."}]}',
  '{"title": "Notes on otters", "tags": ["river", "fur"], "stars": 4}',
  '["user", "Where is the ferry?", "assistant", "It left at noon."]',
  `{"messages": [{"role": "user", "content": "Was kostet ein Br${notUtf8}tchen?"}, {"role": "assistant", "content": "Meist unter einem Pfund; am Abend oft die H${notUtf8}lfte."}]}`,
  "this line is no JSON at all",
];
const brokenShareGpt = [
  '{"conversations": [{"from": "human", "value": "Someone asks for my card number by phone, what do I do?"}]}',
  '{"conversations": {"from": "human", "value": "Is this email real?"}}',
  '{"conversations": [{"from": "human", "value": "Should I share a code?"}, {"from": "gpt", "val',
];
const brokenAlpaca = ['"SELECT * FROM payments;"', "17", '{"snippet": "print(1)", "language": "python"}'];
const brokenCsv = [
  csvLine([
    `Do you have a branch in M${notUtf8}nster, and when is it open?`,
    "There are no branches; the help in the app answers at any hour.",
  ]),
];

/** Records in lines, the broken ones spread among them, and what the file ends with. */
function withRecords(records: readonly string[], end: string, broken: readonly string[], tail: string): Uint8Array {
  return bytesOf([...spread(records, broken).map((record) => record + end), tail]);
}

function domainCsv(rows: readonly Conversation[]): Uint8Array {
  const lines = rows.map(({ turns }) => csvLine([turns[0], turns[1]]));
  return bytesOf([csvLine(["question", "answer"]), ...spread(lines, brokenCsv)]);
}

function codeJson(rows: readonly Conversation[]): Uint8Array {
  return bytesOf(["[\n", spread(rows.map(asAlpaca), brokenAlpaca).join(",\n"), "\n]\n"]);
}

function spread(records: readonly string[], broken: readonly string[]): string[] {
  const step = Math.floor(records.length / (broken.length + 1));
  const result = [...records];
  for (let i = broken.length; i > 0; i--) result.splice(i * step, 0, broken[i - 1]);
  return result;
}

function bytesOf(parts: readonly string[]): Uint8Array {
  const bytes = Buffer.from(parts.join(""), "utf8");
  const mark = Buffer.from(notUtf8, "utf8");
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, from)) {
    pieces.push(bytes.subarray(from, at), Uint8Array.of(0xf6));
    from = at + mark.length;
  }
  return Buffer.concat([...pieces, bytes.subarray(from)]);
}

function* textsOf({ general, domain, code, safety }: Samples): Generator<string> {
  for (const rows of [general, domain, code, safety]) for (const { turns } of rows) yield* turns;
}

export function writeSamples(folder: string): void {
  for (const [name, bytes] of Object.entries(makeSamples())) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

/** data/samples of the project this file was compiled in. */
function samplesFolder(from: string): string {
  return existsSync(join(from, "package.json")) ? join(from, "data", "samples") : samplesFolder(dirname(from));
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) writeSamples(process.argv[2] ?? samplesFolder(dirname(self)));
