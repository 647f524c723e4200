// Reads what an action prints as the runner does: workflow commands on both streams (`::name::`
// at the start of a line, `##[name]` anywhere in it), masks, stop-commands, annotations and their
// limits. What a commit message or a log line could smuggle in shows up in `commands`.
const KNOWN = ['set-output', 'save-state', 'add-mask', 'add-matcher', 'remove-matcher', 'debug', 'notice',
  'warning', 'error', 'group', 'endgroup', 'echo', 'stop-commands', 'set-env', 'add-path'];
const LEVELS = ['notice', 'warning', 'error'];
const KEPT = 10;

const unescapeText = (text) => text.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');
const unescapeValue = (text) => unescapeText(text.replace(/%3A/g, ':').replace(/%2C/g, ','));

/** A reader: feed it lines with `line(text)`, then look at its fields. */
export function logReader() {
  const reader = { lines: [], commands: [], annotations: [], masks: [], stopped: null };
  reader.line = (text) => {
    const command = parse(text, reader.stopped);
    if (command) act(reader, command);
    if (!command || !hides(reader, command)) reader.lines.push(text);
  };
  /** The log as a person sees it. */
  reader.text = () => reader.lines.map((line) => masked(line, reader.masks)).join('\n');
  return reader;
}

// As ActionCommand.cs: a word that is no command (nor the token that ends a stop) is plain text.
function parse(line, stopped) {
  const isCommand = (name) => KNOWN.includes(name) || name === stopped;
  const modern = /^\s*::(.*?)::(.*)$/.exec(line);
  const [first, given] = words(modern?.[1]);
  if (modern && isCommand(first)) return { name: first, values: values(given, ','), text: unescapeText(modern[2]) };
  const legacy = /##\[([^\]]*)\](.*)$/.exec(line);
  const [name, rest] = words(legacy?.[1]);
  if (legacy && isCommand(name)) return { name, values: values(rest, ';'), text: legacy[2] };
  return null;
}

// "Name a=b" -> ["name", "a=b"]
function words(text = '') {
  const [name, ...rest] = text.split(' ');
  return [name.toLowerCase(), rest.join(' ')];
}

const values = (text, between) => Object.fromEntries(
  (text ?? '').split(between).filter((it) => it.includes('=')).map((it) => {
    const [name, ...rest] = it.split('=');
    return [name.trim(), unescapeValue(rest.join('='))];
  }),
);

function act(reader, command) {
  const { name, text } = command;
  if (reader.stopped !== null) {
    if (name === reader.stopped) reader.stopped = null;
    return;
  }
  reader.commands.push(command);
  if (name === 'stop-commands' && isToken(text)) reader.stopped = text.toLowerCase();
  if (name === 'add-mask') addMask(reader, text);
  if (LEVELS.includes(name)) annotate(reader, command);
}

// The runner refuses tokens that a log could hold by chance.
const isToken = (text) => text !== '' && text !== 'pause-logging' && !KNOWN.includes(text.toLowerCase());

// Each line of a mask is a mask of its own: a short one blanks the log.
function addMask(reader, text) {
  const lines = text.split(/\r?\n/).map((it) => it.trim()).filter(Boolean);
  reader.masks.push(...new Set([text, ...lines].filter((it) => it.trim() !== '')));
}

function annotate(reader, { name, values: properties, text }) {
  const same = reader.annotations.filter((it) => it.level === name).length;
  if (same < KEPT) reader.annotations.push({ level: name, text: text.slice(0, 4096), ...properties });
}

const hides = (reader, { name }) => reader.stopped === null && ['add-mask', 'set-output', 'save-state'].includes(name);

const masked = (line, masks) =>
  [...masks].sort((a, b) => b.length - a.length).reduce((text, mask) => text.replaceAll(mask, '***'), line);
