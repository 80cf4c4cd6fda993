// sluice explain RUN ROW-ID: one row's story.
import { explainRow, type Story } from "../../pipeline/explain.ts";
import { stopReason } from "../../pipeline/reasons.ts";
import { type Command, jsonOption } from "../command.ts";
import { findRun } from "../recipe-file.ts";
import { formatMessages, printable, printableName } from "../show.ts";

export const explain: Command = {
  words: "RUN ROW-ID",
  positionals: { least: 2, most: 2 },
  options: { json: jsonOption },
  async run({ values, positionals: [run, id] }) {
    const story = await explainRow(findRun(run), id);
    process.stdout.write(values.json === true ? `${JSON.stringify(story)}\n` : storyText(story));
    return 0;
  },
};

function storyText({ line, messages, raw, survivor }: Story): string {
  const parts = [`${printableName(line.id)}\n${fateText(line)}\n`];
  if (line.content_hash !== "") parts.push(`content hash ${line.content_hash}\n`);
  if (line.flags.length > 0) parts.push(`flags: ${line.flags.join(", ")}\n`);
  if (line.evidence !== "") {
    const { review, ...evidence } = JSON.parse(line.evidence) as { readonly review?: object };
    if (Object.keys(evidence).length > 0) parts.push(`evidence:\n${indented(evidence)}`);
    if (review) parts.push(`review:\n${indented(review)}`);
  }
  if (messages) parts.push(`conversation:\n${formatMessages(messages)}`);
  if (raw !== undefined) parts.push(`raw bytes:\n  ${printable(raw.slice(0, 600))}\n`);
  if (survivor) parts.push(`dropped in favour of ${printableName(survivor.id)}:\n${formatMessages(survivor.messages)}`);
  return parts.join("");
}

function fateText({ state, stage, reason, times_used }: Story["line"]): string {
  switch (state) {
    case "used":
      return `used: ${times_used} ${times_used === 1 ? "time" : "times"} in the training mix${edited(reason)}`;
    case "unused":
      if (reason === stopReason)
        return `unused: the run ended ${stage === "read" ? "before the row was judged" : "without a mix; the row passed every stage before it"}`;
      return `unused: it passed every stage, but the mix did not need it${edited(reason)}`;
    case "held_out":
      return "held out for evaluation: it never reaches training";
    case "quarantined":
      return `quarantined: could not be read as a row (${reason})`;
    default:
      return `dropped by ${stage}: ${reason}`;
  }
}

function edited(reason: string): string {
  return reason === "review_edited" ? ", with the text that a reviewer gave it" : "";
}

function indented(evidence: object): string {
  return Object.entries(evidence)
    .map(([name, value]) => `  ${name}: ${printable(typeof value === "string" ? value : JSON.stringify(value))}\n`)
    .join("");
}
