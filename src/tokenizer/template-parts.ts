// Text that remembers where each of its characters came from: a list of parts. Pure functions; knows nothing of Jinja.
import { strip, type Side } from "./template-python.ts";

/** Where a part's text came from: a message's number, or one of these. */
export const Source = {
  /** The template itself. */
  literal: -1,
  /** The tool descriptions given beside the messages. */
  tools: -2,
  /** Several of the above, mixed beyond telling apart. */
  mixed: -3,
  /** Not text: here a {% generation %} block opens or closes. */
  open: -4,
  close: -5,
} as const;

export interface Part {
  readonly text: string;
  readonly source: number;
  /** text = apply(content of the source message), for any content that takes the same way; undefined: not known as such. */
  readonly apply: ((content: string) => string) | undefined;
  /** The message whose turn of the template's loop wrote this; -1: none. */
  readonly turn: number;
}

/** Something that held of a message's content and steered the rendering. */
export interface Guard {
  readonly message: number;
  readonly holds: (content: string) => boolean;
}

/** What one rendering did beyond producing text. */
export interface Trace {
  /** Contents that pass these are rendered along the same way. */
  readonly guards: Guard[];
  /** Why another content cannot be promised the same way; undefined: guards say it all. */
  opaque: string | undefined;
}

export function literalPart(text: string): Part {
  return { text, source: Source.literal, apply: undefined, turn: -1 };
}

/** True for text that came from the row (also tools). */
export function isRowPart(part: Part): boolean {
  return part.source !== Source.literal && part.source > Source.open;
}

export function textOf(parts: readonly Part[]): string {
  let text = "";
  for (const part of parts) text += part.text;
  return text;
}

/** Notes that the outcome of a test on this part's text steered the rendering. */
export function guardPart(trace: Trace, part: Part, test: (text: string) => boolean): void {
  const { source, apply, text } = part;
  if (apply === undefined) {
    trace.opaque ??= "text whose making cannot be repeated was looked at";
    return;
  }
  const outcome = test(text);
  trace.guards.push({ message: source, holds: (content) => test(apply(content)) === outcome });
}

/** str.strip and friends on a text in parts. */
export function stripParts(parts: readonly Part[], sides: readonly Side[], characters: string | undefined, trace: Trace): readonly Part[] {
  let result = parts;
  for (const side of sides) result = stripSide(result, side, characters, trace);
  return result;
}

function stripSide(parts: readonly Part[], side: Side, characters: string | undefined, trace: Trace): readonly Part[] {
  const result = side === "left" ? [...parts] : [...parts].reverse();
  for (let i = 0; i < result.length; i++) {
    const part = result[i];
    const text = strip(part.text, side, characters);
    const { apply } = part;
    result[i] = { ...part, text, apply: apply === undefined ? undefined : (content) => strip(apply(content), side, characters) };
    const more = result.slice(i + 1).some((next) => isRowPart(next) || next.text !== "");
    if (isRowPart(part) && more) guardPart(trace, result[i], isEmpty);
    if (text !== "") break;
  }
  return side === "left" ? result : result.reverse();
}

/** Characters from..to of a text in parts; never without a part, so that an empty piece still says whose it is. */
export function sliceParts(parts: readonly Part[], from: number, to: number): readonly Part[] {
  const pieces: Part[] = [];
  let at = 0;
  for (const part of parts) {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, part.text.length);
    const whole = start === 0 && end === part.text.length;
    if (end > start || (end === start && pieces.length === 0 && isRowPart(part))) {
      pieces.push(whole ? part : { ...part, text: part.text.slice(start, end), apply: undefined });
    }
    at += part.text.length;
  }
  return pieces.length > 1 ? pieces.filter((piece) => piece.text !== "" || piece.source <= Source.open) : pieces;
}

export function isEmpty(text: string): boolean {
  return text === "";
}

/** The one row source of these parts, Source.literal where there is none, Source.mixed where there are several or the template's own text is among them. */
export function sourceOf(parts: readonly Part[]): number {
  let source: number = Source.literal;
  let own = false;
  for (const part of parts) {
    if (part.source <= Source.open) continue;
    if (part.source === Source.literal) own ||= part.text !== "";
    else if (source === Source.literal) source = part.source;
    else if (source !== part.source) return Source.mixed;
  }
  return own && source !== Source.literal ? Source.mixed : source;
}
