// Words of the run's conversations in memory: which rows hold a text, and which rows are similar to one.
// Rows that come to review are indexed first; beyond the memory limit texts are read again for every search. Built in slices, so that
// the server answers meanwhile. Lengths are UTF-16 units.
import type { RunIndex } from "./run-index.ts";
import type { RowTexts } from "./row-texts.ts";

/** MinHash values a row, to find candidates; similarity itself is exact. */
const signatureValues = 8;
/** Units of a conversation that similarity looks at. */
const similarUnits = 4000;
/** Rows whose exact similarity is computed. */
const candidates = 40;
const blockRows = 1024;
/** Milliseconds of work between two turns of the event loop. */
const slice = 6;

interface Block {
  /** Lower-case conversations, each behind a NUL, which no needle holds. */
  readonly text: string;
  /** Where row i of the block begins. */
  readonly starts: Uint32Array;
  /** Place of the block's first row in `order`. */
  readonly from: number;
}

export interface TextIndex {
  /** hits[rows]: 1 where the conversation or the id holds the text, whatever its case. */
  search(text: string): Promise<Uint8Array>;
  /** The most similar rows among those that come to review, most similar first. */
  similar(row: number, limit: number): Promise<{ readonly row: number; readonly similarity: number }[]>;
}

export function createTextIndex(index: RunIndex, texts: RowTexts, memoryUnits = 200_000_000): TextIndex {
  const order = searchOrder(index);
  const blocks: Block[] = [];
  const signatures = new Uint32Array(index.order.length * signatureValues);
  let indexed = 0;
  const built = build();

  async function build(): Promise<void> {
    let units = 0;
    let started = performance.now();
    while (indexed < order.length && units < memoryUnits) {
      const to = Math.min(indexed + blockRows, order.length);
      const starts = new Uint32Array(to - indexed + 1);
      const parts: string[] = [];
      let length = 0;
      for (let place = indexed; place < to; place++) {
        const text = searchText(texts, order[place]);
        if (place < index.order.length) sign(text, signatures.subarray(place * signatureValues, (place + 1) * signatureValues));
        starts[place - indexed] = length;
        parts.push(text);
        length += text.length + 1;
        if (performance.now() - started > slice) {
          await nextTurn();
          started = performance.now();
        }
      }
      starts[to - indexed] = length;
      parts.push("");
      blocks.push({ text: parts.join("\0"), starts, from: indexed });
      units += length;
      indexed = to;
    }
  }

  return {
    async search(text) {
      await built;
      const needle = text.toLowerCase();
      const hits = new Uint8Array(index.rows);
      for (const block of blocks) searchBlock(block, needle, order, hits);
      let started = performance.now();
      for (let place = indexed; place < order.length; place++) {
        if (searchText(texts, order[place]).includes(needle)) hits[order[place]] = 1;
        if (performance.now() - started > slice) {
          await nextTurn();
          started = performance.now();
        }
      }
      return hits;
    },
    async similar(row, limit) {
      await built;
      const text = searchText(texts, row);
      const own = sign(text, new Uint32Array(signatureValues));
      const words = wordsOf(text);
      return alike(signatures, own, (place) => order[place] !== row)
        .map((place) => ({ row: order[place], similarity: jaccard(words, wordsOf(searchText(texts, order[place]))) }))
        .filter(({ similarity }) => similarity >= 0.15)
        .sort((a, b) => b.similarity - a.similarity || a.row - b.row)
        .slice(0, limit);
    },
  };
}

/** Rows that come to review, in their order, then the others. */
function searchOrder({ rows, order, causeStart }: RunIndex): Uint32Array {
  const all = new Uint32Array(rows);
  all.set(order);
  let place = order.length;
  for (let row = 0; row < rows; row++) if (causeStart[row] === causeStart[row + 1]) all[place++] = row;
  return all;
}

function searchText(texts: RowTexts, row: number): string {
  let text = texts.id(row);
  for (const { content } of texts.messages(row)) text += `\n${content}`;
  return text.toLowerCase().replaceAll("\0", " ");
}

function searchBlock({ text, starts, from }: Block, needle: string, order: Uint32Array, hits: Uint8Array): void {
  let row = 0;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, starts[row])) {
    while (starts[row + 1] <= at) row++;
    hits[order[from + row]] = 1;
    row++;
    if (row === starts.length - 1) return;
  }
}

/** The lowest hash of the words, for each of eight mixes of it: equal in two texts with the chance of their words' Jaccard similarity. */
function sign(text: string, into: Uint32Array): Uint32Array {
  into.fill(0xffff_ffff);
  eachWord(text, (start, end) => {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
    for (let i = 0; i < signatureValues; i++) {
      hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d + i * 2);
      const mixed = (hash ^ (hash >>> 13)) >>> 0;
      if (mixed < into[i]) into[i] = mixed;
    }
  });
  return into;
}

/** Places whose signatures share most values with one, the first `candidates` of them. */
function alike(signatures: Uint32Array, own: Uint32Array, isWanted: (place: number) => boolean): number[] {
  const byEqual: number[][] = Array.from({ length: signatureValues + 1 }, () => []);
  for (let place = 0; place * signatureValues < signatures.length; place++) {
    let equal = 0;
    for (let i = 0, at = place * signatureValues; i < signatureValues; i++, at++) if (signatures[at] === own[i]) equal++;
    if (equal > 0 && byEqual[equal].length < candidates && isWanted(place)) byEqual[equal].push(place);
  }
  return byEqual.reverse().flat().slice(0, candidates);
}

function wordsOf(text: string): Set<string> {
  const words = new Set<string>();
  eachWord(text, (start, end) => words.add(text.slice(start, end)));
  return words;
}

/** Runs of letters and digits; everything beyond ASCII counts as a letter. The id in front is not looked at. */
function eachWord(text: string, visit: (start: number, end: number) => void): void {
  const from = text.indexOf("\n");
  const to = Math.min(text.length, from + similarUnits);
  for (let i = from + 1; i < to; i++) {
    if (!isWordUnit(text.charCodeAt(i))) continue;
    const start = i;
    while (i < to && isWordUnit(text.charCodeAt(i))) i++;
    visit(start, i);
  }
}

function isWordUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || unit > 127;
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) both++;
  const either = a.size + b.size - both;
  return either === 0 ? 0 : both / either;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
