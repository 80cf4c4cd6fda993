// Is a text a stand-in for an answer that was never written? It knows single texts, already trimmed.

/** Longer texts say something, whatever they start with. UTF-16 code units. */
const longest = 80;

/** What stands where nothing was filled in; lower case, without brackets and end marks. */
const standIns = new Set(
  (
    "n/a|na|n.a|n\\a|none|null|nil|nan|undefined|tbd|tba|todo|to do|noinput|no input|nooutput|no output|no response|no answer|no reply|no content|" +
    "no data|no text|empty|blank|unavailable|not available|not applicable|placeholder|lorem ipsum|output|response|answer|text|content|" +
    "input|completion|xxx|asdf|test|to be added|to be determined|to be filled|to be filled in|to be continued|coming soon|insert|" +
    "무|無し|なし|無|无|暂无|空|没有|aucun|keine|keine angabe|ninguno|нет|нет данных"
  ).split("|"),
);

/** "[insert answer]", "<your answer here>", "{{response}}", "(to be filled in)": one bracketed text and nothing else. */
const bracketed = /^[[<{(]{1,3}\s*([^[\]<>{}()]*?)\s*[\]>})]{1,3}[.!]?$/;
const instructions =
  /^(?:please\s+)?(?:insert|enter|add|write|type|fill|put|provide|paste|your|the|add your|enter your)\b.*\b(?:answer|response|reply|text|output|here|content|solution|code)s?(?:\s+here)?$/;

export function isPlaceholder(text: string): boolean {
  if (text.length > longest) return false;
  if (isMarksOnly(text)) return true;
  if (text.includes("\n")) {
    for (const line of text.split("\n")) {
      const part = line.trim();
      if (part.length > 0 && !isPlaceholder(part)) return false;
    }
    return true;
  }
  const lower = text.toLowerCase();
  const bare = lower.replace(/^(?:output|response|answer|result)\s*[:=]\s*/, "").replace(/[.!…\s]+$/, "");
  if (standIns.has(bare)) return bare !== "test" || lower === bare;
  const inside = bracketed.exec(lower)?.[1];
  if (inside !== undefined) return inside.length === 0 || standIns.has(inside) || instructions.test(inside);
  const quoted = /^(["'`*_]{1,3})(.*?)\1$/.exec(bare)?.[2];
  return quoted !== undefined && standIns.has(quoted);
}

/** True where a text holds nothing but dashes, dots, quotes, brackets and the like. Signs of mathematics, currencies and emoji can be answers. */
function isMarksOnly(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x20 && !marks.has(code)) return false;
  }
  return true;
}

const marks = new Set(Array.from("-–—_.…?!*·•,;:/\\|#'\"`“”‘’()[]{}。、！？", (mark) => mark.charCodeAt(0)));
