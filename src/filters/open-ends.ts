// Does a text end inside something that must be closed: a code fence (of backticks or tildes), JSON, a bracket of code? It knows trimmed texts.

export function endsOpen(text: string): "open_code_fence" | "open_json" | "open_bracket" | undefined {
  if (text.includes("```")) return endsInFence(text) ? "open_code_fence" : undefined;
  if (text.includes("~~~") && endsInTildes(text)) return "open_code_fence";
  const first = text.charCodeAt(0);
  if ((first === 0x7b || first === 0x5b) && startsLikeJson(text)) return jsonDepth(text) > 0 ? "open_json" : undefined;
  if (text.includes("{") && endsInBraces(text)) return "open_bracket";
  const tag = text.indexOf("<");
  if (tag >= 0 && tag < 200 && /<html[\s>]/i.test(text.slice(0, 200)))
    return /<\/html>/i.test(text.slice(-2000)) ? undefined : "open_bracket";
  return endsInCode(text) ? "open_bracket" : undefined;
}

/** Fences are lines that start with three backticks; one that also ends on its line is code within prose. */
function endsInFence(text: string): boolean {
  let open = 0;
  let last = "";
  for (let at = text.indexOf("```"); at >= 0;) {
    let ticks = 3;
    while (text.charCodeAt(at + ticks) === 0x60) ticks++;
    let end = text.indexOf("\n", at);
    if (end < 0) end = text.length;
    const line = text.slice(at + ticks, end);
    if (startsLine(text, at)) {
      last = line.trim();
      // A longer fence holds shorter ones as text.
      if (open === 0) open = line.includes("```") ? 0 : ticks;
      else if (ticks >= open) open = 0;
    } else if (open !== 0) {
      // "}```": the closing fence was not put on its own line.
      open = 0;
      last = "";
    } else if (!line.includes("```") && line.trim().length < 12) {
      // "Here it is: ```python"
      open = ticks;
      last = line.trim();
    } else {
      const close = text.indexOf("```", at + ticks);
      if (close < 0) return false;
      end = close + 3;
    }
    at = text.indexOf("```", Math.max(end, at + ticks));
  }
  // A bare fence at the very end closes a block whose beginning was lost.
  return open !== 0 && !(last === "" && text.endsWith("```"));
}

/** Lines of tildes are ornaments, too: a fence opens with a language's name, or under a line that leads to it. */
function endsInTildes(text: string): boolean {
  let open = 0;
  let leads = false;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const [, tildes, info] = /^(~{3,})\s*(\S*)$/.exec(line) ?? [];
    if (tildes === undefined) {
      if (line.length > 0) leads = line.endsWith(":");
    } else if (open === 0) open = /^[\w+#.-]+$/.test(info) || (leads && info === "") ? tildes.length : 0;
    else if (tildes.length >= open && info === "") open = 0;
  }
  return open !== 0;
}

/** True where only white space, list or quote marks stand before this place on its line. */
function startsLine(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === 0x0a) return true;
    if (code !== 0x20 && code !== 0x09 && code !== 0x3e && code !== 0x2d && code !== 0x2a) return false;
  }
  return true;
}

function startsLikeJson(text: string): boolean {
  return /^\{\s*"[^"\n]{1,200}"\s*:|^\[\s*(?:\{\s*"|"[^"\n]*"\s*,|\[|-?\d+(?:\.\d+)?\s*,)/.test(text.slice(0, 300));
}

/** Brackets open at the end, outside strings; a string left open counts as one. 0 where the JSON is whole or its brackets do not match. */
function jsonDepth(text: string): number {
  const open: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i++;
      while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
      if (i >= text.length) return open.length + 1;
    } else if (code === 0x7b || code === 0x5b) open.push(code + 2);
    else if (code === 0x7d || code === 0x5d) {
      // Closed: what follows is text about it. Closed by another bracket: faulty, but not cut.
      if (open.pop() !== code || open.length === 0) return 0;
    }
  }
  return open.length;
}

/** Code without a fence: more braces opened than closed, and lines that look like code where the text ends. */
function endsInBraces(text: string): boolean {
  let depth = 0;
  let lines = 0;
  let previous = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7b) depth++;
    else if (code === 0x7d) depth--;
    else if (code === 0x0a && (previous === 0x3b || previous === 0x7b || previous === 0x7d)) lines++;
    if (code > 0x20) previous = code;
  }
  // A brace at the very end closes the outermost block, whatever braces in strings and comments do to the count.
  return depth > 0 && lines >= 2 && !/[.!?]\s*$|\n\}[;)]*$/.test(text.slice(-4));
}

/** Code without braces: the last line opens a block or a bracket, or ends with a sign that needs more. */
function endsInCode(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  if (last === 0x2e || last === 0x21 || last === 0x3f || last === 0x3b || last === 0x7d || last === 0x3e) return false;
  const line = text.slice(text.lastIndexOf("\n") + 1);
  if (line.length > 200 || !codeLine.test(line)) return false;
  if (
    !/(?:^|\n)[ \t]*(?:def |class |import |from \S+ import|for |while |if |return\b|print|var |let |const |function |#include|public |private |\w+ ?=|select |<\w+)/i.test(
      text.slice(0, 4000),
    )
  )
    return false;
  if (/(?:[=([+\\&|<]|\b(?:and|or|not|in|import|from|where|select|return new|extends|implements))$/i.test(line)) return true;
  if (/^\s*(?:def|class|for|while|if|elif|else|try|except|with|function|switch)\b.*[:{]$/.test(line)) return true;
  const open = Math.max(line.lastIndexOf("("), line.lastIndexOf("["));
  return open >= 0 && !/[)\]]/.test(line.slice(open));
}

/** A line of code rather than of prose. */
const codeLine =
  /^\s*(?:[\w.$*@]+\s*(?:[-+*/]?=|\(|\[|\.\w+\()|(?:def|class|for|while|if|elif|else|try|except|with|return|import|from|print|var|let|const|function|public|private|static|int|void|switch|case)\b.*[(=[:{.,]|<\/?\w+)/;
