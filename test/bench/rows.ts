// Instruction rows for benchmarks, as JSON Lines in the messages layout: any number of them in little memory.
// About 950 bytes and 209 Llama 3 tokens a row. 5 % of rows are exact copies of earlier ones, 5 % near-copies, and a few percent are
// refusals, loops, cut or short answers. The same seed gives the same bytes.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createRandom, type Random } from "../../src/core/random.ts";

/** Rows that copies are made of: the latest ones. */
const remembered = 4096;
/** Characters gathered before they are handed to the file. */
const chunkCharacters = 1 << 20;

export async function writeBenchRows(options: { readonly path: string; readonly rows: number; readonly seed: number }): Promise<void> {
  const { path, rows, seed } = options;
  const next = createRowSource(seed);
  const stream = createWriteStream(path);
  const done = finished(stream);
  done.catch(() => {}); // awaited below; a failure while rows are made must not end the process
  let chunk = "";
  for (let row = 0; row < rows; row++) {
    chunk += next();
    if (chunk.length < chunkCharacters) continue;
    if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), done]);
    chunk = "";
  }
  stream.end(chunk);
  await done;
}

/** One line after the other. Texts are built as they stand in JSON: words need no escaping, line ends are written as \n. */
function createRowSource(seed: number): () => string {
  const random = createRandom(seed);
  const prompts: string[] = [];
  const answers: string[] = [];
  let made = 0;
  const remember = (prompt: string, answer: string): void => {
    prompts[made % remembered] = prompt;
    answers[made % remembered] = answer;
    made++;
  };
  return () => {
    const kind = random.below(1000);
    let prompt: string;
    let answer: string;
    if (kind < 100 && made > 0) {
      const earlier = random.below(prompts.length);
      prompt = kind < 50 ? prompts[earlier] : nearCopy(prompts[earlier], random);
      answer = answers[earlier];
    } else {
      prompt = promptOf(random);
      answer = answerOf(kind, random);
      remember(prompt, answer);
    }
    return `{"messages":[{"role":"user","content":"${prompt}"},{"role":"assistant","content":"${answer}"}]}\n`;
  };
}

/** Another end or another word at the end: similarity stays at 0.9 and more for most prompts. */
function nearCopy(prompt: string, random: Random): string {
  const kind = random.below(4);
  if (kind === 0) return `${prompt} Thanks.`;
  if (kind === 1) return `${prompt.toLowerCase()}!`;
  const lastSpace = prompt.lastIndexOf(" ");
  return kind === 2 ? `${prompt.slice(0, lastSpace)} ${word(random)}.` : `Hi, ${prompt}`;
}

function promptOf(random: Random): string {
  let text = `${pick(openings, random)} ${words(6 + random.below(12), random)}${pick(["?", ".", "."], random)}`;
  for (let more = random.below(4); more > 0; more--) text += ` ${sentence(random)}`;
  return text;
}

function answerOf(kind: number, random: Random): string {
  if (kind >= 980) return `${pick(refusals, random)} ${sentence(random)}`;
  if (kind >= 970)
    return Array(20 + random.below(20))
      .fill(words(4, random))
      .join(" ");
  if (kind >= 950) return `${capital(words(1 + random.below(3), random))}.`;
  let text = paragraph(random);
  for (let more = 1 + random.below(2); more > 0; more--) text += `\\n\\n${paragraph(random)}`;
  if (kind >= 930) return text.slice(0, text.lastIndexOf(" "));
  const extra = random.below(100);
  if (extra < 12) text += `\\n\\n${code(random)}`;
  else if (extra < 27) text += `\\n\\n${list(random)}`;
  return text;
}

function paragraph(random: Random): string {
  let text = sentence(random);
  for (let more = 1 + random.below(3); more > 0; more--) text += ` ${sentence(random)}`;
  return text;
}

function list(random: Random): string {
  let text = "";
  for (let item = 1, items = 3 + random.below(5); item <= items; item++) text += `${item === 1 ? "" : "\\n"}${item}. ${sentence(random)}`;
  return text;
}

function code(random: Random): string {
  const [name, from, value] = [word(random), word(random), word(random)];
  return `\`\`\`python\\ndef ${name}_${from}(${value}, limit=${random.below(1000)}):\\n    ${from} = [item for item in ${value} if item > limit]\\n    return sum(${from}) / max(len(${from}), ${1 + random.below(9)})\\n\`\`\``;
}

function sentence(random: Random): string {
  const count = 6 + random.below(12);
  const text = capital(words(count, random));
  const end = random.below(20);
  if (end < 3) return `${text}, ${random.below(10_000)} ${words(3, random)}.`;
  return end < 5 ? `${text}, ${words(4, random)}?` : `${text}.`;
}

function words(count: number, random: Random): string {
  let text = word(random);
  for (let i = 1; i < count; i++) text += ` ${word(random)}`;
  return text;
}

function word(random: Random): string {
  return drawn[random.uint32() >>> (32 - drawBits)];
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.below(items.length)];
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

const openings = [
  "Explain how",
  "What is",
  "Write a short story about",
  "Summarise this note:",
  "Give five reasons why",
  "Write a Python function that",
  "How can I",
  "Translate into French:",
  "Classify this message:",
  "Please describe",
  "Why does",
  "Rewrite this sentence:",
  "List the steps to",
  "Calculate how many",
  "Extract the names from:",
  "What would happen if",
];

const refusals = [
  "I'm sorry, but I can't help with that.",
  "As an AI language model, I do not have opinions.",
  "I don't have access to your account.",
  "Sorry for the confusion.",
];

const common =
  "the of and to a in is that it for on with as you are this be or by from an at not have can how what your if will one all their there when which we they more about has was but so up out do time other into than then some these would make like only its over also after use two her may him".split(
    " ",
  );

const everyday =
  "account balance market water paper school energy number family system company person project change answer example method history energy garden kitchen window letter summer winter morning evening office teacher student doctor patient engine bridge river mountain island village city street language country government customer product service payment interest credit report table record signal pattern problem solution question reason result weather forest animal flower music picture story colour voice minute century surface pressure temperature material process structure function variable server network computer program message button screen battery camera ticket journey airport station driver bicycle hospital medicine exercise breakfast dinner recipe butter sugar onion potato tomato chicken cheese bottle basket pocket jacket mirror candle carpet ladder hammer needle thread copper silver golden narrow gentle simple direct public private modern ancient local global annual monthly careful certain common correct daily early equal exact famous final formal former fresh future general greater happy heavy human ideal indoor junior large latest legal likely little lonely lucky main major medical mental minor mobile natural normal obvious ordinary outer partial perfect physical plain popular possible practical present primary proper quick quiet random rapid rare ready recent regular relevant remote rich rough safe separate serious severe sharp short similar single slow small smart social solid special specific stable standard steady strange strict strong sudden suitable sure tall technical thick thin tiny total tough typical unique usual various vast warm weak wide wild wise wooden young accept achieve adjust advise agree allow appear apply arrange arrive attend avoid become begin believe belong borrow bring build carry choose clean close collect combine compare complete consider contain continue cover create decide deliver depend design develop discover discuss divide enjoy ensure enter expect explain explore express extend finish follow gather handle happen imagine improve include increase inform invite involve listen maintain manage measure mention notice obtain observe offer operate order perform prepare prevent produce promise protect provide publish receive recognise recommend reduce refuse relate remain remember remove repair repeat replace require return review search select settle share suggest supply support suppose travel understand wonder".split(
    " ",
  );

/** Most frequent first: everyday words, their forms, then 40,000 rare words made of syllables, as names and foreign words are. */
const vocabulary: readonly string[] = makeVocabulary();

function makeVocabulary(): string[] {
  const random = createRandom(20_000);
  const forms = ["s", "ing", "ed", "er", "ly", "ment", "ness", "able", "less", "ful"].flatMap((end) =>
    everyday.map((stem) => (stem.endsWith("e") && "aeiou".includes(end[0]) ? stem.slice(0, -1) : stem) + end),
  );
  const onsets = "b c d f g h j k l m n p r s t v w st tr pl ch sh th br gr cl pr".split(" ");
  const vowels = "a e i o u ea ou ai io \u00e9".split(" ");
  const codas = ["", "", "n", "r", "s", "t", "l", "nd", "st", "ng", "ck", "tion", "ing", "ed"];
  const rare = Array.from({ length: 40_000 }, () => {
    let text = "";
    for (let left = 1 + random.below(3); left > 0; left--) text += pick(onsets, random) + pick(vowels, random);
    return text + pick(codas, random);
  });
  return [...everyday, ...forms, ...rare];
}

const drawBits = 20;

/** drawn[2^drawBits]: half of all words are function words; the rest fall off as Zipf's law says, from everyday words to rare names. */
const drawn: readonly string[] = Array.from({ length: 2 ** drawBits }, (_, i) => {
  const draw = i / 2 ** drawBits;
  if (draw < 0.42) return common[Math.floor((draw / 0.42) ** 2 * common.length)];
  return vocabulary[Math.floor(vocabulary.length ** (((draw - 0.42) / 0.58) ** 0.9)) - 1];
});
