// What Discord refuses in a webhook message, and whom a message would ring. Limits are those of
// Discord's documentation (message and webhook resources). Ends are trimmed before counting; a
// length is UTF-16 units, never fewer than code points. Mentions are found wherever they stand,
// even inside code marks, where the real client may let them pass: a test that shows silence here
// shows it there.
const LIMITS = {
  content: 2000, title: 256, description: 4096, fields: 25, name: 256, value: 1024,
  footer: 2048, author: 256, total: 6000, embeds: 10, username: 80,
};
const MENTION_KINDS = ['users', 'roles', 'everyone'];

/** Problems by path, as {"embeds.0.title": {code, message}}; empty when all is well. */
export function problemsOf(message) {
  const found = {};
  const say = (path, code, text) => void (found[path] ??= { code, message: text });
  checkText(say, 'content', message.content, LIMITS.content);
  checkUsername(say, message.username);
  checkEmbeds(say, message.embeds);
  checkMentions(say, message.allowed_mentions);
  if (message.flags !== undefined && !Number.isInteger(message.flags)) wrongType(say, 'flags', 'integer');
  if (message.tts !== undefined && typeof message.tts !== 'boolean') wrongType(say, 'tts', 'boolean');
  return found;
}

/** Nothing in it that a person could see. */
export function isEmpty(message) {
  const embeds = Array.isArray(message.embeds) ? message.embeds : [];
  const filled = embeds.some((embed) => embed && Object.keys(embed).length > 0);
  const text = typeof message.content === 'string' ? message.content.trim() : '';
  return text === '' && !filled && !message.components?.length && !message.poll;
}

const length = (text) => text.trim().length;
const wrongType = (say, path, type) => say(path, 'BASE_TYPE_BAD_TYPE', `Must be of type ${type}.`);
const tooLong = (say, path, limit) =>
  say(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${limit} or fewer in length.`);

function checkText(say, path, text, limit, { required = false } = {}) {
  if (text === undefined || text === null) {
    if (required) say(path, 'BASE_TYPE_REQUIRED', 'This field is required');
    return;
  }
  if (typeof text !== 'string') wrongType(say, path, 'string');
  else if (length(text) > limit) tooLong(say, path, limit);
  else if (required && length(text) === 0) say(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

function checkUsername(say, username) {
  if (username === undefined || username === null) return;
  checkText(say, 'username', username, LIMITS.username, { required: true });
  const word = /clyde|discord/i.exec(String(username))?.[0];
  if (word) say('username', 'USERNAME_INVALID_CONTAINS', `Username cannot contain "${word}"`);
}

function checkEmbeds(say, embeds) {
  if (embeds === undefined || embeds === null) return;
  if (!Array.isArray(embeds)) return wrongType(say, 'embeds', 'array');
  if (embeds.length > LIMITS.embeds) tooLong(say, 'embeds', LIMITS.embeds);
  embeds.forEach((embed, at) => checkEmbed(say, `embeds.${at}`, embed ?? {}));
  const total = embeds.reduce((sum, embed) => sum + embedLength(embed ?? {}), 0);
  if (total > LIMITS.total) {
    say('embeds', 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${LIMITS.total}`);
  }
}

function checkEmbed(say, path, embed) {
  checkText(say, `${path}.title`, embed.title, LIMITS.title);
  checkText(say, `${path}.description`, embed.description, LIMITS.description);
  if (embed.footer) checkText(say, `${path}.footer.text`, embed.footer.text, LIMITS.footer, { required: true });
  if (embed.author) checkText(say, `${path}.author.name`, embed.author.name, LIMITS.author, { required: true });
  checkUrl(say, `${path}.url`, embed.url);
  checkUrl(say, `${path}.author.url`, embed.author?.url);
  checkColor(say, `${path}.color`, embed.color);
  checkTimestamp(say, `${path}.timestamp`, embed.timestamp);
  checkFields(say, `${path}.fields`, embed.fields);
}

function checkFields(say, path, fields) {
  if (fields === undefined || fields === null) return;
  if (!Array.isArray(fields)) return wrongType(say, path, 'array');
  if (fields.length > LIMITS.fields) tooLong(say, path, LIMITS.fields);
  fields.forEach((field, at) => {
    checkText(say, `${path}.${at}.name`, field?.name, LIMITS.name, { required: true });
    checkText(say, `${path}.${at}.value`, field?.value, LIMITS.value, { required: true });
  });
}

function checkUrl(say, path, url) {
  if (url === undefined || url === null) return;
  const good = typeof url === 'string' && URL.canParse(url) && /^(https?|attachment):/.test(url);
  if (!good) say(path, 'URL_TYPE_INVALID_URL', 'Not a well formed URL.');
}

function checkColor(say, path, color) {
  if (color === undefined || color === null) return;
  if (!Number.isInteger(color)) wrongType(say, path, 'integer');
  else if (color < 0 || color > 0xffffff) {
    say(path, 'NUMBER_TYPE_MAX', 'int value should be less than or equal to 16777215.');
  }
}

function checkTimestamp(say, path, text) {
  if (text === undefined || text === null) return;
  const good = typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text));
  if (!good) say(path, 'DATE_TIME_TYPE_PARSE', `Could not parse ${text}. Should be ISO8601.`);
}

const embedLength = (embed) => [
  embed.title, embed.description, embed.footer?.text, embed.author?.name,
  ...(Array.isArray(embed.fields) ? embed.fields.flatMap((it) => [it?.name, it?.value]) : []),
].reduce((sum, text) => sum + (typeof text === 'string' ? length(text) : 0), 0);

function checkMentions(say, allowed) {
  if (allowed === undefined || allowed === null) return;
  const path = 'allowed_mentions';
  const parse = allowed.parse ?? [];
  parse.forEach((kind, at) => {
    if (!MENTION_KINDS.includes(kind)) {
      say(`${path}.parse.${at}`, 'BASE_TYPE_CHOICES', `Value must be one of {${MENTION_KINDS}}.`);
    }
  });
  for (const kind of ['users', 'roles']) {
    if (allowed[kind]?.length > 100) tooLong(say, `${path}.${kind}`, 100);
    if (allowed[kind]?.length && parse.includes(kind)) {
      say(path, 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`);
    }
  }
}

/** Whom the message would ring: {everyone, users: [ids], roles: [ids]}. Embeds never ring. */
export function rung(message) {
  const text = typeof message.content === 'string' ? message.content : '';
  // Without allowed_mentions a webhook rings users only.
  const allowed = message.allowed_mentions ?? { parse: ['users'] };
  const parse = allowed.parse ?? [];
  const ids = (pattern) => [...new Set([...text.matchAll(pattern)].map((it) => it[1]))];
  const keep = (kind, found) =>
    found.filter((id) => parse.includes(kind) || allowed[kind]?.includes(id));
  return {
    everyone: parse.includes('everyone') && /@(everyone|here)/.test(text),
    users: keep('users', ids(/<@!?(\d+)>/g)),
    roles: keep('roles', ids(/<@&(\d+)>/g)),
  };
}

/** True when anybody at all is rung. */
export const ringsAnybody = ({ everyone, users, roles }) => everyone || users.length + roles.length > 0;
