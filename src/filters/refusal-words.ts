// The vocabulary of the refusal rules: word classes (and short phrases) that rules compose. Data only; no text is read here.
// Words are lower case with contractions taken apart (can't = can not); the pattern language is described in refusal-pattern.ts.

/** Words that change nothing between the parts of a refusal: left out of a sentence before it is matched. */
export const fillers =
  "sadly regrettably currently presently personally directly legally ethically morally knowingly explicitly specifically clearly necessarily accurately reliably precisely definitively immediately readily easily physically respectfully politely kindly truly quite really very too often generally typically strongly highly exactly independently also actually certainly definitely absolutely honestly still yet ever possibly fully solely alone itself either deeply sincerely terribly extremely particularly entirely officially publicly separately anywhere properly intentionally actively confidently conclusively always";

/** Named patterns: upper case in a rule stands for one of these. */
export const classes: Readonly<Record<string, string>> = {
  // Not being able, and not being willing, up to the verb. PAUSE is what may be pushed in between.
  PAUSE:
    "(, (in good (conscience|faith)|at (this|the) (time|moment)|as (a|an) ..4|under any circumstance/s|in any way) ,|at (this|the) (time|moment|point)|in good (conscience|faith)|in any way|under any circumstance/s|,)",
  ONLY: "(just|only|simply|unfortunately|therefore|thus|hence|however|all|,)",
  ABLE: "(able|allowed|permitted|authorized|authorised|programmed|designed|qualified|equipped|trained|supposed|meant|intended|built|licensed|in a position|at liberty|set up)",
  ABILITY: "(ability|capability|capacity|means|authority|right|permission|power|capabilities)",
  CAN_NOT:
    "((can|may) ONLY? not (be able to)?|(am|are) ONLY? (unable to|not ABLE to|not capable of|incapable of|prohibited from|forbidden from|prevented from|forbidden to|prohibited by ..3 from|not being able to)|(do not|can not|no longer) (have|possess) (the|any|an)? ABILITY (to|of)|(have no|lack the|lack) ABILITY to)",
  WILL_NOT:
    "((will|would|shall|should|must|do|might) ONLY? (not|never)|can never|(am|are) ONLY? not (going|willing|prepared|inclined|ready|comfortable|here) to|(refuse|decline) to)",
  DECLINE: "(decline|refuse|pass on|abstain|refrain|opt out|have to say no|say no to)",
  MUST: "((must|will|shall|should|have to|need to|would have to|will have to|am going to have to|am obliged to|am required to|would like to|am forced to|would|can only|am afraid i must|am afraid i have to))",
  SORRY: "(sorry|apologies|i am (so|afraid)? sorry|we are sorry|my apologies|(i|we) apologize|(i|we) apologise)",
  // What an assistant does for a user. Verbs that ordinary first-person prose also uses stand in HELP_WITH, with their objects.
  HELP: "(provide|providing|assist|assisting|fulfill|fulfil|fulfilling|comply|complying|engage|engaging|support|supporting|endorse|endorsing|promote|promoting|encourage|encouraging|offer|offering|generate|generating|discuss|discussing|participate|participating|condone|condoning|facilitate|facilitating|satisfy|accommodate|process|disclose|disclosing|advise|advocate|advocating|suggest|suggesting|respond|aid|contribute|partake|justify|cater|entertain|perpetuate|proceed|impersonate|reveal|distribute|instruct|publish|handle|validate|tolerate|glorify|legitimize|supply|speculate|rewrite|translate|roleplay|fabricate|approve|oblige)",
  OBJECT:
    "(you|this|that|these|those|any|a|an|the|such|it|your|information|instructions|content|advice|details|on|about|anything|something|code|personal|specific|medical|legal|financial|illegal|harmful|offensive|unethical|inappropriate|explicit|to|for|or|what|how|jokes|sexual|hateful|violent|racist|sexist|derogatory|false|fake|light|fun|blanket|generalizations|generalisations|assumptions|judgments|judgements|sweeping|statements)",
  // Objects that only an assistant's refusal has: "I would not use the boat" is a story's.
  REQUEST:
    "(you|this|that|such|any|your|information|instructions|content|advice|details|something|personal|specific|medical|legal|financial|illegal|harmful|offensive|unethical|inappropriate|explicit|jokes|sexual|hateful|violent|racist|sexist|derogatory|false|fake|light of|fun of|blanket|generalizations|generalisations|assumptions|judgments|judgements|sweeping|statements|these|those|subjective|comments|remarks)",
  HELP_WITH:
    "(give|giving|create|creating|write|writing|produce|producing|make|making|answer|answering|share|sharing|tell|telling|show|teach|explain|recommend|recommending|complete|perform|do|guide|continue|describe|present|compose|develop|draft|say|helping|list|name|identify|spread|send|execute|craft|talk|speak|repeat|prepare|design|go|carry|allow|let|pretend|act|express|state|form|predict|diagnose|prescribe|judge|comment|stereotype|joke|use)",
  HELP_ACT: "(help|HELP|HELP_WITH PAUSE? OBJECT)",
  HELP_REQUEST: "(help|HELP|HELP_WITH PAUSE? (a|an|the)? REQUEST)",
  // Idioms that look like a refusal and are none.
  IDIOM:
    "(help (but|feeling|myself|it|thinking|wondering|noticing)|(say|tell) (you|how|enough|that) ..3 (how|enough|much)|recommend ..4 enough|do (it|anything|without)|give up|go (on|back|wrong|home)|let (you|it|that|this|them|him|her) (go|down|happen|be)|make it)",
  // What makes a request wrong.
  WRONG:
    "(inappropriate|unethical|illegal|irresponsible|immoral|unlawful|disrespectful|offensive|unacceptable|harmful|wrong|dangerous|unsafe|insensitive|against the law|improper|discriminatory|unfair)",
  RIGHT:
    "(appropriate|ethical|legal|acceptable|okay|ok|right|safe|advisable|suitable|proper|respectful|permissible|responsible|lawful|moral|permitted|allowed|productive|recommended|fair|kind|constructive|helpful|accurate|my place|within my (capabilities|abilities|power|ability|programming|scope))",
  // Right and wrong among people, not in a matter: "not safe to eat" is advice.
  DECENT: "(appropriate|ethical|acceptable|moral|respectful|fair|right|kind|okay|permissible)",
  EQUAL:
    "(discrimination|discriminated|rights|right recognized|fundamental right|human right|regardless of|equality|equal|equally|fairness|unethical|dignity|appropriate or|fair or)",
  // Where an answer is looked for, and what of it is missing.
  DOC: "(context|document|documents|text|passage|passages|filing|filings|information|data|report|reports|statement|statements|evidence|table|tables|excerpt|excerpts|article|source|sources|exhibit|exhibits|section|sections|paragraph|snippet|snippets|prompt|question|input|transcript|dataset|details|financials|balance sheet|balance sheets|records|story|review|email|10 (k|q)|10k|10q)",
  GIVEN: "(provided|given|above|available|presented|supplied|mentioned|disclosed|attached|shared)",
  // Saying; the second kind says nothing of a lack unless what is lacking is information.
  TELL: "(mention|specify|disclose|state|give|say|provide !(any|evidence|enough evidence)|reveal|report|supply|clarify|detail|explain|define|outline|furnish|address|discuss|indicate (what|how|when|who|whether|if|the|any)|make (any|it)? (mention|reference|clear)|break (it|them|this)? (out|down)|identify|answer)",
  HOLD: "(contain|include|have|offer|show|list|present|cover|describe|provide|allow|enable|permit|refer|reference)",
  TOLD: "(provided|mentioned|disclosed|available|specified|stated|given|included|reported|listed|shown|contained|detailed|indicated|covered|presented|discussed|supplied|identified|referenced|outlined|found|described|broken out|broken down|enough|sufficient|adequate|complete)",
  INFO: "(information|data|details|detail|context|mention|figures|knowledge|info|numbers|facts|background|specifics|statements|documents|documentation|breakdown)",
  MUCH: "(enough|sufficient|adequate|any|the|specific|direct|explicit|current|up to date|real time|detailed|relevant|necessary|required|needed|complete|clear|exact|further|more|additional|such|personal|live|particular|certain|financial|full|recent|reliable|precise|other|much|and|or|,|internal|private|external|historical|official|concrete|comprehensive|latest|given|provided|available|access to|your|their|information)",
  LEARN:
    "(determine|determined|calculate|calculated|answer|answered|ascertain|ascertained|infer|inferred|compute|computed|conclude|concluded|verify|verified|confirm|confirmed|derive|derived|establish|established|identify|identified|assess|assessed|evaluate|evaluated|say|tell|told|know|known|find|found|deduce|deduced|provide|provided|give|given|extracted|extract|estimate|estimated|specify|predict|predicted)",
  SEE: "(access|browse|see|view|open|read|hear|verify|determine|calculate|confirm|know|predict|search|look up|locate|ascertain|retrieve|identify|check|watch|listen to|observe|compute|evaluate|assess|analyze|infer|visit|perceive|forecast|extract|conclude|fetch|estimate)",
  FEELING:
    "(opinion/s|belief/s|feeling/s|emotion/s|preference/s|experience/s|consciousness|thought/s|senses|desire/s|gender|view/s|viewpoint/s|bias|biases|hobbies|favorite/s|favourite/s|memories|sentience|judgment/s|judgement/s|self awareness|stance|values|perspective/s|interests|physical (form|body|presence)|body|family|prejudices|needs|identity)",
};

/** Contractions and spellings taken apart, apostrophes straight. */
export const contractions: Readonly<Record<string, string>> = {
  "can't": "can not", cannot: "can not", cant: "can not", "won't": "will not", "don't": "do not", dont: "do not", "doesn't": "does not",
  doesnt: "does not", "didn't": "did not", "isn't": "is not", isnt: "is not", "aren't": "are not", "wasn't": "was not", "weren't": "were not",
  "couldn't": "could not", "wouldn't": "would not", "shouldn't": "should not", "haven't": "have not", "hasn't": "has not",
  "hadn't": "had not", "mustn't": "must not", "i'm": "i am", im: "i am", "i've": "i have", "i'd": "i would", "i'll": "i will",
  "we're": "we are", "we've": "we have", "we'd": "we would", "we'll": "we will", "it's": "it is", "that's": "that is", "there's": "there is",
  "it'd": "it would", "that'd": "that would", "you're": "you are", "here's": "here is",
}; // prettier-ignore

/** Words at the start of a line before a colon that name the answer itself, not a speaker in a dialogue. */
export const answerLabels =
  "answer response assistant ai note output reply a chatbot bot model result explanation reason disclaimer warning important chatgpt solution completion";
