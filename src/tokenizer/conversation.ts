// From a conversation to token ids and the loss mask. Knows the tokenizer and the chat template by their interfaces only.
//
// The ids are those of the whole rendered text in one go: special tokens are recognised in the template's own text and nowhere else,
// and the text between two of them is encoded together, because byte pairs merge across the template's and the row's text. Where the
// tokenizer promises that nothing merges at the border, the ids counted for the length filter are used again.
// A token that holds any character of a trained span is trained, as char_to_token does in transformers'
// apply_chat_template(return_assistant_tokens_mask=True). Labels come from the spans alone: pad = eos hides nothing.
import type { Message } from "../core/row.ts";
import { createBorderCheck } from "./border.ts";
import { type ChatTemplate, isRefusal, type Piece, pieceText, type Refusal, type RowMeta, type Skeleton } from "./template-skeleton.ts";
import { TokenBuffer, type Tokenizer, type TokenizerFiles } from "./types.ts";

export interface EncodedConversation {
  /** ids[tokens]; a view, valid until the next call. */
  readonly ids: Uint32Array;
  /** trained[tokens]: 1 where the token carries loss; a view, valid until the next call. */
  readonly trained: Uint8Array;
  /** Tokens without loss: everything that is not the assistant's, template and special tokens included. */
  readonly promptTokens: number;
  /** Tokens with loss: assistant content and end-of-turn tokens. promptTokens + lossTokens = tokens. 0: nothing to learn, drop the row. */
  readonly lossTokens: number;
  /** The row was longer than maxLength and lost its end. */
  readonly cut: boolean;
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

/** What to write next: an added token of the template's own text, or text between two of those. */
type Step =
  | { readonly kind: "token"; readonly id: number; readonly trained: boolean }
  | {
      readonly kind: "text";
      readonly pieces: readonly Piece[];
      readonly trained: boolean;
      readonly uniform: boolean;
      readonly reuse: Reuse | undefined;
    };

/** Text of the shape "fixed prefix, one content": its content's ids may be known already. */
interface Reuse {
  readonly prefix: string;
  readonly prefixIds: Uint32Array;
  readonly prefixTrained: boolean;
  readonly slot: Piece;
}

export function createConversationEncoder({ tokenizer, files, template, maxLength }: ConversationEncoderOptions): ConversationEncoder {
  if (!(Number.isInteger(maxLength) && maxLength > 0)) throw new RangeError(`maxLength must be a positive integer, got ${maxLength}`);
  const prepared = new WeakMap<Skeleton, readonly Step[]>();
  const contents = createContentCache(tokenizer);
  const out = new TokenBuffer();
  const starts = new TokenBuffer();
  let trained = new Uint8Array(out.ids.length);
  const cutter = addedTokenPattern(tokenizer);
  // Added tokens with white space in them may reach over a border; the fallback reads a text differently at a row's start.
  const plain = tokenizer.kind === "bpe" && tokenizer.addedTokens.every((token) => !/\s/.test(token.content));
  const border = plain ? createBorderCheck(files) : undefined;

  const stepsOf = (skeleton: Skeleton): readonly Step[] => {
    let steps = prepared.get(skeleton);
    if (steps === undefined) {
      steps = compile(skeleton, tokenizer, cutter);
      if (skeleton.shared) prepared.set(skeleton, steps);
    }
    return steps;
  };

  const growMask = (): void => {
    if (trained.length >= out.length) return;
    const larger = new Uint8Array(out.ids.length);
    larger.set(trained);
    trained = larger;
  };

  /** Marks the ids written since `from`. */
  const mark = (from: number, isTrained: boolean): void => {
    growMask();
    trained.fill(isTrained ? 1 : 0, from, out.length);
  };

  const append = (ids: Uint32Array, isTrained: boolean): void => {
    const from = out.length;
    out.reserve(from + ids.length);
    out.ids.set(ids, from);
    out.length = from + ids.length;
    mark(from, isTrained);
  };

  /** Writes prefix and content from ids already there; false where the border could merge or the template changed the content. */
  const appendKnown = ({ prefix, prefixIds, prefixTrained, slot }: Reuse, messages: readonly Message[]): boolean => {
    const { content } = messages[slot.message];
    if (slot.apply !== undefined && slot.apply(content) !== content) return false;
    if (prefix !== "" && content !== "" && (border === undefined || !border(prefix, content))) return false;
    append(prefixIds, prefixTrained);
    append(contents.ids(messages, slot.message), slot.trained);
    return true;
  };

  const appendText = (pieces: readonly Piece[], uniform: boolean, isTrained: boolean, messages: readonly Message[]): void => {
    let text = "";
    const spans: number[] = [];
    for (const piece of pieces) {
      const start = text.length;
      text += pieceText(piece, messages);
      if (piece.trained) spans.push(start, text.length);
    }
    const from = out.length;
    const place = from === 0 ? "start" : "inside";
    if (uniform) {
      tokenizer.encode(text, out, place);
      mark(from, isTrained);
      return;
    }
    starts.clear();
    tokenizer.encodeWithOffsets(text, out, starts, place);
    growMask();
    markByOffsets(text, spans, from);
  };

  const markByOffsets = (text: string, spans: readonly number[], from: number): void => {
    const count = out.length - from;
    for (let i = 0; i < count; i++) {
      const start = starts.ids[i];
      const next = i + 1 < count ? starts.ids[i + 1] : text.length;
      const end = Math.max(next, start + 1);
      let hit = 0;
      for (let s = 0; s < spans.length && hit === 0; s += 2) {
        if (start < spans[s + 1] && spans[s] < end) hit = 1;
        // The next token may hold only the rest of a character whose first bytes are in this one.
        else if (end === spans[s] && spans[s] < spans[s + 1] && i + 1 < count && text.charCodeAt(end) >= 0x80) {
          hit = tokenizer.decode([out.ids[from + i]]).endsWith("\ufffd") ? 1 : 0;
        }
      }
      trained[from + i] = hit;
    }
  };

  const encode = (messages: readonly Message[], meta?: RowMeta): EncodedConversation | Refusal => {
    const skeleton = template.skeleton(messages, meta);
    if (isRefusal(skeleton)) return skeleton;
    out.clear();
    for (const step of stepsOf(skeleton)) {
      if (step.kind === "token") {
        out.push(step.id);
        mark(out.length - 1, step.trained);
      } else if (step.reuse === undefined || !appendKnown(step.reuse, messages)) {
        appendText(step.pieces, step.uniform, step.trained, messages);
      }
    }
    const length = Math.min(out.length, maxLength);
    let lossTokens = 0;
    for (let i = 0; i < length; i++) lossTokens += trained[i];
    return {
      ids: out.ids.subarray(0, length),
      trained: trained.subarray(0, length),
      promptTokens: length - lossTokens,
      lossTokens,
      cut: out.length > maxLength,
    };
  };
  return { countContents: contents.counts, encode };
}

/** Ids of the contents of one conversation, each encoded when first asked for. */
function createContentCache(tokenizer: Tokenizer): {
  counts(messages: readonly Message[]): Uint32Array;
  ids(messages: readonly Message[], message: number): Uint32Array;
} {
  const buffer = new TokenBuffer();
  let owner: readonly Message[] | undefined;
  // Content i is buffer.ids[from[i], to[i]); to[i] = 0xffffffff: not encoded yet.
  let from = new Uint32Array(64);
  let to = new Uint32Array(64);
  let sizes = new Uint32Array(64);
  const missing = 0xffffffff;
  const own = (messages: readonly Message[]): void => {
    if (owner === messages) return;
    owner = messages;
    buffer.clear();
    if (to.length < messages.length) {
      from = new Uint32Array(messages.length * 2);
      to = new Uint32Array(messages.length * 2);
      sizes = new Uint32Array(messages.length * 2);
    }
    to.fill(missing, 0, messages.length);
  };
  const ensure = (messages: readonly Message[], message: number): void => {
    if (to[message] !== missing) return;
    from[message] = buffer.length;
    tokenizer.encode(messages[message].content, buffer);
    to[message] = buffer.length;
  };
  return {
    counts: (messages) => {
      own(messages);
      for (let i = 0; i < messages.length; i++) {
        ensure(messages, i);
        sizes[i] = to[i] - from[i];
      }
      return sizes.subarray(0, messages.length);
    },
    ids: (messages, message) => {
      own(messages);
      ensure(messages, message);
      return buffer.ids.subarray(from[message], to[message]);
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
function compile(skeleton: Skeleton, tokenizer: Tokenizer, cutter: RegExp | undefined): readonly Step[] {
  const steps: Step[] = [];
  let pieces: Piece[] = [];
  const flush = (): void => {
    if (pieces.length === 0) return;
    const uniform = pieces.every((piece) => piece.trained === pieces[0].trained);
    steps.push({ kind: "text", pieces, trained: pieces[0].trained, uniform, reuse: reuseOf(pieces, tokenizer) });
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
      steps.push({ kind: "token", id, trained: run.flags.subarray(match.index, at).includes(1) });
    }
    pushFixed(run, at, run.text.length);
  }
  flush();
  return steps;
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

function reuseOf(pieces: readonly Piece[], tokenizer: Tokenizer): Reuse | undefined {
  if (tokenizer.kind !== "bpe") return undefined;
  const slot = pieces[pieces.length - 1];
  if (slot.message < 0 || pieces.length > 2 || (pieces.length === 2 && !pieces[0].literal)) return undefined;
  const prefix = pieces.length === 2 ? pieces[0].text : "";
  const ids = new TokenBuffer();
  tokenizer.encode(prefix, ids);
  return { prefix, prefixIds: ids.ids.slice(0, ids.length), prefixTrained: pieces[0].trained, slot };
}
