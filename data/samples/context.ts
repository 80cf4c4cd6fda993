// What people say of themselves around a question. It makes every question a text of its own, as real ones are.
import { a, type Dice, listed } from "./dice.ts";
import type { Exchange } from "./general.ts";
import * as words from "./words.ts";

const relatives =
  "mother father sister brother aunt uncle niece nephew grandmother grandfather landlady flatmate colleague neighbour boss godson".split(
    " ",
  );
const acquaintances =
  "flatmate colleague neighbour boss cousin lodger tenant classmate teammate supervisor dentist friend roommate trainer assistant tutor".split(
    " ",
  );
const pastimes = [
  "keep bees",
  "sing in a choir",
  "collect stamps",
  "repair radios",
  "swim before work",
  "bake on Sundays",
  "study at night",
  "play the cello",
  "train for a marathon",
  "breed rabbits",
  "paint signs",
  "restore boats",
  "coach a hockey team",
  "write crosswords",
  "brew cider",
  "fix clocks",
  "grow chillies",
  "dance the tango",
  "build kites",
  "film birds",
  "sew costumes",
  "climb at weekends",
  "learn Welsh",
  "volunteer at a shelter",
  "play chess by post",
  "ride a tandem",
  "carve spoons",
  "read tea leaves",
  "keep a weather diary",
  "juggle at parties",
];
const events = [
  "the wedding",
  "an exam",
  "the move",
  "a christening",
  "the harvest",
  "the village fair",
  "a job interview",
  "the school play",
  "an inspection",
  "the holidays",
  "a long flight",
  "the annual meeting",
  "a retirement party",
  "the first frost",
  "an operation",
  "a house sale",
];
const habits = [
  "never reads manuals",
  "asks twice about everything",
  "pays for all of us",
  "forgets every password",
  "wants it in writing",
  "is hard of hearing",
  "works the night shift",
  "just came back from abroad",
  "turned eighty this year",
  "hates waiting",
  "counts every penny",
  "sold the car",
  "lives on a houseboat",
  "has three jobs",
  "is learning English",
  "only uses a tablet",
];
const moods = [
  "It is a little urgent",
  "There is no hurry",
  "I tried twice already",
  "Nobody here could tell me",
  "The internet says all sorts of things",
  "I would like to understand it properly",
  "It is the first time for me",
  "A short answer is fine",
  "I have the whole evening",
  "We argued about it at breakfast",
];

type Remark = (dice: Dice) => string;

const remarks: readonly Remark[] = [
  (dice) => `I am ${a(dice.pick(words.jobs))} from ${dice.pick(words.towns)} and ${dice.pick(pastimes)}.`,
  (dice) => `My ${dice.pick(acquaintances)} ${dice.pick(words.people)} ${dice.pick(habits)} and needs this before ${dice.pick(events)}.`,
  (dice) =>
    `${dice.pick(words.people)} and I live above ${a(dice.pick(words.shops))} in ${dice.pick(words.towns)} with ${a(dice.pick(words.animals))}.`,
  (dice) => `${dice.pick(moods)}, but ${dice.pick(events)} is on ${dice.pick(words.weekdays)}.`,
  (dice) => `We are ${dice.between(2, 9)} people here: ${listed(dice.several(words.jobs, 3))}.`,
  (dice) => `I ${dice.pick(pastimes)}, my ${dice.pick(relatives)} ${dice.pick(habits)}.`,
  (dice) =>
    `This is for ${a(dice.pick(words.adjectives))} ${dice.pick(words.shops)} that ${dice.pick(words.people)} ${dice.pick(words.surnames)} runs near the ${dice.pick(words.nouns)}.`,
  (dice) => `Since ${dice.pick(events)} in ${dice.pick(words.months)} I ${dice.pick(pastimes)} and have little time.`,
  (dice) => `${dice.pick(moods)}. ${dice.pick(words.people)}, ${a(dice.pick(words.jobs))}, ${dice.pick(habits)}.`,
  (dice) => `My ${dice.pick(relatives)} left me ${a(dice.pick(words.things))}, ${a(dice.pick(words.things))} and the question below.`,
  (dice) => `I write from ${dice.pick(words.countries)}, where I ${dice.pick(pastimes)} until ${dice.pick(words.months)}.`,
  (dice) => `On the way from ${dice.pick(words.towns)} to ${dice.pick(words.towns)} ${a(dice.pick(words.jobs))} asked me this.`,
];

/** The exchange with one or two remarks before its question. */
export function withContext(dice: Dice, { question, answer }: Exchange): Exchange {
  const said = dice.several(remarks, dice.chance(0.6) ? 1 : 2).map((remark) => remark(dice));
  return { question: `${said.join(" ")} ${question}`, answer };
}
