// Charts, marks and numbers: what is drawn is what was given, at any width, and texts are marked where they say.
import assert from "node:assert/strict";
import test from "node:test";
import { bars } from "../../src/report/charts/bars.ts";
import { curves, thinned } from "../../src/report/charts/curves.ts";
import { distribution } from "../../src/report/charts/distribution.ts";
import { compareWords, findRanges, marked } from "../../src/report/marks.ts";
import { bytes, count, counted, duration, figure, fixed, listed, percent, signed } from "../../src/report/numbers.ts";
import { trainingRemarks } from "../../src/report/training-figures.ts";
import { attribute, elements, hasClass, parsePage } from "./report-run.ts";
import { makeTraining } from "./training-fixture.ts";

function drawn(markup: string): ReturnType<typeof elements> {
  const { document, errors } = parsePage(`<!doctype html><title>t</title>${markup}`);
  assert.deepEqual(errors, []);
  return elements(document);
}

const nbsp = (text: string): string => text.replaceAll(" ", "\u00a0");

test("a bar is as long as its value, and the longest fills the chart", () => {
  const chart = drawn(
    bars({
      title: "t",
      marks: ["after"],
      bars: [
        { label: "a", values: [10], text: "10" },
        { label: "b", values: [2.5], text: "2.5" },
        { label: "c", values: [0], text: "0" },
        { label: "d", values: [undefined], text: "?" },
      ],
    }).markup,
  );
  const widths = chart.filter((element) => hasClass(element, "after")).map((element) => attribute(element, "width"));
  assert.deepEqual(widths, ["100.00%", "25.00%"]);
  assert.equal(
    attribute(
      chart.find(({ tagName }) => tagName === "svg")!,
      "aria-label",
    ),
    "t: a 10; b 2.5; c 0; d ?",
  );
});

test("a distribution draws shares of its own total, so that sizes of samples do not matter", () => {
  const chart = (factor: number): string | undefined =>
    attribute(
      drawn(
        distribution("t", [
          { from: 0, to: 1, before: 1, after: factor },
          { from: 1, to: 2, before: 3, after: 3 * factor },
        ]).markup,
      ).find((element) => hasClass(element, "line"))!,
      "d",
    );
  assert.equal(chart(1), chart(1000));
  assert.match(chart(1) ?? "", /^M0,\d/);
});

test("a chart without points or with one value only is drawn without NaN", () => {
  for (const points of [
    [],
    [{ x: 1, y: 0 }],
    [
      { x: 1, y: 2 },
      { x: 2, y: 2 },
    ],
    [{ x: 0, y: Number.NaN }],
  ]) {
    const { markup } = curves({ title: "t", curves: [{ label: "l", mark: "line after", points }] });
    assert.doesNotMatch(markup, /NaN|Infinity|undefined/);
  }
  assert.doesNotMatch(distribution("t", []).markup, /NaN|Infinity|undefined/);
});

test("long curves are thinned to means of equal spans; short ones stay as they are", () => {
  const points = Array.from({ length: 1000 }, (_, x) => ({ x, y: x % 2 }));
  const thin = thinned(points, 100);
  assert.equal(thin.length, 100);
  assert.deepEqual(thin[0], { x: 4.5, y: 0.5 });
  assert.equal(thinned(points.slice(0, 100), 100).length, 100);
});

test("evidence is found word for word, else by its words, and marked where it stands", () => {
  const mark = (text: string, wanted: string, occurrence: "first" | "last" | "every"): string =>
    marked(text, findRanges(text, wanted, occurrence)).markup;
  assert.equal(mark("so so so", "so", "first"), "<mark>so</mark> so so");
  assert.equal(mark("so so so", "so", "last"), "so so <mark>so</mark>");
  assert.equal(mark("so so so", "so", "every"), "<mark>so</mark> <mark>so</mark> <mark>so</mark>");
  assert.equal(mark("What is  the\nCapital?", "what is the capital", "first"), "<mark>What is  the\nCapital</mark>?");
  assert.equal(mark("It begins here and ends", "begins here...", "first"), "It <mark>begins here</mark> and ends");
  assert.equal(mark("a.b", "a+b", "first"), "a.b");
  assert.equal(mark("text", "", "every"), "text");
});

test("overlapping marks become one, and a mark never splits what is escaped", () => {
  const text = "<a> & <b>";
  assert.equal(
    marked(text, [
      { from: 0, to: 4 },
      { from: 2, to: 6 },
    ]).markup,
    "<mark>&lt;a&gt; </mark><mark>&amp; </mark>&lt;b&gt;",
  );
});

test("two texts are compared word by word", () => {
  const left = "Name two old trees, please.";
  const right = "Name three old trees.";
  const { differing, shared } = compareWords(left, right)!;
  const cut = (text: string, ranges: readonly { from: number; to: number }[]): string[] =>
    ranges.map(({ from, to }) => text.slice(from, to));
  assert.deepEqual(cut(left, differing[0]), ["two", ", please"]);
  assert.deepEqual(cut(right, differing[1]), ["three"]);
  assert.equal(cut(left, shared[0]).join(""), cut(right, shared[1]).join(""));
  const words = (n: number, word: string): string => Array.from({ length: n }, (_, i) => `${word}${i}`).join(" ");
  assert.equal(compareWords(words(500, "a"), words(500, "b")), undefined, "texts with nothing in common are not compared to the end");
});

test("numbers are written one way", () => {
  assert.equal(count(1_234_567), "1,234,567");
  assert.equal(count(-1234), "\u22121,234");
  assert.equal(counted(1, "row"), nbsp("1 row"));
  assert.equal(counted(1200, "row"), nbsp("1,200 rows"));
  assert.equal(percent(0.12345), nbsp("12.3 %"));
  assert.equal(fixed(-0.004, 2), "0.00");
  assert.equal(signed(12), "+12");
  assert.equal(signed(-12), "\u221212");
  assert.equal(signed(0), "±0");
  assert.equal(
    signed(-0.5, (value) => percent(value)),
    nbsp("\u221250.0 %"),
  );
  assert.equal(figure(2.123456), "2.123");
  assert.equal(figure(0.00002), "2.00e\u22125");
  assert.equal(bytes(1536), nbsp("1.5 KiB"));
  assert.equal(duration(3725), `${nbsp("1 h")} ${nbsp("2 min")} ${nbsp("5 s")}`);
  assert.equal(listed(["a", "b", "c"]), "a, b and c");
});

test("learning by heart is remarked where the evaluation loss rises, and only there", () => {
  const shape = { steps: 400, sources: ["a"], seed: 5 };
  const rising = trainingRemarks(makeTraining({ ...shape, turn: 0.4 }));
  assert.ok(rising.some(({ text }) => /rose from .* at step 160 to .* at step 400/.test(text)));
  const falling = makeTraining({ ...shape, turn: 1 });
  assert.deepEqual(
    trainingRemarks(falling).filter(({ text }) => text.includes("rose")),
    [],
  );
  const early = makeTraining({ ...shape, turn: 0.4 }).metrics.map((metric) => ({ ...metric, epoch: metric.epoch / 2 }));
  assert.match(
    JSON.stringify(trainingRemarks({ training: undefined, metrics: early })),
    /rose from .*first pass over the rows.*lower learning_rate/,
  );
  assert.doesNotMatch(JSON.stringify(trainingRemarks({ training: undefined, metrics: early })), /by heart/);
  assert.deepEqual(trainingRemarks({ training: undefined, metrics: [] }), []);
  const behaviour = [
    { name: "apology_opening", rows: 16, before: 0, after: 1 },
    { name: "ai_disclaimer", rows: 16, before: 0, after: 1 / 16 },
  ];
  const apologies = trainingRemarks({ training: { ...falling.training, behaviour }, metrics: [] });
  assert.deepEqual(
    apologies.map(({ about }) => about),
    ["the answers after training"],
  );
  assert.match(apologies[0].text, /^“apology opening” rose from 0.% to 100.% of 16 sample answers/);
  const broken = trainingRemarks({ training: undefined, metrics: [{ step: 30, epoch: 0.1, loss: null }] });
  assert.deepEqual(broken, [{ text: "the loss was not a number at step 30" }]);
});
