// Reads an instruction once: its words as places in the lexicon, where clauses and sentences begin, and marks of code, formulas and questions.
// Of a long text only the two ends are read. Knows words, not what they mean. The kernel (assembly/kernel.ts) reads the same.
import { hashStart, hashStep, type Lexicon } from "./lexicon.ts";

/** Characters that are read at the two ends of an instruction: what is asked stands there, what it is asked of lies between. */
const headLimit = 600;
const tailLimit = 300;

/** Finds words by their hash. */
type WordFinder = Pick<Lexicon<unknown>, "find">;

/** What stands before a word. A phrase goes over commas, not over what is stronger. */
export const Gap = { none: 0, comma: 1, colon: 2, sentence: 3, line: 4 } as const;

export interface Scan {
  count: number;
  /** numbers[count]: places in the lexicon, 0 for other words. */
  readonly numbers: Uint16Array;
  /** gaps[count + 1]: what stands before a word; the last is what stands behind the text. */
  readonly gaps: Uint8Array;
  /** colons[count]: 1 where a colon stands right behind a word. */
  readonly colons: Uint8Array;
  /** Sentences and lines that hold words; sentenceStarts[sentences]: their first words. */
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

export function createScan(): Scan {
  return {
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
}

/** Used again by the next text. */
const scan = createScan();

export const Class = { other: 0, letter: 1, digit: 2, foreign: 3, space: 4 } as const;
/** unitClasses[0x10000]: of UTF-16 units. What is no ASCII letter, digit, space or known mark is part of a foreign word. */
export const unitClasses: Uint8Array = new Uint8Array(0x10000).fill(Class.foreign);
unitClasses.fill(Class.other, 0, 0x80);
// General punctuation (curly quotes, dashes), arrows and mathematical signs; CJK and full-width punctuation; the inverted marks of Spanish.
unitClasses.fill(Class.other, 0x2000, 0x2c00);
unitClasses.fill(Class.other, 0x3001, 0x3012);
unitClasses.fill(Class.other, 0xff01, 0xff10);
unitClasses.fill(Class.other, 0xff1a, 0xff21);
for (const code of [0xa1, 0xbf, 0xd7, 0xf7, 0x61f, 0x60c]) unitClasses[code] = Class.other;
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") unitClasses[character.charCodeAt(0)] = Class.letter;
for (const character of "0123456789") unitClasses[character.charCodeAt(0)] = Class.digit;
for (const character of " \t\r\n\f\v\u00a0\u3000\ufeff") unitClasses[character.charCodeAt(0)] = Class.space;

/** Past the end of a text it is "other". */
function classOf(code: number): number {
  return unitClasses[code] ?? Class.other;
}

/** A prompt in the frame of the Alpaca template begins behind this. */
const frame = "### Instruction:";

/** The next call overwrites what this one returned. */
export function scanInstruction(text: string, words: WordFinder): Scan {
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
  const from = instructionStart(text);
  const length = text.length - from;
  if (length <= headLimit + tailLimit) readPart(text, from, text.length, Gap.line, words);
  else {
    readPart(text, from, wordEdge(text, from + headLimit), Gap.line, words);
    readPart(text, wordEdge(text, text.length - tailLimit), text.length, scan.gaps[scan.count], words);
  }
  return scan;
}

/** Where an instruction begins behind its frame. */
export function instructionStart(text: string): number {
  const first = text.charCodeAt(0);
  if (first !== 0x23 && first !== 0x42) return 0;
  const framed = text.slice(0, headLimit).indexOf(frame);
  return framed >= 0 ? framed + frame.length : 0;
}

/** The next place, at most 40 on, where no word is cut. */
function wordEdge(text: string, at: number): number {
  for (let i = at; i < at + 40 && i < text.length; i++) if (classOf(text.charCodeAt(i)) === Class.space) return i;
  return at;
}

function readPart(text: string, from: number, to: number, before: number, words: WordFinder): void {
  let gap = before;
  let i = from;
  while (i < to) {
    const code = text.charCodeAt(i);
    const kind = unitClasses[code];
    if (code === 0x20) i++;
    else if (kind === Class.letter || kind === Class.digit || kind === Class.foreign) {
      const start = i;
      let hash = hashStart;
      let foreign = false;
      let letters = 0;
      for (; i < to; i++) {
        const next = text.charCodeAt(i);
        const nextKind = unitClasses[next];
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
      if (letters === 0 && !foreign && text.charCodeAt(i) !== 0x3a && !isYear(text, start, i)) scan.digits++;
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
      // ") {" and "){" open a block.
      scan.codeMarks += text.charCodeAt(i - 1) === 0x29 || (text.charCodeAt(i - 1) === 0x20 && text.charCodeAt(i - 2) === 0x29) ? 2 : 1;
      return Gap.comma;
    case 0x25: // "15% of 240"
      if (classOf(text.charCodeAt(i - 1)) === Class.digit && text.startsWith(" of ", i + 1) && isAmount(text, i + 5, 1)) scan.operations++;
      return Gap.none;
    case 0x28: {
      // "name(" and "name()"; "f(x)" is mathematics
      const next = text.charCodeAt(i + 1);
      if (next === 0x29) scan.codeMarks += 2;
      else if (
        i > 1 &&
        classOf(text.charCodeAt(i - 1)) === Class.letter &&
        classOf(text.charCodeAt(i - 2)) === Class.letter &&
        next !== 0x73
      )
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
      if (
        classOf(text.charCodeAt(i + 1)) !== Class.letter ||
        classOf(text.charCodeAt(i - 1)) === Class.letter ||
        text.charCodeAt(i - 1) === 0x5c
      )
        return Gap.comma;
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
