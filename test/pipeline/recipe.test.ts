// A recipe's text to its frozen value, and every way in which it can be wrong: the line, what was expected, what was found, what to do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { SluiceError } from "../../src/core/errors.ts";
import { filters as registry } from "../../src/filters/index.ts";
import { lineOfKey, parseRecipe } from "../../src/pipeline/recipe.ts";
import { diffRecipes } from "../../src/pipeline/recipe-diff.ts";
import { recipeJsonSchema, recipeJsonSchemaText } from "../../src/pipeline/recipe-json-schema.ts";
import { root } from "../shared.ts";

/** Three lines that are enough; what a test adds begins in line 4. */
const least = "tokenizer: some/tokenizer\nsources:\n  notes: { path: notes.jsonl }\n";

function errorOf(text: string): SluiceError {
  try {
    parseRecipe(text, "r.yaml");
  } catch (error) {
    assert.ok(error instanceof SluiceError, `a user's error, not ${String(error)}`);
    assert.equal(error.exitCode, 2);
    return error;
  }
  return assert.fail(`no error for ${text}`);
}

const fromDesign = `
name: finance-assistant
seed: 42
tokenizer: Qwen/Qwen2.5-0.5B        # a folder or a Hub id
chat_template: tokenizer            # tokenizer | chatml | alpaca | a .jinja file
sources:
  general: { path: data/general/*.jsonl }              # glob, hf://, s3://, https://; jsonl json csv parquet arrow, .gz .zst
  domain:  { path: data/finance.parquet, columns: { instruction: question, response: answer } }
  code:    { path: data/code.json, format: alpaca }    # auto | messages | sharegpt | alpaca | prompt-completion | text
  safety:  { path: data/safety/ }
hold_out: { fraction: 0.02, max_rows: 500 }            # by content, before anything else looks at the data
decontaminate: { against: [data/eval/*.jsonl] }        # the held-out rows are always in
filters:
  length:     { min_instruction_tokens: 5, max_instruction_tokens: 512, min_response_tokens: 20, max_response_tokens: 2048 }
  empty:      { min_response_characters: 20 }
  repetition: { min_unique_word_ratio: 0.3, min_words: 10 }
  truncation: { min_characters: 50 }
  format:     {}
  refusal:    { action: flag }
dedup: { scope: prompt, threshold: 0.9, keep: [source, longest, first] }
mix:
  target_total: 50000
  proportions: { general: 0.35, domain: 0.30, code: 0.20, safety: 0.15 }
  max_repeats: 4
  shortfall: upsample               # upsample | shrink | fail
train:
  model: Qwen/Qwen2.5-0.5B
  method: lora                      # full | lora | qlora
  learning_rate: 2e-4
  num_train_epochs: 2
`;

test("a whole recipe with every section parses to what it says", () => {
  const { recipe, notes } = parseRecipe(fromDesign, "finance.yaml");
  assert.deepEqual(notes, []);
  assert.equal(recipe.name, "finance-assistant");
  assert.deepEqual(recipe.sources, [
    { name: "general", path: ["data/general/*.jsonl"], format: "auto" },
    { name: "domain", path: ["data/finance.parquet"], format: "auto", columns: { instruction: "question", response: "answer" } },
    { name: "code", path: ["data/code.json"], format: "alpaca" },
    { name: "safety", path: ["data/safety/"], format: "auto" },
  ]);
  assert.deepEqual(recipe.hold_out, { fraction: 0.02, max_rows: 500 });
  assert.deepEqual(recipe.decontaminate?.against, ["data/eval/*.jsonl"]);
  assert.deepEqual(
    recipe.filters.map(({ name, action }) => `${name} ${action}`),
    ["length drop", "empty drop", "repetition drop", "truncation drop", "format drop", "refusal flag"],
  );
  assert.deepEqual(recipe.dedup?.keep, ["source", "longest", "first"]);
  assert.deepEqual(recipe.mix.proportions, { general: 0.35, domain: 0.3, code: 0.2, safety: 0.15 });
  assert.equal(recipe.train.learning_rate, 2e-4);
  assert.equal(recipe.train.method, "lora");
});

test("every default is filled in", () => {
  const { recipe } = parseRecipe(least, "some folder/my notes.yaml");
  assert.equal(recipe.name, "my-notes");
  assert.equal(recipe.seed, 42);
  assert.equal(recipe.chat_template, "tokenizer");
  assert.equal(recipe.max_quarantined, 0.01);
  assert.equal(recipe.max_record_bytes, 64 * 2 ** 20);
  assert.equal(recipe.memory_limit, 2 ** 30);
  assert.equal(recipe.split_bytes, 16 * 2 ** 20);
  assert.equal(recipe.hold_out, null);
  assert.deepEqual(recipe.decontaminate?.against, []);
  assert.deepEqual(recipe.dedup, { scope: "prompt", threshold: 0.9, keep: ["source", "longest", "first"], permutations: 128 });
  assert.deepEqual(recipe.mix, { weigh_by: "rows", max_repeats: 4, shortfall: "upsample" });
  assert.equal(recipe.train.max_length, 2048);
  assert.equal(recipe.train.packing, true);
  assert.equal(recipe.train.per_device_train_batch_size, 1);
  const standard = registry.filter(({ optIn }) => optIn !== true);
  assert.deepEqual(
    recipe.filters,
    standard.map(({ name, action, defaults }) => ({ name, action, options: { ...defaults } })),
  );
  const { recipe: held } = parseRecipe(`${least}hold_out: {}\n`, "r.yaml");
  assert.deepEqual(held.hold_out, { fraction: 0.02, max_rows: 500 });
});

test("the value is frozen to its leaves", () => {
  const { recipe } = parseRecipe(fromDesign, "r.yaml");
  for (const part of [recipe, recipe.sources, recipe.sources[1].columns, recipe.filters[0].options, recipe.mix.proportions, recipe.train])
    assert.ok(Object.isFrozen(part));
});

test("named filters run in the recipe's order, with what is not said at its default; false takes one out", () => {
  const { recipe } = parseRecipe(`${least}filters: { empty: true, length: { min_response_tokens: 7 }, pattern: false }\n`, "r.yaml");
  assert.deepEqual(
    recipe.filters.map(({ name }) => name),
    ["empty", "length"],
  );
  const { min_response_tokens, min_instruction_tokens } = recipe.filters[1].options;
  assert.deepEqual([min_response_tokens, min_instruction_tokens], [7, 5]);
});

test("sources keep the recipe's order, which is their priority, whatever their names", () => {
  const { recipe } = parseRecipe(
    "tokenizer: t\nsources:\n  b: { path: b }\n  10: { path: ten }\n  a: { path: a }\n  9: { path: nine }\n",
    "r.yaml",
  );
  assert.deepEqual(
    recipe.sources.map(({ name, path }) => [name, path[0]]),
    [
      ["b", "b"],
      ["10", "ten"],
      ["a", "a"],
      ["9", "nine"],
    ],
  );
});

test("stages are turned off with false", () => {
  const { recipe } = parseRecipe(`${least}hold_out: false\ndecontaminate: false\ndedup: false\n`, "r.yaml");
  assert.deepEqual([recipe.hold_out, recipe.decontaminate, recipe.dedup], [null, null, null]);
});

test("sizes are numbers of bytes or texts with a unit", () => {
  const sizeOf = (text: string): number => parseRecipe(`${least}memory_limit: ${text}\n`, "r.yaml").recipe.memory_limit;
  assert.equal(sizeOf("4096"), 4096);
  assert.equal(sizeOf("500MB"), 500e6);
  assert.equal(sizeOf("1.5 gib"), 1.5 * 2 ** 30);
  assert.equal(sizeOf("64_000 KiB"), 64_000 * 1024);
  assert.match(errorOf(`${least}memory_limit: 5 apples\n`).parts.expected, /such as 500MB or 2GiB/);
  errorOf(`${least}memory_limit: 0\n`);
});

test("an unknown key names its line and the nearest key", () => {
  const cases: readonly (readonly [text: string, where: string, near: string])[] = [
    ["\n# a remark\nmax_quarantine: 0.1\n", "r.yaml:6 max_quarantined".slice(0, -1), "max_quarantined"],
    ["train:\n  method: full\n  learning_rte: 1e-4\n", "r.yaml:6 train.learning_rte", "learning_rate"],
    ["dedup: { treshold: 0.8 }\n", "r.yaml:4 dedup.treshold", "threshold"],
    ["hold_out:\n  fracton: 0.1\n", "r.yaml:5 hold_out.fracton", "fraction"],
    ["filters:\n  lenght: {}\n", "r.yaml:5 filters.lenght", "length"],
    ["filters:\n  length:\n    min_response_token: 3\n", "r.yaml:6 filters.length.min_response_token", "min_response_tokens"],
  ];
  for (const [text, where, near] of cases) {
    const { parts } = errorOf(least + text);
    assert.equal(parts.where, where);
    assert.match(parts.found, /unknown key/);
    assert.equal(parts.fix, `did you mean ${near}?`);
  }
  assert.match(errorOf(`${least}dedup: { treshold: 0.8 }\n`).parts.expected, /scope, threshold, keep/);
  assert.match(
    errorOf(`${least}train: { learning_rte: 1 }\n`).parts.expected,
    /^one of the \d+ keys of train \(pipelines\/recipe\.schema\.json\)$/,
  );
});

test("a value of the wrong type or out of range says what may stand there", () => {
  const cases: readonly (readonly [text: string, where: string, expected: string, found: string])[] = [
    ["seed: high\n", "r.yaml:4 seed", "a number", '"high"'],
    ["seed: -1\n", "r.yaml:4 seed", "at least 0", "-1"],
    ["train: { max_length: 3.5 }\n", "r.yaml:4 train.max_length", "a whole number", "3.5"],
    ["train:\n  packing: maybe\n", "r.yaml:5 train.packing", "true or false", '"maybe"'],
    ["train: { num_train_epochs: 0 }\n", "r.yaml:4 train.num_train_epochs", "more than 0", "0"],
    ["train: { lora_dropout: 1 }\n", "r.yaml:4 train.lora_dropout", "less than 1", "1"],
    ["hold_out: { fraction: 2 }\n", "r.yaml:4 hold_out.fraction", "at most 1", "2"],
    ["hold_out: true\n", "r.yaml:4 hold_out", "false or keys and values", "true"],
    ["mix: { shortfall: steal }\n", "r.yaml:4 mix.shortfall", "upsample, shrink, fail", '"steal"'],
    ["dedup: { keep: [longest, newest] }\n", "r.yaml:4 dedup.keep.1", "source, longest, quality, first, position", '"newest"'],
    ["dedup: { permutations: 100 }\n", "r.yaml:4 dedup.permutations", "a multiple of 16", "100"],
    ["name: two words\n", "r.yaml:4 name", "letters, digits, dots, dashes and underscores, first a letter or digit", '"two words"'],
    ["filters: { length: { action: delete } }\n", "r.yaml:4 filters.length.action", "drop, flag", '"delete"'],
    ["dedup: { threshold: .nan }\n", "r.yaml:4 dedup.threshold", "a number", "NaN"],
    ["dedup: { threshold: .inf }\n", "r.yaml:4 dedup.threshold", "a number", "Infinity"],
    ["filters: [length]\n", "r.yaml:4 filters", "keys and values", '["length"]'],
    ["train: { adam_beta1: 1 }\n", "r.yaml:4 train.adam_beta1", "less than 1", "1"],
    ["train: { adam_beta2: 1 }\n", "r.yaml:4 train.adam_beta2", "less than 1", "1"],
    ['train: { model: "" }\n', "r.yaml:4 train.model", "a text that is not empty", '""'],
    ["dedup: { keep: [] }\n", "r.yaml:4 dedup.keep", "a list that is not empty", "[]"],
    ["train: { target_modules: [] }\n", "r.yaml:4 train.target_modules", "a list that is not empty", "[]"],
  ];
  for (const [text, where, expected, found] of cases) {
    const { parts } = errorOf(least + text);
    assert.deepEqual({ where: parts.where, expected: parts.expected, found: parts.found }, { where, expected, found });
  }
});

test("a section with nothing under it says what to write", () => {
  const cases: readonly (readonly [text: string, where: string, fix: RegExp])[] = [
    ["mix:\n  # target_total: 3\n", "r.yaml:4 mix", /remove the line to use every row once/],
    ["filters:\n", "r.yaml:4 filters", /remove the line to run all filters[^]*filters: \{\} to run none/],
    ["filters:\n  empty:\n", "r.yaml:5 filters.empty", /empty: \{\} for its defaults, empty: false to leave it out/],
    ["dedup:\n", "r.yaml:4 dedup", /dedup: false to turn it off/],
    ["seed:\n", "r.yaml:4 seed", /remove the line to have the default/],
    ["train:\n  max_length:\n", "r.yaml:5 train.max_length", /remove the line to have the default/],
  ];
  for (const [text, where, fix] of cases) {
    const { parts } = errorOf(least + text);
    assert.deepEqual([parts.where, parts.found], [where, "nothing behind the colon"]);
    assert.match(parts.fix, fix);
  }
});

test("columns that no layout has are told with the source and the line", () => {
  const { parts } = errorOf("tokenizer: t\nsources:\n  a: { path: a }\n  b:\n    path: b\n    columns: { question: q }\n");
  assert.equal(parts.where, "r.yaml:6 sources.b.columns");
  assert.match(parts.expected, /instruction and response/);
});

test("columns that would not be read beside others are told", () => {
  const errorFor = (columns: string): string => errorOf(`tokenizer: t\nsources:\n  a: { path: a, columns: { ${columns} } }\n`).parts.found;
  assert.equal(errorFor("text: q, response: a"), "text, response: response would not be read");
  assert.equal(errorFor("messages: m, instruction: q"), "messages, instruction: instruction would not be read");
  assert.equal(errorFor("prompt: p, instruction: q, answer: a"), "prompt, instruction, answer: prompt would not be read");
  const together = ["instruction: q, input: i, response: a, system: s", "messages: m, system: s", "text: t"];
  for (const columns of together)
    assert.doesNotThrow(() => parseRecipe(`tokenizer: t\nsources:\n  a: { path: a, columns: { ${columns} } }\n`, "r.yaml"));
});

test("projections that a model does not have are told with the line", () => {
  const { parts } = errorOf(`${least}train:\n  method: lora\n  target_modules: [q_proj, w_proj]\n`);
  assert.deepEqual([parts.where, parts.found], ["r.yaml:6 train.target_modules", "w_proj"]);
});

test("settings of training that name no model are told to have no effect", () => {
  const notesOf = (train: string): readonly string[] => parseRecipe(`${least}train: { ${train} }\n`, "r.yaml").notes;
  assert.match(
    notesOf("method: lora, r: 8")[0],
    /names no model, so nothing is trained and these have no effect: method \(line 4\), r \(line 4\)$/,
  );
  assert.deepEqual(notesOf("max_length: 512, packing: false"), []);
});

test("the line of a key is that of the nearest key around it", () => {
  const text = `${least}base_model: x\nmix:\n  proportions: { notes: 1 }\n`;
  const lines = [["tokenizer"], ["mix", "max_repeats"], ["mix", "proportions", "notes"], ["train", "model"], ["chat_template"]];
  assert.deepEqual(
    lines.map((key) => lineOfKey(text, key)),
    [1, 5, 6, 4, undefined],
  );
});

test("what is missing is named", () => {
  const noTokenizer = errorOf("sources:\n  a: { path: x.jsonl }\n").parts;
  assert.deepEqual([noTokenizer.where, noTokenizer.found, noTokenizer.fix], ["r.yaml:1 tokenizer", "nothing", "add tokenizer"]);
  assert.match(errorOf("tokenizer: t\nsources:\n  a: {}\n").parts.where, /^r\.yaml:3 sources\.a\.path$/);
  assert.equal(errorOf("tokenizer: t\nsources: {}\n").parts.expected, "at least one source");
  assert.match(errorOf("tokenizer: t\nsources:\n  two words: { path: x }\n").parts.expected, /^a name of letters/);
});

test("several errors come in one message, each with its line", () => {
  const { message } = errorOf(`${least}sed: 3\ntrain:\n  max_length: long\n  packing: 7\ndedup: { threshold: 5 }\n`);
  for (const place of ["r.yaml:4 sed", "r.yaml:6 train.max_length", "r.yaml:7 train.packing", "r.yaml:8 dedup.threshold"])
    assert.ok(message.includes(place), `${place} in ${message}`);
});

test("a filter's options out of range are told with the line and what is allowed", () => {
  const { message } = errorOf(
    `${least}filters:\n  length: { min_instruction_tokens: -5 }\n  empty: {}\n  repetition: { min_unique_word_ratio: 3 }\n`,
  );
  assert.match(message, /r\.yaml:5 filters\.length\n {2}expected: min_instruction_tokens must be/);
  assert.match(message, /r\.yaml:7 filters\.repetition\n {2}expected: min_unique_word_ratio must be/);
  assert.equal(errorOf(`${least}filters: { length: { min_instruction_tokens: lots } }\n`).parts.expected, "a number");
});

test("proportions without a share are told before any work", () => {
  for (const [shares, found] of [
    ["{ notes: 0 }", "only zeros"],
    ["{}", "no shares"],
  ]) {
    const { parts } = errorOf(`${least}mix:\n  proportions: ${shares}\n`);
    assert.deepEqual([parts.where, parts.found], ["r.yaml:5 mix.proportions", found]);
  }
});

test("proportions name sources that are there", () => {
  const { parts } = errorOf(`${least}mix:\n  proportions: { notes: 0.5, nots: 0.5 }\n`);
  assert.equal(parts.where, "r.yaml:5 mix.proportions.nots");
  assert.equal(parts.fix, "did you mean notes?");
});

test("bf16 and fp16 exclude each other; fp16 takes the place of a preset's bf16", () => {
  assert.match(errorOf(`${least}train:\n  bf16: true\n  fp16: true\n`).message, /r\.yaml:6[^]*train\.fp16[^]*bf16 or fp16[^]*both/);
  const { bf16, fp16 } = parseRecipe(`${least}train: { preset: 7b-50k, fp16: true }\n`, "r.yaml").recipe.train;
  assert.deepEqual([bf16, fp16], [false, true]);
  assert.match(errorOf(`${least}train: { preset: 7b-50k, bf16: true, fp16: true }\n`).message, /bf16 or fp16/);
});

test("other tools' words are read as ours, and that is told", () => {
  const { recipe, notes } = parseRecipe(
    `${least}val_set_size: 0.1\nbase_model: org/model\nsequence_len: 1024\ntrain:\n  method: lora\n  epochs: 3\n  lora_r: 8\n  micro_batch_size: 4\n`,
    "r.yaml",
  );
  assert.equal(recipe.hold_out?.fraction, 0.1);
  assert.equal(recipe.hold_out?.max_rows, 500);
  const { model, max_length, num_train_epochs, r, per_device_train_batch_size } = recipe.train;
  assert.deepEqual([model, max_length, num_train_epochs, r, per_device_train_batch_size], ["org/model", 1024, 3, 8, 4]);
  assert.equal(notes.length, 6);
  assert.ok(notes.includes("val_set_size (line 4) is read as hold_out.fraction"));
  assert.ok(notes.includes("train.epochs (line 9) is read as train.num_train_epochs"));
});

test("other tools' words of training: the same thing is taken over, another thing is told what to write instead", () => {
  const text = "model: m, rank: 4, gradient_clipping: 0.5, use_bf16: true, num_warmup_steps: 3, evaluation_strategy: no, method: lora";
  const { recipe, notes } = parseRecipe(`${least}train: { ${text} }\n`, "r.yaml");
  const { r, max_grad_norm, bf16, warmup_steps, eval_strategy } = recipe.train;
  assert.deepEqual([r, max_grad_norm, bf16, warmup_steps, eval_strategy], [4, 0.5, true, 3, "no"]);
  assert.equal(notes.length, 5);
  const cases: readonly (readonly [key: string, fix: RegExp])[] = [
    ["load_in_4bit: true", /method: qlora/],
    ["train_on_inputs: false", /opposite, assistant_only_loss/],
    ["completion_only_loss: true", /assistant_only_loss: true/],
    ["warmup: 10", /warmup_steps .* or warmup_ratio/],
    ["load_best_model_at_end: true", /remove it.*checkpoints\/best/],
    ["save_strategy: steps", /save_steps/],
  ];
  for (const [key, fix] of cases) {
    assert.match(errorOf(`${least}train: { ${key} }\n`).parts.fix, fix);
    assert.match(errorOf(`${least}${key}\n`).parts.fix, fix);
  }
  assert.equal(errorOf(`${least}warmup_steps: 3\n`).parts.fix, "write it below train: train.warmup_steps");
  assert.equal(errorOf(`${least}train: { save_frequency: 3 }\n`).parts.fix, "did you mean save_steps?");
});

test("a wrong value under another tool's word is told at the line where it stands", () => {
  assert.equal(errorOf(`${least}packing: sometimes\n`).parts.where, "r.yaml:4 train.packing");
  assert.equal(errorOf(`${least}dedup:\n  similarity: 3\n`).parts.where, "r.yaml:5 dedup.threshold");
});

test("a word of ours and another tool's for the same thing do not stand side by side", () => {
  const { parts } = errorOf(`${least}base_model: x\ntrain: { model: y }\n`);
  assert.equal(parts.where, "r.yaml:4 base_model");
  assert.match(parts.fix, /train\.model, which is there too/);
  assert.match(errorOf(`${least}val_set_size: 0.1\nhold_out: false\n`).parts.where, /^r\.yaml:4 val_set_size$/);
});

test("broken YAML and files that are no recipe are told with the line", () => {
  const tab = errorOf("tokenizer: t\n\tsources: {}\n").parts;
  assert.equal(tab.where, "r.yaml:2");
  assert.match(tab.found, /[Tt]ab/);
  assert.equal(errorOf("a: [1,\nb: 2").parts.expected, "YAML");
  const twice = errorOf(`${least}mix:\n  max_repeats: 2\n  shortfall: fail\n  max_repeats: 3\n`).parts;
  assert.deepEqual([twice.where, twice.found], ["r.yaml:7 max_repeats", "max_repeats again; it stands on line 5 too"]);
  assert.equal(errorOf("").parts.found, "nothing");
  assert.equal(errorOf("- a\n- b\n").parts.found, "a list");
  assert.equal(errorOf("some text").parts.found, "one value");
  const aliases = Array.from(
    { length: 9 },
    (_, i) =>
      `l${i}: &l${i} [${Array(9)
        .fill(i === 0 ? "x" : `*l${i - 1}`)
        .join(", ")}]`,
  );
  assert.match(errorOf(aliases.join("\n")).parts.fix, /write the values out/);
});

test("differences of two recipes are leaves with their path", () => {
  const before = parseRecipe(`${least}seed: 1\n`, "r.yaml").recipe;
  const after = parseRecipe(`${least}seed: 2\nmix: { target_total: 9 }\n`, "r.yaml").recipe;
  assert.deepEqual(diffRecipes(before, after), [
    { path: "seed", before: 1, after: 2 },
    { path: "mix.target_total", before: undefined, after: 9 },
  ]);
  assert.deepEqual(diffRecipes(before, before), []);
});

test("pipelines/recipe.schema.json is that of this version", () => {
  assert.equal(
    readFileSync(join(root, "pipelines", "recipe.schema.json"), "utf8"),
    recipeJsonSchemaText(),
    "out of date: npm run build && npm run schema, then commit pipelines/recipe.schema.json",
  );
});

test("the JSON Schema has help for every key, and every key of the quickstart", () => {
  type Node = { properties?: Record<string, Node>; anyOf?: Node[]; additionalProperties?: Node | boolean; description?: string };
  const optionsOf = (node: Node): Node => node.anyOf?.find((one) => one.properties) ?? node;
  const silent: string[] = [];
  const walk = (node: Node, path: string): void => {
    for (const [key, inner] of Object.entries(optionsOf(node).properties ?? {})) {
      const here = path === "" ? key : `${path}.${key}`;
      // Filters are named, their options have help.
      if (!inner.description && path !== "filters") silent.push(here);
      walk(inner, here);
    }
  };
  const schema = recipeJsonSchema() as Node;
  walk(schema, "");
  assert.deepEqual(silent, []);
  const text = readFileSync(join(root, "pipelines", "quickstart.yaml"), "utf8");
  assert.ok(text.startsWith("# yaml-language-server: $schema=recipe.schema.json\n"));
  const { notes, recipe } = parseRecipe(text, "quickstart.yaml");
  assert.deepEqual(notes, []);
  for (const { name, options } of recipe.filters)
    for (const option of Object.keys(options))
      assert.ok(optionsOf(optionsOf(schema).properties!.filters.properties![name]).properties![option]);
});
