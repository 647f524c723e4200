// Messages on a bad day of Discord's: none comes more than twice, none is lost that could be told, and a
// deploy ends as it would have ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ci, deploy, headlines, inWorld, serves } from './support.mjs';

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

const copies = (world) => ALL.map((head) => headlines(world).filter((one) => one === head).length);

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
