// Small programming tasks in Python, SQL and JavaScript with their solutions: the samples' code source.
import { a, capital, type Dice } from "./dice.ts";
import type { Maker } from "./general.ts";

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

const pythonSum: Maker = (dice) => {
  const { table, number, other, limit } = task(dice);
  const name = `${dice.pick(["total", "sum_of", "add_up", "collect"])}_${number}`;
  const sign = dice.pick([
    ["above", ">"],
    ["below", "<"],
    ["of at least", ">="],
  ]);
  const code = `def ${name}(${table.many}, limit=${limit}):\n    total = 0\n    for ${table.one} in ${table.many}:\n        if ${table.one}["${other}"] ${sign[1]} limit:\n            total += ${table.one}["${number}"]\n    return total`;
  return {
    question: `Write a Python function ${name} that adds up the ${number} of all ${table.many} with ${a(other)} ${sign[0]} ${limit}.`,
    answer: `${fenced("python", code)}\n\nEach ${table.one} is a dictionary. Those whose ${other} is not ${sign[0]} ${limit} are skipped, and an empty list gives 0.`,
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
    ]),
    answer: `Gather the values per ${label} first and then take the ${how[0]} of each list:\n\n${fenced("python", code)}`,
  };
};

const pythonClass: Maker = (dice) => {
  const { table, number, other, label, limit } = task(dice);
  const name = capital(table.one);
  const code = `from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass ${name}:\n    ${label}: str\n    ${number}: float\n    ${other}: int = ${limit}\n\n    def is_${dice.pick(["large", "late", "special", "ready"])}(self) -> bool:\n        return self.${number} > self.${other}`;
  return {
    question: `Create a Python dataclass ${name} with the fields ${label}, ${number} and ${other} (default ${limit}) and a method that tells whether ${number} exceeds ${other}.`,
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
    question: `Give me SQL that shows the ${word} ${number} per ${label} from the table ${table.many}, only for groups of ${limit} ${dice.pick(["rows or more", "and more entries"])}${dice.pick([".", ", best first."])}`,
    answer: `${fenced("sql", code)}\n\nHAVING filters the groups after counting; a WHERE clause would look at single ${table.many} before.`,
  };
};

const sqlUpdate: Maker = (dice) => {
  const { table, number, other, label, limit, top } = task(dice);
  const value = dice.pick(["archived", "checked", "late", "vip", "unknown", "paused"]);
  return {
    question: `How do I set ${label} to '${value}' for every ${table.one} with ${number} under ${limit} and ${other} of exactly ${top} in SQL, without touching the rest?`,
    answer: `Look first, then change, inside one transaction:\n\n${fenced("sql", `BEGIN;\nSELECT COUNT(*) FROM ${table.many} WHERE ${number} < ${limit} AND ${other} = ${top};\nUPDATE ${table.many}\nSET ${label} = '${value}'\nWHERE ${number} < ${limit} AND ${other} = ${top};\nCOMMIT;`)}\n\nIf the count surprises you, write ROLLBACK in place of COMMIT and no ${table.one} is altered.`,
  };
};

const jsFilter: Maker = (dice) => {
  const { table, number, label, limit } = task(dice);
  const name = `${dice.pick(["pick", "find", "only", "select"])}${capital(table.many)}`;
  const code = `function ${name}(${table.many}, least = ${limit}) {\n  return ${table.many}\n    .filter((${table.one}) => ${table.one}.${number} >= least)\n    .map((${table.one}) => ${table.one}.${label})\n    .sort();\n}`;
  return {
    question: `Write a JavaScript function ${name} that returns the sorted ${label} values of all ${table.many} with ${a(number)} of ${limit} or more.`,
    answer: `${fenced("js", code)}\n\nfilter keeps the ${table.many} that reach the limit, map takes their ${label}, and sort puts the texts in order without changing the input.`,
  };
};

const jsCount: Maker = (dice) => {
  const { table, number, label, top } = task(dice);
  const code = `const counts = new Map();\nfor (const ${table.one} of ${table.many}) {\n  const key = ${table.one}.${label} ?? "none";\n  counts.set(key, (counts.get(key) ?? 0) + ${dice.pick([`${table.one}.${number}`, "1"])});\n}\nconst best = [...counts].sort((x, y) => y[1] - x[1]).slice(0, ${top});`;
  return {
    question: `How can I count ${table.many} per ${label} in JavaScript and keep the ${top} most frequent, when some have no ${label}? Each also has ${a(number)}.`,
    answer: `A Map keeps the counts; ${table.many} without ${label} share the key "none":\n\n${fenced("js", code)}\n\nThe result is a list of pairs, largest first.`,
  };
};

const jsAsync: Maker = (dice) => {
  const { table, number, top } = task(dice);
  const wait = dice.between(2, 40) * 50;
  const code = `async function load${capital(table.many)}(url, tries = ${top}) {\n  for (let attempt = 1; attempt <= tries; attempt++) {\n    const response = await fetch(url);\n    if (response.ok) return (await response.json()).filter((${table.one}) => ${table.one}.${number} > 0);\n    await new Promise((done) => setTimeout(done, ${wait} * attempt));\n  }\n  throw new Error("no ${table.many} after " + tries + " tries");\n}`;
  return {
    question: `Write an async JavaScript function that fetches ${table.many} from a URL, tries up to ${top} times with a pause of ${wait} ms that grows, and drops entries without ${number}.`,
    answer: `${fenced("js", code)}\n\nThe pause is ${wait} ms after the first failure and longer each time, so that a busy server can recover.`,
  };
};

const findBug: Maker = (dice) => {
  const { table, number, limit } = task(dice);
  const at = dice.between(1, 9);
  return {
    question: `Why does this Python code fail on an empty list of ${table.many}?\n\n${fenced("python", `def mean_${number}(${table.many}):\n    values = [${table.one}["${number}"] + ${at} for ${table.one} in ${table.many}]\n    return sum(values) / len(values)`)}\n\nIt should give ${limit} in that case.`,
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
];
