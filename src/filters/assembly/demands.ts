// Which kinds of words that demands are made with an instruction holds, as ../demand-words.ts says.
import { findWord, hashBytes, LOW, mark, OTHER_BITS, TEXT, WORD_BITS, wordEnd } from "../../core/assembly/units";
import { DEMAND_CLASSES, DEMANDS } from "./memory";

/** The kinds that TEXT[length] holds. Words are runs of ASCII letters; digits are of the kind `number`, the other marked units of the kind `quote`. */
export function demandWords(length: i32, number: u32, quote: u32): u32 {
  mark(length, DEMAND_CLASSES, 0x20);
  let found: u32 = 0;
  for (let group = 0; group << 6 < length; group++) {
    const bits = (<usize>group) << 3;
    const first = group << 6;
    const words = load<u64>(WORD_BITS + bits);
    const before = group == 0 ? 0 : load<u64>(WORD_BITS + bits - 8) >> 63;
    for (let starts = words & ~((words << 1) | before); starts != 0; starts &= starts - 1) {
      const start = first + <i32>ctz(starts);
      found |= findWord(DEMANDS, hashBytes(LOW + <usize>start, wordEnd(start) - start));
    }
    for (let marks = load<u64>(OTHER_BITS + bits); marks != 0; marks &= marks - 1) {
      const unit = <u32>load<u16>(TEXT + ((<usize>(first + <i32>ctz(marks))) << 1));
      found |= unit - 0x30 < 10 ? number : quote;
    }
  }
  return found;
}
