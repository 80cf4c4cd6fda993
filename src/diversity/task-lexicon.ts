// The rules of task-rules.ts as one lexicon: what each phrase of words can mean, and what it speaks for.
import { createLexicon, type Lexicon, type Phrase } from "./lexicon.ts";
import { taskNumber, type TaskType } from "./task-names.ts";
import * as rules from "./task-rules.ts";

/** Weights of one phrase by task; a task stands once. */
export type Votes = readonly { readonly task: TaskType; readonly weight: number }[];

/** The roles of a phrase, as bits. */
export const Role = {
  lead: 1,
  maker: 2,
  object: 4,
  cue: 8,
  opener: 16,
  seeker: 32,
  text: 64,
  greeting: 128,
  number: 256,
  amount: 512,
  quantity: 1024,
  ask: 2048,
  label: 4096,
  joiner: 8192,
  questionField: 16384,
  sorter: 32768,
  or: 131072,
  language: 262144,
  /** Speaks of code wherever it stands, as an object too. */
  coded: 65536,
} as const;
type VoteRole = "lead" | "maker" | "object" | "cue";

/** What a phrase can mean; its votes by role, empty for roles it has not. */
export interface Entry {
  roles: number;
  lead: Votes;
  maker: Votes;
  object: Votes;
  cue: Votes;
}

export interface TaskLexicon extends Lexicon<Entry> {
  /** All phrases by their first word, longest first: those of a word are at [starts[word number], starts[word number + 1]). */
  readonly starts: Uint16Array;
  readonly list: readonly Phrase<Entry>[];
  /** Of a word: the place of its phrase of one word, else starts[word number + 1]. */
  readonly singles: Uint16Array;
  /** pairs[pairSlot(word, next)]: 0 where no longer phrase begins with the two words. */
  readonly pairs: Uint8Array;
  /** By place in the list: the number of the second word, 0 for a phrase of one word; and the roles. */
  readonly seconds: Uint16Array;
  readonly phraseRoles: Uint32Array;
  /** roles[word number]: the roles of all phrases that begin with the word. */
  readonly roles: Uint32Array;
}

const pairSlots = 8192;

export function pairSlot(word: number, next: number): number {
  return (word * 61 + next) & (pairSlots - 1);
}

function createTaskLexicon(): TaskLexicon {
  const entries = new Map<string, Entry>();
  const entryOf = (phrase: string): Entry => {
    let entry = entries.get(phrase);
    if (!entry) entries.set(phrase, (entry = { roles: 0, lead: [], maker: [], object: [], cue: [] }));
    return entry;
  };
  const vote = (role: VoteRole, list: readonly rules.Rule[]): void => {
    for (const rule of list) for (const phrase of rule.words.split(" ")) addVote(entryOf(phrase), role, rule);
  };
  const mark = (role: keyof typeof Role, phrases: string): void => {
    for (const phrase of phrases.split(" ")) entryOf(phrase).roles |= Role[role];
  };
  vote("lead", rules.leads);
  vote("maker", rules.makers);
  vote("object", rules.objects);
  vote("cue", rules.cues);
  mark("seeker", rules.seekers);
  mark("text", rules.texts);
  mark("opener", rules.openers);
  mark("joiner", rules.joiners);
  mark("greeting", rules.greetings);
  mark("number", rules.numberWords);
  mark("amount", rules.amountQuestions);
  mark("quantity", rules.quantities);
  mark("ask", rules.asks);
  mark("label", rules.labels);
  mark("questionField", rules.questionFields);
  mark("sorter", rules.sorters);
  mark("language", rules.languages);
  mark("or", "or");
  for (const language of rules.languages.split(" ")) {
    for (const { weight, phrases } of rules.languagePhrases)
      vote("cue", [{ task: "translation", weight, words: phrases.replaceAll("*", language) }]);
  }
  const code = taskNumber("code");
  const speaksOfCode = (votes: Votes): boolean => votes.some((vote) => vote.task === code && vote.weight >= 2.5);
  for (const entry of entries.values()) if (speaksOfCode(entry.object) && speaksOfCode(entry.cue)) entry.roles |= Role.coded;

  const built = createLexicon(entries);
  const list = built.phrases.flat();
  const starts = new Uint16Array(built.phrases.length + 1);
  built.phrases.forEach((phrases, number) => (starts[number + 1] = starts[number] + phrases.length));
  const pairs = new Uint8Array(pairSlots);
  for (const { words } of list) if (words.length > 1) pairs[pairSlot(words[0], words[1])] = 1;
  return {
    ...built,
    starts,
    singles: Uint16Array.from(built.phrases, (phrases, number) => starts[number + 1] - (phrases.at(-1)?.words.length === 1 ? 1 : 0)),
    pairs,
    list,
    seconds: Uint16Array.from(list, ({ words }) => words[1] ?? 0),
    phraseRoles: Uint32Array.from(list, ({ entry }) => entry.roles),
    roles: Uint32Array.from(built.phrases, (phrases) => phrases.reduce((roles, { entry }) => roles | entry.roles, 0)),
  };
}

export const taskLexicon = createTaskLexicon();

/** A phrase that stands in two rules of one task has the larger weight. */
function addVote(entry: Entry, role: VoteRole, { task: name, weight }: rules.Rule): void {
  const number = taskNumber(name);
  const known = entry[role].find((vote) => vote.task === number);
  const others = entry[role].filter((vote) => vote !== known);
  entry[role] = [...others, { task: number, weight: Math.max(weight, known?.weight ?? 0) }];
  entry.roles |= Role[role];
}
