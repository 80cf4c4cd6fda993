// The sample data: made again byte for byte, readable by the tokenizers it is for, and with everything in it that the stages look for.
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gunzipSync } from "node:zlib";
import { tableFromIPC } from "apache-arrow";
import { Tokenizer as NativeTokenizer } from "tokenizers";
import { makeSamples, writeSamples } from "../../data/samples/make.ts";
import { readLedger } from "../../src/io/ledger-reader.ts";
import { createTokenizer } from "../../src/tokenizer/load.ts";
import { TokenBuffer } from "../../src/tokenizer/types.ts";
import type { TrainingRecord } from "../../src/pipeline/training-record.ts";
import { createProject } from "../cases/project.ts";
import { root } from "../shared.ts";
import { scratchFolder } from "../cases/scratch.ts";

const samples = join(root, "data", "samples");
const dataFiles = [
  "code.json",
  "domain.csv",
  "eval.jsonl",
  "general.jsonl",
  "safety.jsonl.gz",
  "tokenizer/tokenizer.json",
  "tokenizer/tokenizer_config.json",
];
const apology = /^(?:I(?:'m|\u2019m| am) (?:so )?sorry|Sorry|Apologies|My apologies|I apologi[sz]e|Please accept my apologies)\b/;

/** Conversations of a file in messages or sharegpt layout; lines that are none are left out. */
function conversationsOf(bytes: Uint8Array): { readonly role: string; readonly content: string }[][] {
  return Buffer.from(bytes)
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        const value = JSON.parse(line) as { messages?: unknown; conversations?: unknown };
        const turns = value.messages ?? value.conversations;
        if (!Array.isArray(turns)) return [];
        return [turns.map((turn: Record<string, string>) => ({ role: turn.role ?? turn.from, content: turn.content ?? turn.value }))];
      } catch {
        return [];
      }
    });
}

test("the script writes what is in git, byte for byte", () => {
  const folder = scratchFolder("samples");
  writeSamples(folder);
  const written = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => statSync(join(folder, name)).isFile());
  assert.deepEqual(written.map((name) => name.replaceAll("\\", "/")).sort(), dataFiles);
  for (const name of dataFiles) {
    const same = readFileSync(join(folder, name)).equals(readFileSync(join(samples, name)));
    assert.ok(same, `data/samples/${name} is out of date: npm run build && npm run samples, then commit it`);
  }
});

test("the samples stay small", () => {
  const bytes = dataFiles.reduce((sum, name) => sum + statSync(join(samples, name)).size, 0);
  assert.ok(bytes <= 3e6, `${bytes} bytes`);
});

test("most raw answers open with an apology, in every source", () => {
  const files = makeSamples();
  const answersOf: Record<string, string[]> = {
    general: conversationsOf(files["general.jsonl"]).map((turns) => turns.find(({ role }) => role === "assistant")?.content ?? ""),
    safety: conversationsOf(gunzipSync(files["safety.jsonl.gz"])).map((turns) => turns.find(({ role }) => role === "gpt")?.content ?? ""),
    code: (JSON.parse(Buffer.from(files["code.json"]).toString("utf8")) as { output?: string }[]).map(({ output }) => output ?? ""),
  };
  for (const [source, answers] of Object.entries(answersOf)) {
    const share = answers.filter((answer) => apology.test(answer)).length / answers.length;
    assert.ok(share > 0.66 && share < 0.8, `${source}: ${share}`);
    assert.ok(new Set(answers).size > answers.length * 0.85, `${source}: answers differ`);
  }
});

test("the native tokenizers package and ours load the tokenizer and give the same ids", async () => {
  const read = (name: string): string => readFileSync(join(samples, "tokenizer", name), "utf8");
  const config = JSON.parse(read("tokenizer_config.json")) as Record<string, unknown>;
  const ours = createTokenizer({ name: "samples", tokenizer: JSON.parse(read("tokenizer.json")), config });
  const native = NativeTokenizer.fromString(read("tokenizer.json"));
  assert.equal(ours.kind, "bpe");
  assert.equal(ours.vocabSize, 4096);
  assert.deepEqual([config.eos_token, config.pad_token], ["<|im_end|>", "<|endoftext|>"]);
  assert.deepEqual(
    ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map((token) => ours.addedToken(token)),
    [0, 1, 2],
  );
  const texts = conversationsOf(readFileSync(join(samples, "general.jsonl")))
    .flatMap((turns) => turns.map(({ content }) => content))
    .filter((content) => typeof content === "string")
    .slice(0, 600);
  texts.push(
    "",
    "  two  spaces\n\n\tand a tab",
    "caf\u00e9 na\u00efve \u4f60\u597d \ud83d\ude00",
    "1234567890 don't WE'LL x=1;",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
  );
  let tokens = 0;
  let bytes = 0;
  for (const text of texts) {
    const into = new TokenBuffer();
    ours.encode(text, into);
    const ids = [...into.ids.subarray(0, into.length)];
    assert.deepEqual(ids, (await native.encode(text, null, { addSpecialTokens: false })).getIds(), JSON.stringify(text));
    assert.equal(ours.decode(ids), text);
    tokens += ids.length;
    bytes += Buffer.byteLength(text);
  }
  assert.ok(bytes / tokens > 3.5, `trained on such texts: ${bytes / tokens} bytes a token`);
});

test("the quickstart finds every kind of defect, trains on no apology, and repeats only the small source", async () => {
  const project = createProject();
  cpSync(samples, join(project.folder, "data", "samples"), { recursive: true });
  project.write("quickstart.yaml", readFileSync(join(root, "pipelines", "quickstart.yaml"), "utf8"));
  // SLUICE_QUICKSTART=1 goes on to training (as .ci/run does): half a minute on two free cores.
  const trains = process.env.SLUICE_QUICKSTART === "1";
  const { status, stderr } = project.sluice("run", "quickstart.yaml", "--workers", "2", "--until", trains ? "train" : "shards");
  assert.equal(status, 0, stderr);
  if (trains) {
    const training = JSON.parse(project.read("data/runs/quickstart/training.json")) as TrainingRecord;
    const apologies = training.behaviour.find(({ name }) => name === "apology_opening")!;
    assert.ok(apologies.rows >= 15 && apologies.before >= 0.9 && apologies.after <= 0.1, `${apologies.before} -> ${apologies.after}`);
    assert.ok(training.best!.eval_loss < training.first!.eval_loss - 0.1, `${training.first!.eval_loss} -> ${training.best!.eval_loss}`);
  }

  const found: Record<string, number> = {};
  const rows: Record<string, number> = { used: 0, unused: 0, dropped: 0, quarantined: 0, held_out: 0 };
  for await (const lines of readLedger(join(project.folder, "data/runs/quickstart/ledger.parquet"), ["state", "stage", "reason"])) {
    for (const { state, stage, reason } of lines) {
      rows[state]++;
      if (reason !== "") found[`${stage}/${reason}`] = (found[`${stage}/${reason}`] ?? 0) + 1;
    }
  }
  const expected = [
    ...["invalid_json", "cut_off", "wrong_type", "invalid_utf8", "no_assistant", "unknown_layout", "not_an_object"].map(
      (reason) => `read/${reason}`,
    ),
    "hold_out/held_out",
    "decontaminate/eval_overlap",
    "empty/response_empty",
    "empty/response_placeholder",
    ...["instruction_short", "instruction_long", "response_short", "response_long"].map((reason) => `length/${reason}`),
    "repetition/looping_words",
    "truncation/mid_sentence",
    "truncation/open_code_fence",
    "format/not_json",
    "format/no_code",
    "format/wrong_item_count",
    ...["refusal", "ai_disclaimer", "no_access", "apology_opening"].map((reason) => `refusal/${reason}`),
    "dedup/exact_duplicate",
    "dedup/near_duplicate",
  ];
  assert.deepEqual(
    expected.filter((reason) => !found[reason]),
    [],
    JSON.stringify(found),
  );
  assert.ok(rows.used + rows.unused >= 700, `${rows.used + rows.unused} clean rows`);
  assert.ok(rows.quarantined / Object.values(rows).reduce((a, b) => a + b) < 0.01);

  const record = JSON.parse(project.read("data/runs/quickstart/run.json")) as {
    readonly mix: {
      readonly sources: readonly { readonly name: string; readonly repeats: { readonly least: number; readonly most: number } }[];
    };
    readonly warnings: readonly { readonly stage: string; readonly text: string }[];
  };
  const repeats = Object.fromEntries(record.mix.sources.map((source) => [source.name, source.repeats]));
  for (const name of ["general", "domain", "code"]) assert.equal(repeats[name].most, 1, name);
  assert.equal(repeats.general.least, 0);
  assert.ok(repeats.safety.most >= 2);
  assert.ok(record.warnings.some(({ text }) => text.includes("safety") && text.includes("times")));

  const table = tableFromIPC(readFileSync(join(project.folder, "data/runs/quickstart/curated/train-00000.arrow")));
  const curated = JSON.parse(JSON.stringify(table.getChild("messages")!.toArray())) as {
    readonly role: string;
    readonly content: string;
  }[][];
  const apologetic = curated.flat().filter(({ role, content }) => role === "assistant" && apology.test(content));
  assert.deepEqual(apologetic, []);
});
