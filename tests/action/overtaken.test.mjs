// Two runs tell of one version, and Discord stumbles over the earlier one's words: they are not the last ones.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ciEnded, until } from '../world/scenario.mjs';
import { ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

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
  world.discord.fault(fault);
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === bad), 'the deploy');
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

test('an alert that newer news has overtaken is told with its time', () => inWorld({}, async (world) => {
  await validated(world);
  const ill = world.release({ version: 3 });
  world.discord.forget();
  const { done } = world.startAction({ mode: 'deploy', sha: ill, inputs: { watch: 'event', ...ILL } });
  await until(() => world.discord.messages.length === 1, 'the first words');
  world.discord.fault({ kind: '429', retryAfter: 3, match: 'POST' });
  await until(() => world.ledger().some(({ fact }) => fact.ended), 'the deploy');
  await world.runAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  await done;
  const told = onChannel(world);
  assert.match(told.at(-1), /\n🕓 Message du .*, que Discord n'avait pas pris\n/, told.join('\n--\n'));
  assert.match(told[0], /^🔄 PREPROD - ROLLBACK/i, 'the deploy\'s own message');
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
