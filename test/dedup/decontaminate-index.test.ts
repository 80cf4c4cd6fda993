// Which texts a row's 8-grams find. What the texts then count for is in decontaminate.test.ts.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../../src/core/random.ts";
import { createEvaluationIndex, heldOutCoverage } from "../../src/dedup/decontaminate-index.ts";
import { heldOut } from "../../src/dedup/decontaminate-texts.ts";

for (const file of [heldOut, "benchmark"]) {
  test(`a template's 8-grams find no text of it, and what finds none can cover too little of any: ${file}`, () => assertFinding(file));
}

function assertFinding(file: string): void {
  const minCoverage = 0.5;
  const random = createRandom(5);
  const word = (): string => Array.from({ length: 6 }, () => String.fromCharCode(97 + random.below(26))).join("");
  const words = (count: number): string[] => Array.from({ length: count }, word);
  const two = words(2);
  const template = words(60);
  /** Slots with words of their own, slots with one of two words, a passage that stands twice in each text, and no template. */
  const shapes: readonly ((place: number, i: number) => string)[] = [
    (place) => (place % 20 === 7 ? word() : template[place]),
    (place, i) => (place % 10 === 5 ? two[(i >> ((place - 5) / 10)) & 1] : template[place]),
    (place) => (place === 59 ? word() : template[place % 25]),
    () => word(),
  ];
  const items = shapes.flatMap((shape, s) =>
    Array.from({ length: 64 }, (_, i) => ({
      id: `${s}/${i}`,
      file,
      prompt: template.map((_, place) => shape(place, i)).join(" "),
      answer: "yes",
    })),
  );
  const { texts, textsOf, sharedBy } = createEvaluationIndex(items, { minCoverage });
  const prompts = texts.flatMap((text, place) => (text.kind === "prompt" ? [{ ...text, place }] : []));
  assert.ok(prompts.length > 100, `${prompts.length} different prompts`);
  const finds = (gram: number, place: number): boolean => {
    const found = new Set<number>();
    textsOf(gram, found);
    return found.has(place);
  };
  const common = new Set(prompts.flatMap(({ gram }) => [...gram]).filter((gram) => sharedBy(gram) > 64));
  assert.ok(common.size > 0);
  const found = new Set<number>();
  for (const one of common) textsOf(one, found);
  assert.equal(found.size, 0, "8-grams that several shapes share find nothing");
  let inTemplates = 0;
  for (const { gram, weight, place, item } of prompts) {
    if (![...gram].some((one) => sharedBy(one) > 16)) continue;
    inTemplates++;
    const covered = new Uint8Array(weight.length);
    gram.forEach((one, i) => !finds(one, place) && covered.fill(1, i, i + 8));
    const total = weight.reduce((sum, value) => sum + value, 0);
    const missed = weight.reduce((sum, value, i) => sum + covered[i] * value, 0);
    assert.ok(
      missed / total < (file === heldOut ? heldOutCoverage : minCoverage),
      `${item.id}: what does not find it covers ${missed / total}`,
    );
    assert.ok([...gram].some((one) => finds(one, place)));
  }
  assert.ok(inTemplates > 100, `${inTemplates} prompts share a template`);
}
