// Where things lie in the kernel's memory, in bytes. ../word-kernel.ts has the same numbers. The first page is the module's own. Behind all
// this the caller puts the model's tables and the text, UTF-8 with READABLE bytes behind it; it tells their addresses.

/** flags[0x110000]: classes of a code point (../pretokenize-classes.ts), 0 while nobody has asked. */
export const FLAGS: usize = 0x10000;
/** Two 64-bit masks for each length 0..15: which bytes of a 16-byte load belong to a word. */
export const MASKS: usize = 0x120000;
/** byteIds[256]: the token that is one byte. */
export const BYTE_IDS: usize = 0x120100;
/** pairs[LONGEST]: what a word's symbols and their right neighbours merge to, while it is merged. */
export const PAIRS: usize = 0x120500;
/** ends[WORDS]: where the words of the text at hand end, and room for a window's more. */
export const ENDS: usize = 0x120d00;
export const WORDS: usize = 1024;
/** results[2]: how many ids a call made; the length of the long word that it stopped at, or 0. */
export const RESULTS: usize = 0x121e20;
/** The two generations of the word table. */
export const GENERATIONS: usize = 0x121e80;
/** ids[IDS_CAPACITY] that a call made. */
export const IDS: usize = 0xd21e80;
export const IDS_CAPACITY: usize = 0x80000;
/** Longer words (bytes) are neither looked up nor merged here. */
export const LONGEST: usize = 255;
