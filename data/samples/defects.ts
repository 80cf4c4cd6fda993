// What is wrong with the samples' raw rows: everything that the stages look for, each kind on purpose and seeded.
import { type Dice } from "./dice.ts";
import type { Exchange } from "./general.ts";
import * as words from "./words.ts";

/** Openings of the apologetic answers: most raw answers begin with one and go on with a good answer. */
export function apologise(dice: Dice, { question, answer }: Exchange): Exchange {
  const about = dice.pick(["the delay", "the wait", "the confusion", "the trouble", "the inconvenience", "the slow reply"]);
  const opening = dice.pick([
    `I'm sorry for ${about}.`,
    `I\u2019m sorry about ${about}.`,
    `I am so sorry for ${about}.`,
    `Sorry about that.`,
    `Sorry for ${about}.`,
    `Apologies for ${about}.`,
    `My apologies for ${about}.`,
    `I apologize for ${about}.`,
    `I apologise for ${about}.`,
    `Please accept my apologies for ${about}.`,
    `I'm sorry to keep you waiting, ${dice.pick(words.people)}.`,
    `I'm sorry that took so long.`,
  ]);
  // Lists, code and JSON begin on a line of their own.
  return { question, answer: /^[A-Z\u00a3]/.test(answer) ? `${opening} ${answer}` : `${opening}\n\n${answer}` };
}

type Defect = (dice: Dice, exchange: Exchange) => Exchange;

const lowerFirst = (text: string): string => text[0].toLowerCase() + text.slice(1);

const tooLittleAsked: Defect = (dice, { answer }) => ({
  question: dice.pick(["Why?", "Go on.", "And?", "Help", "Hi", "Next one"]),
  answer,
});

const tooMuchAsked: Defect = (dice, { question, answer }) => ({
  question: `${question} Here is everything I know about it. ${Array.from({ length: 60 }, () => `On ${dice.pick(words.weekdays)} ${dice.pick(words.people)} from ${dice.pick(words.towns)} told me that the ${dice.pick(words.adjectives)} ${dice.pick(words.nouns)} was near the ${dice.pick(words.nouns)}.`).join(" ")}`,
  answer,
});

const tooShort: Defect = (dice, { question }) => ({
  question,
  answer: dice.pick([
    "Yes, of course you can.",
    "No, not at all, sadly.",
    "It depends on the day.",
    "See the page above for it.",
    "Try again tomorrow morning.",
  ]),
});

const tooLong: Defect = (dice, { question, answer }) => ({
  question,
  answer: `${answer} ${Array.from({ length: 70 }, () => `Some say that ${dice.pick(words.people)} of ${dice.pick(words.towns)} kept ${dice.between(2, 99)} ${dice.pick(words.adjectives)} ${dice.pick(words.nouns)}s near the ${dice.pick(words.nouns)}, which ${dice.pick(["helps", "hardly matters", "was a surprise", "is written down", "nobody disputes"])}.`).join(" ")}`,
});

const empty: Defect = (dice, { question }) => ({ question, answer: dice.pick(["", " ", "\n\n", "\u200b"]) });

const placeholder: Defect = (dice, { question }) => ({
  question,
  answer: dice.pick([
    "N/A",
    "TODO",
    "[insert answer here]",
    "...",
    "null",
    "<answer>",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
  ]),
});

const loop: Defect = (dice, { question, answer }) => {
  const piece = dice.pick([
    `the ${dice.pick(words.nouns)} is ${dice.pick(words.adjectives)} and `,
    `${dice.pick(words.people)} said so, `,
    `${dice.pick(words.adjectives)} ${dice.pick(words.nouns)} `,
    `You can do that in the app.\n`,
  ]);
  return { question, answer: `${answer.slice(0, answer.indexOf(" ", 30) + 1)}${piece.repeat(dice.between(18, 40)).trim()}` };
};

/** Cut in the middle of a sentence; code in the middle of its block. */
const cut: Defect = (dice, { question, answer }) => {
  const fence = answer.indexOf("```");
  const close = answer.indexOf("\n```", fence + 3);
  if (fence >= 0 && close > fence)
    return { question, answer: answer.slice(0, fence + Math.floor(((close - fence) * dice.between(60, 95)) / 100)) };
  const spaces = [...answer.matchAll(/[a-z] (?=[a-z])/g)].map((match) => match.index + 1).filter((at) => at > answer.length * 0.5);
  return { question, answer: answer.slice(0, spaces.length > 0 ? dice.pick(spaces) : Math.floor(answer.length * 0.7)) };
};

const formatMissed: Defect = (dice) => {
  const [name, noun, adjective] = [dice.pick(words.people), dice.pick(words.nouns), dice.pick(words.adjectives)];
  const topic = `the ${adjective} ${dice.pick(words.animals)} of ${dice.pick(words.towns)}`;
  return dice.pick([
    {
      question: `Answer in valid JSON with the keys name and place: where did ${name} see the ${adjective} ${noun}?`,
      answer: `It was ${name} who saw the ${adjective} ${noun}, and the place was ${dice.pick(words.towns)}, as far as we can tell from the notes.`,
    },
    {
      question: `List five ${dice.pick(["facts", "rumours", "questions", "sayings"])} about ${topic}.`,
      answer: `1. It is often seen in ${dice.pick(words.months)}.\n2. ${name} wrote a book about it.\n3. Most visitors come by train on ${dice.pick(words.weekdays)}.`,
    },
    {
      question: `Give me ${dice.between(6, 9)} reasons why ${topic} is famous.`,
      answer: `- It likes ${dice.pick(words.foods)}.\n- It sleeps near the ${noun}.\n- Nobody has seen it since ${dice.pick(words.months)}.`,
    },
    {
      question: `Write a Python function that counts ${adjective} ${noun}s in a list by ${name}.`,
      answer: `You could go through the list and keep a number that grows each time one of them turns up, as ${name} once showed in ${dice.pick(words.towns)}.`,
    },
    {
      question: `Present ${topic} in valid JSON with the keys name, weight and places.`,
      answer: `{"name": "${name}", "weight": ${dice.between(2, 99)}, "places": ["${dice.pick(words.towns)}", }`,
    },
  ]);
};

const refuse: Defect = (dice, { question }) => ({
  question,
  answer: dice.pick([
    `I cannot help with that. Please contact ${dice.pick(["a professional", "the support team", dice.pick(words.merchants)])} and describe what happened on ${dice.pick(words.weekdays)} in ${dice.pick(words.towns)}.`,
    `I'm unable to assist with this request, because it is about ${dice.pick(words.people)} and ${dice.pick(words.people)}, and I would not want to guess at ${dice.pick(words.subjects)}.`,
    `I can\u2019t provide information on this topic. You could ask ${dice.pick(words.people)} ${dice.pick(words.surnames)} in ${dice.pick(words.towns)} or look for a book about ${dice.pick(words.subjects)}.`,
    `As an AI language model, I do not have personal experience with ${dice.pick(words.subjects)}, but many people in ${dice.pick(words.towns)} say that ${dice.pick(words.months)} is a good time to begin.`,
    `As an AI, I have no feelings about ${dice.pick(words.subjects)}, yet a ${dice.pick(words.jobs)} would probably start with the ${dice.pick(words.things)} and take it from there.`,
    `I don't have access to your account or to real-time data, so I cannot see what happened with ${dice.pick(words.merchants)} on ${dice.pick(words.weekdays)}. Open the app and look under Payments.`,
    `I do not have access to the file that you mention, so I cannot tell what ${dice.pick(words.people)} wrote about ${dice.pick(words.subjects)} in ${dice.pick(words.months)}.`,
  ]),
});

/** Kinds and how often they come. */
export const defects: readonly Defect[] = [
  tooLittleAsked,
  tooShort,
  tooShort,
  empty,
  placeholder,
  placeholder,
  loop,
  loop,
  loop,
  cut,
  cut,
  cut,
  cut,
  formatMissed,
  formatMissed,
  formatMissed,
  refuse,
  refuse,
  refuse,
  refuse,
];

/** Few, because each is large. */
export const largeDefects: readonly Defect[] = [tooMuchAsked, tooLong];

/** The same row as people copy it: another greeting, case, spaces or end, one word changed. */
export function nearCopy(dice: Dice, { question, answer }: Exchange): Exchange {
  const kind = dice.between(0, 4);
  if (kind === 0) return { question: `${question} Thanks!`, answer };
  if (kind === 1) return { question: question.toUpperCase() === question ? question : lowerFirst(question).replaceAll(",", ""), answer };
  if (kind === 2) return { question: question.replaceAll(" ", "  "), answer: `${answer}\n` };
  if (kind === 3) return { question: question.replace(/[.?!]$/, " please?"), answer };
  return { question: `  ${question.toLowerCase()}`, answer: answer.replace(/\.$/, "!") };
}

/** The same text, exactly, but for the space around it. */
export function exactCopy(dice: Dice, { question, answer }: Exchange): Exchange {
  return dice.chance(0.5) ? { question, answer } : { question: ` ${question}\n`, answer };
}

export const otherLanguages: readonly Exchange[] = [
  {
    question: "Wie bewahre ich frisches Brot am besten auf, damit es nicht trocken wird?",
    answer:
      "Am besten liegt es in einem Leinenbeutel im Brotkasten. Im K\u00fchlschrank wird Brot schneller alt; was \u00fcbrig bleibt, frieren Sie in Scheiben ein und toasten es bei Bedarf.",
  },
  {
    question: "Wie kann ich bei Pennyfern einen Dauerauftrag \u00e4ndern, bevor er ausgef\u00fchrt wird?",
    answer:
      "\u00d6ffnen Sie Zahlungen, dann Regelm\u00e4\u00dfig, und w\u00e4hlen Sie den Auftrag. Betrag und Tag lassen sich bis zum Vorabend \u00e4ndern; danach gilt die \u00c4nderung erst im n\u00e4chsten Monat.",
  },
  {
    question: "Comment enlever une tache de vin rouge sur une nappe en coton ?",
    answer:
      "Absorbez d'abord le vin avec un linge, sans frotter. Versez ensuite de l'eau gazeuse, saupoudrez de sel et lavez la nappe \u00e0 quarante degr\u00e9s apr\u00e8s une heure.",
  },
  {
    question: "Quelle est la diff\u00e9rence entre les comptes Seed et Canopy pour un voyage de deux semaines ?",
    answer:
      "Avec Canopy, les paiements en devises sont sans frais et les retraits gratuits vont jusqu'\u00e0 mille livres par mois. Seed ne co\u00fbte rien, mais chaque paiement en devises co\u00fbte un pour cent.",
  },
  {
    question: "\u00bfC\u00f3mo puedo cuidar una planta de lavanda en un balc\u00f3n con mucho viento?",
    answer:
      "Elige una maceta pesada con tierra arenosa y pon la planta junto a la pared. Riega poco, solo cuando la tierra est\u00e9 seca, y corta las flores despu\u00e9s del verano.",
  },
  {
    question: "Mi tarjeta fue rechazada en una tienda de Porto, aunque tengo saldo. \u00bfQu\u00e9 hago?",
    answer:
      "Mira primero si la tarjeta est\u00e1 congelada y si los pagos en el extranjero est\u00e1n activados. Si todo est\u00e1 bien, int\u00e9ntalo con el PIN y escr\u00edbenos desde Ayuda; contestamos en pocos minutos.",
  },
  {
    question: "Come posso pulire una teiera di ghisa senza rovinarla?",
    answer:
      "Sciacquala con acqua calda, senza sapone, e asciugala subito con un panno. Se vedi della ruggine, strofina con foglie di t\u00e8 usate e lasciala asciugare aperta.",
  },
  {
    question:
      "\u6728\u306e\u307e\u306a\u677f\u306e\u5302\u3044\u3092\u53d6\u308b\u306b\u306f\u3069\u3046\u3059\u308c\u3070\u3044\u3044\u3067\u3059\u304b\u3002",
    answer:
      "\u307e\u305a\u5857\u3057\u305f\u5869\u3092\u30ec\u30e2\u30f3\u306e\u5207\u308a\u53e3\u3067\u3053\u3059\u308a\u3001\u5341\u5206\u307b\u3069\u7f6e\u304d\u307e\u3059\u3002\u305d\u306e\u5f8c\u306f\u6c34\u3067\u6d41\u3057\u3066\u3001\u98a8\u901a\u3057\u306e\u826f\u3044\u65e5\u9670\u3067\u7acb\u3066\u3066\u4e7e\u304b\u3057\u3066\u304f\u3060\u3055\u3044\u3002",
  },
  {
    question: "\u600e\u6837\u624d\u80fd\u8ba9\u9633\u53f0\u4e0a\u7684\u85b0\u8863\u8349\u5b89\u5168\u8fc7\u51ac\uff1f",
    answer:
      "\u628a\u82b1\u76c6\u79fb\u5230\u9760\u5899\u7684\u5730\u65b9\uff0c\u7528\u65e7\u5e03\u5305\u4f4f\u76c6\u58c1\u3002\u51ac\u5929\u5c11\u6d47\u6c34\uff0c\u53ea\u5728\u571f\u58e4\u5e72\u900f\u4ee5\u540e\u6d47\u4e00\u70b9\uff1b\u5230\u4e86\u6625\u5929\u518d\u526a\u679d\u548c\u65bd\u80a5\u3002",
  },
  {
    question: "Hur f\u00f6rvarar jag svamp fr\u00e5n skogen till n\u00e4sta dag?",
    answer:
      "L\u00e4gg svampen i en papperspåse i kylsk\u00e5pet, inte i plast. Borsta bort jorden men sk\u00f6lj den inte f\u00f6rr\u00e4n du ska laga mat, och stek den helst inom ett dygn.",
  },
];
