// Adds up what speaks for each task, as ../task-scores.ts does, which says why. It knows the words that scan.ts read, and the lexicon in memory.
import { CLAUSES, COLONS, CUES, GAPS, LEADS, NUMBERS, PAIRS, PHRASES, SCORES, SENTENCES, STAMPS, VOTES, WATCHED, WORDS } from "./memory";
import {
  asking,
  asksLast,
  choices,
  codeMarks,
  COLON,
  COMMA,
  count,
  digits,
  formulas,
  LINE,
  NONE,
  operations,
  questions,
  SENTENCE,
  sentences,
  watched,
} from "./scan";

/** Tasks, as in ../task-names.ts. */
const ANSWER: i32 = 0;
const CODE: i32 = 1;
const CLASSIFICATION: i32 = 3;
const MATHEMATICS: i32 = 5;
const EXTRACTION: i32 = 6;
const TRANSLATION: i32 = 8;
const CONVERSATION: i32 = 9;
const OTHER_TASK: i32 = 10;
const TASKS: i32 = 11;

/** Roles of phrases, as in ../task-lexicon.ts. */
const LEAD: u32 = 1;
const MAKER: u32 = 2;
const OBJECT: u32 = 4;
const CUE: u32 = 8;
const OPENER: u32 = 16;
const SEEKER: u32 = 32;
const TEXT_NAME: u32 = 64;
const GREETING: u32 = 128;
const NUMBER: u32 = 256;
const AMOUNT: u32 = 512;
const QUANTITY: u32 = 1024;
const ASK: u32 = 2048;
const LABEL: u32 = 4096;
const JOINER: u32 = 8192;
const QUESTION_FIELD: u32 = 16384;
const SORTER: u32 = 32768;
const CODED: u32 = 65536;
const OR: u32 = 131072;
const LANGUAGE: u32 = 262144;

const LEADING: u32 = LEAD | MAKER | SEEKER | GREETING;
const COUNTED: u32 = CUE | NUMBER | AMOUNT | QUANTITY | LABEL | QUESTION_FIELD | OR | LANGUAGE;

/** Of a phrase's record: its size, and the fields behind its words. */
const PHRASE_BYTES: i32 = 32;
const PHRASE_SIZE: usize = 12;
const PHRASE_ROLES: usize = 16;
const LEAD_VOTES: usize = 20;
const MAKER_VOTES: usize = 22;
const OBJECT_VOTES: usize = 24;
const CUE_VOTES: usize = 26;

/** As the constants of ../task-scores.ts. */
const OBJECT_REACH: i32 = 8;
const WEAK_OBJECT: f64 = 2.5;
const LEAST_SCORE: f64 = 1.4;
const WORDS_PER_NUMBER: i32 = 30;
const AFTER_QUESTION: i32 = 12;
const SORTING_LIMIT: i32 = 40;

/** Of instructions judged: a cue counts once in each. */
let stamp: u32 = 0;
/** Whether the instruction names a text that something is to be found in; -1 before it is looked for. */
let textHeld: i32 = -1;
/** Words in CLAUSES and in CUES. */
let clauses: i32 = 0;
let cues: i32 = 0;

/** The task of the instruction that was scanned. */
export function judgeTask(): i32 {
  memory.fill(SCORES, 0, <usize>(TASKS << 3));
  memory.fill(LEADS, 0, <usize>(TASKS << 3));
  stamp++;
  textHeld = -1;
  siftWords();
  judgeClauses();
  judgeCues();
  judgeStructure();
  let best = 0;
  let most: f64 = 0;
  for (let task = 0; task < TASKS; task++) {
    const at = <usize>(task << 3);
    const score = load<f64>(SCORES + at) + load<f64>(LEADS + at);
    store<f64>(SCORES + at, score);
    if (task == 0 || score > most) {
      best = task;
      most = score;
    }
  }
  if (most >= LEAST_SCORE) return best;
  return questions > 0 ? ANSWER : OTHER_TASK;
}

/** Finds the words that are worth a look. Which they are no processor can foresee: there is no branch for them. */
function siftWords(): void {
  store<u16>(NUMBERS + <usize>(count << 1), 0);
  store<u8>(GAPS + <usize>count, LINE);
  let orders = 0;
  let signs = 0;
  for (let place = 0; place < watched; place++) {
    const entry = load<u32>(WATCHED + <usize>(place << 2));
    const i = <i32>(entry & 0xffff);
    const roles = rolesAt(i);
    store<u32>(CLAUSES + <usize>(orders << 2), entry);
    orders += i32(gapAt(i) != NONE) & i32((roles & (LEADING | OPENER)) != 0);
    store<u32>(CLAUSES + <usize>(orders << 2), entry + 1);
    orders += i32((roles & JOINER) != 0) & i32(gapAt(i + 1) == NONE);
    store<u32>(CUES + <usize>(signs << 2), entry);
    signs += i32((roles & COUNTED) != 0);
  }
  clauses = orders;
  cues = signs;
}

function pairSlot(word: u32, next: u32): u32 {
  return (word * 61 + next) & 8191;
}

function add(task: i32, score: f64): void {
  const at = SCORES + <usize>(task << 3);
  store<f64>(at, load<f64>(at) + score);
}

function raise(task: i32, score: f64): void {
  const at = LEADS + <usize>(task << 3);
  if (score > load<f64>(at)) store<f64>(at, score);
}

function sentenceStart(sentence: i32): i32 {
  return <i32>load<u16>(SENTENCES + <usize>(sentence << 1));
}

function numberAt(i: i32): u32 {
  return <u32>load<u16>(NUMBERS + <usize>(i << 1));
}

function gapAt(i: i32): u32 {
  return <u32>load<u8>(GAPS + <usize>i);
}

function hasColon(i: i32): bool {
  return load<u8>(COLONS + <usize>i) != 0;
}

/** The roles of the phrases that may begin with the word at i: mostly none does with it and the next, and its phrase of one word is left. */
function rolesAt(i: i32): u32 {
  const number = numberAt(i);
  const word = WORDS + <usize>(number << 4);
  const pair = <u32>load<u8>(PAIRS + <usize>pairSlot(number, numberAt(i + 1)));
  return load<u32>(word, 4) | (load<u32>(word, 8) & (0 - pair));
}

/** The first phrase that may begin with the word at i: mostly no longer one does. */
function firstPhrase(number: u32, i: i32): usize {
  const longer = load<u8>(PAIRS + <usize>pairSlot(number, numberAt(i + 1)));
  return phraseAt(WORDS + <usize>(number << 4) + (longer == 0 ? 2 : 0));
}

/** Behind the last phrase of a word: the first of the next. */
function phrasesEnd(number: u32): usize {
  return phraseAt(WORDS + <usize>((number + 1) << 4));
}

function phraseAt(place: usize): usize {
  return PHRASES + <usize>(<i32>load<u16>(place) * PHRASE_BYTES);
}

function sizeOf(phrase: usize): i32 {
  return <i32>load<u16>(phrase, PHRASE_SIZE);
}

function rolesOf(phrase: usize): u32 {
  return load<u32>(phrase, PHRASE_ROLES);
}

/** Whether a phrase, which begins with the word at i, stands there. */
function matches(phrase: usize, i: i32, to: i32): bool {
  const second = <u32>load<u16>(phrase, 2);
  return second == 0 || (second == numberAt(i + 1) && holds(phrase, i, to));
}

function holds(phrase: usize, i: i32, to: i32): bool {
  const size = sizeOf(phrase);
  if (i + size > to) return false;
  for (let j = 1; j < size; j++) {
    if (numberAt(i + j) != <u32>load<u16>(phrase + <usize>(j << 1)) || gapAt(i + j) > COMMA) return false;
  }
  return true;
}

/** The number of words of the longest phrase with a role that begins at a word; 0 for none. */
function phraseWith(i: i32, to: i32, role: u32): i32 {
  if (i >= to || i < 0 || (rolesAt(i) & role) == 0) return 0;
  const number = numberAt(i);
  const end = phrasesEnd(number);
  for (let phrase = firstPhrase(number, i); phrase < end; phrase += PHRASE_BYTES) {
    if ((rolesOf(phrase) & role) != 0 && matches(phrase, i, to)) return sizeOf(phrase);
  }
  return 0;
}

/** The first of a phrase's votes for a role. */
function votesOf(phrase: usize, role: usize): usize {
  return VOTES + <usize>((<i32>load<u16>(phrase + role)) << 4);
}

function weightOf(vote: usize): f64 {
  return load<f64>(vote);
}

function taskOf(vote: usize): i32 {
  return load<i32>(vote, 8);
}

/** Raises what votes say, each by `more`. */
function raiseVotes(vote: usize, more: f64, weight: f64): void {
  raise(taskOf(vote), (weightOf(vote) + more) * weight);
  while (hasNext(vote)) {
    vote += 16;
    raise(taskOf(vote), (weightOf(vote) + more) * weight);
  }
}

function hasNext(vote: usize): bool {
  return load<i32>(vote, 12) != 0;
}

/** How much a clause counts by its sentence's place. */
function sentenceWeight(sentence: i32): f64 {
  if (sentence == 0) return 1;
  if (sentence == 1 || sentence == sentences - 1) return 0.85;
  return sentence == 2 ? 0.6 : 0.35;
}

function judgeClauses(): void {
  let sentence = -1;
  let to = 0;
  let weight: f64 = 1;
  let coded = false;
  for (let clause = 0; clause < clauses; clause++) {
    const entry = load<u32>(CLAUSES + <usize>(clause << 2));
    const i = <i32>(entry & 0xffff);
    if ((rolesAt(i) & (LEADING | OPENER)) == 0) continue;
    if (<i32>(entry >> 16) != sentence) {
      sentence = <i32>(entry >> 16);
      to = sentence + 1 < sentences ? sentenceStart(sentence + 1) : count;
      weight = sentenceWeight(sentence);
      coded = false;
    }
    const gap = gapAt(i);
    if (gap != NONE) {
      if (judgeClause(i, to, weight * (gap >= COLON ? 1 : 0.75))) coded = true;
    } else if (!coded) judgeClause(i, to, weight * 0.6);
  }
}

function judgeClause(from: i32, to: i32, weight: f64): bool {
  let i = from;
  for (let skipped = phraseWith(i, to, OPENER); skipped > 0; skipped = phraseWith(i, to, OPENER)) i += skipped;
  if (i >= to || (rolesAt(i) & LEADING) == 0) return false;
  let led = false;
  let longest = 0;
  let coded = false;
  const number = numberAt(i);
  const end = phrasesEnd(number);
  for (let phrase = firstPhrase(number, i); phrase < end; phrase += PHRASE_BYTES) {
    const roles = rolesOf(phrase);
    if ((roles & LEADING) == 0 || !matches(phrase, i, to)) continue;
    const size = sizeOf(phrase);
    const field = size == 1 && hasColon(i);
    if ((roles & LEAD) != 0 && !led) {
      led = true;
      longest = size;
      let vote = votesOf(phrase, LEAD_VOTES);
      if ((roles & MAKER) == 0 && ordersCode(i + size, to)) raise(CODE, (weightOf(vote) + 1) * weight);
      while (true) {
        if (!field || weightOf(vote) >= 5) raise(taskOf(vote), weightOf(vote) * weight);
        if (!hasNext(vote)) break;
        vote += 16;
      }
    }
    if ((roles & MAKER) != 0 && !field && size >= longest) coded = judgeMaker(votesOf(phrase, MAKER_VOTES), i + size, to, weight);
    if ((roles & SEEKER) != 0 && holdsText()) raise(EXTRACTION, 4 * weight);
    if ((roles & GREETING) != 0 && from == 0 && count <= 8) raise(CONVERSATION, 4);
  }
  return coded;
}

function judgeMaker(maker: usize, from: i32, to: i32, weight: f64): bool {
  let end = min(to, from + OBJECT_REACH);
  let made: usize = 0;
  for (let i = from; i < end; i++) {
    const object = objectAt(i, to);
    if (object == 0 || (made != 0 && weightOf(object) <= weightOf(made))) continue;
    made = object;
    if (weightOf(object) > WEAK_OBJECT) break;
    end = min(end, i + 3);
  }
  if (made == 0) {
    raiseVotes(maker, 0, weight);
    return false;
  }
  raiseVotes(made, 1, weight);
  return taskOf(made) == CODE;
}

/** The first vote of the object that stands at i; 0 for none. */
function objectAt(i: i32, to: i32): usize {
  if ((rolesAt(i) & OBJECT) == 0) return 0;
  const number = numberAt(i);
  const end = phrasesEnd(number);
  for (let phrase = firstPhrase(number, i); phrase < end; phrase += PHRASE_BYTES) {
    if ((rolesOf(phrase) & OBJECT) != 0 && matches(phrase, i, to)) return votesOf(phrase, OBJECT_VOTES);
  }
  return 0;
}

function ordersCode(from: i32, to: i32): bool {
  const end = min(to, from + OBJECT_REACH);
  for (let i = from; i < end; i++) if (phraseWith(i, to, CODED) > 0) return true;
  return false;
}

function holdsText(): bool {
  if (textHeld < 0) textHeld = i32(findsText());
  return textHeld != 0;
}

function findsText(): bool {
  let sentence = -1;
  for (let i = 0; i < count; i++) {
    if (gapAt(i) >= SENTENCE) sentence++;
    if (phraseWith(i, count, TEXT_NAME) > 0 && sentenceWeight(sentence) > 0.5) return true;
  }
  return false;
}

/** The last sentence of more than two words. */
function lastSentence(): i32 {
  let end = count;
  for (let sentence = sentences - 1; sentence >= 0; sentence--) {
    const start = sentenceStart(sentence);
    if (end - start > 2) return sentence;
    end = start;
  }
  return -1;
}

function judgeCues(): void {
  let amountsNamed = digits;
  let amounts = 0;
  let labelled = false;
  let fielded = false;
  let choice = false;
  const asks = asking >= 0 ? asking : lastSentence();
  let named = 0;
  for (let cue = 0; cue < cues; cue++) {
    const entry = load<u32>(CUES + <usize>(cue << 2));
    const i = <i32>(entry & 0xffff);
    const sentence = <i32>(entry >> 16);
    const number = numberAt(i);
    const end = phrasesEnd(number);
    let cued = false;
    for (let phrase = firstPhrase(number, i); phrase < end; phrase += PHRASE_BYTES) {
      const roles = rolesOf(phrase);
      if ((roles & COUNTED) == 0 || !matches(phrase, i, count)) continue;
      if ((roles & CUE) != 0 && !cued) {
        cued = true;
        countCue(number, votesOf(phrase, CUE_VOTES), sentence);
      }
      if ((roles & COUNTED) == CUE) continue;
      if ((roles & OR) != 0 && sentenceWeight(sentence) > 0.5 && isListed(i, sentence)) choice = true;
      if ((roles & LANGUAGE) != 0 && hasColon(i)) named++;
      if ((roles & QUESTION_FIELD) != 0 && i == 0 && hasColon(i)) fielded = true;
      if ((roles & NUMBER) != 0) amountsNamed++;
      if (sentence == asks) {
        if ((roles & AMOUNT) != 0) amounts = 2;
        else if ((roles & QUANTITY) != 0 && amounts == 0 && asking >= 0) amounts = 1;
      }
      if ((roles & LABEL) != 0 && closes(i + sizeOf(phrase)) && sentenceWeight(sentence) > 0.5 && isAsked(sentence)) labelled = true;
    }
  }
  if (labelled) add(CLASSIFICATION, 5);
  else if (choice) add(CLASSIFICATION, 3);
  if (named >= 2) add(TRANSLATION, 4);
  if (fielded && questions == 0) add(ANSWER, 1.5);
  judgeAmounts(amounts, amountsNamed, asks);
  judgeSorting(asks);
}

/** Whether a word stands behind a colon and a comma in its sentence: "Which is it: a, b or c?" */
function isListed(i: i32, sentence: i32): bool {
  let listed = 0;
  for (let j = sentenceStart(sentence) + 1; j <= i; j++) {
    if (gapAt(j) == COLON && j > sentenceStart(sentence) + 3) listed = 1;
    else if (gapAt(j) == COMMA && listed == 1) listed = 2;
  }
  return listed == 2;
}

function isAsked(sentence: i32): bool {
  return phraseWith(sentenceStart(sentence), count, ASK) > 0;
}

/** A word's cue counts once. */
function countCue(number: u32, vote: usize, sentence: i32): void {
  const seen = STAMPS + <usize>(number << 2);
  if (load<u32>(seen) == stamp) return;
  store<u32>(seen, stamp);
  const weight = sentenceWeight(sentence);
  add(taskOf(vote), weightOf(vote) * weight);
  while (hasNext(vote)) {
    vote += 16;
    add(taskOf(vote), weightOf(vote) * weight);
  }
}

function closes(i: i32): bool {
  return i >= count || gapAt(i) != NONE || phraseWith(i, count, OR) > 0;
}

function judgeAmounts(amounts: i32, numbers: i32, asks: i32): void {
  if (amounts == 0 || numbers < 2 || numbers * WORDS_PER_NUMBER < count) return;
  const end = asks + 1 < sentences ? sentenceStart(asks + 1) : count;
  if (count - end > AFTER_QUESTION) return;
  add(MATHEMATICS, numbers >= 3 ? 4.5 + <f64>amounts : 1 + <f64>amounts * 1.5);
}

function judgeSorting(asks: i32): void {
  if (asking < 0 || asking != sentences - 2 || count > SORTING_LIMIT) return;
  if (gapAt(sentenceStart(asks + 1)) == SENTENCE && phraseWith(sentenceStart(asks), count, SORTER) > 0) add(CLASSIFICATION, 4.5);
}

function judgeStructure(): void {
  if (formulas >= 2) add(MATHEMATICS, 4);
  else if (codeMarks >= 6) add(CODE, codeMarks >= 12 ? 4.5 : 3);
  if (operations > 0 && (codeMarks < 4 || formulas >= 2)) add(MATHEMATICS, 4.6);
  if (asksLast) add(ANSWER, 1.45);
  else if (questions > 0) add(ANSWER, 0.75);
  if (choices >= 3) add(ANSWER, 1.5);
}
