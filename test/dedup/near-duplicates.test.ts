// Near-duplicates from texts to drops: sketch, clusters, survivors. Every drop is checked by plain.ts, which shares no code with them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, type Random, shuffle } from "../../src/core/random.ts";
import { hashText } from "../../src/core/hash.ts";
import { createPriority } from "../../src/dedup/priority.ts";
import { dedupTexts } from "./dedup-texts.ts";
import { plainKey, plainSimilarity, plainText } from "./plain.ts";

const vocabulary = Array.from({ length: 20_000 }, (_, i) => i.toString(26).replace(/[0-9]/g, (digit) => "qrstuvwxyz"[Number(digit)]));

function words(count: number, random: Random): string[] {
  return Array.from({ length: count }, () => vocabulary[random.below(vocabulary.length)]);
}

/** A few words put in, taken out or replaced, anywhere. */
function edited(text: readonly string[], random: Random): string[] {
  const copy = [...text];
  for (let edits = 1 + random.below(1 + Math.floor(text.length / 12)); edits > 0; edits--) {
    const kind = random.below(3);
    const at = random.below(2) === 0 ? random.below(copy.length + 1) : copy.length - random.below(2);
    copy.splice(at, kind === 0 ? 0 : 1, ...(kind === 1 ? [] : words(1, random)));
  }
  return copy;
}

for (const threshold of [0.7, 0.8, 0.9]) {
  test(`planted edits: recall >= 0.99 and precision 1 at ${threshold}, prompts of 8 to 20 words and long texts`, () => {
    const random = createRandom(threshold * 1000);
    const texts: string[] = [];
    const expected = { short: new Set<number>(), long: new Set<number>() };
    let under = 0;
    while (expected.short.size < 800 || expected.long.size < 400) {
      const short = expected.short.size < 800;
      const base = words(short ? 8 + random.below(13) : 21 + random.below(180), random);
      const other = edited(base, random);
      const similarity = plainSimilarity(plainText(base.join(" ")), plainText(other.join(" ")));
      if (similarity === 1 || similarity < threshold - 0.15) continue;
      if (similarity >= threshold) expected[short ? "short" : "long"].add(texts.length + 1);
      else if (under++ > 1200) continue;
      texts.push(base.join(" "), other.join(" "));
    }
    const drops = dedupTexts(texts, { threshold });
    const cut = new Map<number, ReturnType<typeof plainText>>();
    const plainOf = (i: number): ReturnType<typeof plainText> => cut.get(i) ?? (cut.set(i, plainText(texts[i])), plainOf(i));
    const dropped = new Set<number>();
    for (const { row, survivor, similarity } of drops) {
      const exact = plainSimilarity(plainOf(row), plainOf(survivor));
      assert.equal(similarity, exact);
      assert.ok(exact >= threshold, `${texts[row]} / ${texts[survivor]}: ${exact}`);
      dropped.add(row);
    }
    assert.ok(
      drops.every(({ survivor }) => !dropped.has(survivor)),
      "survivors survive",
    );
    for (const [length, rows] of Object.entries(expected)) {
      const found = [...rows].filter((row) => dropped.has(row)).length;
      assert.ok(found / rows.size >= 0.99, `${length}: ${found} of ${rows.size}`);
    }
    assert.ok(under >= 200, `${under} pairs planted under the threshold`);
    assert.ok(
      [...dropped].every((row) => expected.short.has(row) || expected.long.has(row)),
      "nothing under the threshold is dropped",
    );
  });
}

/** 2,500 characters and more of lorem ipsum, made here. */
function loremIpsum(seed: number): string {
  const list =
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum".split(
      " ",
    );
  const random = createRandom(seed);
  let text = "";
  while (text.length < 2500) {
    const sentence = Array.from({ length: 6 + random.below(9) }, () => list[random.below(list.length)]).join(" ");
    text += `${text === "" ? "" : " "}${sentence[0].toUpperCase()}${sentence.slice(1)}.`;
  }
  return text;
}

// The case of datatrove's tests/pipeline/test_minhash.py, on a text of ours. datatrove joins documents in chains through 14 buckets of
// 8 hashes, a threshold of about (1/14)^(1/8) = 0.72; here each document is held against the one that is kept, so the least similar of
// a group, 60 of 400 characters apart, must reach it too: they are at 0.73 in this text (and at 0.69 in datatrove's).
test("datatrove's MinHash case: 16 slices of one text, 10 removed, 6 kept, in any keep order", () => {
  const text = loremIpsum(1);
  const starts = [[0, 20, 50], [400, 420], [800, 810, 820, 840, 860], [1205, 1215, 1225, 1245], [1600], [2000]];
  const group = starts.flatMap((list, i) => list.map(() => i));
  const slices = starts.flat().map((x) => text.slice(x, x + 400));
  assert.equal(slices.length, 16);
  const random = createRandom(8);
  for (let round = 0; round < 50; round++) {
    const order =
      round === 0
        ? slices.map((_, i) => i)
        : shuffle(
            slices.map((_, i) => i),
            random,
          );
    const place = new Map(order.map((slice, i) => [slice, i]));
    const drops = dedupTexts(slices, { threshold: (1 / 14) ** (1 / 8), compare: (a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0) });
    assert.equal(drops.length, 10);
    for (const { row, survivor } of drops) {
      assert.equal(group[row], group[survivor]);
      assert.equal(
        survivor,
        order.find((slice) => group[slice] === group[row]),
        "the first of its group in keep order",
      );
    }
  }
});

interface Prompt {
  readonly source: number;
  readonly text: string;
}

/** Prompts of three sources with exact and near duplicates within and across them. */
function prompts(count: number, seed: number): Prompt[] {
  const random = createRandom(seed);
  const made: Prompt[] = [];
  while (made.length < count) {
    const kind = random.below(10);
    const source = random.below(3);
    const old = made.length > 0 ? made[random.below(made.length)].text : "";
    if (kind < 2 && old) made.push({ source, text: `${old.toUpperCase()}${"?!"[random.below(2)]}` });
    else if (kind < 6 && old) made.push({ source, text: edited(old.split(" "), random).join(" ") });
    else made.push({ source, text: words(8 + random.below(40), random).join(" ") });
  }
  // Contents are unlike one another, as content hashes tell rows apart.
  return [...new Map(made.map((prompt) => [`${prompt.source} ${prompt.text}`, prompt])).values()];
}

/** Which prompts are dropped for which, in words, with keep: [source, longest, first]. */
function told(list: readonly Prompt[], keep: readonly ("source" | "longest" | "first")[]): string[] {
  const hash = new Uint32Array(list.length * 4);
  list.forEach(({ source, text }, i) => hashText(`${source} ${text}`, 0, hash.subarray(i * 4, i * 4 + 4)));
  const compare = createPriority({
    keep,
    source: list.map(({ source }) => source),
    length: list.map(({ text }) => text.length),
    quality: list.map(() => Number.NaN),
    hash,
  });
  const name = (i: number): string => `${list[i].source} ${list[i].text}`;
  return dedupTexts(
    list.map(({ text }) => text),
    { threshold: 0.8, compare },
  )
    .map(({ row, survivor, similarity }) => `${name(row)} <- ${name(survivor)} ${similarity}`)
    .sort();
}

test("the same rows survive when rows come in another order, for each keep order", () => {
  const list = prompts(1500, 12);
  for (const keep of [["source", "longest", "first"], ["longest"], ["first"]] as const) {
    const expected = told(list, keep);
    assert.ok(expected.length > 400, `${expected.length} drops`);
    const random = createRandom(5);
    for (let round = 0; round < 4; round++) assert.deepEqual(told(shuffle([...list], random), keep), expected);
  }
});

test("an exact duplicate whose survivor goes for a third text is told that third, as similar to it as it is itself", () => {
  const base = "please explain in simple words how a heat pump can warm a house in winter";
  const texts = [`${base} or summer`, base, `${base.toUpperCase()}?`, `  ${base}.`];
  const drops = dedupTexts(texts, { threshold: 0.8 });
  assert.deepEqual(
    drops.map(({ row, survivor }) => [row, survivor]),
    [
      [1, 0],
      [2, 0],
      [3, 0],
    ],
  );
  for (const { row, similarity } of drops) assert.equal(similarity, plainSimilarity(plainText(texts[row]), plainText(texts[0])));
});

test("a text and its exact duplicates have the same shingles, so what is true of the survivor is true of them", () => {
  const list = prompts(600, 3).map(({ text }) => text);
  const byKey = new Map<string, string>();
  for (const text of list) {
    const key = plainKey(text);
    assert.ok(key);
    const other = byKey.get(key);
    if (other !== undefined) assert.equal(plainSimilarity(plainText(text), plainText(other)), 1);
    byKey.set(key, text);
  }
  assert.ok(byKey.size < list.length);
});
