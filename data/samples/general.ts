// Everyday questions with answers: the samples' general source. Sums and counts in the answers are right.
import { a, capital, counted, type Dice, listed, money } from "./dice.ts";
import * as words from "./words.ts";

/** One question with its answer. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

/** Makes an exchange of one kind; every call another one. */
export type Maker = (dice: Dice) => Exchange;

const keepFood: Maker = (dice) => {
  const food = dice.pick(words.foods);
  const days = dice.between(3, 12);
  const box = dice.pick([
    "a glass jar",
    "a paper bag",
    "a lidded box",
    "a clean cloth",
    "an airtight tin",
    "a shallow dish",
    "a bread bin",
  ]);
  const place = dice.pick([
    "the bottom drawer of the fridge",
    "a cool larder",
    "the middle shelf of the fridge",
    "a dark cupboard",
    "the coolest corner of the kitchen",
  ]);
  const amount = dice.pick(["a kilo", "two bags", "half a crate", "a large bowl", "a whole tray", "three portions", "a market basket"]);
  const question = dice.pick([
    `I bought ${amount} of ${food} for ${dice.pick(words.weekdays)}. How do I keep it fresh for ${days} days?`,
    `What is the best way to store ${amount} of ${food} for about ${days} days in ${dice.pick(words.months)}?`,
    `How should ${a(dice.pick(words.jobs))} with a tiny kitchen keep ${amount} of ${food} from spoiling within ${days} days?`,
  ]);
  const sort = dice.pick([
    "Sort out anything bruised first",
    "Wipe off any moisture before you start",
    "Leave it unwashed until you need it",
    "Let it cool down completely",
  ]);
  const last = dice.pick([
    `Check it every ${dice.pick(["morning", "evening", "second day"])} and use the softest pieces in ${dice.pick(words.meals)}.`,
    `Write ${dice.pick(words.weekdays)}'s date on the lid, so that nobody in ${dice.pick(words.people)}'s house has to guess.`,
    `Whatever is left after ${days} days goes into ${dice.pick(words.meals)} or the freezer.`,
    `If it smells ${dice.pick(["sour", "musty", "sharp", "odd"])}, throw it out and wash ${box} with hot water.`,
  ]);
  return { question, answer: `${sort}, then put the ${food} into ${box} and keep it in ${place}. ${last}` };
};

const mend: Maker = (dice) => {
  const thing = dice.pick(words.things);
  const fault = dice.pick([
    "squeaks",
    "is stained",
    "has gone rusty",
    "feels loose",
    "smells damp",
    "is scratched",
    "got stuck",
    "wobbles",
    "looks dull",
    "lets in water",
  ]);
  const since = dice.pick([
    "since the move",
    "after the storm",
    "since last winter",
    `since ${dice.pick(words.people)} borrowed it`,
    "after years in the attic",
    `since ${dice.pick(words.months)}`,
  ]);
  const tools = dice.several(
    [
      "warm water",
      "a soft brush",
      "a drop of oil",
      "fine sandpaper",
      "baking soda",
      "a small screwdriver",
      "white vinegar",
      "beeswax",
      "an old toothbrush",
      "lemon juice",
      "a dry cloth",
      "strong thread",
    ],
    3,
  );
  const minutes = dice.between(1, 9) * 5;
  const question = dice.pick([
    `My ${thing} ${fault} ${since}. What can I do?`,
    `The ${thing} at ${dice.pick(words.people)}'s place ${fault} ${since}. Can it be saved cheaply?`,
    `Explain in a few sentences how to deal with ${a(thing)} that ${fault} ${since}.`,
  ]);
  const answer = dice.pick([
    `You will need ${listed(tools)}. Start with ${tools[0]} and work slowly for about ${minutes} minutes; then use ${tools[1]} on the spot where the ${thing} ${fault}. Finish with ${tools[2]} and let everything rest until ${dice.pick(words.weekdays)}.`,
    `Most of the time ${tools[0]} and ${minutes} minutes of patience are enough. Test ${tools[1]} on a hidden part of the ${thing} first. If it still ${fault} afterwards, try ${tools[2]} before you buy a new one.`,
    `Take the ${thing} outside and clean it with ${tools[0]}. Next, treat the worst part with ${tools[1]} and wait ${minutes} minutes. A little of ${tools[2]} at the end keeps the trouble from coming back in ${dice.pick(words.months)}.`,
  ]);
  return { question, answer };
};

const plantCare: Maker = (dice) => {
  const plant = dice.pick(words.plants);
  const place = dice.pick([
    "a north-facing balcony",
    "a warm bathroom",
    "an office without much light",
    "a windy roof terrace",
    "a kitchen window",
    "a sandy front garden",
    "a cold hallway",
    "a shared courtyard",
  ]);
  const town = dice.pick(words.towns);
  const water = dice.pick([
    "once a week",
    "every ten days",
    "each second morning",
    "only when the top of the soil is dry",
    "sparingly until spring",
  ]);
  const feed = dice.pick([
    "a spoon of compost",
    "diluted nettle feed",
    "a slow fertiliser stick",
    "crushed eggshells",
    "nothing but fresh soil",
  ]);
  return {
    question: dice.pick([
      `How do I look after ${plant} on ${place} in ${town}?`,
      `Would ${plant} do well in ${place} in ${town}, and what care would it need from ${dice.pick(words.months)} on?`,
      `${dice.pick(words.people)} gave me ${plant} for ${place}. Which care does it need?`,
    ]),
    answer: `${capital(plant)} can cope with ${place} if you choose a pot ${dice.between(2, 9)} centimetres wider than the roots. Water ${water}, and give it ${feed} in ${dice.pick(words.months)}. ${dice.pick(["Turn it a quarter", "Cut off yellow leaves", "Loosen the soil", "Look under the leaves for pests"])} ${dice.pick(["every fortnight", "once a month", "after each hot week", "whenever you water"])}, and ${dice.pick(["move it away from draughts", "shade it at noon", "keep the saucer empty", "bring it inside before the frost"])}.`,
  };
};

const percentage: Maker = (dice) => {
  const thing = dice.pick(words.things);
  const price = dice.between(8, 240) * 100;
  const off = dice.pick([5, 10, 15, 20, 25, 30, 40, 60]);
  const saved = (price * off) / 100;
  const shop = dice.pick(words.shops);
  return {
    question: dice.pick([
      `${capital(a(thing))} costs ${money(price)} and the ${shop} takes ${off} % off. What do I pay?`,
      `Calculate the sale price of ${a(thing)} marked ${money(price)} with a discount of ${off} % at the ${shop} in ${dice.pick(words.towns)}.`,
    ]),
    answer: `${capital(`${off} % of ${money(price)}`)} is ${money(saved)}. Take that from the marked price: ${money(price)} - ${money(saved)} = ${money(price - saved)}. So the ${thing} costs ${money(price - saved)} after the discount.`,
  };
};

const average: Maker = (dice) => {
  const names = dice.several(words.people, dice.between(3, 5));
  const mean = dice.between(12, 80);
  const values = names.map(() => mean + dice.between(-9, 9));
  values[0] += mean * names.length - values.reduce((sum, value) => sum + value, 0);
  const unit = dice.pick(["kilometres", "pages", "jars", "points", "minutes", "eggs", "letters", "photos"]);
  const did = dice.pick(["walked", "counted", "reached", "noted", "finished"]);
  const total = mean * names.length;
  return {
    question: `In one week ${listed(names.map((name, i) => `${name} ${did} ${values[i]} ${unit}`))}. What is the average?`,
    answer: `Add the values first: ${values.join(" + ")} = ${total} ${unit}. There are ${names.length} people, so divide: ${total} / ${names.length} = ${mean}. On average each of them ${did} ${mean} ${unit} in that week.`,
  };
};

const duration: Maker = (dice) => {
  const start = dice.between(6 * 12, 18 * 12) * 5;
  const length = dice.between(9, 60) * 5;
  const clock = (minutes: number): string => `${Math.floor(minutes / 60) % 24}:${String(minutes % 60).padStart(2, "0")}`;
  const [from, to] = dice.several(words.towns, 2);
  const by = dice.pick(["train", "ferry", "coach", "tram", "night bus"]);
  return {
    question: dice.pick([
      `The ${by} from ${from} leaves at ${clock(start)} and reaches ${to} at ${clock(start + length)}. How long is the trip?`,
      `How much time passes between ${clock(start)} and ${clock(start + length)} on the ${by} from ${from} to ${to}?`,
    ]),
    answer: `From ${clock(start)} to ${clock(start + length)} is ${counted(Math.floor(length / 60), "hour")} and ${counted(length % 60, "minute")}, which is ${length} minutes in all. Add ${dice.between(5, 20)} minutes in ${to} to leave the ${by} and find the exit.`,
  };
};

const shopNames: Maker = (dice) => {
  const shop = dice.pick(words.shops);
  const count = dice.between(3, 6);
  const adjectives = dice.several(words.adjectives, count);
  const nouns = dice.several(words.nouns, count);
  return {
    question: dice.pick([
      `Give me ${count} names for ${a(dice.pick(words.adjectives))} ${shop} in ${dice.pick(words.towns)} that ${dice.pick(words.people)} wants to open.`,
      `List ${count} ideas for what to call ${a(shop)} run by ${a(dice.pick(words.jobs))} and ${a(dice.pick(words.jobs))}.`,
    ]),
    answer: adjectives
      .map(
        (adjective, i) =>
          `${i + 1}. The ${capital(adjective)} ${capital(nouns[i])}: ${dice.pick(["it is easy to spell", "it looks good on a sign", "people will remember it", "it fits the street", "it makes guests curious", "it sounds friendly", "it works on a paper bag", "it hints at the owner"])}.`,
      )
      .join("\n"),
  };
};

const extractJson: Maker = (dice) => {
  const [name, surname, town] = [dice.pick(words.people), dice.pick(words.surnames), dice.pick(words.towns)];
  const [thing, amount] = [dice.pick(words.things), dice.between(1, 40)];
  const day = `${dice.between(1, 28)} ${dice.pick(words.months)}`;
  const text = dice.pick([
    `${name} ${surname} from ${town} ordered ${amount} of the ${thing} on ${day}.`,
    `On ${day} we sent ${amount} pieces of the ${thing} to ${name} ${surname} in ${town}.`,
    `Please note for ${day}: ${town}, ${name} ${surname}, ${thing}, ${amount} pieces.`,
  ]);
  const fields = dice.shuffled([
    [dice.pick(["name", "buyer", "customer", "recipient"]), `${name} ${surname}`],
    [dice.pick(["town", "place", "city", "address"]), town],
    [dice.pick(["item", "product", "article", "goods"]), thing],
    [dice.pick(["quantity", "count", "pieces", "amount"]), amount],
    [dice.pick(["date", "day", "when", "due"]), day],
  ] as const);
  const value = JSON.stringify(Object.fromEntries(fields), null, 2);
  return {
    question: `${dice.pick(["Extract the order as JSON", "Return the details as a JSON object", "Turn this note into JSON", "I need this as JSON"])} with the keys ${listed(fields.map(([key]) => key))}: ${text}`,
    answer: dice.chance(0.5) ? value : `\`\`\`json\n${value}\n\`\`\``,
  };
};

const sentiment: Maker = (dice) => {
  const good = dice.chance(0.5);
  const [thing, shop] = [dice.pick(words.things), dice.pick(words.shops)];
  const praise = [
    "worked from the first day",
    "looks better than in the photo",
    "was packed with care",
    "saved me hours",
    "is easy to clean",
    "came a day early",
  ];
  const blame = [
    "broke after a week",
    "came without screws",
    "is louder than a lorry",
    "arrived two weeks late",
    "smells of glue",
    "does not fit at all",
  ];
  const points = dice.several(good ? praise : blame, 2);
  return {
    question: `${dice.pick(["Is this review positive or negative?", "Classify the sentiment of this review.", "Label this customer comment as positive or negative and say why."])} "The ${thing} from the ${dice.pick(words.adjectives)} ${shop} in ${dice.pick(words.towns)} ${points[0]} and ${points[1]}."`,
    answer: `${good ? "Positive" : "Negative"}. The writer says that the ${thing} ${points[0]} and that it ${points[1]}, ${good ? "which is praise on both counts" : "and both are complaints"}; the ${shop} itself is only named in passing.`,
  };
};

const summary: Maker = (dice) => {
  const [first, second] = dice.several(words.people, 2);
  const [town, day] = [dice.pick(words.towns), dice.pick(words.weekdays)];
  const [thing, count] = [dice.pick(words.things), dice.between(3, 90)];
  const problem = dice.pick([
    "the delivery was late",
    "the hall was locked",
    "it rained all morning",
    "the van broke down",
    "half of the guests were ill",
    "the printer failed",
  ]);
  const remedy = dice.pick([
    "borrowed a key",
    "moved everything indoors",
    "asked the neighbours",
    "rang a friend with a trailer",
    "changed the plan",
    "made do with less",
  ]);
  return {
    question: `Summarise this note in one or two sentences: ${first} and ${second} met in ${town} on ${day} to hand out ${count} pieces of the ${thing}. Because ${problem}, they began ${dice.between(2, 6)} hours late. ${second} ${remedy}, and by ${dice.pick(["noon", "tea time", "dusk", "nine in the evening"])} all but ${dice.between(1, 2)} had been given away. ${first} wants to do it again in ${dice.pick(words.months)}.`,
    answer: `${first} and ${second} handed out nearly all of the ${count} pieces of the ${thing} in ${town} on ${day}, though ${problem}. ${second} ${remedy}, and ${first} plans to repeat it.`,
  };
};

const polite: Maker = (dice) => {
  const [name, thing, day] = [dice.pick(words.people), dice.pick(words.things), dice.pick(words.weekdays)];
  const [blunt, kind] = dice.pick([
    [
      `${name}, bring back my ${thing} by ${day}`,
      `Dear ${name}, could you please bring the ${thing} back by ${day}? I would need it again, and I hope it served you well.`,
    ],
    [
      `Stop leaving the ${thing} in the hall, ${name}`,
      `Hello ${name}, would you mind keeping the ${thing} in your own room from ${day} on? The hall gets narrow when we all come home.`,
    ],
    [
      `${name}, you still owe me for the ${thing}`,
      `Hi ${name}, a small reminder about the money for the ${thing}. Would ${day} suit you? Many thanks for thinking of it.`,
    ],
    [
      `Your ${thing} is in my way, ${name}`,
      `Good morning ${name}, may I move your ${thing} a little before ${day}? I will put it back exactly where it stood.`,
    ],
  ] as const);
  const tone = dice.pick(["politely", "in a friendly tone", "so that it sounds kind", "for a note on the door", "for a first email"]);
  return {
    question: `Rewrite this ${tone}: "${blunt}${dice.pick([".", "!", ", right now.", " at last."])}" It is meant for ${a(dice.pick(words.jobs))} in ${dice.pick(words.towns)}.`,
    answer: kind,
  };
};

const story: Maker = (dice) => {
  const [animal, other] = dice.several(words.animals, 2);
  const [adjective, second] = dice.several(words.adjectives, 2);
  const [noun, place] = dice.several(words.nouns, 2);
  const name = dice.pick(words.people);
  return {
    question: `Write a ${dice.pick(["very short", "three-sentence", "short", "small"])} ${dice.pick(["story", "tale", "bedtime story"])} about ${a(adjective)} ${animal} and ${a(noun)}.`,
    answer: `${dice.pick(["Long before the first tram", "One windy evening", "In the year of the great frost", "On the last day of the fair", "While the town was asleep"])}, ${a(adjective)} ${animal} called ${name} found ${a(noun)} beside the ${second} ${place}. ${name} ${dice.pick(["polished it", "listened to it", "hid it under leaves", "carried it home", "painted it blue", "tied a ribbon round it"])} and showed it to the ${other}, who ${dice.pick(["laughed until the moon rose", "knew at once whose it was", "asked for nothing in return", "told the whole valley", "promised to keep the secret"])}. ${dice.pick(["From then on", "Ever since", "To this day", "After that winter"])}, the two meet at the ${place} and ${dice.pick(["share whatever they have", "count the stars together", "trade riddles", "wait for travellers", "sing out of tune"])}.`,
  };
};

const compare: Maker = (dice) => {
  const [left, right] = dice.several(words.jobs, 2);
  const [town, month] = [dice.pick(words.towns), dice.pick(words.months)];
  const aspects = dice.several(
    ["the hours", "the weather", "the tools", "the people you meet", "the noise", "the training", "the travelling", "the paperwork"],
    3,
  );
  return {
    question: dice.pick([
      `Compare the working day of ${a(left)} with that of ${a(right)} in ${town}.`,
      `Would you rather be ${a(left)} or ${a(right)} in ${month}? Compare ${aspects[0]} and ${aspects[1]}.`,
    ]),
    answer: `The main difference is ${aspects[0]}: ${a(left)} ${dice.pick(["starts before dawn", "mostly works alone", "stands for hours", "plans weeks ahead"])}, whereas ${a(right)} ${dice.pick(["answers to many people", "can choose the pace", "sits a good deal", "is called at short notice"])}. As for ${aspects[1]}, the ${dice.pick([left, right])} has the harder time in ${month}. In ${aspects[2]} the two are closer than most people in ${town} think.`,
  };
};

const explain: Maker = (dice) => {
  const subject = dice.pick(words.subjects);
  const who = dice.pick([
    `a child of ${dice.between(6, 12)}`,
    a(dice.pick(words.jobs)),
    `my ${dice.pick(["grandmother", "neighbour", "book club", "evening class", "scout group"])}`,
  ]);
  const [thing, food] = [dice.pick(words.things), dice.pick(words.foods)];
  return {
    question: `${dice.pick(["Explain", "How would you explain", "What is an easy way to explain"])} ${subject} to ${who} with ${a(thing)} and some ${food}${dice.pick(["?", ".", ", in plain words."])}`,
    answer: `Begin with what everybody has seen: ${dice.pick(["something changes although nobody touches it", "a small cause has a large effect", "two things act on each other", "what goes in must come out", "slow steps add up"])}. Put the ${thing} on ${dice.pick(["the table", "the floor", "a sunny sill", "a tray of sand"])} and let the ${food} stand for the part that ${dice.pick(["moves", "grows", "cools down", "is used up", "comes back"])}. Then ask what would happen ${dice.pick(["twice as fast", "without it", "in the dark", "on a larger scale", "at night"])}; the answer to that is ${subject} in ${dice.pick(["a nutshell", "one picture", "everyday words"])}.`,
  };
};

const plan: Maker = (dice) => {
  const guests = dice.between(4, 60);
  const [town, meal, month] = [dice.pick(words.towns), dice.pick(words.meals), dice.pick(words.months)];
  const event = dice.pick([
    "a birthday",
    "a street party",
    "a farewell",
    "a school reunion",
    "a reading evening",
    "a repair day",
    "a picnic",
    "a wedding breakfast",
  ]);
  const steps = dice.several(
    [
      "send the invitations",
      "borrow chairs from the library",
      "ask who eats no nuts",
      "find a room in case of rain",
      "order the bread",
      "choose the music",
      "make a list of helpers",
      "hang up lights",
      "rent cups and plates",
      "tell the neighbours",
    ],
    4,
  );
  return {
    question: `Help me plan ${event} for ${guests} people in ${town} in ${month}. We want to serve ${meal}. List the steps.`,
    answer: steps
      .map(
        (step, i) =>
          `- ${capital(step)}${dice.pick([` ${dice.between(2, 6)} weeks before`, ` by ${dice.pick(words.weekdays)}`, ` with ${dice.pick(words.people)}'s help`, ` as soon as ${town} confirms the place`])}${i === 3 ? `, and cook enough ${meal} for ${guests + dice.between(2, 6)}` : ""}.`,
      )
      .join("\n"),
  };
};

const word: Maker = (dice) => {
  const [first, second, third] = dice.several(words.nouns, 3);
  const line = `${capital(a(dice.pick(words.adjectives)))} ${first} stood between the ${second} and the ${dice.pick(words.adjectives)} ${third}.`;
  return {
    question: `Which nouns are in this sentence, and how many words does it have? "${line}"`,
    answer: `The nouns are ${first}, ${second} and ${third}. The sentence has ${line.split(" ").length} words, counting the articles; "${first}" is its subject and "stood" is its verb.`,
  };
};

/** Kinds and how often they come. */
export const generalMakers: readonly Maker[] = [
  keepFood,
  keepFood,
  mend,
  mend,
  mend,
  plantCare,
  plantCare,
  percentage,
  average,
  duration,
  shopNames,
  extractJson,
  sentiment,
  summary,
  polite,
  story,
  story,
  compare,
  explain,
  explain,
  plan,
  word,
];
