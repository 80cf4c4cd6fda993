// Trains a small byte-level BPE: the same texts give the same merges on every machine. For the samples only; no stage uses it.
// Works on words with their counts; a word is a list of token numbers, the first 256 of which are the bytes.

export interface BytePairs {
  /** merges[i] makes token 256 + i of two earlier tokens. */
  readonly merges: readonly (readonly [number, number])[];
}

interface Word {
  readonly count: number;
  tokens: number[];
}

/** The pattern of Llama 3's pre-tokenizer, in the words of JavaScript. */
const pieces =
  /'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

/** The most frequent pair becomes a token, again and again; of equally frequent pairs the one with the lower numbers. */
export function trainBytePairs(texts: Iterable<string>, mergeCount: number): BytePairs {
  const list = countWords(texts);
  const counts = new Map<number, number>();
  const places = new Map<number, Set<Word>>();
  for (const word of list) addPairs(word, counts, places);
  const merges: [number, number][] = [];
  while (merges.length < mergeCount) {
    const best = mostFrequent(counts);
    if (best === undefined) break;
    const [left, right] = [Math.floor(best / pairBase), best % pairBase];
    const made = 256 + merges.length;
    merges.push([left, right]);
    for (const word of Array.from(places.get(best) ?? [])) {
      dropPairs(word, counts, places);
      word.tokens = merged(word.tokens, left, right, made);
      addPairs(word, counts, places);
    }
  }
  return { merges };
}

/** A pair of token numbers as one number. */
const pairBase = 2 ** 20;

function countWords(texts: Iterable<string>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const [piece] of text.matchAll(pieces)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  const encoder = new TextEncoder();
  return [...counts].map(([text, count]) => ({ count, tokens: [...encoder.encode(text)] }));
}

function addPairs(word: Word, counts: Map<number, number>, places: Map<number, Set<Word>>): void {
  for (let i = 0; i + 1 < word.tokens.length; i++) {
    const pair = word.tokens[i] * pairBase + word.tokens[i + 1];
    counts.set(pair, (counts.get(pair) ?? 0) + word.count);
    let found = places.get(pair);
    if (!found) places.set(pair, (found = new Set()));
    found.add(word);
  }
}

function dropPairs(word: Word, counts: Map<number, number>, places: Map<number, Set<Word>>): void {
  for (let i = 0; i + 1 < word.tokens.length; i++) {
    const pair = word.tokens[i] * pairBase + word.tokens[i + 1];
    const left = (counts.get(pair) ?? 0) - word.count;
    if (left > 0) counts.set(pair, left);
    else counts.delete(pair);
    places.get(pair)?.delete(word);
  }
}

/** The pair that comes most often, or undefined where none comes twice. */
function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  let most = 1;
  for (const [pair, count] of counts) {
    if (count < most || (count === most && (best === undefined || pair > best))) continue;
    best = pair;
    most = count;
  }
  return best;
}

function merged(tokens: readonly number[], left: number, right: number, made: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === left && tokens[i + 1] === right) {
      result.push(made);
      i++;
    } else result.push(tokens[i]);
  }
  return result;
}
