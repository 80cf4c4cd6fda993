// Where the filters' tables and results lie in memory, in bytes, behind what ../../core/assembly/units.ts uses. ../kernel-wasm.ts knows the same numbers.

/** Class tables of units.ts. */
export const REPEAT_CLASSES: usize = 0x40000;
export const REFUSAL_CLASSES: usize = 0x50100;
export const DEMAND_CLASSES: usize = 0x60200;

/** What a call found: i32[16]. */
export const RESULT: usize = 0x70300;

/** Word tables of units.ts. */
export const TRIGGERS: usize = 0x70400;
export const DEMANDS: usize = 0x7c400;

/** Three tables of a bit for every value of a sentence's 16 trigger bits. */
export const WANTED: usize = 0x88400;

/** Starts and ends of words, one after the other: u32[LIMIT + 2]. */
export const EDGES: usize = 0x90000;
/** By word that is counted: its start, its end, its hash; the place of the same word before, from 1, or 0: u32[LIMIT / 2]. */
export const STARTS: usize = 0xb1000;
export const ENDS: usize = 0xc1000;
export const IDS: usize = 0xd1000;
export const PREVIOUS: usize = 0xe1000;
/** Sets of words and of five words in a row: u64[32768] of (hash, place). */
export const SEEN: usize = 0x100000;
export const FIVES: usize = 0x140000;
export const SET_BYTES: usize = 0x40000;

/** Classes and words of ../common-words.ts. */
export const COMMON_CLASSES: usize = 0x180000;
export const COMMON: usize = 0x190100;
