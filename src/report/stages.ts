// What stages are called on the page, and what they do in one line.

const titles: Readonly<Record<string, readonly [string, string]>> = {
  read: ["Reading", "Records that are no conversation are put aside with their bytes."],
  review: ["Review", "Rows that reviewers dropped, by the decisions beside the recipe."],
  hold_out: ["Hold-out", "Rows kept for evaluation, chosen by content before anything else looked at the data."],
  decontaminate: ["Decontamination", "Rows that hold evaluation items, word for word or reworded."],
  chat_template: ["Chat template", "Rows that the template refuses, or that have no token to learn from."],
  dedup: ["Duplicates", "Rows that say what a row that stays says already."],
  mix: ["Mix", "Rows that passed everything, but the mix had enough of their source."],
};

export function stageTitle(stage: string): string {
  return titles[stage]?.[0] ?? `Filter: ${stage.replaceAll("_", " ")}`;
}

export function stageLine(stage: string): string {
  return titles[stage]?.[1] ?? "";
}
