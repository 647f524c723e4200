// What people do to a machine between runs, and to the settings: an environment that is renamed, a state that is lost,
// a service that is misspelt. What is live stays whole, and nobody is told what is not so.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { candidate, onProduction, promote, withProduction } from './production.mjs';
import { ci, ciFails, deploy, facts, headlines, inWorld, nextSecond, point, serves, texts, validated } from './support.mjs';

const renamed = { environment: 'staging' };

test('an environment whose work tree another one has taken over changes nothing there any more', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  await deploy(world, bad, { watch: 'event', 'ci-timeout': '1s' });
  rmSync(join(world.vm, '.git/mangetamain-deploy'));
  const sha = world.release({ version: 4 });
  ci(world, sha, 'success');
  const taken = await deploy(world, sha, renamed);
  assert.equal(taken.outputs.result, 'validated', taken.stdout);
  await nextSecond();
  world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
  world.discord.forget();
  for (const given of [{ mode: 'health' }, { mode: 'watch', sha: bad }]) {
    await world.runAction(given);
    assert.equal(world.checkedOut(), sha, given.mode);
    await serves(world, 4);
    assert.doesNotMatch(headlines(world).join('\n'), /ROLLBACK/);
  }
  const { live, validated: kept } = JSON.parse((await world.runAction({ mode: 'status', inputs: renamed })).outputs.state).staging;
  assert.deepEqual([live.sha, kept.sha], [sha, sha]);
}));

test('a red CI of what stands there, when the state is lost, is an alert and a red run', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  rmSync(join(world.stateDir, 'preprod'), { recursive: true });
  ciFails(world, sha);
  world.discord.forget();
  const result = await world.runAction({ mode: 'watch', sha });
  assert.equal(result.exit, 1, result.stdout);
  assert.doesNotMatch(result.log, /something else is live/);
  assert.match(texts(world).at(-1), /reste en ligne/);
  await serves(world, 3);
}));

for (const mode of ['deploy', 'rollback']) {
  test(`a service that no compose file has is refused before anything is touched, and blames no version: ${mode}`, () => inWorld({}, async (world) => {
    const well = await validated(world);
    const next = world.release({ version: 3 });
    // With the settings of the one before: a version's own settings are not replaced.
    await deploy(world, next);
    const third = world.release({ version: 4 });
    const given = mode === 'deploy' ? { mode, sha: third, inputs: { watch: 'none' } } : { mode, inputs: { to: 'last-validated' } };
    const wrong = (more = {}) => world.runAction({ ...given, inputs: { ...given.inputs, 'compose-service': 'webb', ...more } });
    // A plan knows it once the commit is here.
    for (const more of [{}, { 'dry-run': 'true' }]) {
      const result = await wrong(more);
      assert.equal(result.exit, 1, result.stdout);
      assert.match(result.log, /no service `?webb/);
      assert.equal(world.checkedOut(), next);
    }
    await serves(world, 3);
    assert.equal(point(world), well);
    assert.match(texts(world).at(-1).replaceAll('\\', ''), /`?webb`?[^]*Rien n'a été touché\. compose\.service : web \?/);
    const right = await world.runAction(given);
    assert.equal(right.exit, 0, right.stdout);
    await serves(world, mode === 'deploy' ? 4 : 2);
  }));
}

test('what a watch finds where no run of ours ever was is another pipeline\'s', () => inWorld({}, async (world) => {
  ciFails(world, world.first);
  const result = await world.runAction({ mode: 'watch', sha: world.first });
  assert.equal(result.exit, 0, result.stdout);
  assert.deepEqual([facts(world), texts(world)], [['ci'], []], 'no baseline, and no alert');
}));

test('services are not asked of a link, whose text says nothing of them', () => inWorld({}, async (world) => {
  const { 'docker-compose.yml': text, ...files } = appFiles({ ...world.app, version: 2 });
  writeFileSync(join(world.repository.author, 'prod.yml'), text);
  rmSync(join(world.repository.author, 'docker-compose.yml'));
  symlinkSync('prod.yml', join(world.repository.author, 'docker-compose.yml'));
  const sha = world.release({ files });
  const result = await deploy(world, sha, { 'compose-service': 'web', watch: 'none' });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
}));

test('a way back with files of a backup may bring the service that is missing now', () => withProduction({}, async (world) => {
  const inputs = { 'compose-service': 'web', 'backup-paths': world.prod.docker };
  const first = await candidate(world);
  assert.equal((await promote(world, first, inputs)).exit, 0);
  // Names of backups have the second in them.
  await nextSecond();
  assert.equal((await promote(world, await candidate(world, 3), inputs)).exit, 0);
  writeFileSync(world.prod.compose, readFileSync(world.prod.compose, 'utf8').replace('  web:', '  site:'));
  const back = (more) => onProduction(world, 'rollback', { ...inputs, to: first, 'dry-run': 'true', ...more });
  assert.match((await back({})).log, /has no service `web`/);
  const plan = await back({ backup: 'latest' });
  assert.equal(plan.exit, 0, plan.stdout);
}));

/** A commit of a branch `release`, which was cut before all that is live; gives its SHA. */
function branchTried({ first, repository: { author } }) {
  git(author, 'checkout', '-q', '-b', 'release', first);
  writeFileSync(join(author, 'www/index.html'), 'version tried\n');
  git(author, 'commit', '-qam', 'Tried');
  git(author, 'push', '-q', 'origin', 'release');
  const tried = git(author, 'rev-parse', 'HEAD');
  git(author, 'checkout', '-q', 'main');
  return tried;
}

test('a branch that is tried takes nothing from the one before: what was validated there is gone back to', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const tried = branchTried(world);
  ciFails(world, tried, { branch: 'release' });
  const undone = await deploy(world, tried, { branch: 'release' });
  assert.equal(undone.outputs.result, 'rolled-back', undone.stdout);
  assert.doesNotMatch(undone.log, /is on the branch no more/);
  assert.equal(world.checkedOut(), good);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const back = await deploy(world, bad);
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.equal(world.checkedOut(), good);
  await serves(world, 2);
}));

test('CI that validates another branch late does not take the place of what is live and validated', () => inWorld({}, async (world) => {
  await validated(world);
  const tried = branchTried(world);
  await deploy(world, tried, { branch: 'release', watch: 'none' });
  const good = await validated(world, 3);
  ci(world, tried, 'success', { branch: 'release' });
  await world.runAction({ mode: 'watch', sha: tried, inputs: { branch: 'release' } });
  assert.equal(point(world), good);
  const bad = world.release({ version: 4 });
  ciFails(world, bad);
  assert.equal((await deploy(world, bad)).outputs.result, 'rolled-back');
  assert.equal(world.checkedOut(), good);
}));

test('a person who does not agree to a rollback is told what they put there by hand as live', () => inWorld({}, async (world) => {
  const byHand = await validated(world);
  const before = world.first;
  await validated(world, 3);
  git(world.vm, 'reset', '-q', '--hard', byHand);
  const plan = await world.runAction({ mode: 'rollback', inputs: { to: before, 'dry-run': 'true' } });
  assert.match(plan.summary, new RegExp(`En ligne : .?${byHand.slice(0, 7)}`), plan.summary);
}));
