// Submodules that a version brings, moves or has no more: what git leaves of them, what a killed git leaves of them,
// and what is somebody's own in them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { inLib, pin, withSubmodule } from './submodule.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

test('a submodule that a bad version brought is rolled back with it, and the mended version takes its folder over', () => inWorld({}, async (world) => {
  const good = await validated(world);
  withSubmodule(world);
  const bad = world.release({ version: 3 });
  assert.equal((await deploy(world, bad, { watch: 'event' })).outputs.result, 'deployed');
  // Somebody's own file in it keeps its folder.
  writeFileSync(join(world.vm, 'lib/own.txt'), 'mine\n');
  ciFails(world, bad);
  const back = await world.runAction({ mode: 'watch', sha: bad });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.match(back.log, /lib\/ is left: this version has that submodule no more/);
  assert.deepEqual([world.checkedOut(), inLib(world)], [good, 'one']);
  const mended = world.release({ version: 4 });
  ci(world, mended, 'success');
  // What somebody edited in it is not written over.
  writeFileSync(join(world.vm, 'lib/lib.txt'), 'by hand\n');
  const refused = await deploy(world, mended);
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(refused.log, /the submodule "lib" has local changes/);
  assert.equal(inLib(world), 'by hand');
  git(join(world.vm, 'lib'), 'checkout', '-q', 'lib.txt');
  const result = await deploy(world, mended);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(readFileSync(join(world.vm, 'lib/own.txt'), 'utf8'), 'mine\n');
  rmSync(join(world.vm, 'lib/own.txt'));
  assert.equal(git(world.vm, 'status', '--porcelain'), '');
  await serves(world, 4);
}));

test('a submodule goes with the version that brought it, back and forth', () => inWorld({}, async (world) => {
  await validated(world);
  const lib = withSubmodule(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const back = await deploy(world, bad);
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.match(back.log, /removing lib\/: a submodule that this version has no more/);
  assert.equal(existsSync(join(world.vm, 'lib')), false, 'nothing of it is served');
  const mended = world.release({ version: 4 });
  ci(world, mended, 'success');
  assert.equal((await deploy(world, mended)).outputs.result, 'validated');
  assert.equal(inLib(world), 'one');
  // The clone is set to leave it as it is.
  git(world.vm, 'config', 'submodule.lib.update', 'none');
  pin(world, lib, lib.publish({ files: { 'lib.txt': 'two\n' } }));
  const moved = world.release({ version: 5 });
  ci(world, moved, 'success');
  const result = await deploy(world, moved);
  assert.match(result.log, /the submodule lib is not at this version's commit/);
  assert.deepEqual([result.outputs.result, inLib(world)], ['validated', 'one']);
}));

for (const [what, make] of [
  ['an edit that git was told not to look at', (lib) => { git(lib, 'update-index', '--skip-worktree', 'lib.txt'); writeFileSync(join(lib, 'lib.txt'), 'mine\n'); }],
  ['a submodule of its own', (lib) => writeFileSync(join(lib, '.gitmodules'), '')],
  ['something that cannot be removed', (lib, world) => wrapPrograms(world, ['rm']).rule('-rf', 'exit 1')],
]) test(`a submodule that a version has no more is left where it holds ${what}`, () => inWorld({}, async (world) => {
  const good = await validated(world);
  withSubmodule(world);
  const bad = world.release({ version: 3 });
  assert.equal((await deploy(world, bad, { watch: 'event' })).outputs.result, 'deployed');
  make(join(world.vm, 'lib'), world);
  ciFails(world, bad);
  const back = await world.runAction({ mode: 'watch', sha: bad, env: { PATH: `${join(world.root, 'programs/bin')}:${world.engine.env.PATH}` } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.match(back.log, /lib\/ is left: this version has that submodule no more/);
  assert.deepEqual([world.checkedOut(), existsSync(join(world.vm, 'lib/lib.txt'))], [good, true]);
  await serves(world, 2);
}));

test('the commands by hand bring submodules back, too', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const lib = withSubmodule(world);
  const good = await validated(world);
  pin(world, lib, lib.publish({ files: { 'lib.txt': 'two\n' } }));
  const bad = world.release({ version: 3, files: { ...appFiles({ ...world.app, version: 3 }), 'migrations/1.sql': 'x' } });
  ciFails(world, bad);
  await deploy(world, bad);
  assert.equal(inLib(world), 'two', 'somebody has to decide');
  const pasted = /```\n(ssh[^]*?)```/.exec(texts(world).at(-1))[1].split('\n').filter((line) => !line.startsWith('ssh')).join('\n').replace(/curl.*/, 'true');
  execFileSync('bash', ['-ec', pasted], { env: { ...process.env, ...world.engine.env, HOME: world.home }, stdio: 'pipe' });
  assert.deepEqual([world.checkedOut(), inLib(world)], [good, 'one']);
}));

test('a version without its submodule is rolled back to the one that has it, and somebody\'s own repository there is left', () => inWorld({}, async (world) => {
  withSubmodule(world);
  const good = await validated(world);
  world.repository.git('rm', '-q', '-f', 'lib');
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual([world.checkedOut(), inLib(world), git(world.vm, 'status', '--porcelain')], [good, 'one', '']);
  await serves(world, 2);
  // The same place, and a repository of its own.
  world.repository.git('checkout', '-q', '.');
  const without = world.release({ version: 4 });
  ci(world, without, 'success');
  assert.equal((await deploy(world, without)).outputs.result, 'validated');
  rmSync(join(world.vm, 'lib'), { recursive: true, force: true });
  git(world.vm, 'init', '-q', 'lib');
  writeFileSync(join(world.vm, 'lib/own.txt'), 'mine\n');
  const again = await world.runCommand(['rollback', '--environment', 'preprod', '--app-path', world.vm, '--state-dir', world.stateDir, '--to', good, '--yes']);
  assert.notEqual(again.exit, 0);
  assert.match(again.stdout + again.stderr, /another repository stands at "lib\/"|un autre dépôt git se trouve à "lib\/"/);
  assert.equal(readFileSync(join(world.vm, 'lib/own.txt'), 'utf8'), 'mine\n');
}));

/** What stands there when the first clone of `lib` ends before it is a repository. */
const HALF_MADE = 'mkdir -p .git/modules/lib/hooks lib; echo "gitdir: ../.git/modules/lib" > lib/.git';
/** When it ends before anything is fetched. */
const EMPTY = 'git init -q --separate-git-dir=.git/modules/lib lib';
/** And when it ends before a file is in place. */
const CLONED = ({ origin }) => `"$REAL" clone -q --no-checkout --separate-git-dir=.git/modules/lib file://${origin} lib`;

test('a submodule whose first clone was killed is cloned anew by the next run', () => inWorld({}, async (world) => {
  await validated(world);
  withSubmodule(world);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const programs = wrapPrograms(world, ['git']);
  programs.rule('submodule --quiet update', `${HALF_MADE}; kill -9 $PPID; exit 1`);
  await deploy(world, sha, {}, { env: programs.env });
  assert.throws(() => git(world.vm, 'status'), /not a git repository/);
  const result = await deploy(world, sha);
  assert.match(result.log, /removing .*\.git\/modules\/lib: a git that was killed left it/);
  assert.deepEqual([world.checkedOut(), inLib(world), git(world.vm, 'status', '--porcelain')], [sha, 'one', ''], result.stdout);
  await serves(world, 3);
}));

for (const [how, script] of [['at once', () => HALF_MADE], ['before its commits', () => EMPTY], ['before its files', CLONED]]) {
  test(`a submodule whose first clone was cut off ${how} stands not in the way of the rollback, nor of the next try`, () => inWorld({}, async (world) => {
    const before = await validated(world);
    const lib = withSubmodule(world);
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    const programs = wrapPrograms(world, ['git']);
    programs.rule('submodule --quiet update', `${script(lib)}; exit 1`);
    const result = await deploy(world, sha, {}, { env: programs.env });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.equal(world.checkedOut(), before);
    await serves(world, 2);
    // Where a version without it has left its folder, too.
    if (how === 'at once') execFileSync('sh', ['-c', HALF_MADE], { cwd: world.vm });
    const again = await deploy(world, sha);
    assert.equal(again.outputs.result, 'validated', again.stdout);
    assert.deepEqual([inLib(world), git(world.vm, 'status', '--porcelain')], ['one', '']);
  }));
}

for (const [what, script, kept] of [
  ['before a file of it was in place', CLONED, 0],
  ['with half a file in place', () => '"$REAL" "$@"; echo half > lib/lib.txt', 1],
]) {
  test(`a submodule whose update was killed ${what} is brought to its commit by the next run`, () => inWorld({}, async (world) => {
    await validated(world);
    const lib = withSubmodule(world);
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    const programs = wrapPrograms(world, ['git']);
    programs.rule('submodule --quiet update', `${script(lib)}; kill -9 $PPID; exit 1`);
    await deploy(world, sha, {}, { env: programs.env });
    const result = await deploy(world, sha);
    assert.deepEqual([world.checkedOut(), inLib(world), git(world.vm, 'status', '--porcelain')], [sha, 'one', ''], result.stdout);
    const names = git(join(world.vm, 'lib'), 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n').filter(Boolean);
    assert.equal(names.length, kept);
    if (kept) assert.equal(git(join(world.vm, 'lib'), 'show', `${names[0]}:lib.txt`), 'half');
    await serves(world, 3);
  }));
}

test('a submodule that its update left half written goes back with the rollback', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  const before = await validated(world);
  pin(world, lib, lib.publish({ files: { 'lib.txt': 'two\n' } }));
  const programs = wrapPrograms(world, ['git']);
  programs.rule('submodule --quiet update', '"$REAL" "$@"; echo half > lib/lib.txt; exit 1');
  const result = await deploy(world, world.release({ version: 3 }), {}, { env: programs.env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual([world.checkedOut(), inLib(world), git(world.vm, 'status', '--porcelain')], [before, 'one', '']);
  await serves(world, 2);
}));

/** Refs that keep something in the library on the machine. */
const keptInLib = (world) =>
  git(join(world.vm, 'lib'), 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n').filter(Boolean);
const OWN = 'config.ini';

test('an untracked file in a submodule is saved in it before the version that has one of that name writes it', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  await validated(world);
  for (const name of [OWN, 'notes.txt']) writeFileSync(join(world.vm, 'lib', name), 'mine\n');
  pin(world, lib, lib.publish({ files: { [OWN]: 'default\n', 'lib.txt': 'two\n' } }));
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  const names = keptInLib(world);
  assert.equal(names.length, 1, 'the other is in nobody\'s way');
  assert.deepEqual([OWN, 'notes.txt'].map((name) => readFileSync(join(world.vm, 'lib', name), 'utf8')), ['default\n', 'mine\n']);
  assert.deepEqual([git(join(world.vm, 'lib'), 'ls-tree', '--name-only', names[0]), git(join(world.vm, 'lib'), 'show', `${names[0]}:${OWN}`)], [OWN, 'mine']);
  assert.ok(result.log.includes(`local changes in ${join(world.vm, 'lib')}: saved as ${names[0]}`), result.stdout);
}));

test('a commit made by hand in a submodule is named before the submodule leaves it, and a version\'s own is not', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  await validated(world);
  const inside = join(world.vm, 'lib');
  writeFileSync(join(inside, 'lib.txt'), 'by hand\n');
  git(inside, '-c', 'user.name=me', '-c', 'user.email=me@example.org', 'commit', '-qam', 'made on the machine');
  const made = git(inside, 'rev-parse', 'HEAD');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(inLib(world), 'one');
  const names = keptInLib(world);
  assert.deepEqual(names.map((name) => git(inside, 'rev-parse', name)), [made]);
  // A pinned commit that is on no branch of the library's can be fetched again.
  const odd = lib.commit({ files: { 'lib.txt': 'odd\n' } });
  git(lib.author, 'push', '-q', 'origin', `${odd}:refs/odd/one`);
  pin(world, lib, odd);
  const next = world.release({ version: 4 });
  ciFails(world, next);
  assert.equal((await deploy(world, next)).outputs.result, 'rolled-back');
  assert.equal(inLib(world), 'one');
  assert.deepEqual(keptInLib(world), names);
}));

test('an untracked file in a submodule is saved in it before a version writes files of its own there', () => inWorld({}, async (world) => {
  withSubmodule(world);
  await validated(world);
  writeFileSync(join(world.vm, 'lib', OWN), 'mine\n');
  world.repository.git('rm', '-q', '-f', 'lib');
  rmSync(join(world.repository.author, '.git/modules'), { recursive: true });
  const sha = world.release({ version: 3, files: { [`lib/${OWN}`]: 'default\n', 'lib/lib.txt': 'vendored\n', 'www/index.html': 'version 3\n' } });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.deepEqual([inLib(world), readFileSync(join(world.vm, 'lib', OWN), 'utf8')], ['vendored', 'default\n']);
  const names = keptInLib(world);
  assert.deepEqual(names.map((name) => git(join(world.vm, 'lib'), 'show', `${name}:${OWN}`)), ['mine']);
}));

test('a machine without submodules asks nothing about any', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3, files: { 'www/index.html': 'version 3\n', 'www/more.html': 'more\n' } });
  ci(world, sha, 'success');
  const programs = wrapPrograms(world, ['git']);
  assert.equal((await deploy(world, sha, {}, { env: programs.env })).outputs.result, 'validated');
  const words = programs.calls().flatMap(({ args }) => args);
  assert.deepEqual(['ls-tree', 'submodule', 'show-ref'].filter((word) => words.includes(word)), []);
}));
