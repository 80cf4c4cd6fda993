// The words that verb-noun.ts goes by, as data. English, lower case.

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** Verbs that an instruction can begin with. */
export const verbs = set(
  "act add adapt advise analyse analyze annotate answer argue arrange ask assemble assess assign assume brainstorm build calculate capitalize " +
    "categorise categorize change characterize check choose cite classify code combine come comment compare compile complete compose compress " +
    "compute conceptualize conclude condense conduct construct continue contrast convert convince copy correct count craft create critique " +
    "debate debug decide deduce define delete demonstrate deploy derive describe design detail detect determine develop devise diagnose " +
    "differentiate discover discuss distinguish divide draft draw edit elaborate eliminate employ enumerate estimate evaluate examine execute " +
    "expand explain explore express extend extract fact fill filter find fix flag forecast form format formulate gather generate give group " +
    "guess help highlight hypothesize identify illustrate imagine implement improve incorporate indicate infer insert inspect integrate " +
    "interpret introduce invent investigate join judge justify label list locate look make map mark match measure mention merge modify name " +
    "narrate number offer optimise optimize order organise organize outline output paraphrase parse perform persuade pick plan play plot " +
    "point predict prepare present print prioritize process produce proofread propose prove provide punctuate quote rank rate read rearrange " +
    "reason recite recommend reconstruct record reduce refactor reflect reformat relate remove rename reorder reorganize repeat rephrase " +
    "replace report represent research respond restate restructure retrieve return reverse review revise reword rewrite round search select " +
    "set share shorten show simplify simulate sketch solve sort speculate spell split spot state store suggest sum summarise summarize " +
    "support synthesize tag take tell test think trace transcribe transform translate trim turn update use validate verify visualize write",
);

/** A verb in mid-sentence is an order behind these. */
export const verbStarts = set(
  "please kindly to you and then now must should can could would will just simply also first next help let's me",
);

/** Verbs that mean something only with these behind them. */
export const particles: ReadonlyMap<string, readonly string[]> = new Map([
  ["come", ["up", "with"]],
  ["think", ["of"]],
  ["act", ["as"]],
  ["look", ["up"]],
  ["fill", ["in"]],
  ["sum", ["up"]],
]);

/** Articles, pronouns and amounts before a noun. */
export const phraseStarts = set(
  "a an the this that these those my your his her its our their me us them him it some any all each every both several many few more most " +
    "one two three four five six seven eight nine ten another other same different possible at least least up out down here",
);

/** What ends a noun phrase. */
export const phraseEnds = set(
  "of for in on at about to with without from by as into onto using that which who whom whose where when how why what whether if and or but so " +
    "because since while between among within during before after above over under through against across per via than then based given " +
    "is are was were be been being can could will would should shall may might must do does did has have had i you he she they we not there " +
    "below",
);

/** Words before a noun that are none. */
export const adjectives = set(
  "short long brief simple complex detailed concise comprehensive new old good bad best better unique creative original interesting funny " +
    "humorous persuasive formal informal positive negative appropriate suitable relevant specific general main key important effective " +
    "efficient basic possible potential current modern popular common correct valid complete full high low large small big great catchy " +
    "fictional realistic descriptive professional personal random single real first second third last next sample typical",
);

/** Nouns that say nothing of what is wanted. */
export const noNouns = set(
  "following given thing things something anything everything one ones way ways please no not noinput input ll s t",
);

/** Plurals without a rule, and nouns that only look like plurals. */
export const plurals: ReadonlyMap<string, string> = new Map([
  ["people", "person"],
  ["children", "child"],
  ["men", "man"],
  ["women", "woman"],
  ["mice", "mouse"],
  ["feet", "foot"],
  ["teeth", "tooth"],
  ["criteria", "criterion"],
  ["lives", "life"],
  ["analyses", "analysis"],
  ["hypotheses", "hypothesis"],
  ["quizzes", "quiz"],
  ["movies", "movie"],
  ["cookies", "cookie"],
  ["shoes", "shoe"],
  ...["news", "series", "species", "physics", "mathematics", "economics", "politics", "lyrics", "lens", "gas"].map(
    (noun) => [noun, noun] as const,
  ),
]);
