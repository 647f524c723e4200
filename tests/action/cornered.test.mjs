// Where nothing validated is left to go back to: what was live before is still there, and people are told so. And who only
// checks, changes nothing.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, facts, headlines, inWorld, serves, texts, validated } from './support.mjs';

/** A version that is live and well, with none validated: the only one that was has failed since. */
async function withNoneLeft(world) {
  const once = await validated(world);
  ciFails(world, once, { attempt: 2 });
  await world.runAction({ mode: 'watch', sha: once });
  const sha = world.release({ version: 3 });
  assert.equal((await deploy(world, sha, { watch: 'none' })).outputs.result, 'deployed');
  return sha;
}

/** A deploy that is killed while its command runs. */
async function killed(world, sha) {
  const begun = join(world.root, 'begun');
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'none', 'deploy-command': `sh\n-c\ntouch ${begun}; sleep 30` } });
  await until(() => existsSync(begun), 'the command');
  one.child.kill('SIGKILL');
  for (const { pid } of world.leftovers()) process.kill(pid, 'SIGKILL');
  await one.done;
}

test('a person who recalls a deploy has decided on what is guarded, too: nobody is called for that', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const before = await validated(world);
  await killed(world, world.release({ version: 3, files: { 'migrations/0002.sql': 'ALTER TABLE x;\n' } }));
  world.discord.forget();
  const back = await world.runAction({ mode: 'rollback' });
  assert.deepEqual([back.exit, back.outputs.result, world.checkedOut()], [0, 'rolled-back', before], back.log);
  await serves(world, 2);
  assert.doesNotMatch(texts(world).join('\n'), /chemins protégés|décision/);
}));

test('a deploy that a person recalls goes back to what was live before it, where nothing validated is left', () => inWorld({}, async (world) => {
  const before = await withNoneLeft(world);
  await killed(world, world.release({ version: 4 }));
  const back = await world.runAction({ mode: 'rollback' });
  assert.deepEqual([back.exit, back.outputs.result, world.checkedOut()], [0, 'rolled-back', before], back.log);
  await serves(world, 3);
  assert.ok(headlines(world).every((head) => !head.includes('sans retour possible')), headlines(world).join('\n'));
}));

test('it does where CI has failed that since, too: it stood there', () => inWorld({}, async (world) => {
  const before = await withNoneLeft(world);
  ciFails(world, before);
  assert.equal((await world.runAction({ mode: 'watch', sha: before })).exit, 1);
  await killed(world, world.release({ version: 4 }));
  const back = await world.runAction({ mode: 'rollback' });
  assert.deepEqual([back.exit, back.outputs.result, world.checkedOut()], [0, 'rolled-back', before], back.log);
  await serves(world, 3);
}));

test('a version that does not hold, with nothing validated to go back to, is told with what was live before it', () => inWorld({ inputs: { 'health-grace': '300ms' } }, async (world) => {
  const before = await withNoneLeft(world);
  const sick = await deploy(world, world.release({ version: 4 }), { watch: 'none', 'health-contains': 'never' });
  assert.equal(sick.outputs.result, 'failed', sick.log);
  const told = texts(world).at(-1);
  assert.match(told, new RegExp(`➡️ ${before.slice(0, 7)}, non validée, était en ligne avant : \`mode: rollback\` avec \`to: ${before.slice(0, 7)}\``));
  const back = await world.runAction({ mode: 'rollback', inputs: { to: before.slice(0, 7) } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  await serves(world, 3);
}));

test('a rollback is only offered where there is a version that it would lead to', () => inWorld({ inputs: { 'ci-delay': '0s', 'ci-timeout': '300ms' } }, async (world) => {
  await withNoneLeft(world);
  assert.equal((await deploy(world, world.release({ version: 4 }))).outputs.result, 'pending');
  assert.match(texts(world).at(-1), /SHA non validé/);
  assert.doesNotMatch(texts(world).at(-1), /mode: rollback/);
}));

test('doctor neither goes back from what CI has failed unheard, nor tells what could not be told', () => inWorld({ inputs: { 'ci-timeout': '1ms' } }, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  ciFails(world, sha);
  const seen = () => [facts(world).length, world.discord.messages.length];
  const before = seen();
  await world.runAction({ mode: 'doctor' });
  assert.deepEqual(seen(), before);
  await serves(world, 3);
  assert.equal((await world.runAction({ mode: 'health' })).exit, 0);
  await serves(world, 2);
  world.discord.fault({ kind: '500', times: 99 });
  await deploy(world, world.release({ version: 4 }), { watch: 'none', 'health-contains': 'never', 'health-grace': '100ms' });
  world.discord.clearFaults();
  const told = seen();
  await world.runAction({ mode: 'doctor' });
  assert.deepEqual(seen(), told);
  await world.runAction({ mode: 'status' });
  assert.ok(seen()[1] > told[1], 'the next run tells it');
}));
