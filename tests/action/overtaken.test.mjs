// Two runs tell of one version, and Discord stumbles over the earlier one's words: they are not the last ones.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ciEnded, until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

const says = ({ content, embeds }) => [content, ...embeds.map(({ description }) => description)].join('\n');
const onChannel = (world) => world.discord.messages.map(says);
const noted = (world) => join(world.stateDir, 'preprod/messages.json');

// It stays, and somebody has to hear of it.
const ILL = { 'health-contains': 'version 2', 'health-grace': '300ms', 'on-unhealthy': 'keep' };

/** A deploy, of which nothing but its own job tells, up to where it is live, and Discord stumbles over its last words. */
async function stumbling(world, fault, inputs = {}) {
  await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  world.discord.forget();
  const { done } = world.startAction({ mode: 'deploy', sha: bad, inputs: { watch: 'event', ...inputs } });
  await until(() => world.discord.messages.length === 1, 'the first words');
  const asked = () => world.discord.requests.filter(({ method }) => method === fault.match).length;
  const before = asked();
  world.discord.fault(fault);
  await until(() => asked() > before && world.ledger().some(({ fact }) => fact.watching?.sha === bad), 'the deploy, and Discord to stumble');
  return { bad, done };
}

const BY = {
  'the job that CI\'s end starts': (world, bad) => ({ mode: 'watch', sha: bad, event: ciEnded(world, { sha: bad, conclusion: 'failure' }) }),
  'a rollback by hand': () => ({ mode: 'rollback', inputs: { to: 'last-validated' } }),
};

const STUMBLES = {
  'takes them and says 500': { kind: '500', effect: true },
  'does not take them': { kind: '500' },
  'limits us': { kind: '429', retryAfter: 3 },
  'is slow': { kind: 'slow', ms: 3000 },
  'takes them late and says 502': { kind: '502-html', effect: true, ms: 2500 },
};

for (const [who, run] of Object.entries(BY)) for (const [how, fault] of Object.entries(STUMBLES)) {
  test(`where Discord ${how}, a deploy's edit does not write over what ${who} has told meanwhile`, () => inWorld({}, async (world) => {
    const { bad, done } = await stumbling(world, { ...fault, match: 'PATCH' });
    const result = await world.runAction(run(world, bad));
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.equal((await done).outputs.result, 'deployed');
    await serves(world, 2);
    const [card, ...rest] = onChannel(world);
    assert.match(card, /^🔄 PREPROD - ROLLBACK/i, texts(world).join('\n--\n'));
    assert.deepEqual(rest.map((text) => text.slice(0, 20)), [card.slice(0, 20)], 'and the message that rings');
  }));
}

test('plain messages that another run\'s news has overtaken are not posted below it', () => inWorld({ inputs: { 'discord-style': 'text' } }, async (world) => {
  const { bad, done } = await stumbling(world, { kind: '429', retryAfter: 3, match: 'POST' });
  await world.runAction(BY['a rollback by hand'](world, bad));
  assert.equal((await done).outputs.result, 'deployed');
  const heads = onChannel(world).map((text) => text.split('\n')[0]);
  assert.equal(heads.length, 2, heads.join('\n'));
  assert.match(heads[1], /ROLLBACK/i);
}));

/** A deploy that keeps an ill version, while Discord stumbles over the alert of it; its own message is not held up. */
async function alarmed(world, fault) {
  await validated(world);
  const ill = world.release({ version: 3 });
  world.discord.forget();
  const { done } = world.startAction({ mode: 'deploy', sha: ill, inputs: { watch: 'event', ...ILL } });
  await until(() => world.discord.messages.length === 1, 'the first words');
  world.discord.fault({ ...fault, match: 'POST' });
  await until(() => world.ledger().some(({ fact }) => fact.ended), 'the deploy');
  return { ill, done };
}
const RINGS = { inputs: { 'discord-mention': 'everyone' } };
const rang = (world) => world.discord.messages.map((message) => message.rang);

test('an alert that newer news has overtaken is told with its time, and rings', () => inWorld(RINGS, async (world) => {
  const { done } = await alarmed(world, { kind: '429', retryAfter: 3 });
  await world.runAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  await done;
  const told = onChannel(world);
  assert.match(told.at(-1), /\n🕓 Message du .* UTC, arrivé en retard\n/, told.join('\n--\n'));
  assert.match(told[0], /^🔄 PREPROD - ROLLBACK/i, 'the deploy\'s own message');
  assert.equal(rang(world).at(-1), true);
}));

test('an alert that is there, though Discord said 500, is not told again below newer news', () => inWorld(RINGS, async (world) => {
  const { done } = await alarmed(world, { kind: '500', effect: true });
  await world.runAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  await done;
  const heads = onChannel(world).map((text) => text.replace('@everyone ', '').split('\n')[0]);
  assert.equal(heads.filter((head) => /mauvaise santé/.test(head)).length, 1, heads.join('\n'));
  assert.match(heads.at(-1), /ROLLBACK/i);
}));

test('news that leaves what an alert says as it was does not overtake it', () => inWorld(RINGS, async (world) => {
  const { ill, done } = await alarmed(world, { kind: '429', retryAfter: 3 });
  const green = { mode: 'watch', sha: ill, event: ciEnded(world, { sha: ill, conclusion: 'success' }), inputs: ILL };
  await world.runAction(green);
  await done;
  const [card, ...rest] = onChannel(world);
  assert.match(card, /^🚨 PREPROD - En ligne, mais en mauvaise santé/, texts(world).join('\n--\n'));
  assert.ok(rest.some((text) => /mauvaise santé/.test(text) && !text.includes('retard')));
  assert.ok(rang(world).includes(true));
}));

/** The job that CI's end starts, at where Discord stumbles over its edit. */
async function settling(world, sha, conclusion, fault) {
  world.discord.fault({ ...fault, match: 'PATCH' });
  const asked = () => world.discord.requests.filter(({ method }) => method === 'PATCH').length;
  const before = asked();
  const run = world.startAction({ mode: 'watch', sha, event: ciEnded(world, { sha, conclusion }) });
  await until(() => asked() > before, 'the edit');
  return run;
}

for (const [how, fault] of Object.entries({ 'is slow': STUMBLES['is slow'], 'limits us': STUMBLES['limits us'] })) {
  test(`where Discord ${how}, the message of an earlier deploy of the same version keeps its own end`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    await deploy(world, sha, { watch: 'event' });
    const { done } = await settling(world, sha, 'success', fault);
    const again = await deploy(world, sha, { watch: 'event', force: 'true' });
    assert.deepEqual([again.exit, (await done).outputs.result], [0, 'validated'], again.stdout);
    const [, first, second] = onChannel(world);
    assert.match(first, /^✅ PREPROD - SHA validé par le CI/, first);
    assert.match(second, /^✅ PREPROD - Déploiement terminé/, second);
  }));
}

test('what the job that opened a message says later is not written over by an older edit of another run', () => inWorld({ inputs: { 'ci-timeout': '20s' } }, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const { done } = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
  await until(() => world.discord.messages.at(-1).content.includes('terminé'), 'the deploy');
  const { id } = world.discord.messages.at(-1);
  world.discord.fault({ kind: '429', retryAfter: 4, match: id });
  const newer = world.startAction({ mode: 'deploy', sha: world.release({ version: 4 }), inputs: { watch: 'event' } });
  await until(() => world.discord.requests.some(({ path, body }) => path.includes(id) && body.includes('remplacé')), 'the older edit');
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  await done;
  await newer.done;
  assert.match(world.discord.messages.find((message) => message.id === id).content, /validé, mais plus en ligne|validé, mais pas en ligne/);
}));

test('what a run noted that was killed before Discord had it is told by the one that is older', () => inWorld({}, async (world) => {
  const { bad, done } = await stumbling(world, { kind: '429', retryAfter: 4, match: 'PATCH' });
  const { child, done: killed } = await settling(world, bad, 'failure', { kind: 'hang' });
  child.kill('SIGKILL');
  await Promise.allSettled([killed, done]);
  assert.match(onChannel(world)[0], /^🔄 PREPROD - ROLLBACK/, texts(world).join('\n--\n'));
}));

test('a rollback by hand is told, late, below the news that has overtaken it', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ciFails(world, sha);
  await deploy(world, sha, { watch: 'event' });
  world.discord.fault({ kind: '429', retryAfter: 4, match: 'POST' });
  const posts = () => world.discord.requests.filter(({ method }) => method === 'POST').length;
  const before = posts();
  const { done } = world.startAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  await until(() => posts() > before, 'Discord to stumble');
  await world.runAction({ mode: 'watch', sha, event: ciEnded(world, { sha, conclusion: 'failure' }) });
  assert.equal((await done).outputs.result, 'rolled-back');
  assert.match(onChannel(world).at(-1), /^🔄 PREPROD - Rollback effectué\n🕓 Message du .* UTC, arrivé en retard\n/, texts(world).join('\n--\n'));
}));

test('words that put right what was written over are not the last ones where newer ones come meanwhile', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  world.discord.forget();
  const edits = () => world.discord.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
  world.discord.fault({ kind: '429', retryAfter: 2, match: 'PATCH' });
  const { done } = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'event' } });
  await until(() => edits().length > 0 && world.ledger().some(({ fact }) => fact.watching?.sha === sha), 'the deploy');
  await world.runAction({ mode: 'watch', sha, event: ciEnded(world, { sha, conclusion: 'success' }) });
  world.discord.fault({ kind: 'slow', ms: 3000, match: 'PATCH' });
  const before = edits().length;
  await until(() => edits().length > before, 'the words that put right');
  await world.runAction({ mode: 'rollback', inputs: { to: good } });
  await done;
  assert.match(onChannel(world)[0], /^🔄 PREPROD - Rollback effectué/, texts(world).join('\n--\n'));
}));

test('a message that is opened late says what was told meanwhile', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  world.discord.forget();
  world.discord.fault({ kind: 'slow', ms: 4000, match: 'POST' });
  const { done } = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'event' } });
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === sha), 'the deploy');
  await world.runAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  await done;
  const heads = onChannel(world).map((text) => text.split('\n')[0]);
  assert.deepEqual(heads, ['🔄 PREPROD - Rollback effectué', '🔄 PREPROD - Rollback effectué'], texts(world).join('\n--\n'));
}));

for (const [which, mark] of Object.entries({ 'of an older ledger': { seq: 9999, at: 0 }, 'by a clock that was set back': { seq: 0, at: 9e15 } })) {
  test(`what is noted ${which} holds nothing up`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    await deploy(world, sha, { watch: 'event' });
    // Not through JSON: a message's id has more digits than a number here.
    const marks = /\{"seq":\d+,"at":\d+\}/g;
    const cards = readFileSync(noted(world), 'utf8');
    assert.equal(cards.match(marks).length, 4, 'what is told, and what is edited, of two versions');
    writeFileSync(noted(world), cards.replace(marks, JSON.stringify(mark)));
    ciFails(world, sha);
    const result = await world.runAction({ mode: 'watch', sha });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    const [, card, alarm] = onChannel(world);
    assert.match(card, /^🔄 PREPROD - ROLLBACK/i);
    assert.match(alarm, /^🔄 PREPROD - ROLLBACK/i);
  }));
}
