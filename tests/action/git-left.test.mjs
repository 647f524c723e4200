// What a git leaves behind that was killed or failed in the middle: locks, and half of a version. The next run, or the
// same one, takes it away, and nothing of the machine's own with it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ci, ciFails, deploy, inWorld, serves, validated } from './support.mjs';

const WITHOUT_ENGINE = { engine: 'none' };

for (const next of ['the same deploy', 'a newer deploy', 'a rollback by hand']) {
  test(`${next} goes on after a reset that was killed with files written and the index locked`, () => inWorld({}, async (world) => {
    const before = await validated(world);
    const killed = world.release({ version: 3 });
    ci(world, killed, 'success');
    const lock = join(world.vm, '.git/index.lock');
    const programs = wrapPrograms(world, ['git']);
    programs.rule('reset --hard', `echo 'version 3' > ${world.vm}/www/index.html; touch ${lock}; kill -9 $PPID; exit 137`);
    await deploy(world, killed, {}, { env: programs.env });
    assert.deepEqual([world.checkedOut(), existsSync(lock)], [before, true]);
    const newer = world.release({ version: 4 });
    ci(world, newer, 'success');
    const result = next.startsWith('a rollback') ? await world.runAction({ mode: 'rollback' }) : await deploy(world, next.startsWith('a newer') ? newer : killed);
    assert.equal(result.exit, 0, result.stdout);
    assert.match(result.log, /removing .*index\.lock: a git that was killed left it/);
    assert.ok(!existsSync(lock));
    await serves(world, { 'the same deploy': 3, 'a newer deploy': 4 }[next] ?? 2);
  }));
}

test('a change by hand beside an index.lock that nobody holds is saved, and the version goes live', () => inWorld(WITHOUT_ENGINE, async (world) => {
  await validated(world);
  writeFileSync(join(world.vm, 'www/index.html'), 'by hand\n');
  writeFileSync(join(world.vm, '.git/index.lock'), '');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(world.checkedOut(), sha);
}));

for (const way of ['forward', 'back']) {
  test(`another git that takes the index just before the reset is waited for on the way ${way}`, () => inWorld({}, async (world) => {
    const good = await validated(world);
    const sha = world.release({ version: 3 });
    const programs = wrapPrograms(world, ['git']);
    const [lock, seen] = [join(world.vm, '.git/index.lock'), join(world.root, 'seen')];
    // As an editor's `git status`: between the look at locks and the reset, for a moment, by a process that has it open.
    programs.rule('reset --hard', `[ -e '${seen}' ] || { touch '${seen}'; sh -c "exec 9>'${lock}'; sleep 0.5; rm '${lock}'" >/dev/null 2>&1 & sleep 0.1; }`);
    if (way === 'back') {
      await deploy(world, sha, { watch: 'event' });
      ciFails(world, sha);
      const back = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }), env: programs.env });
      assert.equal(back.outputs.result, 'rolled-back', back.stdout);
    } else {
      ci(world, sha, 'success');
      const result = await deploy(world, sha, {}, { env: programs.env });
      assert.equal(result.outputs.result, 'validated', result.stdout);
    }
    assert.deepEqual([world.checkedOut(), existsSync(seen), existsSync(lock)], [way === 'back' ? good : sha, true, false]);
    await serves(world, way === 'back' ? 2 : 3);
  }));
}

test('what was saved under a ref and is damaged is named, with what takes it away', () => inWorld(WITHOUT_ENGINE, async (world) => {
  await validated(world);
  const ref = 'refs/mangetamain-deploy/stash/1';
  const kept = git(world.vm, 'commit-tree', '-m', 'kept', 'HEAD^{tree}');
  git(world.vm, 'update-ref', ref, kept);
  const object = join(world.vm, '.git/objects', kept.slice(0, 2), kept.slice(2));
  chmodSync(object, 0o644);
  writeFileSync(object, '');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const refused = await deploy(world, sha);
  assert.equal(refused.exit, 1, refused.stdout);
  assert.match(refused.log, /git update-ref -d refs\/mangetamain-deploy\/stash\/1/);
  git(world.vm, 'update-ref', '-d', ref);
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
}));

for (const name of ['refs/remotes/origin/main', 'HEAD', 'refs/heads/main']) {
  test(`a ${name}.lock that a killed git left is removed, and the version goes live`, () => inWorld(WITHOUT_ENGINE, async (world) => {
    await validated(world);
    const lock = join(world.vm, `.git/${name}.lock`);
    writeFileSync(lock, '');
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    const result = await deploy(world, sha);
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.match(result.log, new RegExp(`removing .*${name}\\.lock: a git that was killed left it`));
    assert.deepEqual([world.checkedOut(), existsSync(lock)], [sha, false]);
  }));
}

test('a lock of a branch that a git at work may need is named and left, and nothing is touched', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const before = await validated(world);
  const lock = join(world.vm, '.git/refs/remotes/origin/main.lock');
  writeFileSync(lock, '');
  const holder = spawn('git', ['cat-file', '--batch-check'], { cwd: world.vm, stdio: ['pipe', 'pipe', 'ignore'] });
  holder.stdin.write('HEAD\n');
  await once(holder.stdout, 'data');
  const result = await deploy(world, world.release({ version: 3 }));
  holder.kill();
  assert.equal(result.outputs.result, 'failed', result.stdout);
  assert.match(result.log, new RegExp(`fetching the commit: .*main\\.lock is held by process ${holder.pid} \\(git\\)`));
  assert.deepEqual([world.checkedOut(), existsSync(lock)], [before, true]);
}));

test('an ordinary deploy asks the remote once, also where locks of other branches stand', () => inWorld(WITHOUT_ENGINE, async (world) => {
  await validated(world);
  const lock = join(world.vm, '.git/refs/heads/other.lock');
  writeFileSync(lock, '');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const programs = wrapPrograms(world, ['git']);
  const result = await deploy(world, sha, {}, { env: programs.env });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(programs.calls().filter(({ args }) => args.includes('fetch')).length, 1);
  assert.ok(existsSync(lock), 'it is in nobody\'s way');
}));

/** A release of which git writes some files, and fails at one: by a filter that refuses what stands in it. */
function halfWritten(world, files) {
  writeFileSync(join(world.home, '.gitconfig'), '[filter "odd"]\n\trequired\n\tclean = cat\n\tsmudge = grep -v refuse\n');
  return world.release({ version: 3, files: { '.gitattributes': '*.odd filter=odd\n', 'zz/last.odd': 'refuse\n', ...files } });
}

test('what a failed reset had added is gone after the rollback, with its folders, and does not come back with a later one', () => inWorld({}, async (world) => {
  const before = await validated(world);
  const half = await deploy(world, halfWritten(world, { 'migrations/5/drop.py': 'of version 3\n', 'www/index.html': 'version 3\n' }));
  assert.equal(half.outputs.result, 'rolled-back', half.stdout);
  assert.match(half.log, /removed what the failed reset had added: \.gitattributes, migrations\/5\/drop\.py/);
  const isAsBefore = () => assert.deepEqual([world.checkedOut(), git(world.vm, 'status', '--porcelain'), existsSync(join(world.vm, 'migrations'))], [before, '', false]);
  isAsBefore();
  const whole = world.release({ version: 4, files: { 'migrations/5/drop.py': 'of version 4\n', 'www/index.html': 'version 4\n', 'zz/last.odd': 'fine\n' } });
  ciFails(world, whole);
  const back = await deploy(world, whole);
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.doesNotMatch(back.log, /put back/);
  isAsBefore();
  await serves(world, 2);
}));

test('the machine\'s own files stand as they were after a reset that failed: those that it had replaced, and those that it had not', () => inWorld({}, async (world) => {
  await validated(world);
  const at = (path) => join(world.vm, path);
  for (const path of ['a.local', 'zzz.local']) writeFileSync(at(path), 'mine\n');
  chmodSync(at('a.local'), 0o600);
  const untouched = statSync(at('zzz.local')).ino;
  const half = await deploy(world, halfWritten(world, { 'a.local': 'theirs\n', 'zzz.local': 'theirs\n' }));
  assert.equal(half.outputs.result, 'rolled-back', half.stdout);
  assert.deepEqual(['a.local', 'zzz.local'].map((path) => readFileSync(at(path), 'utf8')), ['mine\n', 'mine\n']);
  assert.equal(statSync(at('a.local')).mode & 0o777, 0o600);
  assert.equal(statSync(at('zzz.local')).ino, untouched, 'what git had not come to was never taken away');
  assert.equal(git(world.vm, 'status', '--porcelain'), '?? a.local\n?? zzz.local');
}));

test('a reset that was killed, and fails when it is done again, leaves nothing of what it had added', () => inWorld({}, async (world) => {
  const before = await validated(world);
  const bad = halfWritten(world, { 'migrations/5.py': 'of version 3\n' });
  const programs = wrapPrograms(world, ['git']);
  programs.rule('reset --hard', '"$REAL" "$@"; kill -9 $PPID; exit 137');
  await deploy(world, bad, {}, { env: programs.env });
  assert.ok(existsSync(join(world.vm, 'migrations/5.py')), 'it was killed in the middle');
  const next = await world.runAction({ mode: 'status' });
  assert.match(next.log, /deploy of .* was not finished/);
  assert.deepEqual([world.checkedOut(), git(world.vm, 'status', '--porcelain')], [before, ''], next.stdout);
  await serves(world, 2);
}));

test('a file in the way whose name is not UTF-8 is told before anything changes, and one that is in nobody\'s way is none', () => inWorld(WITHOUT_ENGINE, async (world) => {
  const before = await validated(world);
  const odd = (folder, name) => Buffer.concat([Buffer.from(`${folder}/docs/`), Buffer.from(name, 'latin1')]);
  const author = world.repository.author;
  for (const folder of [author, world.vm]) mkdirSync(join(folder, 'docs'));
  writeFileSync(odd(author, 'caf\xe9.txt'), 'theirs\n');
  const mine = odd(world.vm, 'caf\xe9.txt');
  writeFileSync(mine, 'mine\n');
  writeFileSync(odd(world.vm, 'na\xefve.txt'), 'mine\n');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const refused = await deploy(world, sha);
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(refused.log, /saving local changes: "docs\/caf\ufffd\.txt" is in the way, untracked, and its name is not UTF-8\. Commit, move or remove/);
  assert.deepEqual([world.checkedOut(), readFileSync(mine, 'utf8')], [before, 'mine\n']);
  rmSync(mine);
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.deepEqual([world.checkedOut(), readFileSync(mine, 'utf8')], [sha, 'theirs\n']);
}));

test('the index that the machine\'s own files are kept with goes with the next deploy, where its own was stopped meanwhile', () => inWorld({}, async (world) => {
  await validated(world);
  writeFileSync(join(world.vm, 'www/new.txt'), 'of the machine\n');
  const programs = wrapPrograms(world, ['git']);
  const held = programs.hold(' write-tree');
  const sha = world.release({ version: 3, files: { ...appFiles({ ...world.app, version: 3 }), 'www/new.txt': 'of version 3\n' } });
  const run = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'none' }, env: programs.env });
  await held.begun();
  run.child.kill('SIGTERM');
  const index = join(world.stateDir, 'preprod/index');
  assert.deepEqual([(await run.done).outputs.result, existsSync(index)], ['cancelled', true]);
  assert.equal((await deploy(world, world.release({ version: 4 }), { watch: 'none' })).exit, 0);
  assert.ok(!existsSync(index));
}));
