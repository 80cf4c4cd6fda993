// Which characters of a rendered conversation carry loss, from the parts a rendering left. Knows turns and end tokens, not Jinja.
//
// With {% generation %} blocks the template says it itself. Without them an assistant's turn is what the template's loop wrote in that
// message's round: trained from behind the turn's header (what add_generation_prompt adds) up to the end of its end-of-turn token.
// So what the template puts between header and content (Qwen3's empty think block, [TOOL_CALLS]) is trained: the model must write it.
import type { Message } from "../core/row.ts";
import { isRowPart, type Part, Source, textOf } from "./template-parts.ts";
import { isUntrained, type Piece } from "./template-skeleton.ts";

export interface TurnRules {
  /** Text that opens an assistant's turn and is not the assistant's; undefined: the content itself opens what is trained. */
  readonly header: string | undefined;
  /** Text that ends an assistant's turn with a plain content; undefined: not known. */
  readonly footer: string | undefined;
  readonly bos: string | undefined;
  readonly eos: string | undefined;
  /** Special tokens, longest first. */
  readonly specialTokens: readonly string[];
}

/** The turn that could not be followed, and why. */
export interface Unfollowed {
  readonly turn: number;
  readonly reason: string;
}

/** A range of characters of the rendered text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

type Turn = Pick<Message, "role" | "train">;

/** Spans by {% generation %} marks, but for those of turns that carry no loss on request. */
export function markedSpans(parts: readonly Part[], messages: readonly Turn[]): Span[] {
  const spans: Span[] = [];
  let at = 0;
  let start = -1;
  /** The message whose span is open; -1: not known yet. */
  let owner = -1;
  for (const part of parts) {
    if (start >= 0 && owner < 0) owner = part.source >= 0 ? part.source : part.turn;
    if (part.source === Source.open) {
      start = at;
      owner = -1;
    } else if (part.source === Source.close && start >= 0) {
      if (owner < 0 || !isUntrained(messages[owner])) spans.push({ start, end: at });
      start = -1;
    }
    at += part.text.length;
  }
  return spans;
}

/** Spans by turns. */
export function turnSpans(parts: readonly Part[], messages: readonly Turn[], rules: TurnRules): Span[] | Unfollowed {
  const mixed = parts.find((part) => part.source === Source.mixed);
  if (mixed !== undefined) return { turn: mixed.turn, reason: "its text is mixed with other text and rewritten together" };
  const offsets = offsetsOf(parts);
  const spans: Span[] = [];
  for (let turn = 0; turn < messages.length; turn++) {
    if (messages[turn].role !== "assistant" || isUntrained(messages[turn])) continue;
    const range = partsOfTurn(parts, turn);
    if (range === undefined) continue;
    if ("reason" in range) return range;
    const span = spanOfTurn(parts, offsets, turn, range, rules);
    if (span !== undefined) spans.push(span);
  }
  return spans;
}

/** The pieces of a skeleton: parts cut where the training changes. */
export function toPieces(parts: readonly Part[], spans: readonly Span[]): Piece[] {
  const pieces: Piece[] = [];
  const offsets = offsetsOf(parts);
  parts.forEach((part, i) => {
    const start = offsets[i];
    const end = offsets[i + 1];
    if (isRowPart(part)) {
      // A slot is trained or not as a whole; an empty one goes with the span that starts, holds or ends there.
      const trained = spans.some((span) => (start === end ? span.start <= start && end <= span.end : span.start < end && start < span.end));
      pieces.push({ text: part.text, literal: false, trained, message: part.apply === undefined ? -1 : part.source, apply: part.apply });
      return;
    }
    const cuts = [start, ...spans.flatMap((span) => [span.start, span.end]).filter((at) => at > start && at < end), end];
    for (let c = 0; c + 1 < cuts.length; c++) {
      const [from, to] = [cuts[c], cuts[c + 1]];
      if (from === to) continue;
      const trained = spans.some((span) => span.start <= from && to <= span.end);
      pushLiteral(pieces, part.text.slice(from - start, to - start), trained);
    }
  });
  return pieces;
}

/** What a turn has before its first content and, trained, behind its last: what a small conversation shows of a template. */
export function edgesOf(parts: readonly Part[], turn: number, rules: TurnRules): Pick<TurnRules, "header" | "footer"> {
  const range = partsOfTurn(parts, turn);
  const first = range === undefined || "reason" in range ? -1 : firstOf(parts, turn, range);
  if (range === undefined || "reason" in range || first < 0) return { header: undefined, footer: undefined };
  const offsets = offsetsOf(parts);
  const last = parts.findLastIndex((part) => part.source === turn);
  const end = spanOfTurn(parts, offsets, turn, range, rules)?.end ?? 0;
  return { header: textOf(parts.slice(range.first, first)), footer: textOf(parts).slice(offsets[last + 1], end) };
}

interface PartRange {
  /** Parts first..last, both in. */
  readonly first: number;
  readonly last: number;
  /** Known by the template's loop, not only by where the content stands. */
  readonly looped: boolean;
}

function partsOfTurn(parts: readonly Part[], turn: number): PartRange | Unfollowed | undefined {
  const isTurn = (part: Part): boolean => part.turn === turn;
  const isContent = (part: Part): boolean => part.source === turn;
  const looped = parts.some(isTurn);
  const inside = looped ? isTurn : isContent;
  const first = parts.findIndex(inside);
  if (first < 0) return undefined;
  const last = parts.findLastIndex(inside);
  for (let i = 0; i < parts.length; i++) {
    const within = i >= first && i <= last;
    if (isContent(parts[i]) && !within) return { turn, reason: "its content is written outside of its turn" };
    if (within && looped && !isTurn(parts[i])) return { turn, reason: "its turn is written in several places" };
    if (within && isRowPart(parts[i]) && !isContent(parts[i]))
      return { turn, reason: "another message's text is written inside of its turn" };
  }
  return { first, last, looped };
}

function firstOf(parts: readonly Part[], turn: number, range: PartRange): number {
  for (let i = range.first; i <= range.last; i++) if (parts[i].source === turn) return i;
  return -1;
}

function spanOfTurn(
  parts: readonly Part[],
  offsets: readonly number[],
  turn: number,
  range: PartRange,
  rules: TurnRules,
): Span | undefined {
  const first = firstOf(parts, turn, range);
  const before = textOf(parts.slice(range.first, first < 0 ? range.last + 1 : first));
  const start = bodyStart(before, rules);
  if (first < 0 && start === undefined) return undefined;
  let lastContent = range.last;
  while (lastContent >= range.first && parts[lastContent].source !== turn) lastContent--;
  const from = start === undefined ? offsets[first] : offsets[range.first] + start;
  const bodyEnd = Math.max(from, lastContent < range.first ? 0 : offsets[lastContent + 1]);
  // What follows the content: the rest of the turn, then the template's own text up to the next turn.
  let stop = lastContent < range.first ? range.first : lastContent + 1;
  while (stop < parts.length && !isRowPart(parts[stop]) && (parts[stop].turn < 0 || parts[stop].turn === turn)) stop++;
  const following = textOf(parts).slice(bodyEnd, offsets[stop]);
  const inTurn = Math.max(0, offsets[range.last + 1] - bodyEnd);
  const known = rules.footer === undefined || rules.footer === "" ? -1 : following.slice(0, inTurn).indexOf(rules.footer);
  if (known >= 0) return { start: from, end: bodyEnd + known + (rules.footer as string).length };
  return { start: from, end: bodyEnd + endOfTurn(following, range.looped ? inTurn : following.length, range.looped, rules) };
}

/** Where the assistant's own text begins in what precedes its content. */
function bodyStart(before: string, rules: TurnRules): number | undefined {
  const { header, bos } = rules;
  if (header === undefined) return undefined;
  if (header === "") return bos !== undefined && before.startsWith(bos) ? bos.length : 0;
  const at = before.indexOf(header);
  return at < 0 ? undefined : at + header.length;
}

/**
 * The length of the end-of-turn text at the start of what follows a content: up to the first special token, and on to the eos token
 * where only special tokens stand between. Behind the turn (inTurn) only the eos token counts. A template that ends turns with text
 * that is no special token of this tokenizer has that text trained, without the white space around.
 */
function endOfTurn(following: string, inTurn: number, looped: boolean, rules: TurnRules): number {
  const { eos, specialTokens } = rules;
  const tokenAt = (at: number): string | undefined =>
    eos !== undefined && following.startsWith(eos, at) ? eos : specialTokens.find((token) => following.startsWith(token, at));
  for (let at = 0; at < following.length; at++) {
    const token = tokenAt(at);
    if (token === undefined) continue;
    if (at >= inTurn && token !== eos) break;
    let end = at + token.length;
    for (let next = tokenAt(end), reach = end; next !== undefined; next = tokenAt(reach)) {
      reach += next.length;
      if (next === eos) end = reach;
    }
    return end;
  }
  return looped ? following.slice(0, inTurn).trimEnd().length : 0;
}

function offsetsOf(parts: readonly Part[]): number[] {
  const offsets = [0];
  for (const part of parts) offsets.push(offsets[offsets.length - 1] + part.text.length);
  return offsets;
}

function pushLiteral(pieces: Piece[], text: string, trained: boolean): void {
  const last = pieces.at(-1);
  if (last?.literal && last.trained === trained) pieces[pieces.length - 1] = { ...last, text: last.text + text };
  else pieces.push({ text, literal: true, trained, message: -1, apply: undefined });
}
