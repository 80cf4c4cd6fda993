// The vocabulary of the refusal rules: word classes (and short phrases) that rules compose. Data only; no text is read here.
// Words are lower case with contractions taken apart (can't = can not); "/" parts of a class are alternatives in the rules' pattern language.

/** Named patterns: upper case in a rule stands for one of these. A name may use the names above it. */
export const classes: Readonly<Record<string, string>> = {
  // Who speaks.
  AI_NOUN:
    "(ai|(artificial intelligence)|(large? language (model|ai))|model|chatbot|bot|assistant|program|software|machine|computer|system|tool|llm|chatgpt|openai|robot|avatar)",
  I: "(i|we)",
  // Words between subject and verb that change nothing.
  ADV: "(,|also|just|really|simply|only|currently|personally|therefore|thus|hence|however|unfortunately|sadly|regrettably|definitely|certainly|absolutely|actually|presently|directly|legally|ethically|morally|possibly|knowingly|ever|still|at (this|the) (time|moment|point|present)|right now|as (a|an) ai|in good (conscience|faith)|in any (way|form|case|manner|circumstances?)|under any circumstances?|explicitly|specifically|clearly|necessarily|yet|even|fully|accurately|reliably|precisely|definitively|immediately|readily|easily|here|be able to|physically|respectfully|politely|kindly|truly|quite|very|so|too|often|always|generally|typically|itself|alone|strongly|highly|all|both|either|exactly|independently|or)",
  // Not being able or willing, up to the verb: "cannot", "am not able to", "must decline to" ...
  ABLE: "(able|allowed|permitted|authorized|authorised|programmed|designed|going|willing|qualified|equipped|prepared|trained|supposed|here|meant|intended|built|free|licensed|inclined|in a position|at liberty|ready|set up)",
  CANNOT:
    "((can|could|will|would|shall|should|may|must|do|might) ADV{0,3} not ADV{0,4}|(can|will|would|do) never ADV{0,2}|(am|are|is|being) ADV{0,3} (not ADV{0,3} ABLE|unable|forbidden|prohibited|restricted|prevented) ADV{0,2} (to|from) ADV{0,3}|(am|are) ADV{0,3} (incapable|not ADV{0,2} capable) of ADV{0,2}|(do|have) not ADV{0,2} (have|possess) (the|any|an)? (ability|capability|capacity|means|authority|right|permission|power) to ADV{0,2}|(have|lack) (no|the) (ability|capability|capacity|means|authority|permission) to ADV{0,2}|lack the (ability|capability) to ADV{0,2})",
  DECLINE: "(decline|refuse|(pass on)|abstain|refrain|(opt out)|(have to say no)|(say no to)|object)",
  MUST: "((must|will|shall|should|have to|need to|would have to|am going to have to|am obliged to|am required to|would like to|am forced to|would|can only|am afraid i (must|will|have to)) ADV{0,3})",
  // What an assistant does for a user. Verbs that ordinary first-person prose also uses stand in HELP_WITH_OBJECT, with their objects.
  HELP: "(provide|providing|assist|assisting|fulfill?|fulfil|fulfilling|comply|complying|engage|engaging|support|supporting|endorse|endorsing|promote|promoting|encourage|encouraging|offer|offering|generate|generating|discuss|discussing|participate|participating|condone|condoning|facilitate|facilitating|satisfy|accommodate|process|disclose|disclosing|advise|advocate|advocating|suggest|suggesting|respond|aid|contribute|partake|justify|cater|entertain|perpetuate|proceed|impersonate|reveal|distribute|instruct|publish|handle|validate|tolerate|glorify|legitimize|supply|speculate|rewrite|translate|roleplay|fabricate|approve)",
  OBJECT:
    "(you|this|that|these|those|any|a|an|the|such|it|your|information|instructions|content|advice|details|on|about|anything|something|code|personal|specific|medical|legal|financial|illegal|harmful|offensive|unethical|inappropriate|explicit|to|for|or|what|how|jokes|sexual|hateful|violent|racist|sexist|derogatory|false|fake)",
  HELP_WITH_OBJECT:
    "(give|giving|create|creating|write|writing|produce|producing|make|making|answer|answering|share|sharing|tell|telling|show|teach|explain|recommend|recommending|complete|perform|do|guide|continue|describe|present|compose|develop|draft|say|help|helping|list|name|identify|spread|send|execute|craft|talk|speak|repeat|prepare|design|go|carry|allow|let|pretend|act|express|state|form|predict|diagnose|prescribe|judge|comment)",
  HELP_ACT: "(help|HELP|HELP_WITH_OBJECT ADV{0,2} OBJECT)",
  // What makes a request wrong.
  WRONG:
    "(inappropriate|unethical|illegal|irresponsible|immoral|unlawful|disrespectful|offensive|unacceptable|harmful|wrong|dangerous|unsafe|insensitive|impossible|against the law|improper)",
  RIGHT:
    "(appropriate|ethical|legal|possible|acceptable|okay|ok|right|safe|advisable|suitable|proper|respectful|permissible|responsible|lawful|moral|permitted|allowed|productive|recommended|fair|kind|constructive|helpful|my place|within my (capabilities|abilities|power|ability|programming|scope))",
  // Where an answer is looked for, and what of it is missing.
  DOC: "(context|contexts|document|documents|text|passage|passages|filing|filings|information|data|report|reports|statement|statements|evidence|table|tables|excerpt|excerpts|article|source|sources|exhibit|exhibits|section|sections|paragraph|paragraphs|snippet|snippets|page|pages|input|prompt|question|content|material|materials|dataset|file|files|10k|10q|transcript|description|details|records|form|note|notes|financials|spreadsheet|figures|abstract|story|list|sheet|chart|graph|image|email|review|scenario|sentence)",
  DOC_STRONG:
    "(context|document|documents|text|passage|filing|filings|excerpt|excerpts|article|exhibit|exhibits|paragraph|snippet|snippets|report|reports|statement|statements|information|data|evidence|table|tables|source|sources|section|input|prompt|question|transcript|dataset|file|details|financials|balance sheet)",
  GIVEN: "(provided|given|above|available|presented|supplied|mentioned|disclosed|specified|attached|shared|in question)",
  TELL: "(provide|contain|mention|include|specify|disclose|give|state|have|offer|address|discuss|list|show|indicate|reveal|cover|present|report|supply|identify|describe|break|say|clarify|detail|explain|define|tell|refer|make|reference|answer|outline|furnish|allow|enable|permit)",
  TOLD: "(provided|mentioned|disclosed|available|specified|stated|given|included|reported|found|listed|shown|contained|detailed|indicated|addressed|covered|presented|discussed|described|supplied|present|identified|referenced|known|clear|defined|outlined|accessible|enough|sufficient|adequate)",
  INFO: "(information|data|evidence|details|detail|context|mention|figures|figure|knowledge|indication|records|record|access|answer|reference|clue|info|numbers|facts|background|specifics|statements|documents|documentation|material|input|description|text|basis|disclosure|breakdown|report|reports|sources)",
  MUCH: "(enough|sufficient|adequate|any|the|specific|direct|explicit|current|up to date|real time|detailed|relevant|necessary|required|needed|complete|clear|exact|further|more|additional|such|personal|live|particular|certain|financial|full|recent|reliable|precise|explicit|other|much|and|or|,|internal|private|external|historical|official|accurate|concrete|comprehensive)",
  LEARN:
    "(determine|determined|calculate|calculated|answer|answered|ascertain|ascertained|infer|inferred|compute|computed|conclude|concluded|verify|verified|confirm|confirmed|derive|derived|establish|established|identify|identified|assess|assessed|evaluate|evaluated|say|tell|told|know|known|find|found|deduce|deduced|provide|provided|give|given|extracted|extract|estimate|estimated|obtained|obtain|judge|specify|accurately|definitively)",
  SEE: "(access|browse|see|view|open|read|hear|verify|find|determine|calculate|confirm|know|predict|search|look up|locate|ascertain|retrieve|identify|check|watch|listen|observe|answer|provide|give|tell|say|compute|evaluate|assess|compare|analyze|infer|visit|play|perceive|remember|recall|track|monitor|forecast|extract|conclude|interact|fetch|estimate|display)",
  FEELING:
    "(opinions?|beliefs?|feelings?|emotions?|preferences?|experiences?|consciousness|body|thoughts?|senses|opinion|desires?|needs|gender|age|identity|political|religious|views?|viewpoints?|bias|biases|hobbies|favorites?|favorite|favourite|memories|sentience|judgments?|judgements?|family|friends|relationships?|soul|self awareness|life|stance|values|race|parents|name|perspective|perspectives|interests|physical form|presence)",
};

/** Contractions and spellings taken apart, apostrophes straight. */
export const contractions: Readonly<Record<string, string>> = {
  "can't": "can not", cannot: "can not", cant: "can not", "won't": "will not", "don't": "do not", dont: "do not", "doesn't": "does not",
  doesnt: "does not", "didn't": "did not", "isn't": "is not", isnt: "is not", "aren't": "are not", "wasn't": "was not", "weren't": "were not",
  "couldn't": "could not", "wouldn't": "would not", "shouldn't": "should not", "haven't": "have not", "hasn't": "has not",
  "hadn't": "had not", "mustn't": "must not", "i'm": "i am", im: "i am", "i've": "i have", "i'd": "i would", "i'll": "i will",
  "we're": "we are", "we've": "we have", "we'd": "we would", "we'll": "we will", "it's": "it is", "that's": "that is", "there's": "there is",
  "it'd": "it would", "that'd": "that would", "you're": "you are", "you've": "you have", "you'd": "you would", "they're": "they are",
}; // prettier-ignore

/** Words at the start of a line before a colon that name the answer itself, not a speaker in a dialogue. */
export const answerLabels = "answer response assistant ai note output reply a chatbot bot model result explanation reason disclaimer warning important chatgpt solution completion";
