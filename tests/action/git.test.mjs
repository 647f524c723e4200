// What a work tree may hold beside plain files, and whose it may be: submodules, LFS pointers, files of the
// machine's own, another owner, a lock that is held.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lchownSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { inLib, pin, withSubmodule } from './submodule.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

test('a submodule follows the deploy, and goes back with the rollback', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  await validated(world);
  assert.equal(inLib(world), 'one');
  pin(world, lib, lib.publish({ files: { 'lib.txt': 'two\n' } }));
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  const one = world.startAction({ mode: 'deploy', sha: bad, inputs: { watch: 'inline' } });
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === bad), 'CI being followed');
  assert.equal(inLib(world), 'two');
  world.github.setRun(run, { conclusion: 'failure' });
  assert.equal((await one.done).outputs.result, 'rolled-back');
  assert.equal(inLib(world), 'one');
  await serves(world, 2);
}));

test('a submodule whose commit nobody pushed is rolled back, says what to look at, and is no fault of the version', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  await validated(world);
  pin(world, lib, lib.commit({ files: { 'lib.txt': 'pushed later\n' } }));
  const sha = world.release({ version: 3 });
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /updating submodules: it ended with exit code \d+: .*\n?[^]*are the pinned commits pushed\?/);
  assert.equal(inLib(world), 'one');
  await serves(world, 2);
  lib.push();
  ci(world, sha, 'success');
  const again = await deploy(world, sha);
  assert.equal(again.outputs.result, 'validated', again.stdout);
  assert.equal(inLib(world), 'pushed later');
}));

test('an index.lock that a killed git left in a submodule is removed, and one that is held changes nothing', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  const before = await validated(world);
  const lock = join(world.vm, '.git/modules/lib/index.lock');
  pin(world, lib, lib.publish({ files: { 'lib.txt': 'two\n' } }));
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const holder = spawn('sh', ['-c', `exec 9>${lock}; echo; exec sleep 60`], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(holder.stdout, 'data');
  const refused = await deploy(world, sha);
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(refused.log, new RegExp(`modules/lib/index\\.lock is held by process ${holder.pid} `));
  assert.deepEqual([world.checkedOut(), inLib(world), existsSync(lock)], [before, 'one', true]);
  const ended = once(holder, 'exit');
  holder.kill();
  await ended;
  const freed = await deploy(world, sha);
  assert.equal(freed.outputs.result, 'validated', freed.stdout);
  assert.match(freed.log, /removing .*modules\/lib\/index\.lock: a git that was killed left it/);
  assert.deepEqual([inLib(world), existsSync(lock)], ['two', false]);
}));

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
const lfs = (content) => ({ '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'www/model.bin': content, 'www/index.html': 'version 3\n' });

/** As on a machine without git-lfs, also where there is one; gives the environment in which it is so. */
function withoutLfs(world) {
  const { env } = wrapPrograms(world, []);
  writeFileSync(join(world.root, 'programs/bin/git-lfs'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  writeFileSync(join(world.home, '.gitconfig'), '[filter "lfs"]\n\tprocess =\n\tclean = cat\n\tsmudge = cat\n\trequired = false\n');
  return env;
}

test('the files of a partial clone (--filter) are all there before anything changes, and nobody asks for them again', () => inWorld({}, async (world) => {
  git(world.repository.origin, 'config', 'uploadpack.allowFilter', 'true');
  for (const [name, value] of [['promisor', 'true'], ['partialclonefilter', 'blob:none']]) git(world.vm, 'config', `remote.origin.${name}`, value);
  const before = await validated(world);
  const sha = world.release({ version: 3 });
  ciFails(world, sha);
  const programs = wrapPrograms(world, ['git']);
  programs.rule('reset --hard', `mv '${world.repository.origin}' '${world.repository.origin}.away'`);
  const result = await deploy(world, sha, {}, { env: programs.env });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  assert.match(result.log, /a échoué : retour à/);
  assert.equal(world.checkedOut(), before);
  await serves(world, 2);
}));

test('an LFS pointer left behind is an error that says so, and the file itself is none', () => inWorld({}, async (world) => {
  await validated(world);
  const env = withoutLfs(world);
  const pointer = await deploy(world, world.release({ version: 3, files: lfs(POINTER) }), {}, { env });
  assert.equal(pointer.outputs.result, 'rolled-back', pointer.stdout);
  assert.match(pointer.log, /"www\/model\.bin" is an LFS pointer, not the file itself\. On this machine: install git-lfs/);
  await serves(world, 2);
  const whole = world.release({ version: 3, files: lfs('the model\n') });
  ci(world, whole, 'success');
  assert.equal((await deploy(world, whole, {}, { env })).outputs.result, 'validated');
}));

test('pointers of a clone from before git-lfs are filled, where git knows of LFS', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world, []);
  // What the real one does to a work tree, and to an index that knows the pointer.
  writeFileSync(join(world.root, 'programs/bin/git-lfs'), '#!/bin/sh\n[ "$1" != checkout ] || echo the model > www/model.bin\n', { mode: 0o755 });
  world.release({ version: 2, files: lfs(POINTER) });
  git(world.vm, 'pull', '-q');
  const release = (version) => {
    const sha = world.release({ version, www: {} });
    ci(world, sha, 'success');
    return sha;
  };
  // A machine whose own git configuration knows it (`git lfs install --system`) cannot be made to forget it.
  const isKnown = spawnSync('git', ['config', '--system', '--get', 'filter.lfs.smudge']).status === 0;
  if (!isKnown) {
    const unknown = await deploy(world, release(3), {}, { env: programs.env });
    assert.equal(unknown.exit, 1, unknown.stdout);
    assert.match(unknown.log, /is an LFS pointer, not the file itself\. On this machine: install git-lfs/);
  }
  writeFileSync(join(world.root, 'pointer'), POINTER);
  writeFileSync(join(world.home, '.gitconfig'), `[filter "lfs"]\n\tclean = cat ${join(world.root, 'pointer')}\n\tsmudge = cat\n`);
  const filled = await deploy(world, release(4), {}, { env: programs.env });
  assert.equal(filled.outputs.result, 'validated', filled.stdout);
  assert.equal(readFileSync(join(world.vm, 'www/model.bin'), 'utf8'), 'the model\n');
  await serves(world, 4);
}));

test('pointers in a submodule that stands where it is to be are filled, too', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  const programs = wrapPrograms(world, []);
  pin(world, lib, lib.publish({ files: { '.gitattributes': '*.bin filter=lfs\n', 'models/large.bin': POINTER } }));
  const bad = world.release({ version: 2 });
  assert.equal((await deploy(world, bad, {}, { env: programs.env })).exit, 1);
  git(world.vm, 'reset', '-q', '--hard', bad);
  git(world.vm, '-c', 'protocol.file.allow=always', 'submodule', '-q', 'update', '--init');
  assert.equal(readFileSync(join(world.vm, 'lib/models/large.bin'), 'utf8'), POINTER);
  // What the real one does, in the folder in which it is called.
  writeFileSync(join(world.root, 'programs/bin/git-lfs'), '#!/bin/sh\n[ "$1" != checkout ] || echo the model > models/large.bin\n', { mode: 0o755 });
  writeFileSync(join(world.root, 'pointer'), POINTER);
  writeFileSync(join(world.home, '.gitconfig'), `[filter "lfs"]\n\tclean = cat ${join(world.root, 'pointer')}\n\tsmudge = cat\n[protocol "file"]\n\tallow = always\n`);
  const sha = world.release({ version: 3, www: {} });
  ci(world, sha, 'success');
  const filled = await deploy(world, sha, {}, { env: programs.env });
  assert.equal(filled.outputs.result, 'validated', filled.stdout);
  assert.equal(readFileSync(join(world.vm, 'lib/models/large.bin'), 'utf8'), 'the model\n');
}));

test('an LFS pointer left behind in a submodule is told by its path', () => inWorld({}, async (world) => {
  const lib = withSubmodule(world);
  await validated(world);
  pin(world, lib, lib.publish({ files: { '.gitattributes': '*.bin filter=lfs\n', 'models/large.bin': POINTER } }));
  const result = await deploy(world, world.release({ version: 3 }));
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /"lib\/models\/large\.bin" is an LFS pointer, not the file itself/);
  await serves(world, 2);
}));

test('a reset that fails after it has written files is undone, and one that has written none is not', () => inWorld({}, async (world) => {
  const before = await validated(world);
  const programs = wrapPrograms(world, ['git']);
  programs.rule('reset --hard', 'exit 128');
  const none = await deploy(world, world.release({ version: 3 }), {}, { env: programs.env });
  assert.equal(none.outputs.result, 'failed', none.stdout);
  assert.equal(world.checkedOut(), before);
  programs.rule('reset --hard', `echo "error: unable to unlink old 'www/page.txt': Permission denied" >&2; exit 128`);
  const denied = await deploy(world, world.release({ version: 3.5 }), {}, { env: programs.env });
  assert.equal(denied.outputs.result, 'failed', denied.stdout);
  assert.match(denied.log, /Permission denied.*sudo chown -R "\$USER" \S+/);
  // The first of the new files is written, the second is not.
  writeFileSync(join(world.home, '.gitconfig'), '[filter "odd"]\n\trequired\n\tclean = cat\n\tsmudge = grep -v refuse\n');
  const bad = world.release({ version: 4, files: { '.gitattributes': '*.odd filter=odd\n', 'www/z.odd': 'refuse\n', 'www/page.txt': 'new\n', 'www/index.html': 'version 4\n' } });
  const half = await deploy(world, bad);
  assert.equal(half.outputs.result, 'rolled-back', half.stdout);
  assert.match(half.log, /resetting the work tree: .*Files were written before that/s);
  assert.match(half.log, /what the reset that failed had written: saved as refs/);
  assert.doesNotMatch(texts(world).join('\n'), /Modifications locales/);
  assert.deepEqual([world.checkedOut(), git(world.vm, 'status', '--porcelain', '--untracked-files=no')], [before, '']);
  await serves(world, 2);
}));

test('LFS files are fetched before anything changes, and what cannot be fetched changes nothing', () => inWorld({}, async (world) => {
  const before = await validated(world);
  const programs = wrapPrograms(world, []);
  const log = join(world.root, 'lfs.log');
  writeFileSync(join(world.root, 'programs/bin/git-lfs'), `#!/bin/sh\necho "$*" >> ${log}\n[ "$1" != fetch ] || [ ! -e ${log}.refuse ]\n`, { mode: 0o755 });
  const sha = world.release({ version: 3, files: lfs('the model\n') });
  ci(world, sha, 'success');
  writeFileSync(`${log}.refuse`, '');
  const refused = await deploy(world, sha, {}, { env: programs.env });
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(refused.log, /fetching LFS files: it ended with exit code 1.*git lfs fetch origin/);
  assert.equal(world.checkedOut(), before);
  rmSync(`${log}.refuse`);
  assert.equal((await deploy(world, sha, {}, { env: programs.env })).outputs.result, 'validated');
  assert.match(readFileSync(log, 'utf8'), new RegExp(`^fetch origin ${sha}$`, 'm'));
}));

const OWN = 'config.local.toml';
const own = (world) => join(world.vm, OWN);
const isOwn = (world) => assert.deepEqual([readFileSync(own(world), 'utf8'), statSync(own(world)).mode & 0o777], ['mine\n', 0o600]);
const keptIn = (world) => git(world.vm, 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy/files').split('\n');
const isTidy = (world) => assert.ok(!existsSync(join(world.vm, '.git/mangetamain-deploy-files')));

/** A machine with a file of its own, and a release that brings one of that name and fails its CI. */
async function replaced(world) {
  const good = await validated(world);
  writeFileSync(own(world), 'mine\n');
  chmodSync(own(world), 0o600);
  world.repository.commit({ files: { [OWN]: 'theirs\n' } });
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  return { good, bad };
}

test('the machine\'s own file is back after the rollback of what had replaced it, and a new version asks for none', () => inWorld({}, async (world) => {
  const { good, bad } = await replaced(world);
  const programs = wrapPrograms(world, ['git']);
  const result = await deploy(world, bad, {}, { env: programs.env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await serves(world, 2);
  isOwn(world);
  assert.match(result.log, new RegExp(`HEAD is ${good.slice(0, 7)}; put back 1 file that ${bad.slice(0, 7)} had replaced: config\\.local\\.toml`));
  assert.ok(world.ledger().some(({ fact }) => fact.did?.note.includes('; put back 1 file that')));
  assert.equal(git(world.vm, 'status', '--porcelain'), `?? ${OWN}`);
  const asked = programs.calls().filter(({ args }) => args.includes('for-each-ref') && args.at(-1).endsWith('/files'));
  assert.equal(asked.length, 1, 'once, for the rollback');
  isTidy(world);
  // What a person has removed since does not come back from what was kept before.
  rmSync(own(world));
  const worse = world.release({ version: 4 });
  ciFails(world, worse);
  assert.equal((await deploy(world, worse)).outputs.result, 'rolled-back');
  assert.ok(!existsSync(own(world)));
  assert.equal(git(world.vm, 'show', `${keptIn(world)[0]}:${OWN}`), 'mine');
}));

for (const [what, file] of [['in nobody\'s way', 'notes.txt'], ['that the new version has, too', 'local/settings.ini']]) {
  test(`a file that git was only told of (add -N), ${what}, holds up neither a deploy nor its rollback, and is there afterwards`, () => inWorld({}, async (world) => {
    const before = await validated(world);
    const at = join(world.vm, file);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, 'mine\n');
    const tell = () => git(world.vm, 'add', '-N', file);
    tell();
    const bad = world.release({ version: 3, files: { 'www/index.html': 'version 3\n', 'local/settings.ini': 'theirs\n' } });
    const deployed = await deploy(world, bad, { watch: 'none' });
    assert.equal(deployed.outputs.result, 'deployed', deployed.stdout);
    await serves(world, 3);
    if (file === 'notes.txt') tell();
    ciFails(world, bad);
    const back = await world.runAction({ mode: 'watch', sha: bad });
    assert.equal(back.outputs.result, 'rolled-back', back.stdout);
    await serves(world, 2);
    assert.deepEqual([world.checkedOut(), readFileSync(at, 'utf8')], [before, 'mine\n']);
    assert.match(git(world.vm, 'status', '--porcelain'), /^\?\? \S+$/);
  }));
}

test('a compose file that was the machine\'s own is back with its version, also where one that has none is deployed again', () => inWorld({}, async (world) => {
  const compose = readFileSync(join(world.vm, 'docker-compose.yml'), 'utf8');
  const without = (version) => ({ ...appFiles({ ...world.app, version }), 'docker-compose.yml': null });
  const own = world.release({ version: 2, files: without(2) });
  git(world.vm, 'fetch', 'origin', 'main');
  git(world.vm, 'reset', '--hard', own);
  writeFileSync(join(world.vm, 'docker-compose.yml'), compose);
  await deploy(world, own, { watch: 'none' });
  const replacing = await deploy(world, world.release({ version: 3 }), { watch: 'none' });
  assert.equal(replacing.outputs.result, 'deployed', replacing.stdout);
  const refused = await deploy(world, world.release({ version: 4, files: without(4) }), { watch: 'none' });
  assert.equal(refused.outputs.result, 'failed', 'no version had it since');
  await serves(world, 3);
  const forced = await deploy(world, own, { watch: 'none', force: 'true' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
  assert.deepEqual([world.checkedOut(), readFileSync(join(world.vm, 'docker-compose.yml'), 'utf8')], [own, compose]);
  await serves(world, 2);
}));

test('a file that stands where the machine\'s own was is left, and told', () => inWorld({}, async (world) => {
  const { bad } = await replaced(world);
  const result = await deploy(world, bad, { 'deploy-command': `git\nrm\n-q\n--cached\n--ignore-unmatch\n${OWN}` });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(readFileSync(own(world), 'utf8'), 'theirs\n');
  assert.ok(result.log.includes(`; left what stands where ${keptIn(world)[0]} keeps 1 file: ${OWN}`), result.stdout);
  isTidy(world);
}));

test('where the machine\'s own file cannot be put back the rollback goes on, and says how to do it by hand', () => inWorld({}, async (world) => {
  const { bad } = await replaced(world);
  const programs = wrapPrograms(world, ['cp']);
  programs.rule(' -l -n ', 'echo "cp: cannot create hard link" >&2; exit 1');
  const result = await deploy(world, bad, {}, { env: programs.env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await serves(world, 2);
  const command = `git -C ${world.vm} restore --source=${keptIn(world)[0]} -- ${OWN}`;
  const warning = `::warning::putting back the machine's own files, kept in ${keptIn(world)[0]}: it ended with exit code 1: cp: cannot create hard link`;
  assert.ok(result.stdout.includes(`${warning}. The run goes on without them; by hand: ${command}\n`), result.stdout);
  assert.ok(!existsSync(own(world)));
  execFileSync('sh', ['-c', command]);
  assert.equal(readFileSync(own(world), 'utf8'), 'mine\n');
  isTidy(world);
}));

for (const [program, words] of [['git', ' read-tree '], ['git', ' checkout-index '], ['chmod', 'chmod 600 '], ['cp', ' -l -n '], ['rm', 'rm -rf ']]) {
  test(`a rollback killed at its ${program}${words.replace(program, '')}is finished with the machine's own file in place`, () => inWorld({}, async (world) => {
    const { good, bad } = await replaced(world);
    const programs = wrapPrograms(world, [program]);
    programs.rule(words, `"$REAL" "$@"; kill -9 $PPID; exit 1`);
    await deploy(world, bad, {}, { env: programs.env });
    const next = await world.runAction({ mode: 'status' });
    assert.match(next.log, /rollback of .* was not finished/);
    assert.equal(world.checkedOut(), good);
    isOwn(world);
    isTidy(world);
    await serves(world, 2);
  }));
}

test('what a killed reset has written is not put back as the machine\'s own', () => inWorld({}, async (world) => {
  const { bad } = await replaced(world);
  // The new file is there, HEAD has not moved.
  const programs = wrapPrograms(world, ['git']);
  programs.rule('reset --hard', `echo theirs > ${own(world)}; kill -9 $PPID; exit 1`);
  await deploy(world, bad, {}, { env: programs.env });
  const next = await deploy(world, bad);
  assert.match(next.log, /deploy of .* was not finished/);
  assert.equal(keptIn(world).length, 2, 'what stood there then is kept too');
  await serves(world, 2);
  isOwn(world);
}));

/** The work tree belongs to somebody else; gives what makes git see it so. */
function ownedByAnother(world) {
  if (process.getuid() === 0) {
    const all = ['', ...readdirSync(world.vm, { recursive: true })];
    for (const name of all) lchownSync(join(world.vm, name), 65534, 65534);
    return {};
  }
  // Only root can give files away; git itself can be told to take the owner for another.
  writeFileSync(join(world.home, '.gitconfig'), `[safe]\n\tdirectory = ${world.repository.origin}\n`);
  writeFileSync(join(world.root, 'other-owner.sh'), 'export GIT_TEST_ASSUME_DIFFERENT_OWNER=1\n');
  return { BASH_ENV: join(world.root, 'other-owner.sh') };
}

test('a work tree of another owner is deployed, trusted by its path alone', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const programs = wrapPrograms(world, ['git']);
  const env = { ...programs.env, ...ownedByAnother(world) };
  assert.throws(() => execFileSync('git', ['-C', world.vm, 'status'], { env: { ...env, HOME: world.home }, encoding: 'utf8', stdio: 'pipe' }), /dubious ownership/);
  const result = await deploy(world, sha, {}, { env });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  await serves(world, 2);
  const trusted = programs.calls().filter(({ args }) => !args.includes('--show-toplevel'))
    .flatMap(({ args }) => args.filter((arg) => arg.startsWith('safe.directory=')));
  assert.deepEqual([...new Set(trusted)], [`safe.directory=${world.vm}`]);
}));

for (const [who, program, args] of [
  ['somebody has open', 'sh', ['-c', 'exec 9>.git/index.lock; echo; exec sleep 60']],
  ['a git at work there may need', 'git', ['cat-file', '--batch-check']],
]) {
  test(`an index.lock that ${who} is named and left, and removed once nobody can need it`, () => inWorld({}, async (world) => {
    const lock = join(world.vm, '.git/index.lock');
    writeFileSync(lock, '');
    const holder = spawn(program, args, { cwd: world.vm, stdio: ['pipe', 'pipe', 'ignore'] });
    if (program === 'git') holder.stdin.write('HEAD\n');
    await once(holder.stdout, 'data');
    const sha = world.release({ version: 2 });
    ci(world, sha, 'success');
    const refused = await deploy(world, sha);
    assert.equal(refused.exit, 1);
    assert.match(refused.log, new RegExp(`index\\.lock is held by process ${holder.pid} \\(\\w+\\)\\. Wait for it or end it`));
    assert.ok(existsSync(lock));
    await serves(world, 1);
    assert.equal(world.checkedOut(), world.first);
    const ended = once(holder, 'exit');
    holder.kill();
    await ended;
    assert.equal((await deploy(world, sha)).outputs.result, 'validated');
    assert.ok(!existsSync(lock));
  }));
}

for (const flag of ['assume-unchanged', 'skip-worktree']) {
  test(`an edit that git was told not to look at (--${flag}) is kept, and the version goes live`, () => inWorld({}, async (world) => {
    await deploy(world, world.release({ version: 2 }), { watch: 'none' });
    const hide = (path, text) => {
      git(world.vm, 'update-index', `--${flag}`, path);
      writeFileSync(join(world.vm, path), text);
    };
    hide('www/index.html', 'mine\n');
    hide('stamp.sh', 'mine, too\n');
    const result = await deploy(world, world.release({ version: 3 }), { watch: 'none' });
    assert.equal(result.outputs.result, 'deployed', result.stdout);
    await serves(world, 3);
    assert.match(result.log, /git was told not to look at (stamp\.sh, )?www\/index\.html \(/);
    const [ref] = git(world.vm, 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n');
    assert.equal(git(world.vm, 'show', `${ref}:www/index.html`), 'mine');
    // The version does not change this one: a reset leaves what it was told to skip, and writes over the other.
    const [stands, kept] = [readFileSync(join(world.vm, 'stamp.sh'), 'utf8'), git(world.vm, 'show', `${ref}:stamp.sh`)];
    assert.ok((flag === 'skip-worktree' ? stands.trim() : kept) === 'mine, too', `${stands}\n${kept}`);
  }));
}
