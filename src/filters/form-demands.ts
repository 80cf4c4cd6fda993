// Forms other than lists and JSON that an instruction may demand of its whole answer in plain words: XML, YAML, CSV, a table, capitals, yes or
// no. What is demanded is read from the instruction's part; whether it is there is told only where it plainly is not.

export type Form = "xml" | "yaml" | "csv" | "table" | "capitals" | "yes_or_no";

const start = "(?:^|[.!?;,]\\s+|\\b(?:please|and|then)\\s+)";
const form = "(?:an?\\s+)?(?:valid\\s+|proper\\s+|well-formed\\s+)*(xml|yaml|csv)(?:\\s+(?:format|form|document))?";
const table = "(?:an?\\s+)?(?:markdown\\s+table|table(?:\\s+form(?:at)?)?|tabular\\s+form(?:at)?)";
const ends = "\\s*(?=[.!?,;]|$|with\\b|only\\b|please\\b)";
const turned = "answer|respond|reply|return|output|format|present|express|represent|convert|organi[sz]e|structure";
/** "Return the result as XML.", "Give me the result in XML."; not "List three tags in XML." */
const written = new RegExp(
  `${start}(?:(?:${turned})\\b[^.?!]{0,80}?\\b(?:in|as|into|to|using)|(?:provide|give|show|display|write|put|list)\\b[^.?!]{0,80}?\\bas|(?:give|provide|show)\\s+(?:me\\s+)?(?:the|your)\\s+(?:[\\w-]+\\s+){1,5}in)\\s+${form}${ends}`,
  "i",
);
const tabled = new RegExp(
  `${start}(?:${turned}|provide|give|show|display|put|list|summari[sz]e)\\b[^.?!]{0,80}?\\b(?:in|as|into|to|using)\\s+${table}${ends}`,
  "i",
);
const made = /(?:^|[.!?;]\s+|\bplease\s+)(?:create|make|give|generate|provide|write|produce|draw)\s+(?:me\s+)?a\s+markdown\s+table\b/i;
const capitals =
  /(?:^|[.!?;]\s+|\bplease\s+)(?:answer|respond|reply)\b[^.?!]{0,40}?\b(?:in|using)\s+(?:all|only)\s+(?:caps|capitals|capital letters|uppercase(?: letters)?)\b|\b(?:your|the)\s+(?:entire\s+|whole\s+|full\s+)?(?:answer|response|reply|output)\s+(?:should|must)\s+be\s+in\s+(?:english,?\s+(?:and\s+)?(?:in\s+)?)?all\s+(?:caps|capitals|capital letters|uppercase)\b/i;
const yesOrNo =
  /(?:^|[.!?;,]\s+|\bplease\s+)(?:just\s+|only\s+|simply\s+)?(?:answer|respond|reply)\s+(?:(?:only|just|simply)\s+(?:with\s+)?(?:either\s+)?(?:a\s+)?|with\s+(?:only|just)\s+(?:an?\s+)?)["'“‘]?yes["'”’]?\s+or\s+["'“‘]?no["'”’]?(?![\w"'”’]|,?\s+(?:or|and|but|if|unless|then|with)\b)/i;
/** The form is of something else than the answer, or a program is wanted. */
const elsewhere =
  /\b(?:functions?|codes?|programs?|scripts?|class|method|api|sql|query|python|javascript|java|php|html|latex|database|not|don't|never|avoid|without|instead|how|why|explain|schema|parser?|library|excel)\b/i;

/** `text` is the instruction's part without what is quoted in it, `instruction` the beginning of all of it. */
export function formOf(text: string, instruction: string): { readonly form: Form; readonly text: string } | undefined {
  const yes = /yes/i.test(instruction) ? yesOrNo.exec(instruction) : null;
  if (yes) return { form: "yes_or_no", text: trimmed(yes[0]) };
  if (elsewhere.test(text)) return undefined;
  const large = capitals.exec(text);
  if (large) return { form: "capitals", text: trimmed(large[0]) };
  const table = made.exec(text) ?? tabled.exec(text);
  if (table) return { form: "table", text: trimmed(table[0]) };
  const found = written.exec(text);
  return found ? { form: found[1].toLowerCase() as Form, text: trimmed(found[0]) } : undefined;
}

function trimmed(text: string): string {
  return text.replace(/^[.!?;,\s]+/, "").trim();
}

/** A trace of each form; without it the answer certainly lacks it. */
const traces: Readonly<Record<Exclude<Form, "capitals">, RegExp>> = {
  xml: /<[^>\n]+>/,
  yaml: /^\s*(?:-\s|[^\s:][^:\n]*:(?:\s|$))/m,
  csv: /[,;\t|\n]/,
  table: /\||\t|<t[adhr]|[─━═│┃]| {3,}\S+ {3,}|&.*\\\\/i,
  yes_or_no: /\b(?:yes|no|yep|nope|true|false)\b/i,
};

export function lacksForm(form: Form, answer: string): boolean {
  return form === "capitals" ? isSmall(answer) : !traces[form].test(answer);
}

/** Letters enough, and most of them small. */
function isSmall(answer: string): boolean {
  const small = answer.match(/\p{Ll}/gu)?.length ?? 0;
  const large = answer.match(/\p{Lu}/gu)?.length ?? 0;
  return small >= 10 && small > large;
}
