// Which kinds of words that demands are made with an instruction holds, as ../demand-words.ts says.
import { findWord, hashBytes, LOW, mark, OTHER_BITS, TEXT, WORD_BITS, wordEndIn } from "../../core/assembly/units";
import { DEMAND_CLASSES, DEMANDS } from "./memory";

/**
 * The kinds that TEXT[length] holds. Words are runs of ASCII letters; none of a kind has less than three. Digits are of the kind `number`, the
 * other marked units of the kind `quote`.
 */
export function demandWords(length: i32, number: u32, quote: u32): u32 {
  mark(length, DEMAND_CLASSES, 0x20);
  let found: u32 = 0;
  let before: u64 = 0;
  for (let group = 0; group << 6 < length; group++) {
    const bits = (<usize>group) << 3;
    const first = group << 6;
    const words = load<u64>(WORD_BITS + bits);
    const behind = load<u64>(WORD_BITS + bits, 8);
    const longer = ((words >> 1) | (behind << 63)) & ((words >> 2) | (behind << 62));
    for (let starts = words & ~((words << 1) | before) & longer; starts != 0; starts &= starts - 1) {
      const start = first + <i32>ctz(starts);
      const end = wordEndIn(words, start);
      found |= findWord(DEMANDS, hashBytes(LOW + <usize>start, end - start));
    }
    before = words >> 63;
    for (let marks = load<u64>(OTHER_BITS + bits); marks != 0; marks &= marks - 1) {
      const unit = <u32>load<u16>(TEXT + ((<usize>(first + <i32>ctz(marks))) << 1));
      found |= unit - 0x30 < 10 ? number : quote;
    }
  }
  return found;
}
