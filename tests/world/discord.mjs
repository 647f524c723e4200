// A stand-in for Discord's webhooks: post, edit, read and delete a webhook's messages. It refuses what
// Discord's published description refuses (discord/validate.mjs) and what only its documentation says
// (discord/rules.mjs); what it answers itself, but for faults, is held against the description too. It
// keeps every message with whom it would have rung. Faults and control as in http.mjs; a fault with
// `effect: true` keeps the message and then spoils the answer, which is the case where a sender must
// not send twice.
import { commonFault, control, faultQueue, pause, serve } from './http.mjs';
import { isEmpty, problemsOf, ringsAnybody, rung } from './discord/rules.mjs';
import { loadDescription } from './discord/validate.mjs';

const ID = '1234567890123456789';
const TOKEN = 'AbCdEf-ghIJKlmnop_QRstuvWXyz0123456789abcdefghijklmnopqrstuvwxyz0123';
const ROUTE = /^\/api(?:\/v(\d+))?\/webhooks\/([^/]+)\/([^/]+)(?:\/messages\/([^/]+))?$/;
const HOOK_PATH = '/webhooks/{webhook_id}/{webhook_token}';
const MESSAGE_PATH = `${HOOK_PATH}/messages/{message_id}`;
const BUCKET = { limit: 5, windowMs: 2000 };

const failure = (status, code, message) => ({ status, body: { message, code } });

/**
 * Starts it. `enforce: true` also enforces the bucket of 5 messages in 2 s (429 beyond); `validate: false` leaves
 * the description out, for where its reader is not installed.
 */
export async function startDiscord({ enforce = false, validate = true, ...where } = {}) {
  const world = {
    hooks: new Map([[ID, { id: ID, token: TOKEN }]]),
    messages: [],
    news: [],
    requests: [],
    posts: [],
    faults: faultQueue(),
    enforce,
    description: validate ? await loadDescription() : null,
    last: 1_300_000_000_000_000_000n,
  };
  const operations = {
    fault: world.faults.add,
    clearFaults: () => void world.faults.clear(),
    remove: () => void world.hooks.clear(),
    restore: () => void world.hooks.set(ID, { id: ID, token: TOKEN }),
    forget: () => void (world.messages.length = world.news.length = world.requests.length = 0),
  };
  const view = () => ({ messages: world.messages, requests: world.requests, faults: world.faults.queue });
  const server = await serve((request, response) => {
    if (request.path === '/_control') return control(request, operations, view);
    world.requests.push({ ...request, query: undefined });
    return answer(world, request, response);
  }, where);
  return {
    ...operations,
    url: server.url,
    controlUrl: `${server.url}/_control`,
    webhookUrl: `${server.url}/api/webhooks/${ID}/${TOKEN}`,
    secret: TOKEN,
    close: server.close,
    messages: world.messages,
    /** What people could read, in order: each message as it was posted, and again as it was edited. */
    news: world.news,
    requests: world.requests,
    faults: world.faults,
  };
}

async function answer(world, request, response) {
  const fault = world.faults.next(request);
  if (fault?.ms) await pause(fault.ms);
  if (fault && fault.kind !== 'slow') {
    if (fault.effect) honest(world, request);
    const reply = spoilt(world, fault, response);
    return reply === 'silent' ? null : reply;
  }
  return honest(world, request);
}

function spoilt(world, fault, response) {
  if (fault.kind === '429') return limited(fault.retryAfter ?? 0.3, fault.global === true);
  if (fault.kind === '404') {
    world.hooks.clear();
    return failure(404, 10015, 'Unknown Webhook');
  }
  // What a channel of a forum answers to a webhook without a thread.
  if (fault.kind === '400') return failure(400, 220001, 'Webhooks posted to forum channels must have a thread_name or thread_id');
  return commonFault(fault, response) ?? failure(500, 0, `no fault of kind ${fault.kind}`);
}

// The body has the exact seconds; the header whole ones, rounded up.
function limited(seconds, isGlobal) {
  const scope = isGlobal ? { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' } : { 'x-ratelimit-scope': 'shared' };
  return {
    status: 429,
    headers: { 'retry-after': String(Math.ceil(seconds)), 'x-ratelimit-reset-after': String(seconds), ...scope },
    body: { message: 'You are being rate limited.', code: 0, retry_after: seconds, global: isGlobal },
  };
}

function honest(world, request) {
  if (!request.headers['user-agent']) {
    return { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>error code: 1010</html>' };
  }
  const found = ROUTE.exec(request.path);
  if (!found) return failure(404, 0, '404: Not Found');
  const [, version, id, token, messageId] = found;
  const hook = world.hooks.get(id);
  if (!hook) return failure(404, 10015, 'Unknown Webhook');
  if (hook.token !== token) return failure(401, 50027, 'Invalid Webhook Token');
  const operation = [messageId ? MESSAGE_PATH : HOOK_PATH, request.method.toLowerCase()];
  const problems = world.description?.asked(operation, messageId ? { message_id: messageId } : {}, request.query) ?? {};
  const reply = anyOf(problems) ? invalid(problems, version)
    : messageId ? onMessage(world, request, messageId, version, operation)
    : onHook(world, request, hook, version, operation);
  holdToDescription(world, operation, reply, version);
  return { ...reply, headers: { ...bucketHeaders(world), ...reply.headers } };
}

// An answer that Discord would not give breaks the test that gets it. The old shape of refusals is not described.
function holdToDescription(world, operation, { status = 200, body }, version) {
  if (status === 400 && version === undefined) return;
  const wrong = world.description?.answered(operation, status, body) ?? [];
  if (wrong.length > 0) throw new Error(`not as Discord describes it: ${wrong.join('; ')}`);
}

function onHook(world, request, hook, version, operation) {
  if (request.method === 'GET') {
    const { id, token } = hook;
    return { body: { id, token, type: 1, name: 'world', channel_id: '99', guild_id: '98', avatar: null, application_id: null } };
  }
  if (request.method === 'DELETE') {
    world.hooks.delete(hook.id);
    return { status: 204 };
  }
  if (request.method !== 'POST') return failure(405, 0, '405: Method Not Allowed');
  const { refusal, message } = parsed(world, request, version, operation);
  if (refusal) return refusal;
  if (isEmpty(message)) return failure(400, 50006, 'Cannot send an empty message');
  if (world.enforce && recentPosts(world).length >= BUCKET.limit) return limited(untilFree(world) / 1000, false);
  world.posts.push(Date.now());
  const kept = keep(world, hook, message, version);
  return request.query.get('wait') === 'true' ? { body: shown(kept) } : { status: 204 };
}

function onMessage(world, request, id, version, operation) {
  const kept = world.messages.find((it) => it.id === id && !it.deleted);
  if (!kept) return failure(404, 10008, 'Unknown Message');
  if (request.method === 'GET') return { body: shown(kept) };
  if (request.method === 'DELETE') {
    kept.deleted = true;
    return { status: 204 };
  }
  if (request.method !== 'PATCH') return failure(405, 0, '405: Method Not Allowed');
  const { refusal, message } = parsed(world, request, version, operation);
  if (refusal) return refusal;
  const next = { ...kept.sent, ...message };
  if (isEmpty(next)) return failure(400, 50006, 'Cannot send an empty message');
  // An edit rings nobody, but what it would show as a mention is parsed anew from this request.
  kept.edits.push({ message, time: Date.now(), rung: rung(message) });
  Object.assign(kept, { sent: next, content: next.content ?? '', embeds: next.embeds ?? [] });
  world.news.push(read(kept, { rang: false, edited: true }));
  return { body: shown(kept) };
}

// {message}, or {refusal} with the reason in the shape of the API version asked.
function parsed(world, request, version, operation) {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    const message = 'Expected "Content-Type" header to be one of {application/json}.';
    return { refusal: invalid({ _: { code: 'CONTENT_TYPE_INVALID', message } }, version) };
  }
  let message;
  try {
    message = JSON.parse(request.body);
  } catch {
    return { refusal: failure(400, 50109, 'The request body contains invalid JSON.') };
  }
  message ??= {};
  const described = world.description?.sent(operation, message) ?? {};
  const problems = anyOf(described) ? described : problemsOf(message);
  return anyOf(problems) ? { refusal: invalid(problems, version) } : { message };
}

const anyOf = (problems) => Object.keys(problems).length > 0;

function invalid(problems, version) {
  // Routes without a version fall to v6, whose errors are lists by path, without a code.
  if (version === undefined) {
    return { status: 400, body: Object.fromEntries(Object.entries(problems).map(([path, it]) => [path, [it.message]])) };
  }
  const errors = {};
  for (const [path, problem] of Object.entries(problems)) {
    const at = path === '_' ? errors : path.split('.').reduce((node, key) => (node[key] ??= {}), errors);
    at._errors = [problem];
  }
  return { status: 400, body: { message: 'Invalid Form Body', code: 50035, errors } };
}

function keep(world, hook, message, version) {
  const whom = rung(message);
  const kept = {
    id: String((world.last += 4_194_304n)),
    hook: hook.id,
    version: version ?? null,
    time: Date.now(),
    content: message.content ?? '',
    embeds: message.embeds ?? [],
    username: message.username ?? null,
    silent: ((message.flags ?? 0) & 4096) !== 0,
    rung: whom,
    rang: ringsAnybody(whom),
    sent: message,
    edits: [],
    deleted: false,
  };
  world.messages.push(kept);
  world.news.push(read(kept, { rang: kept.rang, edited: false }));
  return kept;
}

// As a person reads it: its text, then its frames, without the marks for bold.
function read({ id, content, embeds }, more) {
  const frames = embeds.flatMap(({ title, description }) => [title, description]);
  const text = [content, ...frames].filter(Boolean).join('\n').replaceAll('**', '').trim();
  return { id, time: Date.now(), content, embeds, text, ...more };
}

const shown = (kept) => ({
  id: kept.id, type: 0, channel_id: '99', webhook_id: kept.hook, content: kept.content,
  embeds: kept.embeds.map(shownEmbed), attachments: [], components: [],
  mentions: kept.rung.users.map((id) => ({ ...USER, id, username: `user-${id}` })), mention_roles: kept.rung.roles,
  mention_everyone: kept.rung.everyone, pinned: false, tts: false, flags: kept.sent.flags ?? 0,
  author: { ...USER, id: kept.hook, username: kept.username ?? 'world', bot: true },
  timestamp: new Date(kept.time).toISOString(),
  edited_timestamp: kept.edits.length ? new Date(kept.edits.at(-1).time).toISOString() : null,
});

const USER = { avatar: null, discriminator: '0000', public_flags: 0, flags: 0, global_name: null, primary_guild: null };

// What was sent as null is not there, and each field says whether it stands beside others.
function shownEmbed(embed) {
  const there = Object.fromEntries(Object.entries(embed).filter(([, value]) => value !== null));
  const fields = there.fields?.map((field) => ({ ...field, inline: field.inline ?? false }));
  return { type: 'rich', ...there, ...(fields && { fields }) };
}

const recentPosts = (world) => world.posts.filter((time) => time > Date.now() - BUCKET.windowMs);
const untilFree = (world) => Math.max(1, recentPosts(world)[0] + BUCKET.windowMs - Date.now());

function bucketHeaders(world) {
  const used = recentPosts(world).length;
  const wait = used ? untilFree(world) / 1000 : BUCKET.windowMs / 1000;
  return {
    'x-ratelimit-limit': String(BUCKET.limit),
    'x-ratelimit-remaining': String(Math.max(0, BUCKET.limit - used)),
    'x-ratelimit-reset': String(Date.now() / 1000 + wait),
    'x-ratelimit-reset-after': String(wait),
    'x-ratelimit-bucket': 'e9d6b1f0',
  };
}
