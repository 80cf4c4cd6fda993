// Where the lexicon and what is found of an instruction lie in memory, in bytes, behind what ../../core/assembly/units.ts uses. ../task-kernel.ts
// knows the same numbers.

/** Classes of units.ts, with the class of ../task-scan.ts in their upper four bits. */
export const CLASSES: usize = 0x40000;
/** The lexicon's words, a word table of their numbers, with WATCH where a phrase that counts wherever it stands may begin, or an order follow. */
export const LEXICON: usize = 0x51000;
export const WATCH: u32 = 0x10000;

/** What a scan found: counts as i32[16]. */
export const RESULT: usize = 0x63000;
/** By word: its number u16[1024], the gap before it u8[1024], 1 for a colon right behind it u8[1024]. */
export const NUMBERS: usize = 0x63100;
export const GAPS: usize = 0x64000;
export const COLONS: usize = 0x64800;
/** First words of sentences: u16[1024]. */
export const SENTENCES: usize = 0x65000;

/** By word number, 16 bytes: where its phrases begin and the place of its phrase of one word as u16, at 4 the roles of that, at 8 of the longer ones. */
export const WORDS: usize = 0x66000;
/** u8[8192] by pairSlot: 0 where no phrase begins with the two words. */
export const PAIRS: usize = 0x6a000;
/** Phrases, longest first by their first word: numbers of their words u16[6], how many u16, at 16 roles u32, at 20 places of votes by role u16[4]. */
export const PHRASES: usize = 0x6c000;
/** Votes: weight f64, task i32, 1 where the next is of the same phrase i32. */
export const VOTES: usize = 0x7c000;
/** By word number: the instruction that its cue last counted in, u32. */
export const STAMPS: usize = 0x86000;

/** Words behind a gap or with WATCH: their place and their sentence, u16 each. Of those, the ones that may begin an order, and those that may count. */
export const WATCHED: usize = 0x87000;
export const CLAUSES: usize = 0x88000;
export const CUES: usize = 0x89000;
/** f64[16] by task: what speaks for it; and the best of its leading words. */
export const SCORES: usize = 0x8a000;
export const LEADS: usize = 0x8a080;
