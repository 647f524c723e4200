// Reads the small part of YAML that compose files of the world are written in: maps by
// indentation, lists of plain values, quotes, comments, flow lists. Values stay text. Anything
// else is refused by its line, never guessed.

/** Text -> nested objects, arrays and strings. */
export function readYaml(text) {
  const lines = text.split('\n').flatMap(toLine);
  const { value, next } = block(lines, 0, lines[0]?.indent ?? 0);
  if (next < lines.length) throw refusal(lines[next], 'unexpected indentation');
  return value ?? {};
}

const refusal = (line, why) => new Error(`yaml: line ${line.number}: ${why}`);

function toLine(raw, at) {
  const text = withoutComment(raw).trimEnd();
  if (text.trim() === '' || text === '---') return [];
  const line = { number: at + 1, indent: text.length - text.trimStart().length, text: text.trim() };
  if (text.includes('\t')) throw refusal(line, 'found a tab');
  return [line];
}

// A # begins a comment at the start or after a blank, outside quotes.
function withoutComment(raw) {
  let quote = null;
  for (let at = 0; at < raw.length; at += 1) {
    const sign = raw[at];
    if (quote) quote = sign === quote ? null : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '#' && (at === 0 || raw[at - 1] === ' ')) return raw.slice(0, at);
  }
  return raw;
}

function block(lines, at, indent) {
  if (at >= lines.length) return { value: null, next: at };
  return lines[at].text.startsWith('- ') ? list(lines, at, indent) : map(lines, at, indent);
}

function list(lines, at, indent) {
  const value = [];
  let next = at;
  while (next < lines.length && lines[next].indent === indent && lines[next].text.startsWith('- ')) {
    value.push(scalar(lines[next], lines[next].text.slice(2).trim()));
    next += 1;
  }
  return { value, next };
}

function map(lines, at, indent) {
  const value = {};
  let next = at;
  while (next < lines.length && lines[next].indent === indent) {
    const line = lines[next];
    const found = /^("[^"]*"|'[^']*'|[\w.-]+):(?:\s+(.*))?$/.exec(line.text);
    if (!found) throw refusal(line, 'expected "key: value"');
    const key = found[1].replace(/^["']|["']$/g, '');
    next += 1;
    if (found[2]) value[key] = scalar(line, found[2]);
    else ({ value: value[key], next } = nested(lines, next, indent));
  }
  return { value, next };
}

// What hangs below a key: deeper lines, or a list at the key's own depth.
function nested(lines, at, indent) {
  const line = lines[at];
  const deeper = line && line.indent > indent;
  const flat = line && line.indent === indent && line.text.startsWith('- ');
  return deeper || flat ? block(lines, at, line.indent) : { value: null, next: at };
}

function scalar(line, text) {
  if (/^(".*"|'.*')$/.test(text)) return text.slice(1, -1);
  if (/^\[.*\]$/.test(text)) {
    return text.slice(1, -1).split(',').map((it) => it.trim()).filter(Boolean).map((it) => scalar(line, it));
  }
  if (/^[[{&*!|>@`%]/.test(text)) throw refusal(line, `the stand-in does not read: ${text}`);
  if (/^[^"']*:\s/.test(text)) throw refusal(line, 'a map in a list is not read');
  return text;
}
