// What kind of task an instruction asks for, by its leading verbs, cue words and structure. Rules are data (task-rules.ts); this file reads
// the first and last characters of an instruction once, as whole words, and adds up what speaks for each type. English words; a text in
// another language is judged by its structure alone.
import { createLexicon, hashStart, hashStep, type Lexicon } from "./lexicon.ts";
import { taskCount, type TaskName, taskNumber, type TaskType } from "./task-names.ts";
import * as rules from "./task-rules.ts";

/** Characters that are read at the two ends of an instruction: what is asked stands there, what it is asked of lies between. */
const headLimit = 600;
const tailLimit = 300;
/** Words from a maker to what it makes. */
const objectReach = 8;
/** What must speak for a type before it is named. */
const leastScore = 1.4;
/** A word problem has a number in so many words at least; a passage that is asked about has fewer. */
const wordsPerNumber = 30;
/** Words behind its question: "Answer:", a few choices. */
const afterQuestion = 12;

/** Weights of one phrase by task; a task stands once. */
type Votes = readonly { readonly task: TaskType; readonly weight: number }[];

interface Entry {
  lead?: Votes;
  maker?: Votes;
  object?: Votes;
  cue?: Votes;
  opener?: true;
  seeker?: true;
  text?: true;
  greeting?: true;
  number?: true;
  amount?: true;
  quantity?: true;
  ask?: true;
  label?: true;
  joiner?: true;
  questionField?: true;
  /** Speaks of code wherever it stands, as an object too. */
  coded?: true;
}

/** What stands before a word. A phrase goes over commas, not over what is stronger. */
const Gap = { none: 0, comma: 1, colon: 2, sentence: 3, line: 4 } as const;

type Flag = Exclude<keyof Entry, "lead" | "maker" | "object" | "cue">;

interface Scan {
  count: number;
  /** numbers[count]: places in the lexicon, 0 for other words. */
  readonly numbers: Uint16Array;
  /** gaps[count + 1]: what stands before a word; the last is what stands behind the text. */
  readonly gaps: Uint8Array;
  /** Sentences and lines that hold words: their first words. */
  /** colons[count]: 1 where a colon stands right behind a word. */
  readonly colons: Uint8Array;
  sentences: number;
  readonly sentenceStarts: Uint16Array;
  /** Words that are numbers in digits. */
  digits: number;
  /** Question marks, the sentence of the last, and whether the last sentence has one. */
  questions: number;
  asking: number;
  asksLast: boolean;
  /** Marks that code is full of and prose is not. */
  codeMarks: number;
  /** "2 + x", "3 = y". */
  operations: number;
  /** "\frac" and the like. */
  formulas: number;
  /** Lines that begin like one of a choice: "- ", "(A)", "B:", "2. ". */
  choices: number;
}

const wordLimit = headLimit + tailLimit;
const scan: Scan = {
  count: 0,
  numbers: new Uint16Array(wordLimit),
  gaps: new Uint8Array(wordLimit + 1),
  colons: new Uint8Array(wordLimit),
  sentences: 0,
  sentenceStarts: new Uint16Array(wordLimit),
  digits: 0,
  questions: 0,
  asking: -1,
  asksLast: false,
  codeMarks: 0,
  operations: 0,
  formulas: 0,
  choices: 0,
};
const scores = new Float64Array(taskCount);
/** Best vote of a leading word, per task: several clauses do not add up. */
const leadScores = new Float64Array(taskCount);
/** seen[word number of the lexicon]: stamp of the text that it was last counted in, so that a cue counts once. */
let seen = new Uint32Array(0);
let stamp = 0;
let lexicon: Lexicon<Entry> | undefined;

const task = {
  answer: taskNumber("question answering"),
  code: taskNumber("code"),
  classification: taskNumber("classification"),
  mathematics: taskNumber("mathematics"),
  extraction: taskNumber("extraction"),
  conversation: taskNumber("conversation"),
  other: taskNumber("other"),
};

/** The type of an instruction: its place in taskNames. */
export function classifyTask(instruction: string): TaskType {
  lexicon ??= buildLexicon();
  read(instruction, lexicon);
  scores.fill(0);
  leadScores.fill(0);
  stamp++;
  judgeClauses(lexicon);
  judgeCues(lexicon);
  judgeStructure();
  let best = 0;
  for (let i = 0; i < taskCount; i++) {
    scores[i] += leadScores[i];
    if (scores[i] > scores[best]) best = i;
  }
  if (scores[best] >= leastScore) return best;
  return scan.questions > 0 ? task.answer : task.other;
}

/** The scores of the last text by task, for those who tune the rules. */
export function taskScores(instruction: string): readonly number[] {
  classifyTask(instruction);
  return [...scores];
}

// --- reading -----------------------------------------------------------------------------------------------------------------------------

const Class = { other: 0, letter: 1, digit: 2, foreign: 3, space: 4 } as const;
const classes = new Uint8Array(128);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") classes[character.charCodeAt(0)] = Class.letter;
for (const character of "0123456789") classes[character.charCodeAt(0)] = Class.digit;
for (const character of " \t\r\n\f\v") classes[character.charCodeAt(0)] = Class.space;

function classOf(code: number): number {
  if (code < 128) return classes[code];
  if (code === 0xa0 || code === 0x3000 || code === 0xfeff) return Class.space;
  // General punctuation (curly quotes, dashes), CJK and full-width punctuation, the inverted marks of Spanish.
  if (code >= 0x2000 && code <= 0x2bff) return Class.other;
  if (code >= 0x3001 && code <= 0x3011) return Class.other;
  if (code >= 0xff01 && code <= 0xff0f) return Class.other;
  if (code >= 0xff1a && code <= 0xff20) return Class.other;
  return code === 0xbf || code === 0xa1 || code === 0xd7 || code === 0xf7 ? Class.other : Class.foreign;
}

/** A prompt in the frame of the Alpaca template begins behind this. */
const frame = "### Instruction:";

function read(text: string, words: Lexicon<Entry>): void {
  scan.count = 0;
  scan.sentences = 0;
  scan.digits = 0;
  scan.questions = 0;
  scan.asking = -1;
  scan.asksLast = false;
  scan.codeMarks = 0;
  scan.operations = 0;
  scan.formulas = 0;
  scan.choices = 0;
  let from = 0;
  const first = text.charCodeAt(0);
  if (first === 0x23 || first === 0x42) {
    const framed = text.indexOf(frame);
    if (framed >= 0 && framed < headLimit) from = framed + frame.length;
  }
  const length = text.length - from;
  if (length <= headLimit + tailLimit) readPart(text, from, text.length, Gap.line, words);
  else {
    readPart(text, from, wordEdge(text, from + headLimit), Gap.line, words);
    readPart(text, wordEdge(text, text.length - tailLimit), text.length, scan.gaps[scan.count], words);
  }
}

/** The next place, at most 40 on, where no word is cut. */
function wordEdge(text: string, at: number): number {
  for (let i = at; i < at + 40 && i < text.length; i++) if (classOf(text.charCodeAt(i)) === Class.space) return i;
  return at;
}

function readPart(text: string, from: number, to: number, before: number, words: Lexicon<Entry>): void {
  let gap = before;
  let i = from;
  while (i < to) {
    const code = text.charCodeAt(i);
    const kind = classOf(code);
    if (kind === Class.letter || kind === Class.digit || kind === Class.foreign) {
      const start = i;
      let hash = hashStart;
      let foreign = false;
      let letters = 0;
      for (; i < to; i++) {
        const next = text.charCodeAt(i);
        const nextKind = classOf(next);
        if (nextKind === Class.letter) {
          hash = hashStep(hash, next | 0x20);
          letters++;
        } else if (nextKind === Class.digit) hash = hashStep(hash, next);
        else if (nextKind === Class.foreign) foreign = true;
        else break;
      }
      if (letters === 1 && i - start === 1) {
        // C++ and C#.
        const next = text.charCodeAt(i);
        if (next === 0x23 || (next === 0x2b && text.charCodeAt(i + 1) === 0x2b)) {
          for (const end = i + (next === 0x23 ? 1 : 2); i < end; i++) hash = hashStep(hash, next);
        }
      }
      if (letters === 0 && !foreign && !isYear(text, start, i)) scan.digits++;
      if (scan.count < wordLimit) {
        if (gap >= Gap.sentence) {
          scan.sentenceStarts[scan.sentences++] = scan.count;
          scan.asksLast = false;
        }
        scan.gaps[scan.count] = gap;
        scan.colons[scan.count] = i < to && text.charCodeAt(i) === 0x3a ? 1 : 0;
        scan.numbers[scan.count++] = foreign ? 0 : words.find(hash);
      }
      gap = Gap.none;
    } else {
      const strength = readMark(text, i, code);
      if (strength > gap) gap = strength;
      i++;
    }
  }
  scan.gaps[scan.count] = gap;
}

/** 1000 to 2099, and no price. */
function isYear(text: string, from: number, to: number): boolean {
  if (to - from !== 4 || text.charCodeAt(from - 1) === 0x24) return false;
  const first = text.charCodeAt(from);
  return first === 0x31 || (first === 0x32 && text.charCodeAt(from + 1) === 0x30);
}

/** Counts a mark of punctuation; the gap that it makes. */
function readMark(text: string, i: number, code: number): number {
  switch (code) {
    case 0x20:
      return Gap.none;
    case 0x0a: {
      const next = text.charCodeAt(i + 1);
      const after = text.charCodeAt(i + 2);
      // "- x", "* x"; "A: x", "b) x", "2. x"; "(A) x".
      if ((next === 0x2d || next === 0x2a) && after === 0x20) scan.choices++;
      else if (next === 0x28 && text.charCodeAt(i + 3) === 0x29) scan.choices++;
      else if ((after === 0x3a || after === 0x29 || after === 0x2e) && classOf(next) !== Class.other) scan.choices++;
      return Gap.line;
    }
    case 0x3f: // ?
    case 0xff1f:
    case 0x61f:
      scan.questions++;
      scan.asking = scan.sentences - 1;
      scan.asksLast = true;
      return Gap.sentence;
    case 0x2e: // . ends a sentence where no letter or digit follows
      return classOf(text.charCodeAt(i + 1)) === Class.letter || classOf(text.charCodeAt(i + 1)) === Class.digit ? Gap.none : Gap.sentence;
    case 0x21: // ! and the full stop of Han text
    case 0x3002:
    case 0xff01:
      return Gap.sentence;
    case 0x3a:
      return Gap.colon;
    case 0x2c:
    case 0x22:
    case 0x201c:
    case 0x201d:
    case 0x2013:
    case 0x2014:
      return Gap.comma;
    case 0x3b: // ; at the end of a line is code
      if (text.charCodeAt(i + 1) === 0x0a || i + 1 === text.length) scan.codeMarks++;
      return Gap.comma;
    case 0x60: // a fence
      if (text.charCodeAt(i + 1) === 0x60 && text.charCodeAt(i + 2) === 0x60) scan.codeMarks += 4;
      return Gap.comma;
    case 0x7b: // { }
    case 0x7d:
      scan.codeMarks++;
      return Gap.comma;
    case 0x28: {
      // "name(" and "name()"; "f(x)" is mathematics
      const next = text.charCodeAt(i + 1);
      if (next === 0x29) scan.codeMarks += 2;
      else if (i > 1 && classOf(text.charCodeAt(i - 1)) === Class.letter && classOf(text.charCodeAt(i - 2)) === Class.letter && next !== 0x73)
        scan.codeMarks++;
      return Gap.comma;
    }
    case 0x5f: // snake_case
      if (i > 0 && classOf(text.charCodeAt(i - 1)) === Class.letter && classOf(text.charCodeAt(i + 1)) === Class.letter) scan.codeMarks++;
      return Gap.none;
    case 0x24: // $x$ closes a formula; "$x" is a price or a variable
      if (isFormulaEnd(text.charCodeAt(i - 1)) && text.charCodeAt(i + 1) !== 0x7b) scan.formulas++;
      return Gap.none;
    case 0x3e: // >>> of an interpreter
      if (text.charCodeAt(i + 1) === 0x3e && text.charCodeAt(i + 2) === 0x3e) scan.codeMarks += 2;
      return Gap.comma;
    case 0x3c: // <tag or </tag
      if (classOf(text.charCodeAt(i + 1)) === Class.letter || text.charCodeAt(i + 1) === 0x2f) scan.codeMarks++;
      return Gap.comma;
    case 0x5c:
      // Not \n, \r, \t, \u and \x, which are escapes, nor a slip between words.
      if (classOf(text.charCodeAt(i + 1)) !== Class.letter || classOf(text.charCodeAt(i - 1)) === Class.letter) return Gap.comma;
      if (!"nrtux".includes(text[i + 1])) scan.formulas++;
      return Gap.comma;
    case 0x3d: // == => += and so on are code; one sign between amounts is mathematics
    case 0x2b:
    case 0x2a:
    case 0x5e:
    case 0xd7:
    case 0xf7: {
      const next = text.charCodeAt(i + 1);
      if (next === 0x3d || (code === 0x3d && next === 0x3e)) scan.codeMarks++;
      else if (code === 0x3d && startsLine() && next !== 0x3d) scan.codeMarks += isLiteral(text, i + 1) ? 6 : 3;
      else if (isAmount(text, i - 1, -1) && isAmount(text, i + 1, 1)) scan.operations++;
      else if (code === 0x3d && next !== 0x3d && text.charCodeAt(i - 1) !== 0x3d) scan.codeMarks += 0.5;
      return Gap.comma;
    }
  }
  return Gap.none;
}

/** A list, a map or a string begins here, behind at most one space. */
function isLiteral(text: string, at: number): boolean {
  const code = text.charCodeAt(text.charCodeAt(at) === 0x20 ? at + 1 : at);
  return code === 0x5b || code === 0x7b || code === 0x22 || code === 0x27;
}

/** The last word began its line: "name = value". */
function startsLine(): boolean {
  return scan.count > 1 && scan.gaps[scan.count - 1] === Gap.line;
}

function isFormulaEnd(code: number): boolean {
  return classOf(code) === Class.letter || code === 0x7d || code === 0x29;
}

/** A number, one letter or a bracket, with at most one space between. */
function isAmount(text: string, at: number, step: number): boolean {
  const i = text.charCodeAt(at) === 0x20 ? at + step : at;
  const code = text.charCodeAt(i);
  if (code === 0x28 || code === 0x29) return true;
  const kind = classOf(code);
  if (kind === Class.digit) return true;
  return kind === Class.letter && classOf(text.charCodeAt(i + step)) !== Class.letter;
}

// --- judging -----------------------------------------------------------------------------------------------------------------------------

/** How much a clause counts by its sentence's place: the task is said first or last. */
function sentenceWeight(sentence: number): number {
  if (sentence === 0) return 1;
  if (sentence === 1 || sentence === scan.sentences - 1) return 0.85;
  return sentence === 2 ? 0.6 : 0.35;
}

function judgeClauses(words: Lexicon<Entry>): void {
  for (let sentence = 0; sentence < scan.sentences; sentence++) {
    const from = scan.sentenceStarts[sentence];
    const to = sentence + 1 < scan.sentences ? scan.sentenceStarts[sentence + 1] : scan.count;
    const weight = sentenceWeight(sentence);
    let coded = false;
    for (let i = from; i < to; i++) {
      const gap = scan.gaps[i];
      if (gap !== Gap.none) coded = judgeClause(words, i, to, weight * (gap >= Gap.colon ? 1 : 0.75)) || coded;
      else if (!coded && joins(words, i - 1)) judgeClause(words, i, to, weight * 0.6);
    }
  }
}

/** "to", "and", "then" ... in mid-sentence: a verb behind them is an order, though a weaker one. */
function joins(words: Lexicon<Entry>, i: number): boolean {
  return phraseWith(words, i, i + 1, "joiner") > 0;
}

/** True where it asks for code to be made: what the code is to do is no further order. */
function judgeClause(words: Lexicon<Entry>, from: number, to: number, weight: number): boolean {
  let i = from;
  for (let skipped = phraseWith(words, i, to, "opener"); skipped > 0 && i < to; skipped = phraseWith(words, i, to, "opener")) i += skipped;
  if (i >= to) return false;
  const { phrases } = words;
  let led = false;
  let coded = false;
  for (const { words: parts, entry } of phrases[scan.numbers[i]]) {
    if (!matches(parts, i, to)) continue;
    // "Answer:" and "Title:" name a field; "Summarize:" is an order.
    const field = scan.colons[i + parts.length - 1] === 1;
    if (entry.lead && !led) {
      led = true;
      if (!entry.maker && ordersCode(words, i + parts.length, to)) raise(task.code, (entry.lead[0].weight + 1) * weight);
      for (const { task: number, weight: vote } of entry.lead) if (!field || vote >= 5) raise(number, vote * weight);
    }
    if (entry.maker && !field) coded = judgeMaker(words, entry.maker, i + parts.length, to, weight);
    if (entry.seeker && holdsText(words)) raise(task.extraction, 4 * weight);
    if (entry.greeting && from === 0 && scan.count <= 8) raise(task.conversation, 4);
  }
  return coded;
}

function judgeMaker(words: Lexicon<Entry>, maker: Votes, from: number, to: number, weight: number): boolean {
  const end = Math.min(to, from + objectReach);
  for (let i = from; i < end; i++) {
    for (const { words: parts, entry } of words.phrases[scan.numbers[i]]) {
      if (!entry.object || !matches(parts, i, to)) continue;
      for (const { task: number, weight: vote } of entry.object) raise(number, (vote + 1) * weight);
      return entry.object[0].task === task.code;
    }
  }
  for (const { task: number, weight: vote } of maker) raise(number, vote * weight);
  return false;
}

/** "Rewrite this code ...", "explain the algorithm ...": whatever the verb, the task is about code. */
function ordersCode(words: Lexicon<Entry>, from: number, to: number): boolean {
  const end = Math.min(to, from + objectReach);
  for (let i = from; i < end; i++) if (phraseWith(words, i, to, "coded") > 0) return true;
  return false;
}

function holdsText(words: Lexicon<Entry>): boolean {
  for (let i = 0; i < scan.count; i++) {
    if (scan.numbers[i] !== 0 && phraseWith(words, i, scan.count, "text") > 0) return true;
  }
  return false;
}

function judgeCues(words: Lexicon<Entry>): void {
  let numbers = scan.digits;
  let amounts = 0;
  let asked = false;
  let labelled = false;
  let fielded = false;
  // The sentence that asks: the last with a question mark, else the last.
  const asking = scan.asking >= 0 ? scan.asking : scan.sentences - 1;
  let sentence = -1;
  let weight = 1;
  for (let i = 0; i < scan.count; i++) {
    if (scan.gaps[i] >= Gap.sentence) {
      weight = sentenceWeight(++sentence);
      asked = phraseWith(words, i, scan.count, "ask") > 0;
    }
    const number = scan.numbers[i];
    if (number === 0) continue;
    let cued = false;
    for (const { words: parts, entry } of words.phrases[number]) {
      if (!matches(parts, i, scan.count)) continue;
      if (entry.cue && !cued) {
        cued = true;
        if (seen[number] !== stamp) {
          seen[number] = stamp;
          for (const { task: name, weight: vote } of entry.cue) scores[name] += vote * weight;
        }
      }
      if (entry.questionField && scan.colons[i] === 1) fielded = true;
      if (entry.number) numbers++;
      if (sentence === asking) {
        if (entry.amount) amounts = 2;
        else if (entry.quantity && amounts === 0 && scan.asking >= 0) amounts = 1;
      }
      if (entry.label && asked && sentenceWeight(sentence) > 0.5) labelled = true;
    }
  }
  if (labelled) scores[task.classification] += 5;
  if (fielded) scores[task.answer] += 1.5;
  judgeAmounts(amounts, numbers, asking);
}

/** A word problem: short, full of numbers, and its question stands at its end. */
function judgeAmounts(amounts: number, numbers: number, asking: number): void {
  if (amounts === 0 || numbers < 2 || numbers * wordsPerNumber < scan.count) return;
  const end = asking + 1 < scan.sentences ? scan.sentenceStarts[asking + 1] : scan.count;
  if (scan.count - end > afterQuestion) return;
  scores[task.mathematics] += numbers >= 3 ? 4.5 + amounts : 1 + amounts * 1.5;
}

function judgeStructure(): void {
  const { codeMarks, formulas, operations } = scan;
  if (formulas >= 2) scores[task.mathematics] += 4;
  else if (codeMarks >= 3) scores[task.code] += codeMarks >= 6 ? 4.5 : 3;
  if (operations > 0 && (codeMarks < 3 || formulas >= 2)) scores[task.mathematics] += 4;
  if (scan.asksLast) scores[task.answer] += 1.5;
  else if (scan.questions > 0) scores[task.answer] += 1;
  if (scan.choices >= 3) scores[task.answer] += 1.5;
}

function raise(number: TaskType, score: number): void {
  if (score > leadScores[number]) leadScores[number] = score;
}

/** The number of words of the longest phrase with a role that begins at a word; 0 for none. */
function phraseWith(words: Lexicon<Entry>, i: number, to: number, role: keyof Entry): number {
  if (i >= to) return 0;
  for (const { words: parts, entry } of words.phrases[scan.numbers[i]]) {
    if (entry[role] !== undefined && matches(parts, i, to)) return parts.length;
  }
  return 0;
}

function matches(parts: readonly number[], i: number, to: number): boolean {
  if (i + parts.length > to) return false;
  for (let j = 1; j < parts.length; j++) {
    if (scan.numbers[i + j] !== parts[j] || scan.gaps[i + j] > Gap.comma) return false;
  }
  return true;
}

// --- rules to lexicon --------------------------------------------------------------------------------------------------------------------

function buildLexicon(): Lexicon<Entry> {
  const entries = new Map<string, Entry>();
  const entryOf = (phrase: string): Entry => {
    let entry = entries.get(phrase);
    if (!entry) entries.set(phrase, (entry = {}));
    return entry;
  };
  const vote = (role: "lead" | "maker" | "object" | "cue", list: readonly rules.Rule[]): void => {
    for (const rule of list) for (const phrase of rule.words.split(" ")) addVote(entryOf(phrase), role, rule.task, rule.weight);
  };
  const mark = (role: Flag, phrases: string): void => {
    for (const phrase of phrases.split(" ")) entryOf(phrase)[role] = true;
  };
  vote("lead", rules.leads);
  vote("maker", rules.makers);
  vote("object", rules.objects);
  vote("cue", rules.cues);
  mark("seeker", rules.seekers);
  mark("text", rules.texts);
  mark("opener", rules.openers);
  mark("greeting", rules.greetings);
  mark("number", rules.numberWords);
  mark("amount", rules.amountQuestions);
  mark("quantity", rules.quantities);
  mark("ask", rules.asks);
  mark("label", rules.labels);
  mark("joiner", rules.joiners);
  mark("questionField", rules.questionFields);
  for (const entry of entries.values()) {
    const speaks = (votes: Votes | undefined): boolean => votes?.some((vote) => vote.task === task.code && vote.weight >= 2.5) ?? false;
    if (speaks(entry.object) && speaks(entry.cue)) entry.coded = true;
  }
  const built = createLexicon(entries);
  seen = new Uint32Array(built.phrases.length);
  return built;
}

function addVote(entry: Entry, role: "lead" | "maker" | "object" | "cue", name: TaskName, weight: number): void {
  const number = taskNumber(name);
  const votes = entry[role] ?? [];
  const known = votes.find((vote) => vote.task === number);
  const others = votes.filter((vote) => vote !== known);
  entry[role] = [...others, { task: number, weight: Math.max(weight, known?.weight ?? 0) }];
}
