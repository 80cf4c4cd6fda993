// Small programming tasks in Python, SQL and JavaScript with their solutions: the samples' code source.
import { a, capital, type Dice } from "./dice.ts";
import type { Maker } from "./general.ts";
import * as words from "./words.ts";

interface Table {
  readonly many: string;
  readonly one: string;
  readonly numbers: readonly string[];
  readonly labels: readonly string[];
}

const tables: readonly Table[] = [
  ["payments", "payment", "amount fee delay", "merchant currency status"],
  ["customers", "customer", "age balance visits", "town name plan"],
  ["orders", "order", "total quantity discount", "product channel state"],
  ["sensors", "sensor", "reading voltage age", "room model owner"],
  ["trips", "trip", "distance minutes stops", "line driver weather"],
  ["invoices", "invoice", "net tax reminders", "client month category"],
  ["books", "book", "pages copies price", "author shelf language"],
  ["parcels", "parcel", "weight height attempts", "courier street depot"],
  ["players", "player", "score level lives", "team country nickname"],
  ["tickets", "ticket", "priority hours replies", "queue author tag"],
  ["plants", "plant", "height leaves water", "family bed colour"],
  ["recipes", "recipe", "servings minutes calories", "course cook season"],
  ["loans", "loan", "rate months arrears", "branch purpose borrower"],
  ["cameras", "camera", "lens shots weight", "brand mount user"],
  ["rooms", "room", "area seats windows", "floor wing tenant"],
].map(([many, one, numbers, labels]) => ({ many, one, numbers: numbers.split(" "), labels: labels.split(" ") }));

interface Task {
  readonly table: Table;
  readonly number: string;
  readonly other: string;
  readonly label: string;
  readonly limit: number;
  readonly top: number;
}

function task(dice: Dice): Task {
  const table = dice.pick(tables);
  const [number, other] = dice.several(table.numbers, 2);
  return { table, number, other, label: dice.pick(table.labels), limit: dice.between(2, 400), top: dice.between(2, 25) };
}

const fenced = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

/** What a colleague would add below the code. */
const advice: readonly ((dice: Dice) => string)[] = [
  (dice) =>
    `Try it with ${dice.between(2, 90)} rows from ${dice.pick(words.towns)} first, ${dice.pick(["one of them empty", "two of them equal", "some of them negative", "all of them made up"])}.`,
  (dice) =>
    `${dice.pick(words.people)} may want to read it before ${dice.pick(words.weekdays)}: ${dice.pick(["the names are long on purpose", "a missing key is not handled", "ties keep their order", "large inputs are fine"])}.`,
  (dice) =>
    `On the ${dice.pick(words.adjectives)} ${dice.pick(words.nouns)} machine it needs about ${dice.between(2, 800)} ms for ${dice.between(2, 90)} thousand rows, ${dice.pick(["mostly for reading", "of which sorting is half", "a little more in debug mode"])}.`,
  (dice) =>
    `If ${a(dice.pick(words.jobs))} rather than ${a(dice.pick(words.jobs))} maintains it, ${dice.pick(["add a comment above the loop", "write two tests beside it", "keep the limit in a settings file", "log what was skipped"])}.`,
  (dice) =>
    `Should the rules of the ${dice.pick(words.shops)} change in ${dice.pick(words.months)}, ${dice.pick(["only one line has to be touched", "turn the limit into a parameter", "ask for the new limit first", "keep the old version for comparison"])}.`,
];

const pythonSum: Maker = (dice) => {
  const { table, number, other, limit } = task(dice);
  const name = `${dice.pick(["total", "sum_of", "add_up", "collect"])}_${number}`;
  const sign = dice.pick([
    ["above", ">"],
    ["below", "<"],
    ["of at least", ">="],
  ]);
  const code = `def ${name}(${table.many}, limit=${limit}):\n    total = 0\n    for ${table.one} in ${table.many}:\n        if ${table.one}["${other}"] ${sign[1]} limit:\n            total += ${table.one}["${number}"]\n    return total`;
  const short = `def ${name}(${table.many}, limit=${limit}):\n    return sum(${table.one}["${number}"] for ${table.one} in ${table.many} if ${table.one}["${other}"] ${sign[1]} limit)`;
  return {
    question: dice.pick([
      `Write a Python function ${name} that adds up the ${number} of all ${table.many} with ${a(other)} ${sign[0]} ${limit}.`,
      `Python: sum ${number} over ${table.many}, but leave out any whose ${other} is not ${sign[0]} ${limit}. Call it ${name}.`,
      `Could you code ${name} for me? Input: a list of ${table.one} dictionaries. Output: their ${number} together, ${other} ${sign[0]} ${limit} only.`,
      `What would ${name}(${table.many}) look like in Python, when only entries with ${other} ${sign[1]} ${limit} should count towards the ${number}?`,
    ]),
    answer: `${fenced("python", dice.chance(0.5) ? code : short)}\n\nEach ${table.one} is a dictionary. Those whose ${other} is not ${sign[0]} ${limit} are skipped, and an empty list gives 0.`,
  };
};

const pythonGroup: Maker = (dice) => {
  const { table, number, label } = task(dice);
  const how = dice.pick([
    ["largest", "max"],
    ["smallest", "min"],
    ["total", "sum"],
  ] as const);
  const code = `from collections import defaultdict\n\ndef ${how[0]}_${number}_by_${label}(${table.many}):\n    groups = defaultdict(list)\n    for ${table.one} in ${table.many}:\n        groups[${table.one}["${label}"]].append(${table.one}["${number}"])\n    return {${label}: ${how[1]}(values) for ${label}, values in groups.items()}`;
  return {
    question: dice.pick([
      `In Python, how do I get the ${how[0]} ${number} for each ${label} from a list of ${table.many}${dice.pick(["?", " without pandas?", " in one pass over the list?"])}`,
      `Write a Python function that groups ${table.many} by ${label} and returns the ${how[0]} ${number} of every group.`,
      `My ${table.many} are dictionaries. I want one ${number} per ${label}, namely the ${how[0]}; plain Python please.`,
      `Turn ${table.many} into a dictionary from ${label} to ${how[0]} ${number}, with nothing but the standard library of Python.`,
    ]),
    answer: `Gather the values per ${label} first and then take the ${how[0]} of each list:\n\n${fenced("python", code)}`,
  };
};

const pythonClass: Maker = (dice) => {
  const { table, number, other, label, limit } = task(dice);
  const name = capital(table.one);
  const code = `from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass ${name}:\n    ${label}: str\n    ${number}: float\n    ${other}: int = ${limit}\n\n    def is_${dice.pick(["large", "late", "special", "ready"])}(self) -> bool:\n        return self.${number} > self.${other}`;
  return {
    question: dice.pick([
      `Create a Python dataclass ${name} with the fields ${label}, ${number} and ${other} (default ${limit}) and a method that tells whether ${number} exceeds ${other}.`,
      `I need an immutable ${name} in Python: text ${label}, float ${number}, whole ${other} of ${limit} unless given, plus a test that compares the two.`,
      `How would you model ${a(table.one)} in Python? It has ${label}, ${number}, ${other}; the last is ${limit} by default, and I often ask which number is larger.`,
      `Give me a small typed class for ${table.many} in Python 3 (${label}, ${number}, ${other}=${limit}) with one boolean method.`,
    ]),
    answer: `${fenced("python", code)}\n\nThe class is frozen, so ${a(table.one)} cannot change by accident after it was made.`,
  };
};

const sqlTop: Maker = (dice) => {
  const { table, number, other, label, limit, top } = task(dice);
  const order = dice.pick([
    ["highest", "DESC"],
    ["lowest", "ASC"],
  ]);
  const code = `SELECT ${label}, ${number}\nFROM ${table.many}\nWHERE ${other} > ${limit}\nORDER BY ${number} ${order[1]}\nLIMIT ${top};`;
  return {
    question: dice.pick([
      `Write an SQL query for the ${top} ${table.many} with the ${order[0]} ${number} among those whose ${other} is over ${limit}.`,
      `Which SQL shows ${label} and ${number} of the ${top} ${table.many} with the ${order[0]} ${number}, if ${other} must exceed ${limit}?`,
      `From ${table.many} I want the ${order[0]} ${top} by ${number}, ${other} above ${limit}, columns ${label} and ${number}. How do I say that in SQL?`,
      `Top ${top} report: ${label}, ${number}, ${order[0]} first, skipping ${table.many} up to ${limit} in ${other}. SQL please.`,
    ]),
    answer: `${fenced("sql", code)}\n\nThe condition on ${other} comes first; then the ${table.many} are sorted by ${number} and ${top} of them are kept.`,
  };
};

const sqlGroup: Maker = (dice) => {
  const { table, number, label, limit } = task(dice);
  const [how, word] = dice.pick([
    ["AVG", "average"],
    ["SUM", "total"],
    ["MAX", "largest"],
    ["MIN", "smallest"],
  ]);
  const code = `SELECT ${label}, COUNT(*) AS ${table.many}, ${how}(${number}) AS ${word}_${number}\nFROM ${table.many}\nGROUP BY ${label}\nHAVING COUNT(*) >= ${limit}\nORDER BY ${word}_${number} DESC;`;
  return {
    question: dice.pick([
      `Give me SQL that shows the ${word} ${number} per ${label} from the table ${table.many}, only for groups of ${limit} ${dice.pick(["rows or more", "and more entries"])}${dice.pick([".", ", best first."])}`,
      `How does one compute the ${word} of ${number} by ${label} over ${table.many} in SQL, hiding any ${label} that occurs fewer than ${limit} times?`,
      `I have a table ${table.many}. Per ${label}: how many, and the ${word} ${number}. Small groups (below ${limit}) should vanish.`,
    ]),
    answer: `${fenced("sql", code)}\n\nHAVING filters the groups after counting; a WHERE clause would look at single ${table.many} before.`,
  };
};

const sqlUpdate: Maker = (dice) => {
  const { table, number, other, label, limit, top } = task(dice);
  const value = dice.pick(["archived", "checked", "late", "vip", "unknown", "paused"]);
  return {
    question: dice.pick([
      `How do I set ${label} to '${value}' for every ${table.one} with ${number} under ${limit} and ${other} of exactly ${top} in SQL, without touching the rest?`,
      `SQL for a careful change: mark ${table.many} '${value}' in ${label} where ${number} is less than ${limit} and ${other} equals ${top}.`,
      `Some ${table.many} got the wrong ${label}. If ${other} is ${top} and ${number} below ${limit} it ought to be '${value}'. What do I run?`,
    ]),
    answer: `Look first, then change, inside one transaction:\n\n${fenced("sql", `BEGIN;\nSELECT COUNT(*) FROM ${table.many} WHERE ${number} < ${limit} AND ${other} = ${top};\nUPDATE ${table.many}\nSET ${label} = '${value}'\nWHERE ${number} < ${limit} AND ${other} = ${top};\nCOMMIT;`)}\n\nIf the count surprises you, write ROLLBACK in place of COMMIT and no ${table.one} is altered.`,
  };
};

const jsFilter: Maker = (dice) => {
  const { table, number, label, limit } = task(dice);
  const name = `${dice.pick(["pick", "find", "only", "select"])}${capital(table.many)}`;
  const code = `function ${name}(${table.many}, least = ${limit}) {\n  return ${table.many}\n    .filter((${table.one}) => ${table.one}.${number} >= least)\n    .map((${table.one}) => ${table.one}.${label})\n    .sort();\n}`;
  return {
    question: dice.pick([
      `Write a JavaScript function ${name} that returns the sorted ${label} values of all ${table.many} with ${a(number)} of ${limit} or more.`,
      `JavaScript: from an array of ${table.many} to an alphabetical list of each ${label}, dropping everything whose ${number} is less than ${limit}. Name it ${name}.`,
      `How would ${name} look in modern JavaScript, if it must give me every ${label} in order whenever ${number} reaches ${limit}?`,
    ]),
    answer: `${fenced("js", code)}\n\nfilter keeps the ${table.many} that reach the limit, map takes their ${label}, and sort puts the texts in order without changing the input.`,
  };
};

const jsCount: Maker = (dice) => {
  const { table, number, label, top } = task(dice);
  const code = `const counts = new Map();\nfor (const ${table.one} of ${table.many}) {\n  const key = ${table.one}.${label} ?? "none";\n  counts.set(key, (counts.get(key) ?? 0) + ${dice.pick([`${table.one}.${number}`, "1"])});\n}\nconst best = [...counts].sort((x, y) => y[1] - x[1]).slice(0, ${top});`;
  return {
    question: dice.pick([
      `How can I count ${table.many} per ${label} in JavaScript and keep the ${top} most frequent, when some have no ${label}? Each also has ${a(number)}.`,
      `In JavaScript I need a ranking: which ${label} comes up most among my ${table.many}, first ${top} places only; missing values count as one group.`,
      `Tally an array of ${table.one} objects by ${label} (it can be undefined) and show the leading ${top}, JavaScript, no libraries.`,
    ]),
    answer: `A Map keeps the counts; ${table.many} without ${label} share the key "none":\n\n${fenced("js", code)}\n\nThe result is a list of pairs, largest first.`,
  };
};

const jsAsync: Maker = (dice) => {
  const { table, number, top } = task(dice);
  const wait = dice.between(2, 40) * 50;
  const code = `async function load${capital(table.many)}(url, tries = ${top}) {\n  for (let attempt = 1; attempt <= tries; attempt++) {\n    const response = await fetch(url);\n    if (response.ok) return (await response.json()).filter((${table.one}) => ${table.one}.${number} > 0);\n    await new Promise((done) => setTimeout(done, ${wait} * attempt));\n  }\n  throw new Error("no ${table.many} after " + tries + " tries");\n}`;
  return {
    question: dice.pick([
      `Write an async JavaScript function that fetches ${table.many} from a URL, tries up to ${top} times with a pause of ${wait} ms that grows, and drops entries without ${number}.`,
      `My server with the ${table.many} often fails. Show a JavaScript loader with ${top} attempts, ${wait} ms and longer between them, keeping positive ${number} only.`,
      `How do I retry fetch in JavaScript, at most ${top} times and ${wait} ms apart at first, to load ${table.many} that have ${a(number)}?`,
    ]),
    answer: `${fenced("js", code)}\n\nThe pause is ${wait} ms after the first failure and longer each time, so that a busy server can recover.`,
  };
};

const findBug: Maker = (dice) => {
  const { table, number, limit } = task(dice);
  const at = dice.between(1, 9);
  return {
    question: `${dice.pick([`Why does this Python code fail on an empty list of ${table.many}?`, `This crashes when there are no ${table.many}. Can you mend it?`, `Review my helper for the mean ${number}; something is wrong with empty input.`])}\n\n${fenced("python", `def mean_${number}(${table.many}):\n    values = [${table.one}["${number}"] + ${at} for ${table.one} in ${table.many}]\n    return sum(values) / len(values)`)}\n\nIt should give ${limit} in that case.`,
    answer: `For an empty list len(values) is 0, and dividing by it raises ZeroDivisionError. Test for that before dividing:\n\n${fenced("python", `def mean_${number}(${table.many}, default=${limit}):\n    values = [${table.one}["${number}"] + ${at} for ${table.one} in ${table.many}]\n    return sum(values) / len(values) if values else default`)}`,
  };
};

/** Kinds and how often they come. */
export const codeMakers: readonly Maker[] = [
  pythonSum,
  pythonGroup,
  pythonGroup,
  pythonClass,
  sqlTop,
  sqlTop,
  sqlGroup,
  sqlUpdate,
  jsFilter,
  jsCount,
  jsAsync,
  findBug,
].map((make) => (dice) => {
  const { question, answer } = make(dice);
  return { question, answer: `${answer}\n\n${dice.pick(advice)(dice)}` };
});
