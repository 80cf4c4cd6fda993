// Does an answer have the form that was demanded? It knows demands and answers, not instructions. In doubt an answer passes.
import { createWordSpans, scanWords } from "../core/text.ts";
import type { Demand } from "./demands.ts";
import { lacksForm } from "./form-demands.ts";
import { isOtherLanguage } from "./languages.ts";

export type FormatReason =
  | "not_json"
  | "no_code"
  | "no_list"
  | "wrong_item_count"
  | "wrong_word_count"
  | "wrong_sentence_count"
  | "wrong_paragraph_count"
  | "wrong_language"
  | "wrong_form";

export interface Failed {
  readonly reason: FormatReason;
  /** What is there instead. */
  readonly found: string | number;
}

const spans = createWordSpans();
/** Longer answers are not parsed or counted, UTF-16 code units. */
const longest = 1 << 18;

export function checkDemand(demand: Demand, answer: string): Failed | undefined {
  if (answer.length > longest) return undefined;
  switch (demand.kind) {
    case "json":
      return holdsJson(answer) ? undefined : { reason: "not_json", found: answer.slice(0, 60) };
    case "code":
      return holdsCode(answer) ? undefined : { reason: "no_code", found: answer.slice(0, 60) };
    case "list":
      return isList(answer) ? undefined : { reason: "no_list", found: answer.slice(0, 60) };
    case "items":
      return outside(itemCount(answer, demand.min), demand, "wrong_item_count");
    case "words":
      return outside(scanWords(answer, spans).count, demand, "wrong_word_count");
    case "sentences":
      return outside(sentenceCount(answer), demand, "wrong_sentence_count");
    case "paragraphs":
      return outside(paragraphCount(answer, demand.min), demand, "wrong_paragraph_count");
    case "language":
      return isOtherLanguage(answer, demand.language) ? { reason: "wrong_language", found: answer.slice(0, 60) } : undefined;
    case "form":
      return lacksForm(demand.form, answer) ? { reason: "wrong_form", found: answer.slice(0, 60) } : undefined;
    default:
      return demand satisfies never;
  }
}

function outside(
  count: number | undefined,
  { min, max }: { readonly min: number; readonly max: number },
  reason: FormatReason,
): Failed | undefined {
  return count === undefined || (count >= min && count <= max) ? undefined : { reason, found: count };
}

/** True where the answer is JSON, or holds it in a fence, between brackets, or line by line. */
function holdsJson(answer: string): boolean {
  if (isJson(answer)) return true;
  for (const [, block] of answer.matchAll(/```[^\n]*\n([\s\S]*?)```/g)) if (isJson(block)) return true;
  for (const [open, close] of ["{}", "[]"]) {
    const from = answer.indexOf(open);
    const to = answer.lastIndexOf(close);
    if (from >= 0 && to > from && isJson(answer.slice(from, to + 1))) return true;
  }
  const lines = answer.split("\n").filter((line) => line.trim().startsWith("{"));
  return lines.length > 1 && lines.every((line) => isJson(line.trim().replace(/,$/, "")));
}

function isJson(text: string): boolean {
  const trimmed = text.trim();
  if (!/^[{["\d-]|^(?:true|false|null)$/.test(trimmed)) return false;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false;
  }
}

const codeSign = /[{}<>;=\\^$]/;
/** Without one of these no mark of code is there ... */
const mayBeMarked = /[`([#/]|\.\./;
const codeMark = /```|`[^`]+`|\w[([]|^[ \t]*(?:#|\/\/)|\[\w-\w\]|\w\.\.\w/m;
/** ... and without one of these words no keyword. */
const mayBeKeyword = /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|def|import|return|print|puts|echo|elif|endif|end|fi|done)\b/;
const keyword =
  /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|def|import|return|print|puts|echo|elif|endif)\b|^[ \t]*(?:end|fi|done)$/m;

/** Any trace of code: a fence, signs, a call, a keyword of a query. */
function holdsCode(answer: string): boolean {
  if (codeSign.test(answer) || (mayBeMarked.test(answer) && codeMark.test(answer))) return true;
  return mayBeKeyword.test(answer) && keyword.test(answer);
}

const marker = /^(\s*)(?:[-*•·‣◦–—+>]|\(?(\d{1,3})[.):、]|\(?[a-zA-Z][.)]|[ivxIVX]{1,4}[.)]|step \d+[.:]?|\p{Emoji_Presentation})\s*\S/iu;

/** Two list lines, three lines at all, HTML items, or marks within a line. */
function isList(answer: string): boolean {
  const lines = answer.split("\n").filter((line) => line.trim().length > 0);
  if (lines.length >= 3) return true;
  if (lines.filter((line) => marker.test(line)).length >= 1) return true;
  return /<li[\s>]|•|\|/i.test(answer) || [...answer.matchAll(/(?:^|\s)\(?\d{1,2}[.)]\s/g)].length >= 2;
}

/** Items of an answer whose form lets them be counted; undefined where it does not. */
function itemCount(answer: string, wanted: number): number | undefined {
  const lines = answer.split("\n").filter((line) => line.trim().length > 0);
  const numbered: number[] = [];
  const depths: number[] = [];
  let bullets = 0;
  for (const line of lines) {
    const found = marker.exec(line);
    if (!found) continue;
    depths.push(found[1].length);
    if (found[2] === undefined) bullets++;
    else numbered.push(Number(found[2]));
  }
  if (numbered.length >= 2) {
    // 1, 2, 3 ... without gaps and restarts; bullets below belong to the items.
    if (numbered.some((value, i) => value !== i + 1)) return undefined;
    return numbered.length;
  }
  if (numbered.length === 0 && bullets >= 2) {
    // Bullets at one depth, nothing else but a line before and one after.
    if (depths.some((depth) => depth !== depths[0]) || lines.length > bullets + 2) return undefined;
    return bullets;
  }
  if (numbered.length > 0 || bullets > 0 || lines.length !== 1 || lines[0].length > 400) return undefined;
  // One line of names with commas between them.
  const line = lines[0].replace(/^[^:]{0,60}:\s*/, "").replace(/[.!]$/, "");
  if (/[.!?;:()"“]/.test(line) || !line.includes(",")) return undefined;
  const parts = line.split(/,\s*(?:and\s+|or\s+|&\s*)?|\s+and\s+/).filter((part) => part.length > 0);
  // "Bread, butter and jam" may be one meal: only too few names tell, and only where they are short.
  return parts.length < wanted && parts.every((part) => part.split(/\s+/).length <= 3) ? parts.length : undefined;
}

/** Sentences by their marks; undefined where lists, code or verses make that uncertain. */
function sentenceCount(answer: string): number | undefined {
  const lines = answer.split("\n").filter((line) => line.trim().length > 0);
  if (answer.includes("```") || lines.some((line) => marker.test(line) || line.includes("|") || line.trim().endsWith(":")))
    return undefined;
  let count = 0;
  for (const line of lines) {
    const plain = line
      .replace(/\b(?:Dr|Mr|Mrs|Ms|St|vs|No|Jr|Sr|Prof|Inc|Ltd|Co|etc|e\.g|i\.e|U\.S|U\.K|a\.m|p\.m|approx|Fig|Gen|Gov|Sen|Rep|Mt)\./gi, "x")
      .replace(/(?<=\b[A-Z])\./g, "")
      .replace(/\.{2,}/g, "…");
    const ends = [...plain.matchAll(/[.!?。！？।؟]["”’'»)\]]*(?=\s+["“‘'«(]?[\p{Lu}\p{Lo}\p{N}]|\s*$)|[。！？]/gu)].length;
    count += Math.max(1, ends);
  }
  return count;
}

/** Paragraphs: parts with an empty line between them, or lines where there are none. undefined for lists, verses, letters and dialogues. */
function paragraphCount(answer: string, wanted: number): number | undefined {
  const lines = answer.split("\n").filter((line) => line.trim().length > 0);
  if (answer.includes("```") || lines.some((line) => marker.test(line) || /^#|^[^.!?]{1,40}:/.test(line.trim()))) return undefined;
  const long = lines.filter((line) => line.trim().length >= 100).length;
  // Short lines are titles, greetings, verses: they may or may not count.
  if (long >= wanted && lines.length > long) return undefined;
  return lines.length;
}
