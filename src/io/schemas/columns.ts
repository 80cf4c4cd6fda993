// `columns:` of a recipe: the user says which of the file's columns hold what.
import { recipeError } from "../../core/errors.ts";
import { type Json, kindOf, refuse, toMessage } from "./conversation.ts";
import { type Layout, layouts, pairMessages } from "./layouts.ts";

/** Our names; several are one thing. */
const questions = ["instruction", "prompt", "question"] as const;
const inputs = ["input", "context"] as const;
const answers = ["response", "output", "completion", "answer"] as const;
const namesTogether = "instruction and response (with input, system), or messages (with system), or text alone";
const known = [...questions, ...inputs, ...answers, "system", "messages", "text"] as const;

export function columnLayout(columns: Readonly<Record<string, string>>, format: string): Layout {
  const unknown = Object.keys(columns).find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw wrong(`one of ${known.join(", ")}`, unknown);
  const theirs = (names: readonly string[]): string | undefined => names.map((name) => columns[name]).find((name) => name !== undefined);
  const question = theirs(questions);
  const input = theirs(inputs);
  const answer = theirs(answers);
  const { system, messages, text } = columns;
  const together =
    text !== undefined ? [["text"]] : [...(messages !== undefined ? [["messages"]] : [questions, inputs, answers]), ["system"]];
  const read = together.map((names) => names.find((name) => columns[name] !== undefined));
  const idle = Object.keys(columns).find((name) => !read.includes(name));
  if (idle !== undefined)
    throw wrong(`${namesTogether}; one name for each`, `${Object.keys(columns).join(", ")}: ${idle} would not be read`);
  const used = Object.values(columns);
  const missing = (record: Json, names: readonly (string | undefined)[]): string | undefined =>
    names.find((name) => name !== undefined && (record[name] === undefined || record[name] === null));
  const absent = (record: Json, name: string): ReturnType<typeof refuse> =>
    refuse(
      "missing_column",
      `the column ${name} is ${kindOf(record[name])}; the record's keys are ${Object.keys(record).slice(0, 8).join(", ") || "none"}`,
    );

  if (text !== undefined) {
    return {
      name: "text (columns)",
      fits: () => true,
      convert: (record) =>
        missing(record, [text]) ? absent(record, text) : { messages: [toMessage("assistant", record[text], text)], used },
    };
  }
  if (messages !== undefined) {
    const list = layouts.find(({ name }) => name === "messages")!;
    return {
      name: "messages (columns)",
      fits: () => true,
      convert(record) {
        if (missing(record, [messages])) return absent(record, messages);
        const given = { messages: record[messages], ...(system === undefined ? {} : { system: record[system] }) };
        if (!list.fits(given)) return refuse("wrong_type", `the column ${messages} is ${kindOf(record[messages])}, not a list of messages`);
        const converted = list.convert(given);
        return "reason" in converted ? converted : { messages: converted.messages, used };
      },
    };
  }
  if (question === undefined || answer === undefined)
    throw wrong("instruction and response, or messages, or text", `${Object.keys(columns).join(", ") || "nothing"} (format ${format})`);
  return {
    name: "columns",
    fits: () => true,
    convert(record) {
      const gap = missing(record, [question, answer]);
      if (gap !== undefined) return absent(record, gap);
      const before =
        system === undefined || record[system] === undefined || record[system] === null
          ? []
          : [toMessage("system", record[system], system)];
      return {
        messages: [...before, ...pairMessages([record[question], input === undefined ? undefined : record[input]], record[answer], answer)],
        used,
      };
    },
  };
}

function wrong(expected: string, found: string): Error {
  return recipeError({
    where: "sources columns",
    expected,
    found,
    fix: "write columns: { instruction: their_name, response: their_name }",
  });
}
