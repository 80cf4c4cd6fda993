// Records of any layout to messages. The layouts are tried in the order below, the most telling first; the first that fits makes the row.
// Names of fields are compared as they are, and once more in lower case with _ for spaces where nothing fits.
// `format` of a recipe allows one family of layouts only. One record is one row.
import { bareTurns, dialogueLog, listedTurns, messageTree, misshapenTurns, nestedTurns } from "./conversations.ts";
import { mapColumns } from "./columns.ts";
import { instructed, paired, plainText, transcript } from "./pairs.ts";
import { type Converted, type Converter, type Fields, isFields, isRejected, kindOf, type Layout, put, type Rejected, reject } from "./types.ts";

export type { Converted, Converter, Rejected, RejectReason } from "./types.ts";

export const formats = ["auto", "messages", "sharegpt", "alpaca", "prompt-completion", "text"] as const;
export type FormatName = (typeof formats)[number];

export interface ConverterOptions {
  readonly format: FormatName;
  /** Our names (instruction, input, response, system, messages, prompt, completion, text) to the records' names. */
  readonly columns?: Readonly<Record<string, string>>;
}

const textTranscript: Layout = (record) => (typeof record["text"] === "string" ? transcript(record, "text", record["text"]) : undefined);

const layouts: Readonly<Record<FormatName, readonly Layout[]>> = {
  auto: [listedTurns, messageTree, dialogueLog, instructed, paired, textTranscript, nestedTurns, misshapenTurns, plainText],
  messages: [listedTurns, nestedTurns, misshapenTurns],
  sharegpt: [listedTurns, misshapenTurns],
  alpaca: [instructed],
  "prompt-completion": [paired],
  text: [plainText],
};

const wanted: Readonly<Record<FormatName, string>> = {
  auto: "name the fields with columns:",
  messages: "format: messages wants `messages` with role and content",
  sharegpt: "format: sharegpt wants `conversations` with from and value",
  alpaca: "format: alpaca wants `instruction`, `output` and perhaps `input`",
  "prompt-completion": "format: prompt-completion wants `prompt` and `completion`",
  text: "format: text wants `text`",
};

export function createConverter({ format, columns }: ConverterOptions): Converter {
  const mapped = columns !== undefined && Object.keys(columns).length > 0 ? columns : undefined;
  const family = layouts[format];
  const convert = (record: Fields): Converted | Rejected => {
    if (mapped) return withColumns(record, mapped, family, format);
    return firstFit(record, family) ?? firstFit(lowerCased(record), family) ?? unknown(record, format);
  };
  return (value) => {
    if (Array.isArray(value)) {
      const turns = family.includes(listedTurns) && !mapped ? bareTurns(value as unknown[]) : undefined;
      return turns ?? reject("not_an_object", "the record is a list, expected an object");
    }
    if (!isFields(value)) return reject("not_an_object", `the record is ${kindOf(value)}, expected an object`);
    return convert(unwrapped(value));
  };
}

/** The Hub's viewer wraps each row: { row_idx, row }. */
function unwrapped(record: Fields): Fields {
  return isFields(record["row"]) && "row_idx" in record ? record["row"] : record;
}

function firstFit(record: Fields | undefined, family: readonly Layout[]): Converted | Rejected | undefined {
  if (record === undefined) return undefined;
  for (const layout of family) {
    const result = layout(record);
    if (result) return result;
  }
  return undefined;
}

/** The record with names in lower case and underscores; undefined where they already are. */
function lowerCased(record: Fields): Fields | undefined {
  const lower: Record<string, unknown> = {};
  let changed = false;
  for (const name in record) {
    const simple = name.trim().toLowerCase().replaceAll(" ", "_");
    const free = simple === name || !Object.hasOwn(record, simple);
    changed ||= simple !== name && free;
    put(lower, free ? simple : name, record[name]);
  }
  return changed ? lower : undefined;
}

/** What the mapped fields make; with the other fields' help where the mapping names only a part. */
function withColumns(record: Fields, columns: Readonly<Record<string, string>>, family: readonly Layout[], format: FormatName): Converted | Rejected {
  const mapped = mapColumns(record, columns);
  if (isRejected(mapped)) return mapped;
  const { named, others } = mapped;
  const alone = firstFit(named, family);
  if (alone && !isRejected(alone)) return { ...alone, meta: { ...others, ...alone.meta } };
  const together = alone ?? firstFit({ ...others, ...named }, family);
  return together ?? unknown({ ...others, ...named }, format);
}

function unknown(record: Fields, format: FormatName): Rejected {
  const names = Object.keys(record);
  const told = names.slice(0, 12).join(", ") + (names.length > 12 ? ", ..." : "");
  return reject("unknown_layout", `no known layout has ${names.length === 0 ? "no fields" : `the fields ${told}`}; ${wanted[format]}`);
}

