// A deploy that was cut short, and CI that speaks before a later run finishes it: what it has failed is undone, not put live
// first, and what it has passed in the end is finished.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sharedPathWithout } from '../world/path.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded, until } from '../world/scenario.mjs';
import { candidate, headOf, productionInputs, promote, script, startPromote, withProduction } from './production.mjs';
import { ci, ciFails, deploy, headlines, inWorld, nextSecond, point, serves, shown, texts, validated } from './support.mjs';

const NO_ENGINE = { PATH: sharedPathWithout(['docker', 'docker-compose']) };
const DISPATCHED = { event: { name: 'workflow_dispatch', payload: { repository: { private: false } } } };
const event = (world, id) => ({ name: 'workflow_run', payload: { action: 'completed', workflow_run: structuredClone(world.github.runOf(id)), workflow: {}, repository: {} } });

/** Kills a run and what it has started; what ends by itself meanwhile has ended. */
async function killed(world, one) {
  one.child.kill('SIGKILL');
  for (const { pid } of world.leftovers()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
  await one.done;
}

/** A deploy that is killed in its command, which has written its SHA to a file by then. */
async function cutShort(world, sha, inputs = {}) {
  const ran = join(world.root, 'ran');
  const command = { 'deploy-command': `sh\n-c\necho $DEPLOY_SHA >> ${ran}; [ -e ${world.root}/go ] || sleep 30` };
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'event', ...command, ...inputs } });
  await until(() => existsSync(ran), 'the command');
  await killed(world, one);
  writeFileSync(join(world.root, 'go'), '');
  return () => readFileSync(ran, 'utf8').trim().split('\n').length;
}

test('what CI has failed before its deploy was finished is undone, and its command is not run again', () => inWorld({}, async (world) => {
  const well = await validated(world);
  for (const [version, how] of [[3, 'event'], [4, 'again']]) {
    const sha = world.release({ version });
    const times = await cutShort(world, sha);
    const before = times();
    const id = ciFails(world, sha);
    const result = how === 'event'
      ? await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }, { id }) })
      : await deploy(world, sha, { watch: 'event' }, { env: { GITHUB_RUN_ATTEMPT: '2' } });
    assert.equal(result.exit, 1, result.log);
    assert.deepEqual([times(), world.checkedOut()], [before, well], result.log);
    await serves(world, 2);
    assert.match(texts(world).join('\n'), new RegExp(`SHA annulé: ${sha.slice(0, 7)}[^]*Raison: le CI a échoué`));
    assert.equal(JSON.parse(result.outputs.state).preprod.quarantine.find((one) => one.sha === sha).why, 'ci');
    rmSync(join(world.root, 'ran'));
    rmSync(join(world.root, 'go'));
  }
}));

test('a deploy that was cut short is finished where CI\'s failure is over, was passed over, or leaves no way back', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await cutShort(world, sha);
  const id = ci(world, sha, 'failure');
  const red = event(world, id);
  await nextSecond();
  world.github.rerun(id, { conclusion: 'success' });
  const over = await world.runAction({ mode: 'watch', sha, event: red });
  assert.equal(over.outputs.result, 'validated', over.log);
  await serves(world, 3);
  rmSync(join(world.root, 'go'));
  rmSync(join(world.root, 'ran'));
  const guarded = world.release({ version: 4, files: { 'www/index.html': 'version 4\n', 'migrations/4.sql': 'x\n' } });
  await cutShort(world, guarded, { 'guard-paths': 'migrations/**' });
  const failed = ciFails(world, guarded);
  const decided = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha: guarded, conclusion: 'failure' }, { id: failed }) });
  assert.equal(decided.exit, 1, decided.log);
  assert.match(headlines(world).join("\n"), /Rollback à décider/, decided.log);
  assert.equal(await shown(world), 'version 4', 'whole, not half');
}));

test('a forced deploy that was cut short is gone back from like any other when CI fails it then', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await cutShort(world, sha, { force: 'true' });
  const id = ciFails(world, sha);
  const result = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }, { id }) });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  await serves(world, 2);
}));

test('a way back that was begun goes to its end though CI is green by then, and the quarantine is over', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await cutShort(world, sha);
  const id = ciFails(world, sha);
  const programs = wrapPrograms(world);
  const held = programs.hold(' reset --hard');
  const undoing = world.startAction({ mode: 'watch', sha, event: event(world, id), env: programs.env });
  await held.begun();
  await killed(world, undoing);
  held.letGo();
  await nextSecond();
  world.github.rerun(id, { conclusion: 'success' });
  const green = await world.runAction({ mode: 'watch', sha, event: event(world, id) });
  assert.equal(green.exit, 0, green.log);
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /CI relancé réussi/);
}));

test('a failure that a run without what it takes has written down is over once CI is green', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await cutShort(world, sha);
  const id = ciFails(world, sha);
  const poor = await world.runAction({ mode: 'watch', sha, event: event(world, id), env: NO_ENGINE });
  assert.equal(poor.exit, 1, poor.log);
  await nextSecond();
  world.github.rerun(id, { conclusion: 'success' });
  const green = await world.runAction({ mode: 'watch', sha, event: event(world, id) });
  assert.equal(green.outputs.result, 'validated', green.log);
  assert.deepEqual([point(world), await shown(world)], [sha, 'version 3']);
  assert.doesNotMatch(headlines(world).join('\n'), /ROLLBACK/);
}));

test('CI\'s failure of a deploy that had changed nothing yet is told, with its jobs', () => inWorld({}, async (world) => {
  const well = await validated(world);
  const sha = world.release({ version: 3 });
  const programs = wrapPrograms(world);
  const held = programs.hold(' ls-files -v');
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'event' }, env: programs.env });
  await held.begun();
  await killed(world, one);
  held.letGo();
  const id = ciFails(world, sha);
  const result = await world.runAction({ mode: 'watch', sha, event: event(world, id) });
  assert.deepEqual([result.exit, world.checkedOut()], [0, well], result.log);
  assert.match(texts(world).join('\n'), new RegExp(`CI en échec pour ${sha.slice(0, 7)}[^]*pytest`));
}));

for (const how of ['no event', 'an event of before']) {
  test(`what CI has failed is undone and not finished, with ${how}`, () => inWorld({}, async (world) => {
    const well = await validated(world);
    const sha = world.release({ version: 3 });
    const times = await cutShort(world, sha);
    const before = times();
    const id = ci(world, sha, 'success');
    const green = event(world, id);
    green.payload.workflow_run.updated_at = new Date(Date.now() - 120_000).toISOString();
    await nextSecond();
    world.github.rerun(id, { conclusion: 'failure' });
    const result = await world.runAction({ mode: 'watch', sha, event: how === 'no event' ? DISPATCHED.event : green });
    assert.equal(result.exit, 1, result.log);
    assert.deepEqual([times(), world.checkedOut()], [before, well], result.log);
    await serves(world, 2);
  }));
}

for (const mode of ['watch', 'deploy']) {
  test(`a promote that was cut short is finished before a ${mode} hears that CI has failed it: what the site wrote since stays`, () => withProduction({}, async (world) => {
    const first = await candidate(world, 2);
    assert.equal((await promote(world, first, script(world))).outputs.result, 'deployed');
    const sha = await candidate(world, 3);
    const begun = join(world.root, 'begun');
    const after = `touch ${begun}; [ -e ${world.root}/go ] || sleep 30`;
    const one = startPromote(world, sha, script(world, after));
    await until(() => existsSync(begun), 'the command');
    await killed(world, one);
    for (const [path, text] of [[join(world.root, 'go'), ''], [join(world.prod.files, 'upload.txt'), 'of a visitor\n']]) writeFileSync(path, text);
    await nextSecond();
    const id = ciFails(world, sha, { attempt: 2 });
    const { confirm: _, ...inputs } = { ...productionInputs(world), ...script(world, after), watch: 'event' };
    const result = await world.runAction({ mode, sha, inputs, event: mode === 'watch' ? event(world, id) : DISPATCHED.event });
    assert.ok(existsSync(join(world.prod.files, 'upload.txt')), result.log);
    assert.equal(headOf(world.prod.vm), mode === 'watch' ? first : sha, result.log);
  }));
}
