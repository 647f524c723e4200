// What teams do that leads a machine astray: a command that pulls, two applications under one name, a tag for a
// commit, a folder that is renamed, settings that move with a version, a branch that is rewritten. With real git.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git, makeRepository } from '../world/git.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

const WITHOUT_ENGINE = { engine: 'none' };
const publish = (world, version, files, conclusion = 'success') => {
  const sha = world.repository.publish({ message: `Version ${version}`, files });
  ci(world, sha, conclusion);
  return sha;
};
const told = ({ annotations }) => annotations.filter(({ level }) => level === 'error').map(({ text }) => text).join('\n');

test('a deploy command that pulls puts nothing live in another version\'s name', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const second = publish(world, 2, { a: '2' });
  const third = publish(world, 3, { a: '3' });
  const pulling = { 'deploy-command': 'git\npull\n--quiet\norigin\nmain' };
  const result = await deploy(world, second, pulling);
  assert.equal(result.exit, 1, result.stdout);
  assert.match(told(result), new RegExp(`HEAD est ${third}.*git pull`));
  assert.match(texts(world).at(-1), /n'a pas abouti : intervention nécessaire/);
  const calm = await deploy(world, third, { 'deploy-command': 'true' });
  assert.equal(calm.outputs.result, 'validated', calm.stdout);
}));

test('two repositories with one environment and one folder of state: the second is refused and nothing of the first is lost', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const mine = publish(world, 2, { a: '2' });
  assert.equal((await deploy(world, mine)).outputs.result, 'validated');
  const other = makeRepository(join(world.root, 'git-other'), { 'b.txt': '1\n' });
  const clone = join(world.root, 'other');
  other.clone(clone);
  const theirs = other.publish({ message: 'Theirs', files: { 'b.txt': '2\n' } });
  const before = git(clone, 'rev-parse', 'HEAD');
  const refused = await deploy(world, theirs, { 'app-path': clone });
  assert.equal(refused.exit, 1, refused.stdout);
  assert.match(told(refused), new RegExp(`celui de ${world.vm}.*state-dir`));
  assert.equal(git(clone, 'rev-parse', 'HEAD'), before);
  const next = publish(world, 3, { a: '3' });
  const result = await deploy(world, next);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.doesNotMatch(result.stdout, /moved by hand/);
  // The clone that is no more in use is gone: the new one takes over.
  rmSync(world.vm, { recursive: true });
  world.repository.clone(clone.replace(/other$/, 'moved'));
  const moved = await deploy(world, publish(world, 4, { a: '4' }), { 'app-path': join(world.root, 'moved') });
  assert.equal(moved.outputs.result, 'validated', moved.stdout);
}));

test('a tag is no commit: refused with the commit that it is of, before anything changes', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const sha = publish(world, 2, { a: '2' });
  world.repository.git('tag', '-a', 'v2', '-m', 'v2');
  world.repository.git('push', '-q', 'origin', 'v2');
  const refused = await deploy(world, world.repository.git('rev-parse', 'v2'), { watch: 'none' });
  assert.equal(refused.exit, 1, refused.stdout);
  assert.match(told(refused), new RegExp(`tag, du commit ${sha}`));
  assert.equal(world.checkedOut(), world.first);
}));

test('a version without the folder that is deployed is undone, and the next one that has it goes live', () => inWorld({ ...WITHOUT_ENGINE, files: { 'site/a.txt': 'a\n' } }, async (world) => {
  world.inputs['app-path'] = join(world.vm, 'site');
  const renamed = publish(world, 2, { 'site/a.txt': null, 'src/a.txt': 'a\n' });
  const result = await deploy(world, renamed, { watch: 'none' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(told(result), /n'a pas de dossier .*site.*app-path/);
  assert.equal(world.checkedOut(), world.first);
  const back = publish(world, 3, { 'site/a.txt': 'b\n' });
  assert.equal((await deploy(world, back)).outputs.result, 'validated');
}));

test('a folder that is not there, and that the version does not have either, is refused before anything is touched', () => inWorld({ ...WITHOUT_ENGINE, files: { 'site/a.txt': '1\n' } }, async (world) => {
  const inputs = { 'app-path': join(world.vm, 'site') };
  const good = publish(world, 2, { 'site/a.txt': '2\n' });
  await deploy(world, good, inputs);
  const next = publish(world, 3, { 'site/a.txt': '3\n' });
  const refused = await deploy(world, next, { 'app-path': join(world.vm, 'sitee') });
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(told(refused), /n'a pas de dossier .*sitee/);
  assert.deepEqual([world.checkedOut(), texts(world).some((text) => text.includes('ROLLBACK'))], [good, false]);
  assert.equal((await deploy(world, next, inputs)).outputs.result, 'validated');
}));

test('a folder that a push renames is followed forward, and gone back from by its old name', () => inWorld({ ...WITHOUT_ENGINE, files: { 'site/a.txt': '1\n' } }, async (world) => {
  const places = join(world.home, 'places');
  const inputs = (folder) => ({ 'app-path': join(world.vm, folder), 'guard-paths': 'migrations/**', 'deploy-command': 'sh\n-c\npwd >> "$HOME/places"' });
  const good = publish(world, 2, { 'site/a.txt': '2\n' });
  assert.equal((await deploy(world, good, inputs('site'))).outputs.result, 'validated');
  const renamed = publish(world, 3, { 'site/a.txt': null, 'src/a.txt': '3\n' }, 'failure');
  const forward = await deploy(world, renamed, { ...inputs('src'), watch: 'event' });
  assert.deepEqual([forward.exit, world.checkedOut()], [0, renamed], forward.stdout);
  const back = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha: renamed, conclusion: 'failure' }), inputs: inputs('src') });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.equal(world.checkedOut(), good);
  const mended = publish(world, 4, { 'src/a.txt': '4\n' });
  assert.equal((await deploy(world, mended, inputs('src'))).outputs.result, 'validated');
  assert.deepEqual(readFileSync(places, 'utf8').split('\n').filter(Boolean).map((path) => path.split('/').at(-1)), ['site', 'src', 'site', 'src']);
}));

test('a version that moves the health check is gone back from with the check of the version before', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad, { 'health-url': `${world.url}version.txt` });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await serves(world, 2);
  assert.equal(world.checkedOut(), good);
  const sick = world.release({ version: 4 });
  const ill = await deploy(world, sick, { 'health-url': `${world.url}nowhere` });
  assert.equal(ill.outputs.result, 'rolled-back', `a wrong address condemns no version but its own: ${ill.stdout}`);
  await serves(world, 2);
}));

test('a deploy of what is refused leaves the settings with which what is live is gone back from', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  const bare = { 'compose-file': null, url: null, branch: 'main', watch: 'event' };
  assert.equal((await deploy(world, bad, bare)).outputs.result, 'unchanged');
  ciFails(world, bad);
  const result = await world.runAction({ mode: 'watch', sha: bad });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await serves(world, 2);
}));

test('in a fresh clone of a branch that was rewritten deploys go on, and what was lost is no target', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const lost = publish(world, 2, { a: '2' });
  assert.equal((await deploy(world, lost)).outputs.result, 'validated');
  world.repository.git('commit', '--quiet', '--amend', '--message', 'Version 2, once more');
  world.repository.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
  rmSync(world.vm, { recursive: true });
  world.repository.clone(world.vm);
  git(world.vm, 'gc', '--quiet', '--prune=now');
  const next = publish(world, 3, { a: '3' });
  const result = await deploy(world, next);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.stdout, /on the branch no more/);
}));

test('a branch that is gone at the remote and stands in the way of another is named with what removes it', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const { origin } = world.repository;
  const old = publish(world, 2, { a: '2' });
  git(origin, 'branch', 'release', 'main');
  const settings = { watch: 'none', branch: 'release' };
  assert.equal((await deploy(world, old, settings)).outputs.result, 'deployed');
  git(origin, 'branch', '-D', 'release');
  git(origin, 'branch', 'release/1', 'main');
  const result = await deploy(world, publish(world, 3, { a: '3' }), { ...settings, branch: 'release/1' });
  assert.equal(result.outputs.result, 'failed', result.stdout);
  const [, mend] = /git -C \S+ (remote prune origin)/.exec(result.log) ?? [];
  assert.equal(mend, 'remote prune origin', result.log);
  git(world.vm, ...mend.split(' '));
  git(origin, 'branch', '-f', 'release/1', 'main');
  const again = await deploy(world, git(origin, 'rev-parse', 'main'), { ...settings, branch: 'release/1' });
  assert.equal(again.outputs.result, 'deployed', again.stdout);
}));
