// Public instruction sets whose names or labels tell the task type, mapped onto ours. The mapping is ours; "any of" where a label fits two.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { TaskName } from "../../src/diversity/task-names.ts";
import { missing, shared } from "../shared.ts";

export interface LabelledSet {
  readonly name: string;
  /** "clear": the instruction says its task in words; "hard": the label is the file's, and a reader of one row might doubt it. */
  readonly kind: "clear" | "hard";
  readonly rows: readonly { readonly text: string; readonly tasks: readonly TaskName[] }[];
}

type Json = Record<string, unknown>;

function json(...path: string[]): Json[] {
  return JSON.parse(readFileSync(shared("data", ...path), "utf8")) as Json[];
}

function lines(...path: string[]): Json[] {
  const bytes = readFileSync(shared("data", ...path));
  const text = (path.at(-1)?.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Json);
}

/** Rows of a CSV file without line breaks that matter: quotes and commas only. */
function csv(...path: string[]): string[][] {
  const text = readFileSync(shared("data", ...path), "utf8");
  const rows: string[][] = [[""]];
  let quoted = false;
  for (const character of text) {
    const row = rows[rows.length - 1];
    if (character === '"') quoted = !quoted;
    else if (character === "," && !quoted) row.push("");
    else if (character === "\n" && !quoted) rows.push([""]);
    else row[row.length - 1] += character;
  }
  return rows.filter((row) => row.length > 1);
}

function alpaca({ instruction, input }: Json): string {
  return input ? `${String(instruction)}\n${String(input)}` : String(instruction);
}

/** T0 templates by the end of their file's name. */
const t0: Readonly<Record<string, readonly TaskName[]>> = {
  "general/t0_p3/adversarial_qa_dbert_answer_the_following_q": ["question answering", "extraction"],
  "general/t0_p3/ag_news_classify": ["classification"],
  "general/t0_p3/amazon_polarity_Is_this_product_review_positive": ["classification"],
  "general/t0_p3/amazon_polarity_Is_this_review": ["classification"],
  "general/t0_p3/amazon_polarity_Is_this_review_negative": ["classification"],
  "general/t0_p3/commonsense_qa_answer_given_question_without_options": ["question answering"],
  "general/t0_p3/commonsense_qa_most_suitable_answer": ["question answering"],
  "general/t0_p3/commonsense_qa_question_answering": ["question answering"],
  "general/t0_p3/commonsense_qa_question_to_answer_index": ["question answering"],
  "general/t0_p3/gigaword_TLDR": ["summarisation"],
  "general/t0_p3/gigaword_generate_summary_for_this": ["summarisation"],
  "general/t0_p3/gigaword_in_a_nutshell": ["summarisation"],
  "general/t0_p3/gigaword_make_a_title": ["summarisation"],
  "general/t0_p3/gigaword_write_an_article": ["creative writing"],
  "general/t0_p3/gigaword_write_its_sentence": ["summarisation"],
  "general/t0_p3/qasc_is_correct_1": ["classification", "question answering"],
  "general/t0_p3/qasc_qa_with_combined_facts_1": ["question answering"],
  "general/t0_p3/qasc_qa_with_separated_facts_1": ["question answering"],
  "general/t0_p3/qasc_qa_with_separated_facts_3": ["question answering"],
  "general/t0_p3/qasc_qa_with_separated_facts_4": ["question answering"],
  "general/t0_p3/quartz_answer_question_below": ["question answering"],
  "general/t0_p3/quartz_given_the_fact_answer_the_q": ["question answering"],
  "general/t0_p3/samsum_Sum_up_the_following_dialogue": ["summarisation"],
  "general/t0_p3/samsum_Summarize_": ["summarisation"],
  "general/t0_p3/samsum_Summarize_this_dialogue_": ["summarisation"],
  "general/t0_p3/samsum_Write_a_dialogue_that_match_this_summary": ["creative writing"],
  "general/t0_p3/sciq_Direct_Question": ["question answering"],
  "general/t0_p3/sciq_Direct_Question_Closed_Book_": ["question answering"],
  "general/t0_p3/social_i_qa_Generate_answer": ["question answering"],
  "general/t0_p3/social_i_qa_I_was_wondering": ["question answering"],
  "general/t0_p3/social_i_qa_Show_choices_and_generate_answer": ["question answering"],
  "general/t0_p3/trec_fine_grained_open": ["classification", "question answering"],
  "general/t0_p3/trec_what_category_best_describe": ["classification"],
  "general/t0_p3/wiki_qa_Is_This_True_": ["classification", "question answering"],
  "general/t0_p3/wiki_qa_exercise": ["classification"],
  "general/t0_p3/xsum_DOC_write_summary_of_above": ["summarisation"],
  "general/t0_p3/yelp_review_full_format_rating": ["classification"],
  "neardup/t0_pairs/glue_mrpc_equivalent": ["classification"],
  "neardup/t0_pairs/glue_mrpc_generate_paraphrase": ["rewriting"],
  "neardup/t0_pairs/glue_mrpc_same_thing": ["classification"],
  "neardup/t0_pairs/glue_qqp_duplicate": ["classification"],
};

const superni: Readonly<Record<string, readonly TaskName[]>> = {
  task073_commonsenseqa_answer_generation: ["question answering"],
  task1290_xsum_summarization: ["summarisation"],
  task1572_samsum_summary: ["summarisation"],
  task363_sst2_polarity_classification: ["classification"],
  task591_sciq_answer_generation: ["question answering"],
  task875_emotion_classification: ["classification"],
};

const skills: Readonly<Record<string, readonly TaskName[]>> = {
  Math: ["mathematics"],
  "Code Generation": ["code"],
  "Code Debug": ["code"],
  Writting: ["creative writing"],
  Roleplay: ["conversation", "creative writing"],
  Biology: ["question answering"],
  History: ["question answering"],
  Physics: ["question answering"],
  Medicine: ["question answering"],
  "Common-Sense": ["question answering"],
};

const benchCategories: Readonly<Record<string, readonly TaskName[]>> = {
  writing: ["creative writing"],
  roleplay: ["conversation", "creative writing"],
  math: ["mathematics"],
  coding: ["code"],
  extraction: ["extraction", "classification"],
  stem: ["question answering"],
  humanities: ["question answering", "creative writing"],
  generic: ["question answering"],
  knowledge: ["question answering"],
  "common-sense": ["question answering"],
  counterfactual: ["question answering"],
};

export const missingData = missing("data", "eval", "gsm8k", "test.jsonl");

export function labelledSets(): LabelledSet[] {
  const sets: LabelledSet[] = [];
  const add = (name: string, kind: "clear" | "hard", texts: readonly string[], ...tasks: TaskName[]): void => {
    sets.push({ name, kind, rows: texts.map((text) => ({ text, tasks })) });
  };
  const field = (rows: readonly Json[], name: string): string[] => rows.map((row) => String(row[name]));

  add("gsm8k", "clear", field(lines("eval", "gsm8k", "test.jsonl"), "question"), "mathematics");
  add("gsm8k reworded", "clear", field(lines("eval", "contamination", "rephrase_gsm8k.jsonl"), "text"), "mathematics");
  add("code alpaca", "clear", json("code", "codealpaca", "code_alpaca_2k.json").map(alpaca), "code");
  add("mbpp", "clear", field(lines("eval", "mbpp", "mbpp.jsonl"), "text"), "code");
  add("humaneval", "clear", field(lines("eval", "humaneval", "HumanEval.jsonl.gz"), "prompt"), "code");
  add("humaneval in javascript", "hard", field(lines("eval", "contamination", "humaneval_js.jsonl"), "text"), "code");
  for (const [file, tasks] of Object.entries(t0)) {
    add(`t0 ${file.slice(file.lastIndexOf("/") + 1)}`, "clear", field(lines(`${file}.jsonl`), "prompt"), ...tasks);
  }
  for (const [task, tasks] of Object.entries(superni)) {
    const file = task === "task1290_xsum_summarization" ? "test.json" : "train.json";
    const { Definition, Instances } = json("general", "superni", task, file) as unknown as { Definition: string[]; Instances: Json[] };
    add(
      `natural instructions ${task}`,
      "clear",
      field(Instances.slice(0, 200), "input").map((input) => `${Definition[0]}\n\n${input}`),
      ...tasks,
    );
  }
  const byLabel = (
    name: string,
    kind: "clear" | "hard",
    rows: readonly (readonly [string, string])[],
    map: Readonly<Record<string, readonly TaskName[]>>,
  ): void => {
    sets.push({ name, kind, rows: rows.flatMap(([text, label]) => (map[label] ? [{ text, tasks: map[label] }] : [])) });
  };
  const wizard = lines("eval", "chat", "WizardLM_testset.jsonl").map((row) => [String(row.Instruction), String(row.Skill)] as const);
  byLabel("wizardlm", "hard", wizard, skills);
  for (const bench of ["mt_bench", "vicuna_bench"]) {
    const rows = lines("eval", "chat", bench, "question.jsonl");
    byLabel(
      bench.replace("_", " "),
      "hard",
      rows.map((row) => [String((row.turns as string[])[0]), String(row.category)]),
      benchCategories,
    );
  }
  const fiqa = lines("domain", "pixiu", "fiqasa", "valid.jsonl") as unknown as { conversations: { value: string }[] }[];
  add(
    "fiqa sentiment",
    "clear",
    fiqa.map(({ conversations }) => conversations[0].value),
    "classification",
  );
  const finqa = lines("domain", "pixiu", "FinQA", "valid.jsonl") as unknown as { conversations: { value: string }[] }[];
  add(
    "finqa",
    "clear",
    finqa.map(({ conversations }) => conversations[0].value),
    "question answering",
    "mathematics",
  );
  add(
    "financebench",
    "hard",
    field(lines("domain", "financebench", "financebench_open_source.jsonl"), "question"),
    "question answering",
    "mathematics",
  );
  add("arc", "clear", field(lines("eval", "llm_foundry", "arc_challenge.jsonl"), "query"), "question answering");
  add(
    "truthfulqa",
    "clear",
    csv("eval", "truthfulqa", "TruthfulQA.csv")
      .slice(1)
      .map((row) => row[2]),
    "question answering",
  );
  const multipleChoice = ["anatomy", "astronomy", "marketing", "philosophy", "world_religions"].flatMap((subject) =>
    csv("eval", "mmlu", "test", `${subject}_test.csv`),
  );
  add(
    "mmlu",
    "hard",
    multipleChoice.map(([question, ...choices]) => [question, ...choices.slice(0, 4)].join("\n")),
    "question answering",
  );
  add(
    "mmlu mathematics",
    "hard",
    csv("eval", "mmlu", "test", "high_school_mathematics_test.csv").map(([question]) => question),
    "mathematics",
  );
  return sets;
}
