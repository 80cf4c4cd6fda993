// The 8-grams of a row's words that evaluation texts hold, and the texts that share rare terms with it. The same arithmetic as
// ../decontaminate-row.ts, which says what it means.
import { counts, NEXT, term, word } from "./row";

const GRAM_BASE: u32 = 0x2c1b3c6d;
/** Ends a list of postings. */
const END: u32 = 0xffffffff;

let bits: usize = 0;
let shift: u32 = 0;
let leaving: u32 = 0;
let grams: usize = 0;
let gramMask: u32 = 0;
let held: usize = 0;

/** gramBits and the table of all 8-grams; leaving: GRAM_BASE ** 8; held[room]: where those of a row are written. */
export function placeGrams(bitsAt: usize, bitsShift: u32, base8: u32, gramsAt: usize, mask: u32, heldAt: usize): void {
  bits = bitsAt;
  shift = bitsShift;
  leaving = base8;
  grams = gramsAt;
  gramMask = mask;
  held = heldAt;
}

let terms: usize = 0;
let postings: usize = 0;
let texts: usize = 0;
let keys: usize = 0;
let keyWeight: usize = 0;
let leastShare: f64 = 0;
let scratch: usize = 0;
let found: usize = 0;

/**
 * terms[vocabulary + 1, 2] (row in which it was last seen, place of its postings; the first stands for no term), postings (texts, lists
 * that END ends; the first is empty), texts[texts, 4] (row << 8 | hits, where its keys begin and end, least terms), keys
 * (place in terms, weight), keyWeight[texts]; found: where candidates and their shares are written, 8 bytes each.
 */
export function placeTexts(
  termsAt: usize,
  postingsAt: usize,
  textsAt: usize,
  keysAt: usize,
  keyWeightAt: usize,
  share: f64,
  scratchAt: usize,
  foundAt: usize,
): void {
  terms = termsAt;
  postings = postingsAt;
  texts = textsAt;
  keys = keysAt;
  keyWeight = keyWeightAt;
  leastShare = share;
  scratch = scratchAt;
  found = foundAt;
}

/** Searches what was scanned; row: another number than the rows before, under 2 ** 24. */
export function searchRow(row: u32): void {
  store<u32>(counts, heldGrams(), 8);
  store<u32>(counts, candidates(row), 12);
}

function heldGrams(): u32 {
  const words = load<u32>(counts);
  if (words < 8) return 0;
  const end = word + ((<usize>words) << 2);
  let hash: u32 = 0;
  let to = held;
  let at = word;
  for (; at < word + 28; at += 4) hash = hash * GRAM_BASE + load<u32>(at);
  let gone: u32 = 0;
  for (; at < end; at += 4) {
    hash = hash * GRAM_BASE + load<u32>(at) - gone * leaving;
    gone = load<u32>(at - 28);
    const gram: u32 = hash == 0 ? 1 : hash;
    const mixed: u32 = (gram ^ (gram >> 15)) * 0x9e3779b1;
    const wanted = ((<u32>1) << (mixed & 31)) | ((<u32>1) << ((mixed >> 5) & 31));
    store<u32>(to, gram);
    to += (<usize>((load<u32>(bits + ((<usize>(mixed >> shift)) << 2)) & wanted) == wanted)) << 2;
  }
  // The bits are wrong about one in some hundreds.
  let kept = held;
  for (let from = held; from < to; from += 4) {
    const gram = load<u32>(from);
    store<u32>(kept, gram);
    kept += (<usize>holdsGram(gram)) << 2;
  }
  return <u32>((kept - held) >> 2);
}

function holdsGram(gram: u32): bool {
  let slot = (((gram ^ (gram >> 15)) * 0x9e3779b1) >> 7) & gramMask;
  let one = load<u32>(grams + ((<usize>slot) << 2));
  while (one != gram && one != 0) {
    slot = (slot + 1) & gramMask;
    one = load<u32>(grams + ((<usize>slot) << 2));
  }
  return one != 0;
}

/** Texts that at least two of the row's terms find and that share enough of their rarest terms with it. */
function candidates(row: u32): u32 {
  const ids = term + NEXT;
  const end = ids + ((<usize>load<u32>(counts, 4)) << 2);
  let list = scratch;
  for (let at = ids; at < end; at += 4) {
    const entry = terms + ((<usize>(load<i32>(at) + 1)) << 3);
    const place = load<u32>(entry, 4);
    const fresh = i32(load<u32>(entry) != row) & i32(place != 0);
    store<u32>(entry, row);
    store<u32>(list, place);
    list += (<usize>fresh) << 2;
  }
  const none = row << 8;
  let twice = list;
  for (let at = scratch; at < list; at += 4) {
    let posting = postings + ((<usize>load<u32>(at)) << 2);
    for (let one = load<u32>(posting); one != END; one = load<u32>(posting)) {
      const text = texts + ((<usize>one) << 4);
      const hits = max(load<u32>(text), none) + 1;
      store<u32>(text, hits);
      store<u32>(twice, <u32>text);
      twice += (<usize>(hits == none + 2)) << 2;
      posting += 4;
    }
  }
  let to = found;
  for (let at = list; at < twice; at += 4) {
    const text = <usize>load<u32>(at);
    const last = keys + ((<usize>load<u32>(text, 8)) << 3);
    let shared: u32 = 0;
    let share: f64 = 0;
    for (let key = keys + ((<usize>load<u32>(text, 4)) << 3); key < last; key += 8) {
      const here = load<u32>(terms + ((<usize>load<u32>(key)) << 3)) == row;
      shared += <u32>here;
      share += here ? <f64>load<f32>(key, 4) : 0;
    }
    const number = (text - texts) >> 4;
    share /= <f64>load<f32>(keyWeight + (number << 2));
    if (shared < load<u32>(text, 12) || !(share >= leastShare)) continue;
    store<u32>(to, <u32>number);
    store<f64>(to, share, 8);
    to += 16;
  }
  return <u32>((to - found) >> 4);
}
