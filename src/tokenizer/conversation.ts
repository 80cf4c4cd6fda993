// From a conversation to token ids and the loss mask. Knows the tokenizer and the chat template by their interfaces only.
//
// The ids are those of the whole rendered text in one go: special tokens are recognised in the template's own text and nowhere else,
// and the text between two of them is encoded together, because byte pairs merge across the template's and the row's text. Only the
// middle of a content, from its first break between words to its last (breaks.ts), has the same ids wherever it stands: those counted
// for the length filter are used again, and what is encoded anew is a few words around each of the template's own.
// A token that holds any character of a trained span is trained, as char_to_token does in transformers'
// apply_chat_template(return_assistant_tokens_mask=True): where a prompt's last characters merge with an answer's first, the token that
// has both carries loss. Labels come from the spans alone: pad = eos hides nothing.
import type { Message } from "../core/row.ts";
import { beginsLine, findMiddle, hasWordBreaks, type Middle } from "./breaks.ts";
import { type ChatTemplate, isRefusal, type Piece, pieceText, type Refusal, type RowMeta, type Skeleton } from "./template-skeleton.ts";
import { createMarkedWriter } from "./marked-writer.ts";
import { TokenBuffer, type Tokenizer, type TokenizerFiles } from "./types.ts";

export interface EncodedConversation {
  /** ids[tokens]; a view, valid until the next call. */
  readonly ids: Uint32Array;
  /** Lengths of runs of tokens without and with loss in turn (core/loss-runs); a view, valid until the next call. */
  readonly runs: Uint32Array;
  /** Tokens without loss: everything that is not the assistant's, template and special tokens included. */
  readonly promptTokens: number;
  /** Tokens with loss: assistant content and end-of-turn tokens. promptTokens + lossTokens = tokens. 0: nothing to learn, drop the row. */
  readonly lossTokens: number;
  /** The row was longer than maxLength and lost its end. */
  readonly cut: boolean;
  /** Tokens of the whole row, before it was cut. */
  readonly wholeTokens: number;
}

export interface ConversationEncoder {
  /** Tokens of each message's content, without special tokens: counts[messages]; a view, valid until the next call. */
  countContents(messages: readonly Message[]): Uint32Array;
  /** Renders and encodes. Of the messages just counted (the same array), the contents are not encoded again. */
  encode(messages: readonly Message[], meta?: RowMeta): EncodedConversation | Refusal;
}

export interface ConversationEncoderOptions {
  readonly tokenizer: Tokenizer;
  /** The files the tokenizer was made of: they tell where a text may be encoded in halves. */
  readonly files: TokenizerFiles;
  readonly template: ChatTemplate;
  /** Tokens a row may have; the end of longer ones is cut. */
  readonly maxLength: number;
}

/** What to write next: ids that are the same in every row, or text between two special tokens. */
type Step =
  | { readonly kind: "fixed"; readonly ids: Uint32Array; readonly runs: Uint32Array }
  | { readonly kind: "text"; readonly pieces: readonly Piece[]; readonly opening: Opening | undefined };

/** Fixed text that ends a line and stands before a slot: its ids where a letter follows. */
interface Opening {
  /** The slot's place among the pieces. */
  readonly slot: number;
  readonly ids: Uint32Array;
  readonly runs: Uint32Array;
}

export function createConversationEncoder({ tokenizer, files, template, maxLength }: ConversationEncoderOptions): ConversationEncoder {
  if (!(Number.isInteger(maxLength) && maxLength > 0)) throw new RangeError(`maxLength must be a positive integer, got ${maxLength}`);
  const prepared = new WeakMap<Skeleton, readonly Step[]>();
  // Added tokens with white space in them may reach over a break.
  const reuses = tokenizer.kind === "bpe" && tokenizer.addedTokens.every((token) => !/\s/.test(token.content)) && hasWordBreaks(files);
  const contents = createContentCache(tokenizer, reuses);
  const out = new TokenBuffer();
  const writer = createMarkedWriter(tokenizer, out);
  const cutter = addedTokenPattern(tokenizer);

  const stepsOf = (skeleton: Skeleton): readonly Step[] => {
    let steps = prepared.get(skeleton);
    if (steps === undefined) {
      steps = compile(skeleton, tokenizer, cutter, reuses);
      if (skeleton.shared) prepared.set(skeleton, steps);
    }
    return steps;
  };

  /** Slot pieces[i]; what stands before pieces[first] is encoded apart. */
  const appendSlot = (pieces: readonly Piece[], i: number, first: number, messages: readonly Message[]): void => {
    const { message, trained } = pieces[i];
    const text = pieceText(pieces[i], messages);
    const { content } = messages[message];
    const known = reuses ? contents.middle(messages, message) : undefined;
    // The template may have stripped the content; where it starts in what was counted:
    const at = known === undefined ? -1 : text === content ? 0 : content.indexOf(text);
    if (known === undefined || at < 0 || at > known.start || at + text.length < known.end) {
      writer.text(text, trained);
      return;
    }
    // Where no other text stands before or behind, the content's own first or last ids serve as well.
    const isOpen = i > first || at > 0;
    const isClosed = i + 1 < pieces.length || at + text.length < content.length;
    if (isOpen) writer.text(text.slice(0, known.start - at), trained);
    writer.ids(contents.ids, isOpen ? known.firstId : known.startId, isClosed ? known.lastId : known.endId, trained);
    if (isClosed) writer.text(text.slice(known.end - at), trained);
  };

  const encode = (messages: readonly Message[], meta?: RowMeta): EncodedConversation | Refusal => {
    const skeleton = template.skeleton(messages, meta);
    if (isRefusal(skeleton)) return skeleton;
    writer.clear();
    for (const step of stepsOf(skeleton)) {
      if (step.kind === "fixed") writer.fixed(step.ids, step.runs);
      else {
        const { pieces, opening } = step;
        let first = 0;
        if (opening && beginsLine(pieceText(pieces[opening.slot], messages))) {
          writer.fixed(opening.ids, opening.runs);
          first = opening.slot;
        }
        for (let i = first; i < pieces.length; i++) {
          if (pieces[i].message < 0) writer.text(pieces[i].text, pieces[i].trained);
          else appendSlot(pieces, i, first, messages);
        }
        writer.flush();
      }
    }
    const { runs } = writer;
    const cut = out.length > maxLength;
    const length = cut ? maxLength : out.length;
    if (cut) runs.cut(length);
    const { lossTokens } = runs;
    return {
      ids: out.ids.subarray(0, length),
      runs: runs.view(),
      promptTokens: length - lossTokens,
      lossTokens,
      cut,
      wholeTokens: out.length,
    };
  };
  return { countContents: contents.counts, encode };
}

/** The middle of a content. The cache holds the content's ids at startId..endId, the middle's at firstId..lastId; ends are not in. */
interface KnownMiddle extends Middle {
  readonly startId: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly endId: number;
}

/** Ids of the contents of one conversation, each encoded when first asked for. */
function createContentCache(
  tokenizer: Tokenizer,
  finds: boolean,
): {
  readonly ids: Uint32Array;
  counts(messages: readonly Message[]): Uint32Array;
  middle(messages: readonly Message[], message: number): KnownMiddle | undefined;
} {
  const buffer = new TokenBuffer();
  let owner: readonly Message[] | undefined;
  let sizes = new Uint32Array(64);
  const middles: (KnownMiddle | undefined)[] = [];
  /** Messages encoded so far. */
  let encoded = 0;
  const ensure = (messages: readonly Message[], last: number): void => {
    if (owner !== messages) {
      owner = messages;
      encoded = 0;
      buffer.clear();
      if (sizes.length < messages.length) sizes = new Uint32Array(messages.length * 2);
    }
    for (; encoded <= last; encoded++) {
      const { content } = messages[encoded];
      const from = buffer.length;
      const middle = finds ? findMiddle(content) : undefined;
      middles[encoded] = undefined;
      if (middle === undefined) tokenizer.encode(content, buffer);
      else {
        const { start, end } = middle;
        const [firstId, lastId] = tokenizer.encodeParts(content, start, end, buffer);
        middles[encoded] = { start, end, startId: from, firstId, lastId, endId: buffer.length };
      }
      sizes[encoded] = buffer.length - from;
    }
  };
  return {
    get ids() {
      return buffer.ids;
    },
    counts: (messages) => {
      ensure(messages, messages.length - 1);
      return sizes.subarray(0, messages.length);
    },
    middle: (messages, message) => {
      ensure(messages, message);
      return middles[message];
    },
  };
}

function addedTokenPattern(tokenizer: Tokenizer): RegExp | undefined {
  const texts = tokenizer.addedTokens.map((token) => token.content).filter((content) => content !== "");
  if (texts.length === 0) return undefined;
  // Alternatives are tried in order: longest first, so that the longest token at a place wins.
  texts.sort((a, b) => b.length - a.length);
  return new RegExp(texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
}

/** Cuts a skeleton's own text at added tokens; what is between two of them is encoded together. */
function compile(skeleton: Skeleton, tokenizer: Tokenizer, cutter: RegExp | undefined, finds: boolean): readonly Step[] {
  const steps: Step[] = [];
  const fixed = new TokenBuffer();
  const writer = createMarkedWriter(tokenizer, fixed);
  let pieces: Piece[] = [];
  /** What was written since the last text with a slot becomes one step. */
  const endFixed = (): void => {
    if (fixed.length === 0) return;
    steps.push({ kind: "fixed", ids: fixed.ids.slice(0, fixed.length), runs: writer.runs.view().slice() });
    writer.clear();
  };
  const flush = (): void => {
    if (pieces.every((piece) => piece.message < 0)) {
      for (const piece of pieces) writer.text(piece.text, piece.trained);
      writer.flush();
    } else {
      endFixed();
      steps.push({ kind: "text", pieces, opening: finds ? openingOf(pieces, tokenizer) : undefined });
    }
    pieces = [];
  };
  /** The template's text from..to of a run, cut where its training changes. */
  const pushFixed = ({ text, flags }: FixedRun, from: number, to: number): void => {
    for (let start = from; start < to;) {
      let end = start + 1;
      while (end < to && flags[end] === flags[start]) end++;
      pieces.push({ text: text.slice(start, end), literal: true, trained: flags[start] === 1, message: -1, apply: undefined });
      start = end;
    }
  };
  for (let i = 0; i < skeleton.pieces.length;) {
    if (!skeleton.pieces[i].literal) {
      pieces.push(skeleton.pieces[i++]);
      continue;
    }
    const first = i;
    while (i < skeleton.pieces.length && skeleton.pieces[i].literal) i++;
    const run = joinFixed(skeleton.pieces.slice(first, i));
    let at = 0;
    for (const match of cutter === undefined ? [] : run.text.matchAll(cutter)) {
      const id = tokenizer.addedToken(match[0]);
      if (id === undefined) throw new Error(`added token ${match[0]} has no id`);
      pushFixed(run, at, match.index);
      flush();
      at = match.index + match[0].length;
      writer.fixed(Uint32Array.of(id), run.flags.subarray(match.index, at).includes(1) ? Uint32Array.of(0, 1) : Uint32Array.of(1));
    }
    pushFixed(run, at, run.text.length);
  }
  flush();
  endFixed();
  return steps;
}

function openingOf(pieces: readonly Piece[], tokenizer: Tokenizer): Opening | undefined {
  const slot = pieces.findIndex((piece) => piece.message >= 0);
  const fixed = pieces.slice(0, slot);
  if (!fixed.at(-1)?.text.endsWith("\n")) return undefined;
  const ids = new TokenBuffer();
  const writer = createMarkedWriter(tokenizer, ids);
  for (const { text, trained } of fixed) writer.text(text, trained);
  writer.text("a", false);
  writer.flush();
  // The last id is the letter's.
  writer.runs.cut(ids.length - 1);
  return { slot, ids: ids.ids.slice(0, ids.length - 1), runs: writer.runs.view().slice() };
}

/** Neighbouring pieces of the template's own text as one, with a flag (1: trained) a character. */
interface FixedRun {
  readonly text: string;
  readonly flags: Uint8Array;
}

function joinFixed(pieces: readonly Piece[]): FixedRun {
  const text = pieces.map((piece) => piece.text).join("");
  const flags = new Uint8Array(text.length);
  let at = 0;
  for (const piece of pieces) flags.fill(piece.trained ? 1 : 0, at, (at += piece.text.length));
  return { text, flags };
}
