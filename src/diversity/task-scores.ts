// What speaks for which task in an instruction: its leading verbs, cue words and structure. All that speaks for a type is added up, and the
// type with the most is named. The rules are data (task-rules.ts). The kernel (assembly/judge.ts) comes to the same scores.
import { pairSlot, Role, taskLexicon, type Votes } from "./task-lexicon.ts";
import { taskCount, taskNumber, type TaskType } from "./task-names.ts";
import { Gap, type Scan, scanInstruction } from "./task-scan.ts";

/** Words from a maker to what it makes. */
const objectReach = 8;
/** An object of at most this weight gives way to a heavier one right behind it. */
const weakObject = 2.5;
/** What must speak for a type before it is named. */
const leastScore = 1.4;
/** A word problem has a number in so many words at least; a passage that is asked about has fewer. */
const wordsPerNumber = 30;
/** Words behind its question: "Answer:", a few choices. */
const afterQuestion = 12;
/** Words of a question with a few things to sort behind it. */
const sortingLimit = 40;

const { starts, singles, pairs, list, seconds, phraseRoles, roles: rolesOf } = taskLexicon;
/** The text that is being judged. */
let scan: Scan;
/** By task: what spoke for it in the last text. */
export const scores = new Float64Array(taskCount);
/** Best vote of a leading word, per task: several clauses do not add up. */
const leadScores = new Float64Array(taskCount);
/** seen[word number of the lexicon]: stamp of the text that it was last counted in, so that a cue counts once. */
const seen = new Uint32Array(taskLexicon.phrases.length);
let stamp = 0;
let textHeld: boolean | undefined;

const task = {
  answer: taskNumber("question answering"),
  code: taskNumber("code"),
  classification: taskNumber("classification"),
  mathematics: taskNumber("mathematics"),
  extraction: taskNumber("extraction"),
  translation: taskNumber("translation"),
  conversation: taskNumber("conversation"),
  other: taskNumber("other"),
};

/** The type of an instruction: its place in taskNames. */
export function judgeTask(instruction: string): TaskType {
  scan = scanInstruction(instruction, taskLexicon);
  scores.fill(0);
  leadScores.fill(0);
  stamp++;
  textHeld = undefined;
  judgeClauses();
  judgeCues();
  judgeStructure();
  let best = 0;
  for (let i = 0; i < taskCount; i++) {
    scores[i] += leadScores[i];
    if (scores[i] > scores[best]) best = i;
  }
  if (scores[best] >= leastScore) return best;
  return scan.questions > 0 ? task.answer : task.other;
}

/** How much a clause counts by its sentence's place: the task is said first or last. */
function sentenceWeight(sentence: number): number {
  if (sentence === 0) return 1;
  if (sentence === 1 || sentence === scan.sentences - 1) return 0.85;
  return sentence === 2 ? 0.6 : 0.35;
}

function judgeClauses(): void {
  const { sentences, sentenceStarts, gaps } = scan;
  for (let sentence = 0; sentence < sentences; sentence++) {
    const from = sentenceStarts[sentence];
    const to = sentence + 1 < sentences ? sentenceStarts[sentence + 1] : scan.count;
    const weight = sentenceWeight(sentence);
    let coded = false;
    for (let i = from; i < to; i++) {
      const gap = gaps[i];
      if (gap !== Gap.none) coded = judgeClause(i, to, weight * (gap >= Gap.colon ? 1 : 0.75)) || coded;
      else if (!coded && joins(i - 1)) judgeClause(i, to, weight * 0.6);
    }
  }
}

/** "to", "and", "then" ... in mid-sentence: a verb behind them is an order, though a weaker one. */
function joins(i: number): boolean {
  return phraseWith(i, i + 1, Role.joiner) > 0;
}

const leading = Role.lead | Role.maker | Role.seeker | Role.greeting;

/** True where it asks for code to be made: what the code is to do is no further order. */
function judgeClause(from: number, to: number, weight: number): boolean {
  let i = from;
  for (let skipped = phraseWith(i, to, Role.opener); skipped > 0 && i < to; skipped = phraseWith(i, to, Role.opener)) i += skipped;
  if (i >= to) return false;
  let led = false;
  let longest = 0;
  let coded = false;
  const number = scan.numbers[i];
  for (let phrase = firstPhrase(number, i); phrase < starts[number + 1]; phrase++) {
    const roles = phraseRoles[phrase];
    if ((roles & leading) === 0 || !matches(phrase, i, to)) continue;
    const { words: parts, entry } = list[phrase];
    // "Answer:" and "Title:" name a field; "Summarize:" is an order.
    const field = parts.length === 1 && scan.colons[i + parts.length - 1] === 1;
    if ((roles & Role.lead) !== 0 && !led) {
      led = true;
      longest = parts.length;
      if ((roles & Role.maker) === 0 && ordersCode(i + parts.length, to)) raise(task.code, (entry.lead[0].weight + 1) * weight);
      for (const { task: number, weight: vote } of entry.lead) if (!field || vote >= 5) raise(number, vote * weight);
    }
    if ((roles & Role.maker) !== 0 && !field && parts.length >= longest) coded = judgeMaker(entry.maker, i + parts.length, to, weight);
    if ((roles & Role.seeker) !== 0 && holdsText()) raise(task.extraction, 4 * weight);
    if ((roles & Role.greeting) !== 0 && from === 0 && scan.count <= 8) raise(task.conversation, 4);
  }
  return coded;
}

/** What is made tells the task; a maker without a known object counts by itself. True where it is code. */
function judgeMaker(maker: Votes, from: number, to: number, weight: number): boolean {
  let end = Math.min(to, from + objectReach);
  let made: Votes | undefined;
  for (let i = from; i < end; i++) {
    const object = objectAt(i, to);
    if (object === undefined || (made !== undefined && object[0].weight <= made[0].weight)) continue;
    made = object;
    // "a paragraph", "a text": what it is to be may follow, as in "a one-sentence summary".
    if (object[0].weight > weakObject) break;
    end = Math.min(end, i + 3);
  }
  if (made !== undefined) {
    for (const { task: name, weight: vote } of made) raise(name, (vote + 1) * weight);
    return made[0].task === task.code;
  }
  for (const { task: number, weight: vote } of maker) raise(number, vote * weight);
  return false;
}

function objectAt(i: number, to: number): Votes | undefined {
  const number = scan.numbers[i];
  if ((rolesOf[number] & Role.object) === 0) return undefined;
  for (let phrase = firstPhrase(number, i); phrase < starts[number + 1]; phrase++) {
    if ((phraseRoles[phrase] & Role.object) !== 0 && matches(phrase, i, to)) return list[phrase].entry.object;
  }
  return undefined;
}

/** "Rewrite this code ...", "explain the algorithm ...": whatever the verb, the task is about code. */
function ordersCode(from: number, to: number): boolean {
  const end = Math.min(to, from + objectReach);
  for (let i = from; i < end; i++) if (phraseWith(i, to, Role.coded) > 0) return true;
  return false;
}

/** Whether the instruction names a text that something is to be found in; looked for once a text. */
function holdsText(): boolean {
  return (textHeld ??= findsText());
}

function findsText(): boolean {
  let sentence = -1;
  for (let i = 0; i < scan.count; i++) {
    if (scan.gaps[i] >= Gap.sentence) sentence++;
    if (phraseWith(i, scan.count, Role.text) > 0 && sentenceWeight(sentence) > 0.5) return true;
  }
  return false;
}

const counted = Role.cue | Role.number | Role.amount | Role.quantity | Role.label | Role.questionField | Role.or | Role.language;

/** The last sentence of more than two words. */
function lastSentence(): number {
  for (let sentence = scan.sentences - 1, end = scan.count; sentence >= 0; end = scan.sentenceStarts[sentence--]) {
    if (end - scan.sentenceStarts[sentence] > 2) return sentence;
  }
  return -1;
}

function judgeCues(): void {
  const { count, numbers, gaps, colons } = scan;
  let amountsNamed = scan.digits;
  let amounts = 0;
  let asked = false;
  let labelled = false;
  let fielded = false;
  let choice = false;
  // The sentence that asks: the last with a question mark, else the last.
  const asking = scan.asking >= 0 ? scan.asking : lastSentence();
  let named = 0;
  let listed = 0;
  let sentence = -1;
  let weight = 1;
  for (let i = 0; i < count; i++) {
    if (gaps[i] >= Gap.sentence) {
      weight = sentenceWeight(++sentence);
      listed = 0;
      asked = phraseWith(i, count, Role.ask) > 0;
    }
    // listed: 1 behind a colon, 2 behind a comma after it, 3 where "or" follows: "Which is it: a, b or c?"
    const gap = gaps[i];
    if (gap === Gap.colon && i > scan.sentenceStarts[sentence] + 3) listed = 1;
    else if (gap === Gap.comma && listed === 1) listed = 2;
    const number = numbers[i];
    if ((rolesOf[number] & counted) === 0) continue;
    if (listed === 2 && weight > 0.5 && (rolesOf[number] & Role.or) !== 0) listed = 3;
    if (listed === 3) choice = true;
    if ((rolesOf[number] & Role.language) !== 0 && colons[i] === 1) named++;
    let cued = false;
    for (let phrase = firstPhrase(number, i); phrase < starts[number + 1]; phrase++) {
      const roles = phraseRoles[phrase];
      if ((roles & counted) === 0 || !matches(phrase, i, count)) continue;
      if ((roles & Role.cue) !== 0 && !cued) {
        cued = true;
        if (seen[number] !== stamp) {
          seen[number] = stamp;
          for (const { task: name, weight: vote } of list[phrase].entry.cue) scores[name] += vote * weight;
        }
      }
      if ((roles & Role.questionField) !== 0 && i === 0 && colons[i] === 1) fielded = true;
      if ((roles & Role.number) !== 0) amountsNamed++;
      if (sentence === asking) {
        if ((roles & Role.amount) !== 0) amounts = 2;
        else if ((roles & Role.quantity) !== 0 && amounts === 0 && scan.asking >= 0) amounts = 1;
      }
      if ((roles & Role.label) !== 0 && asked && closes(i + list[phrase].words.length) && sentenceWeight(sentence) > 0.5) labelled = true;
    }
  }
  if (labelled) scores[task.classification] += 5;
  else if (choice) scores[task.classification] += 3;
  if (named >= 2) scores[task.translation] += 4;
  if (fielded && scan.questions === 0) scores[task.answer] += 1.5;
  judgeAmounts(amounts, amountsNamed, asking);
  judgeSorting(asking);
}

/** Nothing or "or" follows: "positive?", "positive or negative". */
function closes(i: number): boolean {
  return i >= scan.count || scan.gaps[i] !== Gap.none || phraseWith(i, scan.count, Role.or) > 0;
}

/** A word problem: short, full of numbers, and its question stands at its end. */
function judgeAmounts(amounts: number, numbers: number, asking: number): void {
  if (amounts === 0 || numbers < 2 || numbers * wordsPerNumber < scan.count) return;
  const end = asking + 1 < scan.sentences ? scan.sentenceStarts[asking + 1] : scan.count;
  if (scan.count - end > afterQuestion) return;
  scores[task.mathematics] += numbers >= 3 ? 4.5 + amounts : 1 + amounts * 1.5;
}

/** "Which is a species of fish? Tope or Rope" */
function judgeSorting(asking: number): void {
  if (scan.asking < 0 || scan.asking !== scan.sentences - 2 || scan.count > sortingLimit) return;
  if (scan.gaps[scan.sentenceStarts[asking + 1]] === Gap.sentence && phraseWith(scan.sentenceStarts[asking], scan.count, Role.sorter) > 0)
    scores[task.classification] += 4.5;
}

function judgeStructure(): void {
  const { codeMarks, formulas, operations } = scan;
  if (formulas >= 2) scores[task.mathematics] += 4;
  else if (codeMarks >= 3) scores[task.code] += codeMarks >= 6 ? 4.5 : 3;
  if (operations > 0 && (codeMarks < 2 || formulas >= 2)) scores[task.mathematics] += 4.6;
  if (scan.asksLast) scores[task.answer] += 1.45;
  else if (scan.questions > 0) scores[task.answer] += 0.75;
  if (scan.choices >= 3) scores[task.answer] += 1.5;
}

function raise(number: TaskType, score: number): void {
  if (score > leadScores[number]) leadScores[number] = score;
}

/** The number of words of the longest phrase with a role that begins at a word; 0 for none. */
function phraseWith(i: number, to: number, role: number): number {
  if (i >= to || i < 0) return 0;
  const number = scan.numbers[i];
  if ((rolesOf[number] & role) === 0) return 0;
  for (let phrase = firstPhrase(number, i); phrase < starts[number + 1]; phrase++) {
    if ((phraseRoles[phrase] & role) !== 0 && matches(phrase, i, to)) return list[phrase].words.length;
  }
  return 0;
}

/** The first phrase of the lexicon's list that may begin with the word at i: mostly no longer one does. */
function firstPhrase(number: number, i: number): number {
  return pairs[pairSlot(number, scan.numbers[i + 1])] === 0 ? singles[number] : starts[number];
}

/** Whether a phrase of the lexicon's list, which begins with the word at i, stands there. */
function matches(phrase: number, i: number, to: number): boolean {
  const second = seconds[phrase];
  return second === 0 || (second === scan.numbers[i + 1] && holds(list[phrase].words, i, to));
}

function holds(parts: readonly number[], i: number, to: number): boolean {
  if (i + parts.length > to) return false;
  for (let j = 1; j < parts.length; j++) {
    if (scan.numbers[i + j] !== parts[j] || scan.gaps[i + j] > Gap.comma) return false;
  }
  return true;
}
