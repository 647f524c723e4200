// A ledger that cannot be read: nothing is done, and nobody who was not watching the job is left to think that it was.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ciEnded, until } from '../world/scenario.mjs';
import { FAILING_JOB, deploy, headlines, inWorld, serves, texts, validated } from './support.mjs';

const ledger = (world) => join(world.stateDir, 'preprod/ledger.jsonl');

const ended = (world, run) => world.runAction({ mode: 'watch', event: ciEnded(world, run) });

/** A folder stands where the ledger was, until it is put back. */
function hide(world) {
  renameSync(ledger(world), `${ledger(world)}.kept`);
  mkdirSync(ledger(world));
  return () => {
    rmSync(ledger(world), { recursive: true });
    renameSync(`${ledger(world)}.kept`, ledger(world));
  };
}

test('a push whose deploy cannot read the ledger changes nothing and tells people so', () => inWorld({}, async (world) => {
  await validated(world);
  const putBack = hide(world);
  const next = world.release({ version: 3 });
  const result = await deploy(world, next);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  await serves(world, 2);
  const told = texts(world).at(-1);
  assert.match(told, /^❌ PREPROD - Échec\n[^]*ledger\\.jsonl[^]*rien n'a été touché/);
  assert.ok(told.includes(next.slice(0, 7)));
  assert.ok(!told.includes('Toujours en ligne'), 'what is live is not known');
  putBack();
  assert.equal((await deploy(world, next, { watch: 'none' })).exit, 0);
  await serves(world, 3);
}));

for (const [conclusion, word] of [['failure', /CI a échoué/], ['success', /CI n'a pas pu être suivi/]]) {
  test(`the end of CI (${conclusion}) that cannot be written down is told, and counts once its job is run again`, () => inWorld({}, async (world) => {
    await validated(world);
    const next = world.release({ version: 3 });
    await deploy(world, next, { watch: 'event' });
    const run = { sha: next, conclusion };
    world.github.addRun({ ...run, jobs: conclusion === 'failure' ? [FAILING_JOB] : [] });
    const watch = () => ended(world, run);
    const putBack = hide(world);
    const before = headlines(world).length;
    const result = await watch();
    assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
    assert.equal(headlines(world).length, before + 1, texts(world).join('\n--\n'));
    assert.match(texts(world).at(-1), word);
    putBack();
    assert.equal((await watch()).outputs.result, conclusion === 'failure' ? 'rolled-back' : 'validated');
    await serves(world, conclusion === 'failure' ? 2 : 3);
  }));
}

test('the end of a CI that is not this environment\'s is told nobody, nor is a plan', () => inWorld({}, async (world) => {
  await validated(world);
  const next = world.release({ version: 3 });
  const others = { sha: next, conclusion: 'failure', branch: 'feature' };
  hide(world);
  const before = headlines(world).length;
  assert.equal((await ended(world, others)).exit, 1);
  assert.equal((await deploy(world, next, { 'dry-run': 'true' })).exit, 1);
  assert.equal(headlines(world).length, before, texts(world).join('\n--\n'));
}));

test('a deploy that follows its CI, and cannot read the ledger by its end, says that of CI and not of the deploy', () => inWorld({}, async (world) => {
  await validated(world);
  const next = world.release({ version: 3 });
  const run = world.github.addRun({ sha: next, status: 'in_progress' });
  const { done } = world.startAction({ mode: 'deploy', sha: next, inputs: { watch: 'inline' } });
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === next), 'CI to be followed');
  const putBack = hide(world);
  world.github.setRun(run, { conclusion: 'failure', jobs: [FAILING_JOB] });
  const { exit, outputs, stdout } = await done;
  assert.deepEqual([exit, outputs.result], [1, 'failed'], stdout);
  await serves(world, 3);
  const told = texts(world).at(-1);
  assert.match(told, /^🚨 PREPROD - Le CI n'est plus suivi/);
  putBack();
  assert.equal((await world.runAction({ mode: 'status' })).exit, 0);
  await serves(world, 2);
}));
