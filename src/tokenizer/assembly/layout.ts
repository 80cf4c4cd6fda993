// Where things lie in the kernel's memory, in bytes. ../word-kernel.ts has the same numbers. The first page is the module's own.

/** flags[0x110000]: classes of a code point (../pretokenize-classes.ts), 0 while nobody has asked. */
export const FLAGS: usize = 0x10000;
/** Two 64-bit masks for each length 0..16: which bytes of a 16-byte load belong to a word. */
export const MASKS: usize = 0x120000;
/** The two generations of the word table. */
export const GENERATIONS: usize = 0x120200;
/** ids[IDS_CAPACITY] that a call made. */
export const IDS: usize = 0xd20200;
export const IDS_CAPACITY: usize = 0x10000;
/** results[2]: how many ids a call made; the length of the long word that it stopped at, or 0. */
export const RESULTS: usize = IDS + IDS_CAPACITY * 4;
/** The text, UTF-8, with 16 readable bytes behind it. */
export const TEXT: usize = RESULTS + 16;
