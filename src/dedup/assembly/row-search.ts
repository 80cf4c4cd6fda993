// The 8-grams of a row's words that evaluation texts may hold, and the texts that share rare terms with it. The same arithmetic as
// ../decontaminate-row.ts, which says what it means.
import { counts, NEXT, term, word } from "./row";

const GRAM_BASE: u32 = 0x2c1b3c6d;

/** Writes those hashes of 8-grams of the words to `held` that `bits` does not turn away; returns their count. leaving: GRAM_BASE ** 8. */
export function heldGrams(bits: usize, shift: u32, leaving: u32, held: usize): i32 {
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
    const wanted = ((<u32>1) << (mixed & 31)) | ((<u32>1) << ((mixed >> 5) & 31)) | ((<u32>1) << ((mixed >> 10) & 31));
    store<u32>(to, gram);
    to += (<usize>((load<u32>(bits + ((<usize>(mixed >> shift)) << 2)) & wanted) == wanted)) << 2;
  }
  return <i32>((to - held) >> 2);
}

/**
 * Texts that at least two of the row's terms find and that share enough of their rarest terms with it. terms[vocabulary + 1, 4] (row in
 * which it was last seen, where its postings begin and end; the first stands for no term), postings (texts),
 * texts[texts, 4] (row << 8 | hits, where its keys begin and end, least terms), keys (entry of terms, weight), keyWeight[texts]. Writes
 * found[count] and share[count], 8 bytes each, to `out`.
 */
export function candidates(
  row: u32,
  terms: usize,
  postings: usize,
  texts: usize,
  keys: usize,
  keyWeight: usize,
  leastShare: f64,
  scratch: usize,
  out: usize,
): i32 {
  const ids = term + NEXT;
  const end = ids + ((<usize>load<u32>(counts, 4)) << 2);
  let list = scratch;
  for (let at = ids; at < end; at += 4) {
    const entry = terms + ((<usize>(load<i32>(at) + 1)) << 4);
    const fresh = load<u32>(entry) != row && load<u32>(entry, 4) != load<u32>(entry, 8);
    store<u32>(entry, row);
    store<u32>(list, <u32>entry);
    list += (<usize>fresh) << 2;
  }
  const none = row << 8;
  let twice = list;
  for (let at = scratch; at < list; at += 4) {
    const entry = <usize>load<u32>(at);
    const last = postings + ((<usize>load<u32>(entry, 8)) << 2);
    for (let p = postings + ((<usize>load<u32>(entry, 4)) << 2); p < last; p += 4) {
      const found = texts + ((<usize>load<u32>(p)) << 4);
      const hits = max(load<u32>(found), none) + 1;
      store<u32>(found, hits);
      store<u32>(twice, <u32>found);
      twice += (<usize>(hits == none + 2)) << 2;
    }
  }
  let to = out;
  for (let at = list; at < twice; at += 4) {
    const found = <usize>load<u32>(at);
    const last = keys + ((<usize>load<u32>(found, 8)) << 3);
    let shared: u32 = 0;
    let share: f64 = 0;
    for (let k = keys + ((<usize>load<u32>(found, 4)) << 3); k < last; k += 8) {
      const here = load<u32>(terms + ((<usize>load<u32>(k)) << 4)) == row;
      shared += <u32>here;
      share += here ? <f64>load<f32>(k, 4) : 0;
    }
    const text = (found - texts) >> 4;
    share /= <f64>load<f32>(keyWeight + (text << 2));
    if (shared < load<u32>(found, 12) || !(share >= leastShare)) continue;
    store<u32>(to, <u32>text);
    store<f64>(to, share, 8);
    to += 16;
  }
  return <i32>((to - out) >> 4);
}
