// CI that has spoken before what it judges is put live or validated; and who may ask whom about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ciEnded, until } from '../world/scenario.mjs';
import { FAILING_JOB, ci, ciFails, deploy, headlines, inWorld, nextSecond, point, serves, shown, texts, validated } from './support.mjs';

const DISPATCHED = { event: { name: 'workflow_dispatch', payload: { repository: { private: false } } } };
const event = (world, run) => ({ name: 'workflow_run', payload: { action: 'completed', workflow_run: run, workflow: {}, repository: {} } });

test('a green event that has waited for the machine validates nothing that CI has failed since, run again', () => inWorld({}, async (world) => {
  const well = await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const id = ci(world, sha, 'success');
  const green = { ...structuredClone(world.github.runOf(id)), updated_at: new Date(Date.now() - 120_000).toISOString() };
  await nextSecond();
  world.github.rerun(id, { conclusion: 'failure', jobs: [FAILING_JOB] });
  const late = await world.runAction({ mode: 'watch', sha, event: event(world, green) });
  assert.equal(late.outputs.result, 'rolled-back', late.log);
  assert.equal(point(world), well);
  await serves(world, 2);
  // Where GitHub does not tell, the event does.
  const next = world.release({ version: 4 });
  await deploy(world, next, { watch: 'event' });
  const other = { ...structuredClone(world.github.runOf(ci(world, next, 'success'))), updated_at: '2026-01-01T00:00:00Z' };
  world.github.fault({ match: '/actions/', kind: '500', times: 9 });
  assert.equal((await world.runAction({ mode: 'watch', sha: next, event: event(world, other) })).outputs.result, 'validated');
}));

test('what CI has failed already is not put live by a deploy that is not the push\'s own, unless forced', () => inWorld({}, async (world) => {
  const well = await validated(world);
  const sha = world.release({ version: 3 });
  const id = ciFails(world, sha);
  const refused = await deploy(world, sha, { watch: 'event' }, DISPATCHED);
  assert.deepEqual([refused.exit, refused.outputs.result, world.checkedOut()], [1, 'failed', well], refused.log);
  assert.match(headlines(world).at(-1), /⛔ PREPROD - Déploiement refusé/);
  const other = world.release({ version: 4 });
  const failed = ciFails(world, other);
  const byEvent = await deploy(world, other, { watch: 'event' }, { event: ciEnded(world, { sha: other, conclusion: 'failure' }, { id: failed }) });
  assert.deepEqual([byEvent.exit, world.checkedOut()], [1, well], byEvent.log);
  await nextSecond();
  world.github.rerun(id, { conclusion: 'success' });
  const mended = await deploy(world, sha, { watch: 'event' }, DISPATCHED);
  assert.equal(mended.exit, 0, mended.log);
  await serves(world, 3);
  const forced = await deploy(world, other, { watch: 'none', force: 'true' }, DISPATCHED);
  assert.equal(forced.outputs.result, 'deployed', forced.log);
  assert.equal(await shown(world), 'version 4');
}));

test('one odd answer in the middle of a watch does not end it', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'ci-timeout': '20s' } });
  await until(() => world.github.requests.filter(({ path }) => path.includes('/runs')).length > 3, 'CI being followed');
  world.github.fault({ match: '/runs', kind: '404', times: 2 });
  await until(() => world.github.faults.queue.every(({ times }) => times === 0), 'two refusals');
  world.github.setRun(run, { status: 'completed', conclusion: 'failure', jobs: [FAILING_JOB] });
  const result = await one.done;
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  await serves(world, 2);
}));

test('a deploy in the workflow of CI itself is told so, and a detached watcher judges that run', () => inWorld({ inputs: { 'ci-delay': '0s' } }, async (world) => {
  const sha = world.release({ version: 2 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const env = { GITHUB_RUN_ID: String(run) };
  const inline = await deploy(world, sha, {}, { env });
  assert.equal(inline.outputs.result, 'pending', inline.log);
  assert.match(texts(world).at(-1), /sauf celui de ci.{1,2}yml dont ce job fait partie[^]*➡️ Déployer dans un workflow à part, ou suivre le CI avec .watch: detached./);
  const next = world.release({ version: 3 });
  const own = world.github.addRun({ sha: next, status: 'in_progress' });
  const detached = await deploy(world, next, { watch: 'detached', 'watch-token': world.token, 'ci-delay': '2s' }, { env: { GITHUB_RUN_ID: String(own) } });
  assert.equal(detached.outputs.result, 'deployed', detached.log);
  world.github.setRun(own, { status: 'completed', conclusion: 'success' });
  await until(() => point(world) === next, 'the watcher to validate it');
}));

test('a run of CI that is started again for what an older one has failed deploys it', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ciFails(world, sha);
  const own = world.github.addRun({ sha, status: 'in_progress', event: 'workflow_dispatch' });
  const env = { GITHUB_RUN_ID: String(own), GITHUB_WORKFLOW_REF: 'octo/app/.github/workflows/ci.yml@refs/heads/main' };
  const result = await deploy(world, sha, { watch: 'detached', 'watch-token': world.token }, { ...DISPATCHED, env });
  assert.equal(result.outputs.result, 'deployed', result.log);
  world.github.setRun(own, { status: 'completed', conclusion: 'success' });
  await until(() => point(world) === sha, 'its own run to validate it');
}));

for (const watch of ['inline', 'event']) {
  test(`where CI is followed by ${watch}, what an older run has failed is no word on a deploy in the run of CI that was started since`, () => inWorld({ inputs: { 'ci-delay': '0s' } }, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    ciFails(world, sha);
    const own = world.github.addRun({ sha, status: 'in_progress', event: 'workflow_dispatch' });
    const env = { GITHUB_RUN_ID: String(own), GITHUB_WORKFLOW_REF: 'octo/app/.github/workflows/ci.yml@refs/heads/main' };
    const result = await deploy(world, sha, { watch }, { ...DISPATCHED, env });
    assert.equal(result.outputs.result, watch === 'event' ? 'deployed' : 'pending', result.log);
    assert.equal(world.checkedOut(), sha);
  }));
}

test('a run of an older version is told that it is overtaken, whatever CI has said of that', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ciFails(world, sha);
  const live = await validated(world, 3);
  const again = await deploy(world, sha, { watch: 'event' }, { env: { GITHUB_RUN_ATTEMPT: '2' } });
  assert.deepEqual([again.exit, again.outputs.result, world.checkedOut()], [0, 'superseded', live], again.log);
}));

test('a machine that knows nothing of an environment says so when CI of it is settled there', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const id = ciFails(world, sha);
  const result = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }, { id }), env: { RUNNER_NAME: 'the-other-vm' } });
  assert.match(result.log, /::warning::.*the-other-vm/, result.log);
}));
