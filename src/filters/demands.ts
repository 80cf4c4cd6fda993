// What form an instruction demands of its answer, where it says so unmistakably. English; whole words only. It never sees the answer.

import { demandWords, DemandWord } from "./demand-words.ts";
import { type Form, formOf } from "./form-demands.ts";
import { filterKernel } from "./kernel.ts";

/** A checkable demand and the words that make it. Counts are inclusive; `max` may be Infinity. */
export type Demand =
  | { readonly kind: "json" | "code" | "list"; readonly text: string }
  | { readonly kind: "items" | "words" | "sentences" | "paragraphs"; readonly text: string; readonly min: number; readonly max: number }
  | { readonly kind: "language"; readonly text: string; readonly language: string }
  | { readonly kind: "form"; readonly text: string; readonly form: Form };

/** Further text is material, not instruction. UTF-16 code units. */
const longestInstruction = 600;

const numbers: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
};
const number = `(\\d{1,3}(?:,\\d{3})|\\d{1,5}|${Object.keys(numbers).join("|")})`;

const languageNames =
  "french|spanish|german|italian|portuguese|dutch|english|chinese|mandarin|japanese|korean|russian|ukrainian|bulgarian|arabic|persian|urdu|hindi|marathi|nepali|bengali|gujarati|tamil|telugu|kannada|hebrew|greek|thai";

const none: readonly Demand[] = [];

export function readDemands(instruction: string): readonly Demand[] {
  const trimmed = instruction.trimStart();
  const words = (filterKernel()?.demandWords ?? demandWords)(trimmed, longestInstruction);
  const kinds = demandKindsOf(words);
  if (kinds === 0) return none;
  const text = instructionPart(trimmed, (words & DemandWord.quote) !== 0);
  if (text.length === 0) return none;
  const demands: Demand[] = [];
  for (const { kind, read } of readers) {
    if ((kinds & kind) === 0) continue;
    const demand = read(text, trimmed);
    if (demand !== undefined) demands.push(demand);
  }
  return demands.length > 0 ? demands : none;
}

/** Most instructions hold no words that any demand could be made with: each pattern is only tried where its words are there. */
function demandKindsOf(words: number): number {
  const { json, code, list, word, sentence, paragraph, number, language, asking, making, form } = DemandWord;
  return (
    (words & (json | list | language | form)) |
    ((words & making) === 0 ? 0 : words & code) |
    ((words & number) === 0 ? 0 : words & (word | sentence | paragraph | asking))
  );
}

/** The first paragraph without quoted words and without what follows a colon: that is the material to work on. */
function instructionPart(trimmed: string, quotes: boolean): string {
  const beginning = trimmed.slice(0, longestInstruction);
  const paragraph = beginning.includes("\n") ? beginning.split(/\n\s*\n|\n(?=.{0,30}:)/, 1)[0] : beginning;
  const bare = quotes ? paragraph.replace(/["“”«»][^"“”«»]*["“”«»]|`[^`]*`|‘[^’]*’|(?<=\s)'[^']*'(?=[\s.,!?]|$)/g, '""') : paragraph;
  const colon = bare.includes(":") ? bare.search(/:(?:\s|$)/) : -1;
  return colon > 15 ? bare.slice(0, colon) : bare;
}

const jsonWords =
  /\b(?:(?:respond|answer|reply|output|return|result|format(?:ted)?|present|provide|give|write|express|represent|display|show|organi[sz]e|structure|convert|transform)\b[^.?!]{0,80}?\b(?:in|as|into|to|using)\s+(?:a\s+|an\s+|(?:the|this)\s+(?:following\s+)?(?=json\s+(?:format|structure)))?(?:valid\s+|single\s+|nested\s+)*json(?:\s+(?:format|object|array|string|document))?|(?:create|write|generate|construct|build|give|provide|produce)\s+(?:me\s+)?(?:a|an|the)\s+(?:\w+\s+){0,2}json(?:\s+(?:object|array|string|document|file))?)\b(?!\s*(?:schema|web|parser|lines|path|api|-))/i;
/** "Return a valid JSON object with keys a and b.", "Reply only with JSON." */
const jsonOrdered =
  /(?:^|[.!?,;]\s+|\b(?:please|and|then)\s+)(?:only\s+|just\s+|simply\s+)?(?:return|output|produce|emit|(?:respond|reply|answer)(?:\s+(?:only|just|strictly|exclusively|always))?\s+with)\s+(?:me\s+)?(?:only\s+|just\s+|nothing but\s+)?(?:an?\s+)?(?:(?:single|valid|raw|pure|strict|well-formed|flat|nested|minified|compact|correct|proper)\s+)*json(?:\s+(?:objects?|arrays?|list|strings?|document|format|output|response))?(?=\s*(?:[.!?,;]|$|only\b|with\b|containing\b|that\b|of\b|and nothing|without\b|in this\b|like\b|describing\b|representing\b|for\b|whose\b))/i;
/** "Wrap the entire output in JSON format.", "Use JSON format." */
const jsonWrapped =
  /(?:^|[.!?;]\s+|\b(?:please|and|sure to)\s+)(?:wrap\s+(?:your|the|all)\s+(?:entire\s+|whole\s+)?(?:answer|response|output|reply|words)\s+(?:in|into)|use)\s+(?:an?\s+|one\s+)?(?:valid\s+|single\s+)*json\s+(?:format|block|object)/i;
/** "Your output must be valid JSON." */
const jsonRequired =
  /\b(?:your|the)\s+(?:entire\s+|whole\s+|final\s+)?(?:answer|response|output|reply|result)\s+(?:must|should|has to|needs to|is to|shall)\s+(?:only\s+)?(?:be|consist of|contain only|conform to|be formatted as|be returned as)\s+(?:in\s+|as\s+)?(?:only\s+)?(?:an?\s+)?(?:(?:single|valid|raw|pure|strict|well-formed)\s+)*json\b(?!\s*(?:schema|web|parser|lines|path|api|-))/i;
/** The answer is a program or a text about JSON. */
const programWithJson =
  /\b(?:functions?|codes?|programs?|scripts?|class|method|api|endpoint|parse|parser|python|javascript|java|php|ruby|node|go|rust|c#|from json|json to|schema|sql|query|command|library|app|application|server|url|request)\b/i;
const aboutJson = /\b(?:how|what|why|explain|not|don't|never|avoid|instead|rather)\b/i;

function jsonDemand(text: string): Demand | undefined {
  const found = jsonWords.exec(text) ?? jsonOrdered.exec(text) ?? jsonRequired.exec(text) ?? jsonWrapped.exec(text);
  if (!found || programWithJson.test(text) || aboutJson.test(sentenceAround(text, found))) return undefined;
  return { kind: "json", text: found[0].replace(/^[.!?,;\s]+/, "") };
}

/** The sentence, up to where the words found end. */
function sentenceAround(text: string, { index, 0: found }: RegExpExecArray): string {
  const skipped = /^[.!?,;\s]*/.exec(found)?.[0].length ?? 0;
  const before = text.slice(0, index + skipped);
  return before.slice(Math.max(before.lastIndexOf("."), before.lastIndexOf("?"), before.lastIndexOf("!")) + 1) + found.slice(skipped);
}

const language =
  "python|javascript|java|c\\+\\+|c#|c|php|ruby|golang|go|rust|swift|kotlin|typescript|sql|html|css|perl|scala|haskell|matlab|r|jquery|react|node\\.?js|mysql|postgresql|lua";
const codeNoun = "function|program|script|code|class|method|query|snippet|one-liner|statement|algorithm|loop";
const clauseStart = "(?:^|[.!?,;]\\s+|\\b(?:please|can you|could you|to)\\s+)";
const codeVerb = "(?:write|create|implement|develop|generate|build|code|construct|compose|make|give me|provide)";
const codeWords = new RegExp(
  `${clauseStart}${codeVerb}\\s+(?:me\\s+)?(?:an?|the|some)?\\s*(?:(?:simple|basic|short|new|recursive|optimi[sz]ed|efficient|sample|working|complete)\\s+)*` +
    `(?:(?:${language})\\s+(?:\\w+\\s+)?(?:${codeNoun})|code\\s+snippet|sql\\s+(?:query|statement|command)|(?:function|program|code|script|class|method|query|algorithm)\\b[^.?!]{0,120}?\\b(?:in|using)\\s+(?:${language}))(?![\\w+#-])`,
  "i",
);
/** The answer may describe code instead of showing it. */
const aboutCode =
  /\b(?:pseudo-?code|explain|describe|steps|without (?:using )?code|outline|flow ?chart|test cases?|documentation|comments?|plan|title|name|dress|code of conduct|promo|discount|qr)\b/i;

function codeDemand(text: string): Demand | undefined {
  const found = codeWords.exec(text);
  return found && !aboutCode.test(text) ? { kind: "code", text: found[0].trim() } : undefined;
}

const listWords =
  /\b(?:(?:in|as|using|with|into)\s+(?:(?:a|an|the form of|form of)\s+)*(?:\w+\s+)?(?:bullet(?:ed)?[- ]points?|bullet(?:ed)?(?:[- ]point)?(?:ed)?\s+(?:form|format|list)|bullets|numbered\s+list)|(?:create|write|make|generate|provide|give|produce)\s+(?:me\s+)?a\s+(?:numbered|bulleted|bullet[- ]point(?:ed)?|bullet)\s+list)\b/i;
const listOrdered = /(?:^|[.!?;]\s+|\bplease\s+)use\s+(?:bullets|bullet[- ]points)(?=\s+(?:to|for)\b|\s*(?:[.!?,]|$))/i;
const listIsMaterial =
  /\b(?:using|with|into|from|combine|convert|following|these|those|given|below|above)\s+(?:the\s+)?(?:following\s+|these\s+|given\s+)?(?:bullet|numbered)|\b(?:paragraph|essay|prose|sentence)\b/i;

function listDemand(text: string): Demand | undefined {
  const found = listWords.exec(text) ?? listOrdered.exec(text);
  if (!found || listIsMaterial.test(text.replace(/\b(?:into|using|with)\s+(?:a\s+)?(?:bullet|numbered)/gi, "as"))) return undefined;
  return { kind: "list", text: found[0].replace(/^[.!?;\s]+/, "") };
}

const itemWords = new RegExp(
  `${clauseStart}(?:give|list|name|provide|suggest|write|generate|create|make|produce|compile|come up with|offer|identify|brainstorm|propose|recommend|share|tell me|find|think of)\\s+(?:me\\s+|us\\s+|down\\s+|out\\s+)?(?:an?\\s+(?:(?:numbered|bulleted|bullet|bullet[- ]point(?:ed)?|short|simple|ordered|unordered)\\s+)?list\\s+(?:of|with|containing)\\s+)?(at least\\s+|up to\\s+|exactly\\s+|precisely\\s+|only\\s+|just\\s+|(?:the\\s+|your\\s+)?(?:top|best|first)\\s+)?${number}\\s+((?:[a-z][\\w'-]*\\s+){0,3}?)([a-z][a-z-]*s)\\b`,
  "i",
);
const bulletWords = new RegExp(
  `(?:\\b(?:in|into|as|using|with|use|contain|have|include|write|give|provide|list|create|make)|\\b(?:exactly|precisely))\\s+(?:me\\s+)?(exactly\\s+|precisely\\s+|only\\s+|just\\s+|at least\\s+|up to\\s+)?${number}\\s+(?:(?:short|concise|brief|simple|clear|key|main)\\s+)*bullet(?:s|[- ]points?|ed points?|ed items?)\\b`,
  "i",
);
/** "Write a query to list the top 5 customers": the list is not in the answer. */
const programs = /\b(?:sql|query|functions?|programs? (?:that|to)|scripts?|codes?|algorithms?|python|javascript|java|html|arrays?)\b/i;
/** Nouns that count something else than list items. */
const noItems =
  /^(?:words|sentences|paragraphs|lines|pages|characters|letters|syllables|years|days|weeks|months|minutes|hours|seconds|dollars|times|percents?|digits|pairs|sets|verses|stanzas|haikus|stories|poems|essays|versions|numbers|is|was|has|this|as|its|versus|less|plus|queries|functions|programs|tables|series|lists|players|parts|rows|columns|dialogues|conversations|points|bullets|stars|teams|rhymes)$/i;

function itemsDemand(text: string): Demand | undefined {
  const found = itemWords.exec(text);
  // "two or three ideas", "4 pros and 4 cons": not one count.
  if (!found || noItems.test(found[4]) || programs.test(text) || /\b(?:or|to|and|of|-)\b/i.test(found[3])) return undefined;
  return countOfItems(text, found);
}

function bulletsDemand(text: string): Demand | undefined {
  const found = bulletWords.exec(text);
  return found && !numberWords.test(text.slice(0, found.index)) ? countOfItems(text, found) : undefined;
}

function countOfItems(text: string, found: RegExpExecArray): Demand | undefined {
  // "three ideas each": there are more.
  const rest = text.slice(found.index + found[0].length);
  if (
    /\b(?:each|every|both|per|respectively|another|and|then|along with|with|for the following|paragraph|essay|story|poem|sentence)\b/i.test(
      rest,
    ) ||
    numberWords.test(rest)
  )
    return undefined;
  const count = toNumber(found[2]);
  if (count < 2 || count > 50) return undefined;
  const quantity = found[1]?.trim().toLowerCase();
  const min = quantity === "up to" ? 1 : count;
  const max = quantity === "at least" ? Number.POSITIVE_INFINITY : count;
  return { kind: "items", text: found[0].replace(/^[.!?,;\s]+/, ""), min, max };
}

const numberWords = new RegExp(`\\b(?:\\d+|${Object.keys(numbers).slice(1).join("|")})\\b`, "i");

/** Limits are widened: nobody counts words exactly. At most: a fifth and two words more; about: half to one and a half. */
const slack = { most: 1.2, mostWords: 2, least: 0.9, about: 0.5 };

const between = new RegExp(
  `\\b(?:between\\s+${number}\\s*(?:and|-|to)\\s*${number}|${number}\\s*(?:-|–|to)\\s*${number})\\s+words\\b(?!\\s+(?:that|which|from|of|starting|beginning|per|each|with))`,
  "i",
);
const atMost = new RegExp(
  `\\b(?:(?:in|with|using)\\s+)?(?:at most|no more than|not more than|under|less than|fewer than|up to|within|maximum(?: of)?|max|a maximum of|not exceeding|not exceed|limited to|limit of)\\s+${number}\\s+words?\\b|\\b${number}\\s+words?\\s+(?:or\\s+(?:less|fewer)|max(?:imum)?|at most)\\b`,
  "i",
);
const atLeast = new RegExp(
  `\\b(?:at least|no less than|no fewer than|more than|over|minimum(?: of)?|a minimum of)\\s+${number}\\s+words\\b(?!\\s+(?:that|which|from|of|starting|beginning))|\\b${number}\\s+words\\s+or\\s+more\\b|\\b${number}\\+\\s+words\\b`,
  "i",
);
const plain = new RegExp(
  `\\bin\\s+(?:about|around|approximately|roughly|exactly)?\\s*${number}\\s+words\\b|\\b(?:an?|of)\\s+(?:about\\s+|around\\s+|approximately\\s+)?${number}[- ]words?\\s+(?:essay|story|article|summary|description|paragraph|review|report|response|answer|speech|letter|blog|post|overview|explanation|bio|biography|text|note|message)`,
  "i",
);
/** Words are what is counted in something else, or the limit is not the whole answer's. */
const otherWords =
  /\b(?:each|every|per|title|headline|slogan|name|titles|headlines|password|code|function|list of|following words|these words|words? problem|word list|list below|prompt)\b/i;

function wordsDemand(text: string): Demand | undefined {
  if (!/\bwords?\b/i.test(text) || otherWords.test(text)) return undefined;
  const range = between.exec(text);
  if (range) {
    const low = toNumber(range[1] ?? range[3]);
    const high = toNumber(range[2] ?? range[4]);
    return words(range[0], low * slack.least, high * slack.most + slack.mostWords);
  }
  const most = atMost.exec(text);
  if (most) return words(most[0], 1, toNumber(most[1] ?? most[2]) * slack.most + slack.mostWords);
  const least = atLeast.exec(text);
  if (least) return words(least[0], toNumber(least[1] ?? least[2] ?? least[3]) * slack.least, Number.POSITIVE_INFINITY);
  const about = plain.exec(text);
  if (!about) return undefined;
  const count = toNumber(about[1] ?? about[2]);
  return count >= 10 ? words(about[0], count * slack.about, count * (2 - slack.about)) : words(about[0], 1, count * 2 + 3);
}

function words(text: string, min: number, max: number): Demand {
  return { kind: "words", text: text.trim(), min: Math.floor(min), max: Math.ceil(max) };
}

const sentenceDemand = new RegExp(
  `\\b(?:in|using|with|within|into)\\s+(?:just\\s+|only\\s+|exactly\\s+|no more than\\s+|at most\\s+)?${number}\\s+(?:\\w+\\s+)?sentences?\\b(?!\\s+(?:each|per|that|structure|below|above))(?:\\s+or\\s+(?:less|fewer))?`,
  "i",
);
const paragraphDemand = new RegExp(
  `\\b(?:in|using|with|within)\\s+(?:just\\s+|only\\s+|exactly\\s+)?${number}\\s+(?:(?!sentence|line|word)\\w+\\s+)?paragraphs?\\b(?!\\s+(?:each|per|that|below|above))|\\b(?:write|compose|generate|create)\\s+(?:an?\\s+)?${number}[- ](?:(?!sentence|line|word)\\w+\\s+)?paragraphs?\\b`,
  "i",
);

function partsDemand(text: string, kind: "sentences" | "paragraphs", pattern: RegExp): Demand | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  if (
    /\b(?:each|every|per|and then|following|these|combine|or two|or three|or more|to three|to four|to five)\b/i.test(text) ||
    /^[\s-]*(?:or|to|-|–)\s/.test(text.slice(found.index + found[0].length))
  )
    return undefined;
  const count = toNumber(found[1] ?? found[2]);
  if (count < 1 || count > 20) return undefined;
  const isLimit = /no more than|at most|less|fewer|within/i.test(found[0]);
  // One more or less may be a matter of counting ("Dr. Who", a greeting).
  return {
    kind,
    text: found[0],
    min: isLimit ? 1 : Math.max(1, count - Math.max(1, Math.floor(count / 3))),
    max: count + Math.max(1, Math.floor(count / 3)),
  };
}

const translateTo = new RegExp(
  `${clauseStart}translate\\b[^.?!]{0,160}?\\b(?:in)?to\\s+(?:simplified\\s+|traditional\\s+|brazilian\\s+)?(${languageNames})\\b(?!\\s+(?:and|or|then)\\b|,|/)`,
  "i",
);
const answerIn = new RegExp(
  `${clauseStart}(?:(?:answer|respond|reply)\\b[^.?!]{0,160}?|(?:write|explain|describe|compose|rewrite|summari[sz]e)\\b([^.?!]{0,160}?))\\b(?:in|using)\\s+(?:only\\s+)?(?:the\\s+)?(${languageNames})(?:\\s+language)?\\s*(?=[.!?,;)]|$|please\\b|only\\b)(?!,\\s*(?:${languageNames}))`,
  "i",
);
/** "Explain the use of articles in German.", "Describe a book written in Spanish." */
const ofLanguage =
  /\b(?:verbs?|nouns?|words?|grammar|articles?|tenses?|cases?|conjugat\w*|pronounc\w*|spoken|written|said|sung|published|translat\w*|fluent|called|mean\w*|difference|used?|how|why|what|when|phrases?|idioms?|letters|alphabets?|books?|novels?|songs?|films?|movies?|literature|languages?)\b/i;
const requiredIn = new RegExp(
  `\\b(?:your|the)\\s+(?:entire\\s+|whole\\s+|full\\s+)?(?:response|answer|reply|output)\\s+(?:should|must|has to|needs to)\\s+be\\s+(?:(?:entirely|completely|only|written)\\s+)*in\\s+(?:only\\s+)?(?:the\\s+)?(${languageNames})\\b(?:\\s+language)?\\s*(?=[.!?,;)]|$|only\\b|and\\b)|` +
    `(?:^|[.!?;]\\s+|\\bplease\\s+)use\\s+only\\s+(?:the\\s+)?(${languageNames})\\b(?:\\s+language)?\\s*(?=[.!?,;)]|$|in\\s+your\\b)`,
  "i",
);
/** "Write a poem in Italian about the sea." */
const writtenIn = new RegExp(
  `${clauseStart}(?:write|compose|create|generate|give me|tell me)\\s+(?:me\\s+)?(?:an?|the|some|one|two|three)\\s+(?:[\\w-]+\\s+){1,3}in\\s+(${languageNames})\\s+(?:about|on|describing|explaining|that|for|to)\\b`,
  "i",
);
const romanised =
  /\b(?:romaji|pinyin|romani[sz]ed|transliterat\w*|pronounc\w*|pronunciation|latin (?:script|alphabet)|phonetic\w*|english)\b/i;

function languageDemand(text: string): Demand | undefined {
  const answered = answerIn.exec(text);
  const found =
    translateTo.exec(text) ??
    (answered && !ofLanguage.test(answered[1] ?? "") ? answered : undefined) ??
    writtenIn.exec(text) ??
    requiredIn.exec(text);
  if (!found) return undefined;
  const name = (found[2] ?? found[1]).toLowerCase();
  if (
    name !== "english" &&
    romanised.test(text.replace(/\bfrom\s+english\b|\benglish\s+(?:sentence|text|phrase|word|passage|paragraph|to)\b/gi, ""))
  )
    return undefined;
  return { kind: "language", text: found[0].replace(/^[.!?,;\s]+/, ""), language: name === "mandarin" ? "chinese" : name };
}

function formDemand(text: string, instruction: string): Demand | undefined {
  const found = formOf(text, instruction.slice(0, longestInstruction));
  return found && { kind: "form", ...found };
}

function toNumber(text: string): number {
  return numbers[text.toLowerCase()] ?? Number(text.replace(",", ""));
}

/** Demands by the words that they are made with, as they are looked for. */
const readers: readonly { readonly kind: number; readonly read: (text: string, instruction: string) => Demand | undefined }[] = [
  { kind: DemandWord.json, read: jsonDemand },
  { kind: DemandWord.code, read: codeDemand },
  { kind: DemandWord.list, read: listDemand },
  { kind: DemandWord.list, read: bulletsDemand },
  { kind: DemandWord.word, read: wordsDemand },
  { kind: DemandWord.asking, read: itemsDemand },
  { kind: DemandWord.sentence, read: (text) => partsDemand(text, "sentences", sentenceDemand) },
  { kind: DemandWord.paragraph, read: (text) => partsDemand(text, "paragraphs", paragraphDemand) },
  { kind: DemandWord.language, read: languageDemand },
  { kind: DemandWord.form, read: formDemand },
];
