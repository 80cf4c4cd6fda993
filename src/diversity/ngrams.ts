// Numbers for the word n-grams of texts, exact: n-grams of the same words, case folded, get the same number. Hashes only say where to look.
import { createWordSpans, scanWords, type WordSpans } from "../core/text.ts";

/**
 * Numbers of the runs of 1, 2 ... n words of all texts taken, from 0 for each length. The text with the number t has words [starts[t],
 * starts[t + 1]); the number of its run of a length that begins at a word is numbers[length - 1][word].
 */
export class Ngrams {
  /** starts[texts + 1]. */
  starts = new Uint32Array(1 << 10);
  readonly numbers: Uint32Array[];
  private texts = 0;
  private readonly words = new WordNumbers();
  /** A run is the run without its last word, and that word. */
  private readonly longer: readonly PairNumbers[];

  constructor(n: number) {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`n-grams need a whole n of at least 1, got ${n}`);
    this.numbers = Array.from({ length: n }, () => new Uint32Array(1 << 14));
    this.longer = Array.from({ length: n - 1 }, () => new PairNumbers());
  }

  /** Takes a text and returns its number. */
  add(text: string): number {
    if (this.texts + 2 > this.starts.length) this.starts = enlarged(this.starts, new Uint32Array(this.starts.length * 2));
    const start = this.starts[this.texts];
    const { numbers, longer } = this;
    const scanned = this.words.scan(text);
    const end = start + scanned.count;
    if (end > numbers[0].length) numbers.forEach((held, i) => (numbers[i] = enlarged(held, new Uint32Array(end * 2))));
    const [singles] = numbers;
    for (let i = 0; i < scanned.count; i++) singles[start + i] = this.words.of(text, scanned, i);
    for (let i = 0; i < longer.length; i++) {
      const shorter = numbers[i];
      const runs = numbers[i + 1];
      for (let word = start; word + i + 1 < end; word++) runs[word] = longer[i].of(shorter[word], singles[word + i + 1]);
    }
    this.starts[this.texts + 1] = end;
    return this.texts++;
  }

  /** Numbers given to runs of a length so far. */
  count(length: number): number {
    return length === 1 ? this.words.count : this.longer[length - 2].count;
  }
}

/** Numbers of words from 0, case folded. */
class WordNumbers {
  private readonly spans = createWordSpans();
  /** Numbers of words in small letters. Asked once for each form below. */
  private readonly folded = new Map<string, number>();
  /** Forms: words that differ in more than the case of ASCII letters. Form f is units[starts[f], starts[f + 1]), in small ASCII letters. */
  private units = new Uint16Array(1 << 14);
  private starts = new Uint32Array(1 << 11);
  private hashes = new Int32Array(1 << 11);
  /** The word's number of each form. */
  private words = new Uint32Array(1 << 11);
  private forms = 0;
  /** Forms by hash, open addressing: form + 1, or 0. */
  private slots = new Int32Array(1 << 12);

  get count(): number {
    return this.folded.size;
  }

  scan(text: string): WordSpans {
    return scanWords(text, this.spans);
  }

  /** The number of a word that was found. */
  of(text: string, { starts, ends, hashes }: WordSpans, word: number): number {
    const form = this.formOf(text, starts[word], ends[word], hashes[word]);
    return this.words[form];
  }

  private formOf(text: string, from: number, to: number, hash: number): number {
    if (this.forms + 2 > this.starts.length) this.growForms();
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    let slot = mixed(hash) & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const form = slots[slot] - 1;
      if (hashes[form] === hash && this.isForm(form, text, from, to)) return form;
    }
    slots[slot] = this.forms + 1;
    return this.addForm(text.slice(from, to), hash);
  }

  private isForm(form: number, text: string, from: number, to: number): boolean {
    const { units, starts } = this;
    const start = starts[form];
    if (starts[form + 1] - start !== to - from) return false;
    for (let i = from, at = start; i < to; i++, at++) if (units[at] !== smallLetter(text.charCodeAt(i))) return false;
    return true;
  }

  private addForm(word: string, hash: number): number {
    const form = this.forms++;
    const start = this.starts[form];
    if (start + word.length > this.units.length) this.units = enlarged(this.units, new Uint16Array((start + word.length) * 2));
    for (let i = 0; i < word.length; i++) this.units[start + i] = smallLetter(word.charCodeAt(i));
    this.starts[form + 1] = start + word.length;
    this.hashes[form] = hash;
    const small = word.toLowerCase();
    const known = this.folded.get(small);
    this.words[form] = known ?? this.folded.size;
    if (known === undefined) this.folded.set(small, this.folded.size);
    return form;
  }

  private growForms(): void {
    const size = this.starts.length * 2;
    this.starts = enlarged(this.starts, new Uint32Array(size));
    this.hashes = enlarged(this.hashes, new Int32Array(size));
    this.words = enlarged(this.words, new Uint32Array(size));
    this.slots = new Int32Array(size * 2);
    const mask = this.slots.length - 1;
    for (let form = 0; form < this.forms; form++) {
      let slot = mixed(this.hashes[form]) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = form + 1;
    }
  }
}

/** Numbers of pairs of numbers, from 0. */
class PairNumbers {
  count = 0;
  /** Open addressing, three numbers a slot: the pair, and its number + 1 (0 in free slots). */
  private slots = new Uint32Array(3 << 14);
  private mask = (1 << 14) - 1;

  of(a: number, b: number): number {
    const { slots } = this;
    const at = find(slots, this.mask, a, b);
    if (slots[at + 2] !== 0) return slots[at + 2] - 1;
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = ++this.count;
    if (this.count * 3 > this.mask * 2) this.grow();
    return this.count - 1;
  }

  private grow(): void {
    const { slots } = this;
    const mask = this.mask * 4 + 3;
    const larger = new Uint32Array((mask + 1) * 3);
    for (let at = 0; at < slots.length; at += 3) {
      if (slots[at + 2] === 0) continue;
      const to = find(larger, mask, slots[at], slots[at + 1]);
      for (let i = 0; i < 3; i++) larger[to + i] = slots[at + i];
    }
    this.slots = larger;
    this.mask = mask;
  }
}

/** Where the slots hold this pair, or would. */
function find(slots: Uint32Array, mask: number, a: number, b: number): number {
  let slot = mixed(Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) & mask;
  for (let at = slot * 3; slots[at + 2] !== 0; at = slot * 3) {
    if (slots[at] === a && slots[at + 1] === b) return at;
    slot = (slot + 1) & mask;
  }
  return slot * 3;
}

/** High bits into the low ones, which choose the slot. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15);
}

function smallLetter(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
}

function enlarged<A extends Uint16Array | Uint32Array | Int32Array>(held: A, larger: A): A {
  larger.set(held);
  return larger;
}
