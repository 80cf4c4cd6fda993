// One line of the layout that chat models are fine-tuned on, and no other: {"messages": [{"role": "user", "content": "..."}, ...]}, an
// optional system message, then users and assistants in turn. Contents are unescaped to UTF-8, one behind the other. WebAssembly SIMD.
// What is anything else, even valid JSON, is not read here: JSON.parse has the last word.

/** Places in memory, as in chat-lines.ts, bytes. */
const ROLES: usize = 0x400;
const BYTES: usize = 0x4400;
const UNITS: usize = 0x8400;
const LINE: usize = 0x10000;
const CONTENTS: usize = 0x60000;
/** Messages that a line may have. */
const MOST: i32 = 4096;

// As in core/row.ts.
const SYSTEM: i32 = 0;
const USER: i32 = 1;
const ASSISTANT: i32 = 2;
const NONE: i32 = -1;

const SPACE: u8 = 0x20;
const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;
const BACKSLASH: u8 = 0x5c;
const SMALL_U: u8 = 0x75;

/** Behind the last content so far, and the UTF-16 units of the content at hand. */
let out: usize = 0;
let units: i32 = 0;

/**
 * Reads the line of so many bytes at LINE, which is valid UTF-8. Returns how many messages it has, 0 where it is not of this layout. Message
 * i's role is ROLES[i]; its content has BYTES[i] bytes and UNITS[i] UTF-16 units.
 */
export function readMessages(length: i32): i32 {
  const end = LINE + <usize>length;
  // Zeros end every scan: they stand in no JSON.
  v128.store(end, i64x2.splat(0));
  out = CONTENTS;
  let at = behind(LINE, 0x7b); // {
  if (at === 0 || load<u32>(at) !== 0x73656d22 || load<u32>(at + 4) !== 0x65676173 || load<u16>(at + 8) !== 0x2273) return 0; // "messages"
  at = behindColon(at + 10);
  if (at === 0) return 0;
  at = behind(at, 0x5b); // [
  let wanted = NONE;
  for (let count = 0; at !== 0 && count < MOST; count++) {
    const entry = <usize>count * 4;
    at = behind(at, 0x7b);
    if (at === 0 || load<u32>(at) !== 0x6c6f7222 || load<u16>(at + 4) !== 0x2265) return 0; // "role"
    at = behindColon(at + 6);
    if (at === 0) return 0;
    const role = roleAt(at);
    if (role === NONE || (role !== wanted && (wanted !== NONE || role === ASSISTANT))) return 0;
    at = behind(skipSpaces(at + (role === ASSISTANT ? 11 : role === USER ? 6 : 8)), COMMA);
    if (at === 0 || load<u32>(at) !== 0x6e6f6322 || load<u32>(at + 4) !== 0x746e6574 || load<u8>(at + 8) !== QUOTE) return 0; // "content"
    at = behindColon(at + 9);
    if (at === 0 || load<u8>(at) !== QUOTE) return 0;
    const from = out;
    units = 0;
    at = readString(at + 1);
    if (at === 0) return 0;
    // A system message without text is left out elsewhere: here it begins with a letter or a sign.
    if (role === SYSTEM && (out === from || load<u8>(from) <= SPACE || load<u8>(from) >= 0x7f)) return 0;
    store<i32>(ROLES + entry, role);
    store<i32>(BYTES + entry, <i32>(out - from));
    store<i32>(UNITS + entry, units);
    wanted = role === USER ? ASSISTANT : USER;
    at = behind(skipSpaces(at), 0x7d); // }
    if (at === 0) return 0;
    if (load<u8>(at) === COMMA) {
      at = skipSpaces(at + 1);
      continue;
    }
    at = behind(at, 0x5d); // ]
    if (at === 0 || role !== ASSISTANT) return 0;
    return behind(at, 0x7d) === end ? count + 1 : 0;
  }
  return 0;
}

function skipSpaces(at: usize): usize {
  while (load<u8>(at) === SPACE) at++;
  return at;
}

/** Behind this sign and the spaces after it; 0 where another sign stands there. */
function behind(at: usize, sign: u8): usize {
  return load<u8>(at) === sign ? skipSpaces(at + 1) : 0;
}

function behindColon(at: usize): usize {
  return behind(skipSpaces(at), COLON);
}

function roleAt(at: usize): i32 {
  const start = load<u32>(at);
  if (start === 0x65737522) return load<u16>(at + 4) === 0x2272 ? USER : NONE; // "user"
  if (start === 0x73797322) return load<u32>(at + 4) === 0x226d6574 ? SYSTEM : NONE; // "system"
  if (start !== 0x73736122 || load<u32>(at + 4) !== 0x61747369) return NONE; // "assistant"
  return load<u16>(at + 8) === 0x746e && load<u8>(at + 10) === QUOTE ? ASSISTANT : NONE;
}

/** Copies a string, unescaped, up to its closing quote; returns the place behind that, 0 where it is none. */
function readString(at: usize): usize {
  while (true) {
    const bytes = v128.load(at);
    v128.store(out, bytes);
    const isSpecial = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
      i8x16.lt_u(bytes, i8x16.splat(SPACE)),
    );
    const special = i8x16.bitmask(isSpecial);
    const plain = special === 0 ? 16 : ctz(special);
    // A character of four bytes is two units, any other one; bytes behind the first begin with bits 10.
    const within = (1 << plain) - 1;
    const inner = i8x16.bitmask(i8x16.lt_s(bytes, i8x16.splat(-64))) & within;
    const long = i8x16.bitmask(i8x16.ge_u(bytes, i8x16.splat(-16))) & within;
    units += plain - popcnt(inner) + popcnt(long);
    at += <usize>plain;
    out += <usize>plain;
    if (special === 0) continue;
    const sign = load<u8>(at);
    if (sign === QUOTE) return at + 1;
    if (sign !== BACKSLASH) return 0;
    const escaped = load<u8>(at + 1);
    if (escaped === SMALL_U) {
      at = readCodeUnit(at + 2);
      if (at === 0) return 0;
    } else {
      const byte = unescaped(escaped);
      if (byte === 0) return 0;
      store<u8>(out++, byte);
      units++;
      at += 2;
    }
  }
}

/** What stands for itself or for white space behind a backslash; 0 for all else. */
function unescaped(sign: u8): u8 {
  if (sign === 0x6e) return 0x0a; // n
  if (sign === QUOTE || sign === BACKSLASH || sign === 0x2f) return sign;
  if (sign === 0x74) return 0x09; // t
  if (sign === 0x72) return 0x0d; // r
  if (sign === 0x62) return 0x08; // b
  return sign === 0x66 ? 0x0c : 0; // f
}

/** Writes the character whose four digits stand here, and the other half of a surrogate pair; 0 where half a pair stands alone. */
function readCodeUnit(at: usize): usize {
  let code = hexAt(at);
  at += 4;
  if (code < 0 || (code >= 0xdc00 && code < 0xe000)) return 0;
  if (code >= 0xd800 && code < 0xdc00) {
    const low = load<u16>(at) === 0x755c ? hexAt(at + 2) : NONE; // \u
    if (low < 0xdc00 || low >= 0xe000) return 0;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    at += 6;
    units++;
  }
  units++;
  if (code < 0x80) store<u8>(out++, <u8>code);
  else {
    if (code < 0x800) store<u8>(out++, <u8>(0xc0 | (code >> 6)));
    else {
      if (code < 0x10000) store<u8>(out++, <u8>(0xe0 | (code >> 12)));
      else {
        store<u8>(out++, <u8>(0xf0 | (code >> 18)));
        store<u8>(out++, <u8>(0x80 | ((code >> 12) & 0x3f)));
      }
      store<u8>(out++, <u8>(0x80 | ((code >> 6) & 0x3f)));
    }
    store<u8>(out++, <u8>(0x80 | (code & 0x3f)));
  }
  return at;
}

function hexAt(at: usize): i32 {
  let code = 0;
  for (let i: usize = 0; i < 4; i++) {
    const sign = <i32>load<u8>(at + i);
    const letter = sign | 0x20;
    const digit = sign >= 0x30 && sign <= 0x39 ? sign - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NONE;
    if (digit < 0) return NONE;
    code = (code << 4) | digit;
  }
  return code;
}
