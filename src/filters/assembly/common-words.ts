// Counts the commonest words of languages in a text, as ../common-words.ts does.
import { findWord, hashBytes, LOW, mark, marksFailed, WORD_BITS, wordEndIn } from "../../core/assembly/units";
import { COMMON, COMMON_CLASSES, RESULT } from "./memory";

/**
 * Reads TEXT[length], in lower case: its words, and how many of them have the bits `first` and `second` in COMMON. False for a text that is
 * not for WebAssembly.
 */
export function countCommonWords(length: i32, first: u32, second: u32): bool {
  if (mark(length, COMMON_CLASSES, 0x20) == marksFailed) return false;
  let count = 0;
  let firsts = 0;
  let seconds = 0;
  let before: u64 = 0;
  for (let group = 0; group << 6 < length; group++) {
    const words = load<u64>(WORD_BITS + <usize>(group << 3));
    let starts = words & ~((words << 1) | before);
    before = words >> 63;
    count += <i32>popcnt(starts);
    for (; starts != 0; starts &= starts - 1) {
      const start = (group << 6) + <i32>ctz(starts);
      const end = wordEndIn(words, start);
      const bits = findWord(COMMON, hashBytes(LOW + <usize>start, end - start));
      firsts += i32((bits & first) != 0);
      seconds += i32((bits & second) != 0);
    }
  }
  store<i32>(RESULT, count);
  store<i32>(RESULT, firsts, 4);
  store<i32>(RESULT, seconds, 8);
  return true;
}
