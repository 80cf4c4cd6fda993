// Writes token ids and whether each is trained, from stretches of text that are encoded together and from ids known already.
// Knows a tokenizer and stretches, not templates or messages. Offsets are UTF-16 code units.
import { LossRuns } from "../core/loss-runs.ts";
import { TokenBuffer, type Tokenizer } from "./types.ts";

export interface MarkedWriter {
  /** Of the ids written so far. */
  readonly runs: LossRuns;
  /** Adds to the text that is encoded next. */
  text(text: string, trained: boolean): void;
  /** Encodes the text so far. A token that holds any character of a trained stretch is trained. */
  flush(): void;
  /** Ids source[from, to); the text so far and what follows are encoded apart. */
  ids(source: Uint32Array, from: number, to: number, trained: boolean): void;
  /** Ids with runs of their own. */
  fixed(ids: Uint32Array, runs: Uint32Array): void;
  /** Forgets everything written. */
  clear(): void;
}

/** Ids go to `out`. */
export function createMarkedWriter(tokenizer: Tokenizer, out: TokenBuffer): MarkedWriter {
  const starts = new TokenBuffer();
  const runs = new LossRuns();
  let pending = "";
  /** Trained stretches of the pending text: [start, end, start, end, ...]. */
  let spans: number[] = [];
  /** Characters of the pending text that are trained. */
  let covered = 0;
  let isTrained = false;

  const flush = (): void => {
    if (pending === "") return;
    const from = out.length;
    const place = from === 0 ? "start" : "inside";
    if (covered === 0 || covered === pending.length) {
      tokenizer.encode(pending, out, place);
      runs.add(out.length - from, covered > 0);
    } else {
      starts.clear();
      tokenizer.encodeWithOffsets(pending, out, starts, place);
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
      let hit = false;
      for (let s = 0; s < spans.length && !hit; s += 2) {
        if (start < spans[s + 1] && spans[s] < end) hit = true;
        // The next token may hold only the rest of a character whose first bytes are in this one.
        else if (end === spans[s] && i + 1 < count && pending.charCodeAt(end) >= 0x80) {
          hit = tokenizer.decode([out.ids[from + i]]).endsWith("\ufffd");
        }
      }
      runs.add(1, hit);
    }
  };

  return {
    runs,
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
      out.append(source.subarray(from, to));
      runs.add(to - from, carriesLoss);
    },
    fixed(ids, ownRuns) {
      flush();
      out.append(ids);
      runs.addRuns(ownRuns);
    },
    clear() {
      out.clear();
      runs.clear();
    },
  };
}
