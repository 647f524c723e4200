// Messages on a bad day of Discord's: none comes more than twice, none is lost that could be told, and a
// deploy ends as it would have ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ci, ciFails, deploy, headlines, inWorld, serves, texts, validated } from './support.mjs';

const ALL = ['🚀 PREPROD - Déploiement démarré', '✅ PREPROD - Déploiement terminé', '✅ PREPROD - SHA validé par le CI'];

async function deployed(world, fault) {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  world.discord.fault({ match: '/webhooks/', ...fault });
  const result = await deploy(world, sha);
  assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
  await serves(world, 2);
  return result;
}

const copies = (world) => ALL.map((head) => texts(world).filter((text) => text.split('\n')[0] === head).length);

for (const kind of ['reset', 'truncated', '500', '502-html']) {
  test(`a message that arrived though its answer did not (${kind}) comes twice at most`, () => inWorld({}, async (world) => {
    const result = await deployed(world, { kind, effect: true, times: 99 });
    assert.ok(copies(world).every((count) => count <= 2) && copies(world)[0] === 2, String(copies(world)));
    assert.match(result.log, /may have arrived|not delivered within/);
  }));

  test(`a message that was lost on its way (${kind}) is sent again, and comes once`, () => inWorld({}, async (world) => {
    await deployed(world, { kind, times: 1 });
    assert.deepEqual(copies(world), [1, 1, 1]);
  }));
}

for (const [kind, times] of [['503', 2], ['429', 2]]) {
  test(`a Discord that takes nothing for now (${kind}) gets every message once`, () => inWorld({}, async (world) => {
    await deployed(world, { kind, times });
    assert.deepEqual(headlines(world), ALL);
  }));
}

test('a Discord that takes the message and never answers does not hold the job up for long', () => inWorld({}, async (world) => {
  const result = await deployed(world, { kind: 'hang', effect: true, times: 99 });
  assert.ok(copies(world).every((count) => count <= 2), String(copies(world)));
  assert.match(result.log, /Discord: /);
}));

const first = (world) => world.discord.messages[0];

test('one message is edited through the deploy, and its edits ring for nobody', () => inWorld({ inputs: { 'discord-mention': 'everyone' } }, async (world) => {
  const sha = await validated(world);
  assert.equal(world.discord.messages.length, 1);
  assert.deepEqual(first(world).edits.map(({ message }) => message.allowed_mentions), [{ parse: [] }, { parse: [] }]);
  assert.equal(first(world).embeds[0].color, 0x2da44e);
  const posts = world.discord.requests.map(({ method, target }) => `${method} ${target.replace(/.*\/webhooks\/\d+\/[^/?]+/, '')}`);
  assert.deepEqual(posts, ['POST ?wait=true', `PATCH /messages/${first(world).id}`, `PATCH /messages/${first(world).id}`]);
  assert.match(texts(world).at(-1), new RegExp(`^✅ PREPROD - SHA validé par le CI\nSHA: ${sha.slice(0, 7)}\nAuteur: `));
}));

test('a rollback edits the message of the version it undoes, and calls whom it may with a new one', () => inWorld({ inputs: { 'discord-mention': 'everyone' } }, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  const [, edited, ringing] = world.discord.messages;
  assert.deepEqual([world.discord.messages.length, edited.rang, ringing.rang], [3, false, true]);
  assert.match(edited.content, /^🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué$/);
  assert.match(ringing.content, /^@everyone 🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué$/);
}));

test('a watcher that outlives the job edits the message of the job; a message that somebody deleted is posted anew', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  await deploy(world, sha, { watch: 'event' });
  await world.endJob();
  ci(world, sha, 'success');
  const settled = await world.runAction({ mode: 'watch', sha });
  assert.equal(settled.outputs.result, 'validated', settled.stdout);
  assert.deepEqual([world.discord.messages.length, first(world).edits.length], [1, 2]);
  const newer = world.release({ version: 3 });
  await deploy(world, newer, { watch: 'event' });
  world.discord.messages.at(-1).deleted = true;
  ci(world, newer, 'success');
  assert.equal((await world.runAction({ mode: 'watch', sha: newer })).outputs.result, 'validated');
  assert.deepEqual(world.discord.messages.map(({ deleted }) => deleted), [false, true, false]);
  assert.match(texts(world).at(-1), /SHA validé par le CI/);
}));

const REPLACED = /^⏭️ PREPROD - [0-9a-f]{7} remplacé par [0-9a-f]{7}$/;

test('a message that says that CI is running says so no more once a newer version is live', () => inWorld({ inputs: { watch: 'event' } }, async (world) => {
  const settle = (sha) => world.runAction({ mode: 'watch', sha });
  const [older, newer] = [world.release({ version: 2 }), world.release({ version: 3 })];
  await deploy(world, older, { watch: 'event' });
  await deploy(world, newer, { watch: 'event' });
  assert.deepEqual(world.discord.messages.map(({ content }) => REPLACED.test(content)), [true, false]);
  assert.deepEqual(world.discord.messages.map(({ content }) => content.includes(`${older.slice(0, 7)} remplacé par ${newer.slice(0, 7)}`)), [true, false]);
  assert.match(world.discord.messages[0].embeds[0].description, /Son CI n'avait pas encore répondu/);
  ci(world, older, 'cancelled');
  assert.equal((await settle(older)).outputs.result, 'superseded');
  ci(world, newer, 'success');
  assert.equal((await settle(newer)).outputs.result, 'validated');
  await deploy(world, world.release({ version: 4 }), { watch: 'event' });
  assert.deepEqual(world.discord.messages.map(({ content }) => REPLACED.test(content)), [true, false, false], 'what CI has spoken of keeps its message');
}));

test('so it is where what should have replaced it was ill, and the way back leads to an older one', () => inWorld({}, async (world) => {
  await validated(world);
  const open = world.release({ version: 3 });
  await deploy(world, open, { watch: 'event' });
  const sha = world.release({ version: 4 });
  const ill = await deploy(world, sha, { watch: 'event', 'health-contains': 'version 2', 'health-grace': '300ms' });
  assert.equal(ill.outputs.result, 'rolled-back', ill.stdout);
  const [, card, ...after] = world.discord.messages.map(({ content }) => content);
  assert.equal(card, `⏭️ PREPROD - ${open.slice(0, 7)} remplacé par ${sha.slice(0, 7)}`);
  assert.ok(after.length === 2 && after.every((content) => content.includes('ROLLBACK')), after.join('\n'));
}));

test('what follows CI counts, and not what the newer version is deployed with', () => inWorld({}, async (world) => {
  await deploy(world, world.release({ version: 2 }), { watch: 'event' });
  await deploy(world, world.release({ version: 3 }), { watch: 'none' });
  await deploy(world, world.release({ version: 4 }), { watch: 'event' });
  assert.deepEqual(world.discord.messages.map(({ content }) => REPLACED.test(content)), [true, false, false]);
}));

test('the message of a version without a verdict keeps why when it is replaced', () => inWorld({}, async (world) => {
  const older = world.release({ version: 2 });
  ci(world, older, 'cancelled');
  await deploy(world, older);
  await deploy(world, world.release({ version: 3 }), { watch: 'event' });
  const [{ content, embeds: [{ description }] }] = world.discord.messages;
  assert.match(content, REPLACED);
  assert.match(description, /⚠️ Pas de verdict du CI : run annulé\n.*Si son CI réussit plus tard, cela compte, sauf si/);
}));

test('the good end of an alert is a new message below it, and calls nobody', () => inWorld({ inputs: { 'discord-mention': 'everyone' } }, async (world) => {
  const sha = world.release({ version: 2 });
  const run = ci(world, sha, 'cancelled');
  assert.equal((await deploy(world, sha)).outputs.result, 'pending');
  world.github.setRun(run, { conclusion: 'success' });
  assert.equal((await world.runAction({ mode: 'watch', sha })).outputs.result, 'validated');
  const told = world.discord.messages.map(({ content, rang }) => [content.replace('@everyone ', ''), rang]);
  assert.deepEqual(told, [['✅ PREPROD - SHA validé par le CI', false], ['⚠️ PREPROD - SHA non validé', false], ['✅ PREPROD - SHA validé par le CI', false]]);
}));

test('`discord-style: text` sends a plain message for each piece of news', () => inWorld({ inputs: { 'discord-style': 'text' } }, async (world) => {
  await validated(world);
  assert.deepEqual(world.discord.messages.map(({ content, embeds, edits }) => [content.split('\n')[0], embeds.length, edits.length]), ALL.map((head) => [head, 0, 0]));
}));
