// Characters of valid UTF-8 and runs of them. Pointers are byte offsets into memory.
import { FLAGS } from "./layout";

/** Finds the flags of a code point, keeps them in FLAGS and returns them. */
declare function classify(codePoint: u32): u32;

// As ../pretokenize-classes.ts has them.
export const LETTER: u32 = 1;
export const NUMBER: u32 = 2;
export const BLANK: u32 = 4;
export const NEWLINE: u32 = 8;
export const OTHER: u32 = 16;
export const UPPER: u32 = 32;
export const LOWER: u32 = 64;
export const WHITE: u32 = BLANK | NEWLINE;

/** Bytes of the character that this byte leads. */
export function width(lead: u32): usize {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Flags of the character at `at`. */
export function flagsAt(at: usize): u32 {
  const lead = <u32>load<u8>(at);
  return lead < 0x80 ? <u32>load<u8>(FLAGS + lead) : wideFlagsAt(at, lead);
}

function wideFlagsAt(at: usize, lead: u32): u32 {
  let codePoint: u32;
  const second = <u32>load<u8>(at, 1) & 0x3f;
  if (lead < 0xe0) codePoint = ((lead & 0x1f) << 6) | second;
  else {
    const third = <u32>load<u8>(at, 2) & 0x3f;
    if (lead < 0xf0) codePoint = ((lead & 0xf) << 12) | (second << 6) | third;
    else codePoint = ((lead & 0x7) << 18) | (second << 12) | (third << 6) | (<u32>load<u8>(at, 3) & 0x3f);
  }
  const found = <u32>load<u8>(FLAGS + codePoint);
  return found != 0 ? found : classify(codePoint);
}

/** Where the run of characters with any of these flags that starts at `at` ends; `at` itself where there is none. */
export function skipRun(at: usize, end: usize, mask: u32): usize {
  while (at < end) {
    const lead = <u32>load<u8>(at);
    if (lead < 0x80) {
      if ((<u32>load<u8>(FLAGS + lead) & mask) == 0) return at;
      at++;
    } else {
      if ((wideFlagsAt(at, lead) & mask) == 0) return at;
      at += width(lead);
    }
  }
  return at;
}

/** 1 in each byte. */
const EACH: u64 = ((<u64>0x01010101) << 32) | 0x01010101;

/** skipRun for letters, eight ASCII letters at a time. */
export function skipLetters(at: usize, end: usize): usize {
  while (at < end) {
    const bytes = load<u64>(at);
    // The top bit of a byte tells: at least "a", more than "z", not ASCII. Small and capital letters differ in bit 5.
    const low = (bytes | (EACH * 0x20)) & (EACH * 0x7f);
    const letters = (low + EACH * 0x1f) & ~(low + EACH * 0x05) & ~bytes & (EACH * 0x80);
    const others = letters ^ (EACH * 0x80);
    if (others == 0) {
      at += 8;
      continue;
    }
    at += <usize>(ctz(others) >> 3);
    if (at >= end) break;
    const lead = <u32>load<u8>(at);
    if (lead < 0x80 || (wideFlagsAt(at, lead) & LETTER) == 0) return at;
    at += width(lead);
  }
  return min(at, end);
}

/** The first byte of the character that the byte at `at` belongs to. */
export function characterStart(at: usize): usize {
  while ((load<u8>(at) & 0xc0) == 0x80) at--;
  return at;
}
