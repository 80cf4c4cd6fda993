// The reader of plain chat lines against JSON.parse and the layouts: what it takes means the same there, and it takes what it is for.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { hashContents, hashMessages } from "../../src/core/hash.ts";
import { type Message, roles } from "../../src/core/row.ts";
import { contentsBlobBytes, encodeContents, encodeRow, rowBytesBound } from "../../src/core/row-codec.ts";
import { createChatReader } from "../../src/io/schemas/chat-lines.ts";
import { createConverter } from "../../src/io/schemas/index.ts";

const read = createChatReader()!;
const convert = createConverter({ format: "auto" });

/** The row's bytes and hash as the kernel has them; undefined where it leaves the line to others. */
function taken(line: string): { readonly blob: string; readonly hash: string; readonly units: number } | undefined {
  const chat = read(Buffer.from(line));
  if (chat === undefined) return undefined;
  const blob = Buffer.alloc(contentsBlobBytes(chat.count, chat.bytes));
  encodeContents(7, chat, blob);
  const hash = hashContents(chat, new Uint32Array(4));
  return { blob: blob.toString("hex"), hash: [...hash].join(), units: chat.units.slice(0, chat.count).reduce((sum, units) => sum + units) };
}

/** The same by way of JSON.parse; undefined where the line is no row. */
function parsed(line: string): ReturnType<typeof taken> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const row = convert(value);
  if ("reason" in row) return undefined;
  assert.equal(row.schema, "messages");
  assert.deepEqual(row.meta, {});
  const { messages } = row;
  const blob = Buffer.alloc(rowBytesBound(messages, ""));
  const used = encodeRow(7, messages, "", blob);
  const hash = hashMessages(messages, new Uint32Array(4));
  return {
    blob: blob.subarray(0, used).toString("hex"),
    hash: [...hash].join(),
    units: messages.reduce((sum, { content }) => sum + content.length, 0),
  };
}

const character = fc.constantFrom(
  "a",
  "é",
  "ß",
  "漢",
  "🙂",
  "\u2028",
  "\u0000",
  "\n",
  "\t",
  '"',
  "\\",
  "/",
  "\x7f",
  "\ufeff",
  "\uffff",
  "x".repeat(17),
);
const content = fc.oneof(
  fc.array(character, { maxLength: 40 }).map((list) => list.join("")),
  fc.string({ unit: "grapheme" }),
);
const turns = fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 4 });
const chat = fc.tuple(fc.option(content), turns).map(([system, pairs]): Message[] => [
  ...(system === null ? [] : [{ role: "system" as const, content: `S${system}` }]),
  ...pairs.flatMap(([user, assistant]): Message[] => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ]),
]);

/** JSON as other tools write it: with spaces, with all but ASCII escaped, with digits of either case. */
const writers: readonly ((messages: readonly Message[]) => string)[] = [
  (messages) => JSON.stringify({ messages }),
  (messages) => {
    const list = messages.map(({ role, content: text }) => `{"role": "${role}", "content": ${JSON.stringify(text)}}`);
    return `{"messages": [${list.join(", ")}]}`;
  },
  (messages) => escaped(JSON.stringify({ messages }), (digits) => digits),
  (messages) => escaped(JSON.stringify({ messages }), (digits) => digits.toUpperCase()).replaceAll("/", "\\/"),
];

function escaped(text: string, write: (digits: string) => string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${write(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`);
}

test("a chat line gives the row that JSON.parse and the layouts give, however it is written", () => {
  fc.assert(
    fc.property(chat, fc.constantFrom(...writers), (messages, write) => {
      const line = write(messages);
      const found = taken(line);
      assert.ok(found, line);
      assert.deepEqual(found, parsed(line));
    }),
    { seed: 20261128, numRuns: 2000 },
  );
});

test("a changed line is taken only where it still means the same", () => {
  const piece = fc.constantFrom(
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\\u",
    "d83d",
    "\\ud83d",
    "\\udc00",
    "0",
    "\t",
    "\x01",
    "role",
    '"id":1,',
    "🙂",
  );
  const change = fc.record({ at: fc.nat(), remove: fc.nat({ max: 12 }), insert: fc.array(piece, { maxLength: 3 }) });
  let kept = 0;
  fc.assert(
    fc.property(chat, fc.constantFrom(...writers), fc.array(change, { minLength: 1, maxLength: 3 }), (messages, write, changes) => {
      let line = write(messages);
      for (const { at, remove, insert } of changes) {
        const place = at % (line.length + 1);
        line = line.slice(0, place) + insert.join("") + line.slice(place + remove);
      }
      line = Buffer.from(line).toString();
      const found = taken(line);
      if (found === undefined) return;
      kept++;
      assert.deepEqual(found, parsed(line), line);
    }),
    { seed: 4, numRuns: 20_000 },
  );
  assert.ok(kept > 500, `${kept} changed lines were taken`);
});

test("what is not of the layout is left to the layouts", () => {
  const turn = (role: string, text: string): string => `{"role":"${role}","content":"${text}"}`;
  const pair = `${turn("user", "a")},${turn("assistant", "b")}`;
  const others = [
    "",
    "{}",
    '{"messages":[]}',
    `{"messages":[${turn("user", "a")}]}`,
    `{"messages":[${turn("assistant", "b")}]}`,
    `{"messages":[${pair},${turn("tool", "c")}]}`,
    `{"messages":[${turn("user", "a")},${pair}]}`,
    `{"messages":[${pair},${turn("system", "s")}]}`,
    `{"messages":[${turn("system", "")},${pair}]}`,
    `{"messages":[${turn("system", " ")},${pair}]}`,
    `{"messages":[${turn("system", "\\u00a0")},${pair}]}`,
    `{"messages":[${turn("User", "a")},${turn("assistant", "b")}]}`,
    `{"messages":[${pair}],"id":1}`,
    `{"messages":[${pair}]}}`,
    `{"messages":[${pair}]`,
    `{"messages":[${pair},]}`,
    `{"messages":[${pair.replace('"content"', '"value"')}]}`,
    `{"messages":[${pair.replaceAll("}", ',"name":"n"}')}]}`,
    `{"messages":[${turn("user", "\\ud800")},${turn("assistant", "b")}]}`,
    `{"messages":[${turn("user", "\\q")},${turn("assistant", "b")}]}`,
    `{"conversations":[${pair}]}`,
    `[${pair}]`,
    `{"messages":[${Array.from({ length: 2049 }, () => pair).join()}]}`,
    `{"messages":[${turn("user", "x".repeat(1 << 18))},${turn("assistant", "b")}]}`,
  ];
  for (const line of others) assert.equal(taken(line), undefined, line.slice(0, 200));
  assert.deepEqual(
    Array.from(read(Buffer.from(`{"messages":[${turn("system", "s")},${pair}]}`))!.roles.subarray(0, 3), (role) => roles[role]),
    ["system", "user", "assistant"],
  );
  const many = Array.from({ length: 2048 }, () => pair).join();
  assert.deepEqual(taken(`{"messages":[${many}]}`), parsed(`{"messages":[${many}]}`));
});
