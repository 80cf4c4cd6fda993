// Pre-tokenising by regular expressions: the general path, a stage after another over pieces of a text.
// A stage sees one piece at a time, so lookaround stops at its ends. Offsets are UTF-16 code units.

/** What becomes of the pieces that match, in the words of tokenizer.json. */
export const behaviors = ["Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext"] as const;
export type Behavior = (typeof behaviors)[number];

export interface SplitStage {
  /** Flags g and u. */
  readonly pattern: RegExp;
  readonly behavior: Behavior;
  /** The pattern matches what is kept instead of what separates. */
  readonly invert: boolean;
}

/** Pieces of a text: [start, end, start, end, ...], in order, none empty. */
export type Pieces = readonly number[];

export function splitText(text: string, stages: readonly SplitStage[]): Pieces {
  let pieces: number[] = text.length > 0 ? [0, text.length] : [];
  for (const stage of stages) {
    const next: number[] = [];
    for (let i = 0; i < pieces.length; i += 2) splitPiece(text.slice(pieces[i], pieces[i + 1]), pieces[i], stage, next);
    pieces = next;
  }
  return pieces;
}

interface Span {
  readonly start: number;
  end: number;
}

function splitPiece(piece: string, offset: number, { pattern, behavior, invert }: SplitStage, out: number[]): void {
  const spans: Span[] = [];
  let wasMatch = false;
  // MergedWithNext joins a match with what follows, unless that is a match too.
  let waiting = false;
  const add = (start: number, end: number, matched: boolean): void => {
    const isMatch = matched !== invert;
    const last = spans.at(-1);
    if (behavior === "Removed") {
      if (!isMatch) spans.push({ start, end });
    } else if (behavior === "Contiguous" && last !== undefined && isMatch === wasMatch) last.end = end;
    else if (behavior === "MergedWithPrevious" && last !== undefined && isMatch && !wasMatch) last.end = end;
    else if (behavior === "MergedWithNext" && last !== undefined && waiting && !isMatch) last.end = end;
    else spans.push({ start, end });
    waiting = isMatch;
    wasMatch = isMatch;
  };
  let done = 0;
  for (const match of piece.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end === match.index && match.index === done && done > 0) continue;
    if (match.index > done) add(done, match.index, false);
    add(match.index, end, true);
    done = end;
  }
  if (done < piece.length) add(done, piece.length, false);
  for (const { start, end } of spans) if (end > start) out.push(offset + start, offset + end);
}
