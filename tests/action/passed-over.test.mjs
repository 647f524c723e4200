// A success that came while a newer version was the rollback point moved nothing then. Once that one has failed, it counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { FAILING_JOB, ci, deploy, inWorld, nextSecond, point, serves, texts, validated } from './support.mjs';

const settled = (world, sha) => world.runAction({ mode: 'watch', sha });

/** Three versions, each newer: a validated one, one that CI passed late, and the point; with the point's run of CI. */
async function passedOver(world) {
  const base = await validated(world);
  const [middle, newest] = [world.release({ version: 3 }), world.release({ version: 4 })];
  for (const sha of [middle, newest]) assert.equal((await deploy(world, sha, { watch: 'event' })).outputs.result, 'deployed');
  const run = ci(world, newest, 'success');
  assert.equal((await settled(world, newest)).outputs.result, 'validated');
  ci(world, middle, 'success');
  await settled(world, middle);
  assert.equal(point(world), newest, 'the point goes forward only');
  await nextSecond();
  world.github.rerun(run, { conclusion: 'failure', jobs: [FAILING_JOB] });
  return { base, middle, newest, run };
}

test('where the point fails, what CI has passed between it and the point before is gone back to', () => inWorld({}, async (world) => {
  const { middle, newest, run } = await passedOver(world);
  assert.equal((await settled(world, newest)).outputs.result, 'rolled-back');
  await serves(world, 3);
  assert.equal(point(world), middle);
  assert.match(texts(world).at(-1), new RegExp(`SHA en ligne: ${middle.slice(0, 7)} \\(dernier validé\\)`));
  // Run again and green, the newest is the point once more.
  await nextSecond();
  world.github.rerun(run, { conclusion: 'success' });
  await settled(world, newest);
  assert.equal(point(world), newest);
}));

test('nor is a point gone past that CI failed, and passed again while a newer one was the point', () => inWorld({}, async (world) => {
  const { middle, newest, run } = await passedOver(world);
  await settled(world, newest);
  assert.equal(point(world), middle, 'which stands behind the failed one in the list');
  await nextSecond();
  const last = world.release({ version: 5 });
  await deploy(world, last, { watch: 'event' });
  const lastRun = ci(world, last, 'success');
  await settled(world, last);
  world.github.rerun(run, { conclusion: 'success' });
  await settled(world, newest);
  assert.equal(point(world), last);
  await nextSecond();
  world.github.rerun(lastRun, { conclusion: 'failure', jobs: [FAILING_JOB] });
  assert.equal((await settled(world, last)).outputs.result, 'rolled-back');
  await serves(world, 4);
  assert.equal(point(world), newest);
}));

test('one that a person has turned away from is not', () => inWorld({}, async (world) => {
  const { base, middle, newest } = await passedOver(world);
  for (const to of [middle, base]) assert.equal((await world.runAction({ mode: 'rollback', inputs: { to } })).outputs.result, 'rolled-back');
  await settled(world, newest);
  assert.equal(point(world), base);
  await serves(world, 2);
}));

test('a success that comes when the point has failed already is held against the point before', () => inWorld({}, async (world) => {
  await validated(world);
  const [middle, newest] = [world.release({ version: 3 }), world.release({ version: 4 })];
  for (const sha of [middle, newest]) await deploy(world, sha, { watch: 'event' });
  const run = ci(world, newest, 'success');
  await settled(world, newest);
  await nextSecond();
  world.github.rerun(run, { conclusion: 'failure', jobs: [FAILING_JOB] });
  await settled(world, newest);
  ci(world, middle, 'success');
  await settled(world, middle);
  assert.equal(point(world), middle);
}));

test('of two that were passed over the newer is the point, whichever CI passed last', () => inWorld({}, async (world) => {
  await validated(world);
  const [older, newer, newest] = [3, 4, 5].map((version) => world.release({ version }));
  for (const sha of [older, newer, newest]) await deploy(world, sha, { watch: 'event' });
  const run = ci(world, newest, 'success');
  await settled(world, newest);
  for (const sha of [newer, older]) {
    ci(world, sha, 'success');
    await settled(world, sha);
  }
  await nextSecond();
  world.github.rerun(run, { conclusion: 'failure', jobs: [FAILING_JOB] });
  await settled(world, newest);
  assert.equal(point(world), newer);
  await serves(world, 4);
}));

test('what was found ill here, and is well again, is not passed by a success that came meanwhile', () => inWorld({}, async (world) => {
  const base = await validated(world);
  const [middle, newest] = [world.release({ version: 3 }), world.release({ version: 4 })];
  for (const sha of [middle, newest]) await deploy(world, sha, { watch: 'event' });
  ci(world, newest, 'success');
  await settled(world, newest);
  await world.runAction({ mode: 'rollback', inputs: { to: base } });
  await deploy(world, newest, { watch: 'event', force: 'true', 'health-contains': 'never', 'health-grace': '300ms' });
  ci(world, middle, 'success');
  await settled(world, middle);
  assert.equal((await deploy(world, newest, { watch: 'event', force: 'true' })).outputs.result, 'validated');
  assert.equal(point(world), newest);
}));

test('a run that is killed while it looks for them is made up for by the next', () => inWorld({}, async (world) => {
  const { middle, newest } = await passedOver(world);
  const programs = wrapPrograms(world, ['git']);
  const held = programs.hold(`is-ancestor ${middle}`);
  const one = world.startAction({ mode: 'watch', sha: newest, env: programs.env });
  await held.begun();
  one.child.kill('SIGKILL');
  held.letGo();
  await one.done;
  assert.equal((await settled(world, newest)).outputs.result, 'rolled-back');
  assert.equal(point(world), middle);
  await serves(world, 3);
}));
