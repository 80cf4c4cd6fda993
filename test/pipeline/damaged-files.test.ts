// What a user meets when files are not what they should be: empty or in another encoding, a folder for a recipe, a run's own JSON files cut off.
import assert from "node:assert/strict";
import test from "node:test";
import { createProject, type Outcome, type Project, sampleTokenizer } from "../cases/project.ts";

const recipe = (path: string): string => `name: r
tokenizer: ${sampleTokenizer}
chat_template: chatml
sources: { s: { path: ${path} } }
hold_out: false
decontaminate: false
filters: {}
dedup: false
`;

function lines(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `{"prompt":"What is the name of star ${i}?","completion":"It is called ${i * 7}."}\n`,
  ).join("");
}

function projectOf(files: Readonly<Record<string, string | Uint8Array>>, path = "in/*.jsonl"): Project {
  const project = createProject();
  project.write("r.yaml", recipe(path));
  for (const [name, content] of Object.entries(files)) project.write(`in/${name}`, content);
  return project;
}

/** The exit code, and that what is wrong is told without a stack. */
function told({ status, stdout, stderr }: Outcome, pattern: RegExp): number | null {
  assert.match(stdout + stderr, pattern);
  assert.doesNotMatch(stderr, /our fault|\n\s+at /);
  return status;
}

test("an empty file is a warning and no record", () => {
  const project = projectOf({ "a.jsonl": lines(20), "b.jsonl": "", "c.jsonl": " \n" });
  assert.equal(told(project.sluice("check", "r.yaml"), /s: b\.jsonl holds no records[\s\S]*c\.jsonl holds no records/), 0);
  assert.equal(told(project.sluice("run", "r.yaml"), /warning \(read\): s: b\.jsonl holds no records/), 0);
  const { states, inputs } = JSON.parse(project.read("data/runs/r/run.json"));
  assert.deepEqual([states.s.read, states.s.used, states.s.quarantined], [20, 20, 0]);
  assert.deepEqual(
    inputs.map(({ records }: { readonly records: number }) => records),
    [20, 0, 0],
  );
});

test("sources that hold no record at all end the run with exit 3", () => {
  assert.equal(told(projectOf({ "a.jsonl": "" }).sluice("run", "r.yaml"), /expected: records[\s\S]*none in a\.jsonl/), 3);
});

test("a file in UTF-16 ends the run before work starts", () => {
  const project = projectOf({ "a.jsonl": lines(20), "b.jsonl": Buffer.from(`\ufeff${lines(3)}`, "utf16le") });
  assert.equal(told(project.sluice("run", "r.yaml"), /b\.jsonl[\s\S]*UTF-16[\s\S]*iconv/), 3);
});

test("a folder for a recipe is exit 2", () => {
  const project = projectOf({ "a.jsonl": lines(1) });
  for (const command of ["run", "check"]) assert.equal(told(project.sluice(command, "in"), /a recipe[\s\S]*a folder/), 2);
});

test("a run's JSON files that were cut off are made again by run; what only reads them says so", () => {
  const project = projectOf({ "a.jsonl": lines(20) });
  assert.equal(project.sluice("run", "r.yaml").status, 0);
  const before = project.hashes("r");
  for (const [file, readers] of [
    [
      "run.json",
      [
        ["report", "r"],
        ["train", "r"],
      ],
    ],
    ["examples.json", [["report", "r"]]],
    [
      "plan.json",
      [
        ["explain", "r", "s/a.jsonl#1"],
        ["report", "r"],
      ],
    ],
    ["work/done/read-00000.json", []],
  ] as const) {
    const path = `data/runs/r/${file}`;
    const whole = project.read(path);
    project.write(path, whole.slice(0, whole.length / 2));
    for (const words of readers)
      assert.equal(told(project.sluice(...words), /whole JSON, as sluice wrote it[\s\S]*cut off/), 3, words.join(" "));
    assert.equal(project.sluice("run", "r.yaml").status, 0, file);
    assert.deepEqual(project.hashes("r"), before, file);
  }
});

test("a table whose lines end in carriage returns alone ends the run before work starts", () => {
  const table = "instruction,response\rWhat is up?,The sky.\rWhat is down?,The ground.\r";
  for (const name of ["a.csv", "a.tsv"]) {
    const project = projectOf(
      { [name]: table.replaceAll(",", name === "a.csv" ? "," : "\t"), "b.csv": "prompt,completion\na,b\n" },
      `in/*`,
    );
    assert.equal(told(project.sluice("run", "r.yaml"), new RegExp(`in/${name}[\\s\\S]*carriage returns alone[\\s\\S]*tr '`)), 3);
  }
});

test("a file where a folder must be is told with its path", () => {
  const project = projectOf({ "a.jsonl": lines(3) });
  project.write("data/runs", "");
  assert.equal(told(project.sluice("run", "r.yaml"), /data\/runs[\s\S]*expected: a folder[\s\S]*a file of that name/), 3);
});
