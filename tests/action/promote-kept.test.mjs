// What files from a backup replace is kept, whatever happens between: a site that goes on writing, a run that is killed,
// another restore within the same second, a name that is long.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { mounted, needsMounts } from './mounts.mjs';
import { backups, candidate, headOf, inBackups, isWhole, onProduction, page, prodFacts, promote, script, settings, withProduction } from './production.mjs';

/** Production whose files are mounted, so that they are put back in place. */
const inPlace = (work) => withProduction({}, async (world) => {
  const { files } = world.prod;
  await mounted(files, 'size=50m', async () => {
    writeFileSync(join(files, 'settings.txt'), 'of version 1\n');
    await work(world, files);
  });
});

/** A PATH whose `name` does `before` and `after` (sh) at the `at`th call of these words. */
function meddling(world, name, words, { at = 1, before = 'true', after = 'true' }) {
  const bin = join(world.root, `meddling-${name}`);
  mkdirSync(bin);
  const real = execFileSync('sh', ['-c', `PATH='${world.engine.env.PATH}' command -v ${name}`], { encoding: 'utf8' }).trim();
  const text = `#!/bin/sh\ncase "${name} $*" in ${words}) echo >> ${bin}/calls; if [ $(wc -l < ${bin}/calls) = ${at} ]; then\n` +
    `${before}\n'${real}' "$@"; code=$?\n${after}\nexit $code; fi;; esac\nexec '${real}' "$@"\n`;
  writeFileSync(join(bin, name), text, { mode: 0o755 });
  return { env: { PATH: `${bin}:${world.engine.env.PATH}` } };
}

const KILL = 'kill -9 $PPID; exit 1';
const failing = (world) => ({ ...script(world), 'health-contains': 'version 1' });

/** What files of this name hold that are kept beside the backups. */
function keptOf(world, files, name) {
  const folders = inBackups(world).filter((one) => /\.replaced-[^.]*(\.\d+Z)?(-\d+)?$/.test(one));
  const paths = folders.map((one) => join(world.prod.backups, one, files, name));
  return paths.filter(existsSync).map((path) => readFileSync(path, 'utf8'));
}

test('what a site writes once its files are back stays, though the run that put them back was killed', needsMounts, () => inPlace(async (world, files) => {
  const sha = await candidate(world);
  const trap = meddling(world, 'docker', '"docker compose "*" restart"*', { at: 2, after: KILL });
  assert.equal((await promote(world, sha, failing(world), trap)).signal, 'SIGKILL');
  assert.equal(settings(world), 'of version 1');
  writeFileSync(join(files, 'upload'), 'precious\n');
  const result = await onProduction(world, 'status');
  assert.match(result.log, /rollback of [0-9a-f]{7} .* was not finished/);
  assert.equal(readFileSync(join(files, 'upload'), 'utf8'), 'precious\n');
  await isWhole(world, 1, world.first, 'of version 1');
  assert.deepEqual(keptOf(world, files, 'settings.txt'), [`of ${sha}\n`]);
}));

test('what a site writes after a run was killed that had begun to put files back is kept, and told', needsMounts, () => inPlace(async (world, files) => {
  const sha = await candidate(world);
  const trap = meddling(world, 'find', `"find ${files} "*-delete*`, { before: KILL });
  assert.equal((await promote(world, sha, failing(world), trap)).signal, 'SIGKILL');
  writeFileSync(join(files, 'upload'), 'precious\n');
  writeFileSync(join(files, 'only-new'), 'written to since\n');
  const result = await onProduction(world, 'health');
  assert.deepEqual(readdirSync(files), ['settings.txt'], result.stdout);
  assert.deepEqual(keptOf(world, files, 'upload'), ['precious\n']);
  assert.deepEqual(keptOf(world, files, 'only-new').sort(), ['', 'written to since\n']);
  const [, told] = /restore files: [^/\n]*(\/\S+, \/\S+)/.exec(result.log) ?? assert.fail(result.log);
  assert.ok(told.split(', ').every((path) => existsSync(path) && path.endsWith(files)), told);
  await isWhole(world, 1, world.first, 'of version 1');
  assert.deepEqual(inBackups(world).filter((one) => /\.(begun|now|partial)$/.test(one)), []);
}));

test('a run that is killed while it fills a path in place is gone on with, and what came since is kept', needsMounts, () => inPlace(async (world, files) => {
  writeFileSync(join(files, 'old'), 'old\n');
  const trap = meddling(world, 'cp', `"cp -a -T "*"/files${files} ${files}"`, { before: `cp ${world.prod.backups}/*Z-*/files${files}/old ${files}; ${KILL}` });
  const sha = await candidate(world);
  assert.equal((await promote(world, sha, failing(world), trap)).signal, 'SIGKILL');
  assert.deepEqual(readdirSync(files), ['old'], 'half of it');
  writeFileSync(join(files, 'upload'), 'precious\n');
  const result = await onProduction(world, 'status');
  assert.deepEqual(readdirSync(files).sort(), ['old', 'settings.txt'], result.stdout);
  assert.deepEqual(keptOf(world, files, 'upload'), ['precious\n']);
  assert.deepEqual(keptOf(world, files, 'settings.txt'), [`of ${sha}\n`], 'what is the backup\'s own is not kept once more');
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('what a site writes while its files are put back is kept, or stands there', needsMounts, () => inPlace(async (world, files) => {
  writeFileSync(join(files, 'db'), 'first\n');
  mkdirSync(join(files, 'incoming'));
  writeFileSync(join(files, 'incoming/photo'), 'photo\n');
  // What is moved with its folder has not changed itself.
  const write = `echo upload > ${files}/upload; echo second > ${files}/db; mkdir ${files}/empty; mv ${files}/incoming ${files}/published`;
  const meddled = meddling(world, 'mv', '"mv "*.replaced-*', { after: write });
  const result = await promote(world, await candidate(world), failing(world), meddled);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual([readdirSync(files).sort(), readFileSync(join(files, 'db'), 'utf8')], [['db', 'incoming', 'settings.txt'], 'first\n']);
  assert.deepEqual([keptOf(world, files, 'upload'), keptOf(world, files, 'db').sort()], [['upload\n'], ['first\n', 'second\n']]);
  assert.deepEqual(keptOf(world, files, 'published/photo'), ['photo\n']);
}));

const COPY = (files) => `"cp -a -T --reflink=auto -- ${files} "*`;
/** The last argument of a copy, in the shell of `meddling`. */
const TO = 'for to; do :; done';

test('what an earlier version of this program had put back when it was killed is not put back again', () => withProduction({}, async (world) => {
  const { files } = world.prod;
  const sha = await candidate(world);
  const trap = meddling(world, 'mv', `"mv -T -n -- "*".prod-files.restored-"*" ${files}"`, { after: KILL });
  assert.equal((await promote(world, sha, failing(world), trap)).signal, 'SIGKILL');
  const aside = () => readdirSync(world.root).filter((name) => name.includes('.replaced-'));
  // It named what it set aside after the second.
  const [kept] = aside();
  const earlier = kept.replace(/\.\d+Z$/, 'Z');
  renameSync(join(world.root, kept), join(world.root, earlier));
  writeFileSync(join(files, 'upload'), 'precious\n');
  const result = await onProduction(world, 'status');
  assert.match(result.log, /rollback of [0-9a-f]{7} .* was not finished/);
  assert.deepEqual([readdirSync(files).sort(), aside()], [['settings.txt', 'upload'], [earlier]], result.stdout);
  assert.ok(result.log.includes(join(world.root, earlier)), result.log);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a file that is gone by the time that it is copied stops no way back, before or while files are put back', needsMounts, () => inPlace(async (world, files) => {
  for (const name of ['session', 'db']) writeFileSync(join(files, name), `${name}\n`);
  for (const [at, version] of [[1, 2], [2, 3]]) {
    // The second copy is of what came after the first one.
    const late = meddling(world, 'find', `"find ${files} "*-delete*`, { before: `for n in session new; do echo $n > ${files}/$n; done` });
    const gone = meddling(world, 'cp', COPY(files), { at, after: `${TO}; rm -f ${files}/session $to/session; code=1` });
    const env = { PATH: `${late.env.PATH.split(':')[0]}:${gone.env.PATH}` };
    const result = await promote(world, await candidate(world, version), failing(world), { env });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.deepEqual(readdirSync(files).sort(), ['db', 'session', 'settings.txt']);
    assert.equal(readFileSync(join(files, 'db'), 'utf8'), 'db\n');
    assert.deepEqual(keptOf(world, files, 'new'), Array(version - 1).fill('new\n'));
    for (const name of ['cp', 'find']) rmSync(join(world.root, `meddling-${name}`), { recursive: true });
  }
}));

test('a copy of what stands there that is cut short stops the way back before anything is removed', needsMounts, () => inPlace(async (world, files) => {
  const short = meddling(world, 'cp', COPY(files), { after: `${TO}; : > $to/settings.txt; code=1` });
  const sha = await candidate(world);
  const result = await promote(world, sha, failing(world), short);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.deepEqual([readdirSync(files).sort(), settings(world)], [['only-new', 'settings.txt'], `of ${sha}`]);
}));

test('what came while files were put back and cannot be kept stays beside them, renamed where it is in their way', needsMounts, () => inPlace(async (world, files) => {
  writeFileSync(join(files, 'orders'), 'order 1\n');
  writeFileSync(join(files, 'old.~1~'), 'an editor\'s\n');
  const late = meddling(world, 'find', `"find ${files} "*-delete*`, { before: `echo upload > ${files}/upload; echo order 2 >> ${files}/orders` });
  const full = meddling(world, 'cp', COPY(files), { at: 2, before: 'echo "cp: no space" >&2; exit 1' });
  const env = { PATH: `${late.env.PATH.split(':')[0]}:${full.env.PATH}` };
  const result = await promote(world, await candidate(world), failing(world), { env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual(readdirSync(files).sort(), ['old.~1~', 'orders', 'orders.~1~', 'settings.txt', 'upload']);
  assert.deepEqual(['orders', 'orders.~1~'].map((name) => readFileSync(join(files, name), 'utf8')), ['order 1\n', 'order 1\norder 2\n']);
  assert.equal(settings(world), 'of version 1');
  assert.match(result.log, /::warning::.*prod-files: what was written there meanwhile could not all be set aside .*cp: no space/);
  const renamed = new RegExp(`restore files: .*, ${files}/orders\\.~1~$`, 'm');
  assert.match(result.log, renamed);
  assert.ok(world.discord.news.at(-1).text.replaceAll('\\', '').includes(`, ${files}/orders.~1~`), 'people are told');
}));

test('what a site never stops writing to holds nothing up: all but its last moment is kept', needsMounts, () => inPlace(async (world, files) => {
  writeFileSync(join(files, 'orders'), '0\n');
  const bin = join(world.root, 'meddling-mv');
  mkdirSync(bin);
  const write = `wc -l < ${files}/orders >> ${files}/orders`;
  writeFileSync(join(bin, 'mv'), `#!/bin/sh\nPATH='${world.engine.env.PATH}' mv "$@"; code=$?\ncase "$*" in *.replaced-*) ${write};; esac\nexit $code\n`, { mode: 0o755 });
  const result = await promote(world, await candidate(world), failing(world), { env: { PATH: `${bin}:${world.engine.env.PATH}` } });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual(readdirSync(files).filter((name) => name.endsWith('~')), [], 'it has no room for two of them');
  assert.equal(readFileSync(join(files, 'orders'), 'utf8'), '0\n');
  assert.ok(keptOf(world, files, 'orders').length > 2, 'each look kept what it found');
}));

test('the files of a site are away for no longer the more of them come, and a file that came and went is kept nowhere', needsMounts, () => inPlace(async (world, files) => {
  const programs = wrapPrograms(world, ['diff']);
  const many = `i=0; while [ $i -lt 300 ]; do i=$((i + 1)); : > ${files}/session-$i; done`;
  const late = meddling(world, 'find', `"find ${files} "*-delete*`, { before: many });
  const gone = meddling(world, 'cp', COPY(files), { at: 3, after: `${TO}; rm -f ${files}/* $to/*; code=1` });
  const again = meddling(world, 'mv', '"mv "*.replaced-*', { at: 2, after: `echo x > ${files}/journal` });
  const env = { PATH: [late, gone, again].map((one) => one.env.PATH.split(':')[0]).concat(programs.env.PATH).join(':') };
  const result = await promote(world, await candidate(world), failing(world), { env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual(readdirSync(files), ['settings.txt']);
  assert.equal(keptOf(world, files, 'session-300').length, 1);
  assert.ok(programs.calls().length < 10, `${programs.calls().length} comparisons`);
  assert.deepEqual(inBackups(world).filter((one) => one.endsWith('-3')), []);
}));

test('what a site writes is kept, though the clock of the disk of backups is ahead of its own', needsMounts, () => inPlace(async (world, files) => {
  writeFileSync(join(files, 'orders'), 'order 1\n');
  const ahead = meddling(world, 'sort', '"sort "*.begun*', { after: `${TO}; touch -d '+5 seconds' "$to"` });
  const late = meddling(world, 'find', `"find ${files} "*-delete*`, { before: `echo order 2 >> ${files}/orders` });
  const env = { PATH: `${ahead.env.PATH.split(':')[0]}:${late.env.PATH}` };
  const result = await promote(world, await candidate(world), failing(world), { env });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(readFileSync(join(files, 'orders'), 'utf8'), 'order 1\n');
  assert.deepEqual(keptOf(world, files, 'orders').sort(), ['order 1\n', 'order 1\norder 2\n']);
}));

test('a file that something is mounted on is put back in place, and what was there is kept', needsMounts, () => withProduction({}, async (world) => {
  const [file, source] = ['mounted.env', 'source.env'].map((name) => join(world.root, name));
  for (const one of [file, source]) writeFileSync(one, 'A=1\n');
  execFileSync('mount', ['--bind', source, file]);
  try {
    const inputs = { 'backup-paths': file, 'deploy-command': `sh\n-c\necho A=2 > ${file}`, 'health-contains': 'version 1' };
    const result = await promote(world, await candidate(world), inputs);
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.equal(readFileSync(source, 'utf8'), 'A=1\n');
    assert.deepEqual(keptOf(world, file, ''), ['A=2\n']);
  } finally {
    spawnSync('umount', ['--lazy', file]);
  }
}));

test('a backup that its disk has no room to put back is refused before what is well is touched, and a dry run says so', needsMounts, () => withProduction({}, async (world) => {
  const small = join(world.root, 'small');
  await mounted(small, 'size=4m', async () => {
    mkdirSync(join(small, 'data'));
    writeFileSync(join(small, 'data/db'), Buffer.alloc(1_000_000, 'a'));
    const sha = await candidate(world);
    const inputs = { 'backup-paths': join(small, 'data'), 'deploy-command': `sh\n-c\ntouch ${small}/data/only-new` };
    assert.equal((await promote(world, sha, inputs)).outputs.result, 'deployed');
    // The disk has filled up since,.
    writeFileSync(join(small, 'big'), Buffer.alloc(2_700_000, 'a'));
    const seen = prodFacts(world).length;
    for (const more of [{ 'dry-run': 'true' }, {}]) {
      const result = await onProduction(world, 'rollback', { ...inputs, ...more, backup: 'latest' });
      assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
      assert.match(result.log, new RegExp(`pas assez de place sur ${small} : 1,9 Mio et 2 inodes nécessaires, \\d+,\\d Kio et \\d+ inodes libres`));
      assert.match(result.log, /Rien n'a été touché\. Y libérer de la place, puis relancer/);
    }
    assert.deepEqual(prodFacts(world).slice(seen), [], 'nothing was begun');
    assert.deepEqual([headOf(world.prod.vm), await page(world), existsSync(join(small, 'data/only-new'))], [sha, 'version 2', true]);
    rmSync(join(small, 'big'));
    const result = await onProduction(world, 'rollback', { ...inputs, backup: 'latest' });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.deepEqual(readdirSync(join(small, 'data')), ['db']);
  });
}));

test('a half copy of a run that was killed takes no room from a rollback', needsMounts, () => withProduction({}, async (world) => {
  const small = join(world.root, 'small');
  await mounted(small, 'size=4m', async () => {
    mkdirSync(join(small, 'data'));
    writeFileSync(join(small, 'data/db'), Buffer.alloc(1_000_000, 'a'));
    const inputs = { 'backup-paths': join(small, 'data') };
    assert.equal((await promote(world, await candidate(world), inputs)).outputs.result, 'deployed');
    writeFileSync(join(small, '.data.restored-20200101T000000Z.partial'), Buffer.alloc(2_700_000, 'a'));
    const result = await onProduction(world, 'rollback', { ...inputs, backup: 'latest' });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.ok(readdirSync(small).every((name) => !name.includes('.restored-')));
  });
}));

test('two rollbacks with different backups put back each its own files, however soon the second comes', () => withProduction({}, async (world) => {
  for (const version of [2, 3]) {
    assert.equal((await promote(world, await candidate(world, version), script(world))).outputs.result, 'deployed');
  }
  const all = backups(world).map((name) => [name, readFileSync(join(world.prod.backups, name, 'files', world.prod.files, 'settings.txt'), 'utf8').trim()]);
  assert.equal(all.length, 2);
  // Each takes about half a second; in four pairs there is one within the same second.
  for (let times = 0; times < 4; times += 1) {
    for (const [backup, files] of all.toReversed()) {
      const result = await onProduction(world, 'rollback', { ...script(world), backup, 'compose-file': null, url: null });
      assert.equal(result.outputs.result, 'rolled-back', result.stdout);
      assert.equal(settings(world), files);
    }
  }
}));

test('a path that holds the ledger or the backups by way of a link is refused before anything is touched', () => withProduction({}, async (world) => {
  const link = join(world.root, 'link');
  symlinkSync(world.prod.files, link);
  const sha = await candidate(world);
  cpSync(join(world.stateDir, 'preprod'), join(world.prod.files, 'state/preprod'), { recursive: true });
  for (const [inputs, what] of [[{ 'state-dir': join(link, 'state'), 'backup-dir': join(world.root, 'elsewhere') }, 'state/prod'], [{ 'backup-dir': join(link, 'kept') }, 'kept']]) {
    const result = await promote(world, sha, { ...script(world), ...inputs });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, new RegExp(`❌ Sauvegarde impossible : ${world.prod.files} contient ${link}/${what}, qui ne doit pas être remis avec`));
    await isWhole(world, 1, world.first, 'of version 1');
    // The work tree is free for the next state.
    rmSync(join(world.prod.vm, '.git/mangetamain-deploy'), { recursive: true });
  }
}));

test('a backup of a path that has come to hold the backups is put back by no rollback', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  assert.equal((await promote(world, sha, script(world))).outputs.result, 'deployed');
  renameSync(world.prod.backups, join(world.prod.files, 'kept'));
  symlinkSync(world.prod.files, join(world.root, 'link'));
  for (const more of [{ 'dry-run': 'true' }, {}]) {
    const result = await onProduction(world, 'rollback', { ...script(world), backup: 'latest', 'backup-dir': join(world.root, 'link/kept'), ...more });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
    assert.match(result.log, /contient .*link\/kept, qui ne doit pas être remis avec/);
  }
  await isWhole(world, 2, sha, `of ${sha}`);
}));

test('a path whose name is as long as a name may be is put back, swapped or in place', needsMounts, () => withProduction({}, async (world) => {
  const [swapped, held] = ['s', 'h'].map((letter) => join(world.root, letter.repeat(255)));
  mkdirSync(swapped);
  await mounted(held, 'size=10m', async () => {
    for (const path of [swapped, held]) writeFileSync(join(path, 'f'), 'old\n');
    const inputs = { 'backup-paths': `${swapped}\n${held}`, 'deploy-command': `sh\n-c\necho new > "$0"; echo new > "$1"; exit 1\n${join(swapped, 'f')}\n${join(held, 'f')}` };
    const result = await promote(world, await candidate(world), inputs);
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.deepEqual([swapped, held].map((path) => readFileSync(join(path, 'f'), 'utf8')), ['old\n', 'old\n']);
    assert.deepEqual(keptOf(world, held, 'f'), ['new\n']);
    const kept = readdirSync(world.root).find((name) => name.includes('.replaced-'));
    assert.equal(readFileSync(join(world.root, kept, 'f'), 'utf8'), 'new\n');
  });
}));
