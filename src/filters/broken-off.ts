// Does a sentence without its end break off? Told by its last words alone: those after which a sentence goes on. It knows words of a few
// large languages, not grammar; in doubt a sentence is whole. In 69,913 sentences of nine public sets, most of them English, it takes 46
// whole ones in 100,000 for broken off, and 27 % of those cut after a word at a random place.
import { commonWords, languageBits } from "./common-words.ts";

/** English words that need what follows wherever they stand: articles, possessives, conjunctions, "very", "includes". */
const needsMore = setOf(
  "the an your their its our my and or but because if than as whose every very it's you're they're we're i'm i've we've they've you've i'd i'll " +
    "he's there's although whereas unless ensure ensures ensuring includes include including involves involve various via per",
);
/** Prepositions, told only where what stands before them can hardly be what they belong to ("to look at", "what it is made of"). */
const prepositions = setOf("of to with at from into for among during against towards toward");
/** The same for those that are adverbs, too ("come in", "turn it on"): only after a word that is followed by them. */
const adverbs = setOf("in on by about through under across over");
/** Verbs that may stand for a whole clause ("as she was", "what love is"). */
const auxiliaries = setOf("is are was were has can could would should must may cannot");
const subjects = setOf("he she we they i it you");
/** After an auxiliary: "can be", "may not", "has been". */
const afterAuxiliary = setOf("be not have also been");
/** Words that a sentence does not consist of: "... reduction. For" */
const openers = setOf(
  "a the an your their its our my and or but because if than as whose in on by at for from with without to of into while when although though since " +
    "unless during it he she we they i you this these those there that which who what how is are was were can could will would should may might must " +
    "has have do does it's i'm i've i'd you're they're use using include also however additionally furthermore moreover therefore such",
);
const questionWords = setOf("what which who whom whose where when how why whatever whichever whoever wherever that than as so yes no");
const pronouns = setOf(
  "i you he she it we they i'm i've i'd you're you've we're we've they're they've he's she's it's one people everyone someone anyone",
);
const determiners = setOf("the a an this these those its their your our his her my each every some any no many most other such several");
/** Verbs that end a sentence with a preposition or an adverb: "come in", "something to deal with". */
const particleVerb =
  /^(?:come|comes|came|coming|turn\w*|go|goes|gone|went|going|take|takes|took|taken|taking|give|bring|put|let|move\w*|set|check\w*|log|fill\w*|join|step\w*|sign|jump|dive|plug|look\w*|talk\w*|deal\w*|speak\w*|listen\w*|live\w*|work\w*|play\w*|start\w*|depend\w*|rely|cop\w*|begin|care\w*|wait\w*|ask\w*|call\w*|pay|stand|up|down|out|away|all|it|them|him|her|me|us|good|go|is|are|was|were|be)$/;
const beforeBareTo =
  /^(?:want\w*|need\w*|have|has|had|having|used|like\w*|love\w*|able|ought|supposed|allowed|forward|try|tries|tried|trying|refus\w*|choos\w*|chose|chosen|wish\w*|plan\w*|hop\w*|return\w*|belong\w*|relate\w*|respond\w*|repl\w*|writ\w*|exposed|accustomed|subjected|referred|attend\w*|accord\w*|not|get\w*|next|close|adher\w*|object\w*|react\w*|aspir\w*|refer\w*|appl\w*|invited|forced)$/;
const beforeThat =
  /^(?:ensur\w*|clear|note\w*|fact|remember|important|means?|indicat\w*|suggest\w*|shows?|showed|showing|found|believe[sd]?|such|so|essential|likely|possible|conclude\w*|claim\w*|argue\w*|states?|stated|stating|crucial|true|evidence|idea|belief|way)$/;
/** After a comma they begin what is not there. */
const clauseStarts = setOf(
  "which who where when while so it he she they we you i there these those also even such for with by in is are was especially particularly",
);
/** "The answer is a", "vitamin a" */
const beforeName = /^(?:is|answer|option|choice|letter|vitamin|type|class|group|be|to|by|variable|or|and)$/;
const beforeMention = /^(?:is|are|called|word|operator|keyword|words|as|use|with)$/;
const beforeWho = setOf("people those person someone anyone individuals students children women men");
const beforeSubject = setOf("that if when because where which while until but whether although since");
const stand = setOf("be is are was were been being get gets got getting become");

const nounEnd = /(?:tion|sion|ment|ity|ness|ance|ence|ship|ism|ency|ancy|tions|sions|ments|ities)$/;
const beforeAdverb = setOf(
  "located resulting results resulted role interest increase decrease increases changes differences impact effect effects focus based depending relying " +
    "insight insights information decrease improvement caused followed affected influenced characterized",
);

/** English words that are common, and hardly words of other languages in Latin letters. */
const english = setOf(
  "the of and that it with their your my because if than should could must they this have from by what were when your can said there use each which how their if will to you not its our has would about",
);
/** Common words of other languages that are English words, too. */
const alsoEnglish = setOf("no come over son on me per do die hay para pour sur an as is was in for we he");

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** Words of other languages that need what follows, told only in a sentence with other words of that language. */
const foreign: Readonly<Record<string, ReadonlySet<string>>> = {
  french: setOf("le la les des du de et un une ou dans avec pour sur que qui au aux ces cette leur"),
  spanish: setOf("el la los las un una de del y que con por para en su sus al"),
  german: setOf("der die und oder von eine einen einem einer im zum zur des dem den dass"),
  italian: setOf("il la gli di del della e un una che con per nel nella dei delle degli"),
  portuguese: setOf("o os a as de do da e um uma que com para em no na dos das"),
  dutch: setOf("de een en van voor te"),
};
/** Of scripts that only a few languages are written in. */
const otherScripts = setOf("и в на с что к для из от по но или а при і у та або और का के की में से को या في من على إلى أن التي الذي و عن");
/** Han and kana: characters that need what follows. */
const unspaced = setOf(Array.from("和与及并且或但而把被将从向を").join(" "));

/** Words of a sentence's end that are looked at, and the longest such part, UTF-16 code units. */
const lookedAt = 24;
const reach = 300;

/** Words that something may be told by. */
const telling = new Set(
  [needsMore, prepositions, adverbs, auxiliaries, subjects, afterAuxiliary, clauseStarts, otherScripts, ...Object.values(foreign)].flatMap(
    (words) => [...words, "a", "that", "which", "who"],
  ),
);

/** `sentence` has no mark at its end; `text`, which ends with it, tells the language. */
export function breaksOff(sentence: string, text = sentence): boolean {
  if (sentence.charCodeAt(sentence.length - 1) > 0x2e80) return unspaced.has(sentence.slice(-1));
  const last = sentence.slice(sentence.slice(-reach).search(/\S+$/) - Math.min(reach, sentence.length));
  const word = plain(last);
  const mayBeShort = sentence.length < 40;
  if ((!mayBeShort && !telling.has(word)) || !/^[("“']?\p{L}[\p{L}\p{M}'’]*$/u.test(last)) return false;
  const words = sentence.slice(-reach).split(/\s+/).slice(-lookedAt).map(plain);
  const n = words.length - 1;
  if (mayBeShort && n <= 1 && /^\p{Lu}/u.test(sentence)) return openers.has(word) && (n === 0 || openers.has(words[0]));
  if (mayBeShort && n <= 4 && /^(?:If|While|Although|Unless)\s[^,]*$/.test(sentence)) return true;
  // "Vitamin A", names, titles in capitals
  if (/^\p{Lu}/u.test(last) && !/^I(?:['’]\p{L}+)?$/u.test(last)) return false;
  if (otherScripts.has(word)) return true;
  for (const [language, list] of Object.entries(foreign)) if (list.has(word) && countOf(words, languageBits[language]) >= 3) return true;
  return breaksOffInEnglish(words, n) && isEnglish(text);
}

function plain(word: string): string {
  return word
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/^[^\p{L}\p{N}]+/u, "");
}

function breaksOffInEnglish(words: readonly string[], n: number): boolean {
  const word = words[n];
  const before = words[n - 1] ?? "";
  // "The answer is a", "the operator is called and"
  if (word === "a") return !beforeName.test(before) || (before === "is" && !words.slice(-5).includes("answer"));
  if (needsMore.has(word)) return !beforeMention.test(before) || word === "the" || word === "an";
  if (prepositions.has(word) || adverbs.has(word)) return isBarePreposition(words, n);
  if (auxiliaries.has(word)) return isBareAuxiliary(words, n);
  if (before.endsWith(",") && clauseStarts.has(word)) return true;
  if (word === "that") return beforeThat.test(before);
  if (word === "which") return prepositions.has(before) || adverbs.has(before);
  if (word === "who") return beforeWho.has(before);
  if (afterAuxiliary.has(word)) return (auxiliaries.has(before) || before === "will") && isBareAuxiliary(words, n - 1);
  return subjects.has(word) && beforeSubject.has(before);
}

/** Holds more common English words than common words of other languages. */
function isEnglish(text: string): boolean {
  const words = text.slice(-reach).split(/\s+/).map(plain);
  let known = 0;
  let others = 0;
  for (let i = 0; i < words.length; i++) {
    if (english.has(words[i])) known++;
    else if (!alsoEnglish.has(words[i]) && ((commonWords.get(words[i]) ?? 0) & ~languageBits.english) !== 0) others++;
  }
  return known > others;
}

function isBarePreposition(words: readonly string[], n: number): boolean {
  const word = words[n];
  const before = words[n - 1];
  if (hasAny(words, n - 10, n, questionWords) || hasAny(words, n - 4, n, pronouns) || words[n - 2] === "to") return false;
  if (particleVerb.test(before)) return false;
  if (word === "to") return !beforeBareTo.test(before);
  if (nounEnd.test(before)) return true;
  if (word === "of")
    return !/^(?:out|made|consist|consists|full|aware|because|instead|off|short|think|dream|heard|speak|kind|sort)$/.test(before);
  if (stand.has(words[n - 2]) || stand.has(words[n - 3])) return false;
  if (adverbs.has(word)) return beforeAdverb.has(before);
  return !/(?:ed|ing)$/.test(before) || hasAny(words, n - 3, n - 1, determiners);
}

function isBareAuxiliary(words: readonly string[], n: number): boolean {
  if (hasAny(words, n - 10, n, questionWords)) return false;
  const before = words[n - 1];
  return (
    !pronouns.has(before) &&
    !/^(?:always|ever|never|not|there|this|still|already|neither|nor|either|else|and|or|but|if|to|the|a|watering|.*ly|.*n't)$/.test(before)
  );
}

function hasAny(words: readonly string[], from: number, to: number, set: ReadonlySet<string>): boolean {
  for (let i = Math.max(0, from); i < to; i++) if (set.has(words[i])) return true;
  return false;
}

/** The common words of a language that are none of English. */
function countOf(words: readonly string[], bit: number): number {
  return words.filter((word) => ((commonWords.get(word) ?? 0) & (bit | languageBits.english)) === bit).length;
}
