// Cuts the part of Discord's published API description (specs/openapi.json in discord/discord-api-spec)
// that the stand-in serves into description.json, as JSON Schema that ajv reads. It comes out of the npm
// package discord-api-spec, which is made of that file each day and has it as types (the operations) and
// as zod schemas; its version ends with the description's own number. Run by hand when it moves on:
//   npm i --prefix /tmp/openapi discord-api-spec@10.0.266135 zod@4.6.7
//   node tests/world/discord/make-description.mjs /tmp/openapi/node_modules
// What the package does not keep: an `integer` without a size is a `number` there (rules.mjs asks for whole ones).
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const HOOK = '/webhooks/{webhook_id}/{webhook_token}';
const SERVED = { [HOOK]: ['get', 'post', 'delete'], [`${HOOK}/messages/{message_id}`]: ['get', 'patch', 'delete'] };
// What nobody here sends or answers with, and what drags most of Discord's objects in.
const CUT = new Set([
  'activity', 'application', 'attachments', 'avatar_decoration_data', 'call', 'collectibles', 'components',
  'interaction', 'interaction_metadata', 'lobby_member', 'mention_channels', 'message_reference',
  'message_snapshots', 'poll', 'primary_guild', 'purchase_notification', 'reactions', 'referenced_message',
  'resolved', 'role_subscription_data', 'shared_client_theme', 'source_channel', 'source_guild', 'sticker_items',
  'stickers', 'thread',
]);

const folder = resolve(process.argv[2]);
const read = (file) => readFileSync(join(folder, file), 'utf8');
const load = (file) => import(pathToFileURL(join(folder, file)));
const z = await load('zod/mini/index.js');
const zods = Object.entries(await load('discord-api-spec/build/discord-api-spec.zod.js')).filter(([name]) => name.endsWith('Schema'));
const { version } = JSON.parse(read('discord-api-spec/package.json'));
const types = read('discord-api-spec/build/discord-api-spec.ts');

const named = z.registry();
for (const [name, schema] of zods) named.add(schema, { id: name.slice(0, -'Schema'.length) });
// (One schema of another part cannot be told in JSON Schema; it becomes anything.)
const form = { io: 'input', target: 'draft-7', unrepresentable: 'any' };
const full = z.toJSONSchema(named, { ...form, uri: (id) => `#/components/schemas/${id}` }).schemas;
const schemas = {};

// Drops what zod adds: names of its own, an `allOf` of one, and its pattern beside the format of a time.
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (node === null || typeof node !== 'object') return node;
  if (node.$ref) collect(node.$ref.split('/').pop());
  const { $schema, $id, ...rest } = node;
  if (rest.format === 'date-time') delete rest.pattern;
  if (Object.keys(rest).join() === 'allOf' && rest.allOf.length === 1) return plain(rest.allOf[0]);
  const { properties, ...more } = rest;
  const kept = Object.entries(more).map(([key, value]) => [key, plain(value)]);
  return { ...Object.fromEntries(kept), ...(properties && { properties: eachOf(properties) }) };
}

const eachOf = (properties) =>
  Object.fromEntries(Object.entries(properties).map(([name, it]) => [name, CUT.has(name) ? cut(it) : plain(it)]));

// Of what is cut there can be nothing: no elements, null where it may be that, or it is not there at all.
function cut(schema) {
  if (schema.anyOf) return { anyOf: schema.anyOf.map(cut) };
  if (schema.type === 'array') return { type: 'array', items: false };
  return schema.type === 'null' ? schema : false;
}

function collect(name) {
  if (schemas[name]) return;
  schemas[name] = {};
  schemas[name] = plain(full[name]);
}

/** The text from `start` to the line that closes it, which stands as far in as `start`. */
function block(text, start, indent) {
  const from = text.indexOf(`\n${indent}${start}`);
  if (from < 0) throw new Error(`no ${start} in the package's types`);
  return text.slice(from, text.indexOf(`\n${indent}}`, from + 1));
}

const WORDS = { boolean: { type: 'boolean' }, string: { type: 'string' }, unknown: null };

// A type as it is written: `A`, `A | B`, `boolean`.
function schemaOf(type) {
  const all = type.split('|').map((it) => it.trim()).filter(Boolean).map((name) => {
    if (name in WORDS) return WORDS[name];
    if (!full[name]) throw new Error(`the package's types say ${name}, its schemas do not`);
    return plain({ $ref: `#/components/schemas/${name}` });
  });
  return all.length === 1 ? all[0] : { anyOf: all };
}

function operation(path, method) {
  const text = block(block(types, `${JSON.stringify(path)}: {`, '  '), `${method}: {`, '    ');
  const parameters = ['path', 'query'].flatMap((where) => {
    const found = [...(new RegExp(`\\b${where}\\?: \\{([^}]*)\\}`).exec(text)?.[1] ?? '').matchAll(/(\w+)(\??): ([^;]+);/g)];
    return found.map(([, name, optional, type]) => ({ name, in: where, required: !optional, schema: schemaOf(type) }));
  });
  const body = /requestBody\?: ([^;]+);/.exec(text)[1];
  const answers = [...text.matchAll(/"(\w{3})":([^;]+);/g)].map(([, status, type]) => [status, schemaOf(type)]);
  // Of two forms of a body the second is the first with less in it, so that any value of what it lacks would do.
  return { ...(body !== 'undefined' && { body: schemaOf(body.split('|')[0]) }), parameters, answers: Object.fromEntries(answers) };
}

const paths = Object.fromEntries(Object.entries(SERVED).map(([path, methods]) =>
  [path, Object.fromEntries(methods.map((method) => [method, operation(path, method)]))]));
const source = `Discord's API description, by the npm package discord-api-spec ${version} (MIT, Copyright 2023 Discord, 2026 RiskyMH), cut and converted`;
const text = JSON.stringify({ source, paths, components: { schemas } }, null, 1);
writeFileSync(new URL('description.json', import.meta.url), `${text}\n`);
