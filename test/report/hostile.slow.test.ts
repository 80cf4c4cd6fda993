// Row text is only ever text: markup, attributes, direction marks and control characters in rows, names and generations change nothing.
import assert from "node:assert/strict";
import test, { before } from "node:test";
import fc from "fast-check";
import { html } from "../../src/report/html.ts";
import { marked } from "../../src/report/marks.ts";
import { visible } from "../../src/report/visible.ts";
import { hasSampleTokenizer, type Project } from "../cases/project.ts";
import { attribute, createReportProject, elements, type Element, parsePage, textOf, writeRecipe } from "./report-run.ts";
import { makeTraining, writeTraining } from "./training-fixture.ts";

const skip = hasSampleTokenizer();

const attacks = [
  `</bdi></div></article></details><script>alert(1)</script>`,
  `<img src=x onerror=alert(1)>`,
  `"><svg onload=alert(1)>`,
  `' autofocus onfocus='alert(1)`,
  `<style>*{display:none}</style></style>`,
  `<!-- comment --!> <![CDATA[ x ]]> </title></textarea>`,
  `&lt;b&gt; &#60;i&#62; &amp;amp;`,
  `\u202Eevil\u202C \u2066isolated\u2069 \u001b[31mred\u0007 nul\u0000 zero\u200Bwidth \u0085next`,
  `{{constructor.constructor('alert(1)')()}} \${alert(1)} javascript:alert(1)`,
];

let project: Project;
let page = "";
let all: Element[] = [];

before(() => {
  if (skip !== false) return;
  // One row is dropped for its short answer, one is flagged as a refusal: both are examples, with marks in them.
  const everything = attacks.join("\n");
  const rows = ["No.", `I'm sorry, but I can't help with ${everything}`].map((content, i) => ({
    messages: [
      { role: "user", content: `Question ${i} about ${everything}` },
      { role: "assistant", content },
    ],
  }));
  project = createReportProject();
  project.write(
    "data/b.jsonl",
    `${project.read("data/b.jsonl")}${[...rows, { [everything]: 1 }].map((row) => `${JSON.stringify(row)}\n`).join("")}`,
  );
  const run = project.sluice("run", writeRecipe(project, { name: "hostile" }));
  assert.equal(run.status, 0, run.stderr);
  const training = makeTraining({ steps: 100, sources: ["a", "b"], turn: 1, seed: 1 });
  writeTraining(`${project.folder}/data/runs/hostile`, {
    metrics: training.metrics,
    training: {
      ...training.training,
      model: attacks[0],
      device: attacks[1],
      warnings: attacks,
      settings: { ...training.training.settings, [attacks[2]]: attacks[3] },
    },
    generations: attacks.map((attack, i) => ({
      id: `a/${attack}#${i}`,
      source: attack,
      prompt: [{ role: attack, content: attack }],
      reference: attack,
      before: attack,
      after: attack,
    })),
  });
  assert.equal(project.sluice("report", "hostile").status, 0);
  page = project.read("reports/hostile/index.html");
  const parsed = parsePage(page);
  assert.deepEqual(parsed.errors, []);
  all = elements(parsed.document);
});

test("no row brings an element or an attribute of its own", { skip }, () => {
  const known = new Set(
    "html head meta title style body a header p h1 h2 h3 nav ol ul li main section strong small dl div dt dd figure figcaption span details summary svg rect text path line circle table caption thead tbody tfoot tr th td article bdi mark code pre time".split(
      " ",
    ),
  );
  assert.deepEqual(
    [...new Set(all.map(({ tagName }) => tagName))].filter((name) => !known.has(name)),
    [],
  );
  const attributes = new Set(all.flatMap((element) => element.attrs.map(({ name }) => name)));
  assert.deepEqual(
    [...attributes].filter((name) => name.startsWith("on") || ["src", "srcset", "style", "autofocus", "srcdoc"].includes(name)),
    [],
  );
  assert.equal(all.filter(({ tagName }) => tagName === "style").length, 1);
  for (const link of all.filter(({ tagName }) => tagName === "a")) assert.match(attribute(link, "href") ?? "", /^#/);
});

test("hostile rows are shown in full, as they are", { skip }, () => {
  const text = all
    .filter((element) => attribute(element, "class") === "text")
    .map(textOf)
    .join("\n");
  for (const attack of attacks) assert.ok(text.includes(visible(attack)), `${JSON.stringify(attack)} is shown`);
  assert.ok(text.includes(visible(`Question 0 about ${attacks.join("\n")}`)), "a dropped row is shown");
  assert.ok(text.includes(visible(`I'm sorry, but I can't help with ${attacks.join("\n")}`)), "a flagged row is shown");
});

test("no direction mark and no control character is left in the page; they are seen as symbols", { skip }, () => {
  assert.doesNotMatch(page, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/);
  assert.match(page, /\[U\+202E\]evil\[U\+202C\]/);
  assert.match(page, /␛\[31mred␇ nul␀ zero\[U\+200B\]width/);
});

test("row text takes its own direction and is isolated from what stands around it", { skip }, () => {
  const texts = all.filter((element) => (attribute(element, "class") ?? "").split(" ")[0] === "text" && element.tagName !== "text");
  assert.ok(texts.length > 20);
  for (const element of texts) assert.deepEqual([element.tagName, attribute(element, "dir")], ["bdi", "auto"]);
  assert.ok(all.filter((element) => attribute(element, "class") === "id").every(({ tagName }) => tagName === "bdi"));
});

test("any text put into a template comes back as that text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.nat(60), fc.nat(60), (text, a, b) => {
      const shown = marked(text, [
        { from: Math.min(a, b), to: Math.min(text.length, Math.max(a, b)) },
        { from: 3, to: Math.min(5, text.length) },
      ]);
      const { document } = parsePage(
        html`<!doctype html><title>t</title>
          <p data-text="${text}">${shown}</p>`.markup,
      );
      const paragraph = elements(document).find(({ tagName }) => tagName === "p")!;
      assert.equal(attribute(paragraph, "data-text"), visible(text));
      // A range may begin or end inside a pair that `visible` looks at as a whole.
      assert.equal(textOf(paragraph).replaceAll(/\[U\+[0-9A-F]+\]|\r|\n/g, "").length <= text.length, true);
      assert.deepEqual(
        elements(paragraph).filter(({ tagName }) => tagName !== "p" && tagName !== "mark"),
        [],
      );
    }),
  );
});
