// Writes token ids and whether each is trained, from stretches of text that are encoded together and from ids known already.
// Knows a tokenizer and stretches, not templates or messages. Offsets are UTF-16 code units.
import { TokenBuffer, type Tokenizer } from "./types.ts";

export interface MarkedWriter {
  /** trained[at least as many as there are ids]: 1 where the token carries loss. */
  readonly trained: Uint8Array;
  /** Adds to the text that is encoded next. */
  text(text: string, trained: boolean): void;
  /** Encodes the text so far. A token that holds any character of a trained stretch is trained. */
  flush(): void;
  /** Ids source[from, to); the text so far and what follows are encoded apart. */
  ids(source: Uint32Array, from: number, to: number, trained: boolean): void;
  /** Ids with a mask of their own. */
  fixed(ids: Uint32Array, trained: Uint8Array): void;
}

/** Ids go to `out`, which the caller clears. */
export function createMarkedWriter(tokenizer: Tokenizer, out: TokenBuffer): MarkedWriter {
  const starts = new TokenBuffer();
  let trained = new Uint8Array(out.ids.length);
  let pending = "";
  /** Trained stretches of the pending text: [start, end, start, end, ...]. */
  let spans: number[] = [];
  /** Characters of the pending text that are trained. */
  let covered = 0;
  let isTrained = false;

  const growMask = (): void => {
    if (trained.length >= out.length) return;
    const larger = new Uint8Array(out.ids.length);
    larger.set(trained);
    trained = larger;
  };

  const flush = (): void => {
    if (pending === "") return;
    const from = out.length;
    const place = from === 0 ? "start" : "inside";
    if (covered === 0 || covered === pending.length) {
      tokenizer.encode(pending, out, place);
      growMask();
      trained.fill(covered === 0 ? 0 : 1, from, out.length);
    } else {
      starts.clear();
      tokenizer.encodeWithOffsets(pending, out, starts, place);
      growMask();
      markByOffsets(from);
    }
    pending = "";
    covered = 0;
    if (spans.length > 0) spans = [];
  };

  const markByOffsets = (from: number): void => {
    const count = out.length - from;
    for (let i = 0; i < count; i++) {
      const start = starts.ids[i];
      const next = i + 1 < count ? starts.ids[i + 1] : pending.length;
      const end = Math.max(next, start + 1);
      let hit = 0;
      for (let s = 0; s < spans.length && hit === 0; s += 2) {
        if (start < spans[s + 1] && spans[s] < end) hit = 1;
        // The next token may hold only the rest of a character whose first bytes are in this one.
        else if (end === spans[s] && i + 1 < count && pending.charCodeAt(end) >= 0x80) {
          hit = tokenizer.decode([out.ids[from + i]]).endsWith("\ufffd") ? 1 : 0;
        }
      }
      trained[from + i] = hit;
    }
  };

  return {
    get trained() {
      return trained;
    },
    text(text, carriesLoss) {
      if (text === "") return;
      const start = pending.length;
      pending += text;
      if (!carriesLoss) {
        isTrained = false;
        return;
      }
      covered += text.length;
      if (isTrained && start > 0) spans[spans.length - 1] = pending.length;
      else spans.push(start, pending.length);
      isTrained = true;
    },
    flush,
    ids(source, from, to, carriesLoss) {
      flush();
      const at = out.length;
      out.reserve(at + to - from);
      const { ids } = out;
      for (let i = from, k = at; i < to; i++, k++) ids[k] = source[i];
      out.length = at + to - from;
      growMask();
      trained.fill(carriesLoss ? 1 : 0, at, out.length);
    },
    fixed(ids, mask) {
      flush();
      const at = out.length;
      out.reserve(at + ids.length);
      out.ids.set(ids, at);
      out.length = at + ids.length;
      growMask();
      trained.set(mask, at);
    },
  };
}
