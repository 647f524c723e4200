// Backups as they stand on the disk: what is in one, what is left out and told, what is refused, which
// are kept.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { nextSecond, validated } from './support.mjs';
import { mounted, needsMounts } from './mounts.mjs';
import { backups, candidate, inBackups, isWhole, onProduction, promote, script, settings, withProduction } from './production.mjs';

const STRANGE = ['-rf', 'a b', 'new\nline', "quote'", 'double"', 'back\\slash', '*', '$(touch pwned)', '.hidden', 'é', ' leading', 'tab\there'];

/** A PATH with a program of that name that does `before`, what it should do, then `after`. */
function meddling(world, name, { before = 'true', after = 'true' }) {
  const bin = join(world.root, `meddling-${name}`);
  mkdirSync(bin, { recursive: true });
  const text = `#!/bin/sh\n[ "$2" = --parents ] || exec /usr/bin/${name} "$@"\n${before}\n/usr/bin/${name} "$@"\ncode=$?\n${after}\nexit $code\n`;
  writeFileSync(join(bin, name), text, { mode: 0o755 });
  return { env: { PATH: `${bin}:${world.engine.env.PATH}` } };
}

const manifestOf = (world, name) => JSON.parse(readFileSync(join(world.prod.backups, name, 'manifest.json'), 'utf8'));
const saved = (world, name, path = '') => join(world.prod.backups, name, 'files', world.prod.files, path);

test('a backup holds names of every kind, links, rights and empty folders, and a person can check its sums', () => withProduction({}, async (world) => {
  const { files } = world.prod;
  for (const name of STRANGE) writeFileSync(join(files, name), `in ${JSON.stringify(name)}\n`);
  const latin = Buffer.concat([Buffer.from(`${files}/caf`), Buffer.from([0xe9])]);
  writeFileSync(latin, 'not UTF-8\n');
  mkdirSync(join(files, 'empty', 'deep'), { recursive: true });
  symlinkSync('nowhere', join(files, 'dangling'));
  symlinkSync('empty', join(files, 'link'));
  writeFileSync(join(files, 'secret'), 'x', { mode: 0o600 });
  chmodSync(join(files, 'empty'), 0o711);
  const result = await promote(world, await candidate(world), script(world));
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  const name = result.outputs.backup;
  const manifest = manifestOf(world, name);
  assert.deepEqual([manifest.sha, manifest.before, manifest.paths, manifest.skipped, manifest.changed], [world.first, result.outputs.sha, [files], [], []]);
  assert.equal(manifest.files, STRANGE.length + 3);
  for (const one of STRANGE) assert.equal(readFileSync(saved(world, name, one), 'utf8'), `in ${JSON.stringify(one)}\n`);
  assert.equal(readFileSync(Buffer.concat([Buffer.from(saved(world, name, 'caf')), Buffer.from([0xe9])]), 'utf8'), 'not UTF-8\n');
  assert.equal(readlinkSync(saved(world, name, 'dangling')), 'nowhere');
  assert.ok(lstatSync(saved(world, name, 'empty/deep')).isDirectory());
  const mode = (path) => lstatSync(path).mode & 0o7777;
  assert.deepEqual([mode(saved(world, name, 'secret')), mode(saved(world, name, 'empty'))], [0o600, 0o711]);
  const whole = join(world.prod.backups, name);
  assert.deepEqual([mode(world.prod.backups), mode(whole), mode(join(whole, 'SHA256SUMS')), mode(join(whole, 'manifest.json'))], [0o700, 0o700, 0o600, 0o600]);
  assert.deepEqual(readdirSync(whole).sort(), ['SHA256SUMS', 'files', 'manifest.json']);
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', '../SHA256SUMS'], { cwd: join(whole, 'files') });
  const back = await onProduction(world, 'rollback', { backup: 'latest' });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  for (const one of STRANGE) assert.equal(readFileSync(join(files, one), 'utf8'), `in ${JSON.stringify(one)}\n`);
  assert.equal(readFileSync(latin, 'utf8'), 'not UTF-8\n');
  assert.deepEqual([mode(join(files, 'secret')), mode(join(files, 'empty')), readlinkSync(join(files, 'link'))], [0o600, 0o711, 'empty']);
}));

test('sockets and pipes are left out, and named', () => withProduction({}, async (world) => {
  const socket = createServer();
  await new Promise((done) => socket.listen(join(world.prod.files, 'app.sock'), done));
  execFileSync('mkfifo', [join(world.prod.files, 'pipe')]);
  const result = await promote(world, await candidate(world));
  socket.close();
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  const manifest = manifestOf(world, result.outputs.backup);
  assert.deepEqual(manifest.skipped.sort(), ['app.sock', 'pipe'].map((name) => join(world.prod.files, name)));
  assert.match(result.log, /not saved \(no files\): .*app\.sock/);
  assert.deepEqual(readdirSync(saved(world, result.outputs.backup)), ['settings.txt']);
}));

test('files that change, come or go while they are read are told, and are no ground to stop', () => withProduction({}, async (world) => {
  const { files } = world.prod;
  writeFileSync(join(files, 'gone'), 'soon\n');
  const after = `echo more >> ${files}/settings.txt; rm ${files}/gone; echo new > ${files}/came`;
  const result = await promote(world, await candidate(world), {}, meddling(world, 'cp', { after }));
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  const { changed } = manifestOf(world, result.outputs.backup);
  for (const name of ['settings.txt', 'gone', 'came']) assert.ok(changed.includes(join(files, name)), changed.join());
  assert.match(result.log, /changed while it was read: /);
}));

test('a copy that differs without anything that explains it is no backup', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const spoil = `truncate -s 3 ${world.prod.backups}/*.partial/files${world.prod.files}/settings.txt; echo "No space left on device" >&2; code=1`;
  const result = await promote(world, sha, {}, meddling(world, 'cp', { after: spoil }));
  assert.deepEqual([result.exit, result.outputs.result, result.outputs.backup], [1, 'failed', ''], result.stdout);
  assert.match(result.log, /1 of the copies is not what stands there \(.*settings\.txt\); [\d.]+ [GM]iB free at .*\n?.*No space left on device/);
  assert.match(result.log, /Nothing that is live was touched/);
  assert.deepEqual(inBackups(world), []);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('an entry that was not copied at all is no backup either', () => withProduction({}, async (world) => {
  mkdirSync(join(world.prod.files, 'folder'));
  const result = await promote(world, await candidate(world), {}, meddling(world, 'cp', { after: `rmdir ${world.prod.backups}/*.partial/files${world.prod.files}/folder` }));
  assert.match(result.log, /1 of the copies is not what stands there \(.*folder\)/);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a path that is missing or a link is refused, with what to name instead', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  symlinkSync(world.prod.files, join(world.root, 'a-link'));
  assert.match((await promote(world, sha, { 'backup-paths': join(world.root, 'a-link') })).log, /❌ Sauvegarde impossible : .*a-link : c'est un lien symbolique : nommer ce vers quoi il pointe/);
  assert.match((await promote(world, sha, { 'backup-paths': join(world.root, 'nothing') })).log, /❌ Sauvegarde impossible : .*nothing : il n'y a rien à cet endroit/);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('without room for the backup nothing is begun, and the figures are told', needsMounts, () => withProduction({}, async (world) => {
  const small = join(world.root, 'small');
  await mounted(small, 'size=1m', async () => {
    const result = await promote(world, await candidate(world), { 'backup-dir': join(small, 'backups') });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, /❌ Pas assez de place pour la sauvegarde : 64,0 Mio et \d+ inodes nécessaires, \d+,\d [MK]io et \d+ inodes libres/);
    assert.deepEqual(readdirSync(small), []);
  });
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a folder of backups on a read-only disk is told, and nothing is touched', needsMounts, () => withProduction({}, async (world) => {
  const still = join(world.root, 'read-only');
  await mounted(still, 'size=900m', async () => {
    execFileSync('mount', ['-o', 'remount,ro', still]);
    const result = await promote(world, await candidate(world), { 'backup-dir': join(still, 'backups') });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, /❌ Sauvegarde impossible : impossible d'écrire dans .*read-only : disque en lecture seule/);
  });
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a path that something is mounted on is put back in place, and what was there is kept', needsMounts, () => withProduction({}, async (world) => {
  const { files } = world.prod;
  await mounted(files, 'size=50m', async () => {
    writeFileSync(join(files, 'settings.txt'), 'of version 1\n');
    writeFileSync(join(files, 'only-old'), 'old\n');
    const sha = await candidate(world);
    const result = await promote(world, sha, { ...script(world), 'health-contains': 'version 1' });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.deepEqual([readdirSync(files).sort(), settings(world)], [['only-old', 'settings.txt'], 'of version 1']);
    const kept = inBackups(world).find((name) => name.includes('.replaced-'));
    assert.equal(readFileSync(join(world.prod.backups, kept, files, 'settings.txt'), 'utf8'), `of ${sha}\n`);
  });
}));

test('the newest backups are kept, those of what is live always, and what is no backup is left alone', () => withProduction({}, async (world) => {
  const shas = [];
  for (const version of [2, 3, 4]) {
    shas.push(await validated(world, version));
    // Backups are named after their second, and are told apart by it.
    await nextSecond();
    const result = await promote(world, shas.at(-1), { 'backup-keep': '2' });
    assert.equal(result.outputs.result, 'deployed', result.stdout);
    if (version === 2) {
      mkdirSync(join(world.prod.backups, 'mine'));
      for (const left of ['20200101T000000Z-aaaaaaa.partial', '20200101T000000Z-aaaaaaa.removed']) mkdirSync(join(world.prod.backups, left));
    }
    // What a run that was killed had begun to remove, under the name that the next removal uses.
    if (version === 3) mkdirSync(join(world.prod.backups, `${backups(world)[0]}.removed`));
  }
  assert.deepEqual(backups(world).map((name) => name.slice(-7)), [shas[0], shas[1]].map((sha) => sha.slice(0, 7)));
  assert.ok(inBackups(world).includes('mine'));
  assert.equal(inBackups(world).length, 3, inBackups(world).join());
}));

test('a folder of backups is one environment\'s: another is refused before anything is touched, and puts none of them back', () => withProduction({}, async (world) => {
  const [shared, vm, files] = ['shared', 'prod2', 'prod2-files'].map((name) => join(world.root, name));
  world.repository.clone(vm);
  mkdirSync(files);
  writeFileSync(join(files, 'settings.txt'), 'of site two\n');
  const two = { environment: 'prod2', 'app-path': vm, 'compose-file': null, url: null, 'backup-paths': files, 'backup-dir': shared };
  const sha = await candidate(world);
  assert.equal((await promote(world, sha, { ...script(world), 'backup-dir': shared })).outputs.result, 'deployed');
  const [saved] = readdirSync(shared).filter((name) => /^\d/.test(name));
  const refused = await promote(world, sha, two);
  assert.deepEqual([refused.exit, refused.outputs.result], [1, 'failed'], refused.stdout);
  assert.match(refused.log, /l'environnement prod met ses sauvegardes dans \S+shared : à chacun son `backup-dir`/);
  assert.deepEqual(readdirSync(shared).sort(), [saved, 'mangetamain-deploy']);
  const own = join(world.root, 'own');
  assert.equal((await promote(world, sha, { ...two, 'backup-dir': own })).outputs.result, 'deployed');
  // A backup that somebody has copied to it.
  const copied = `2099${saved.slice(4)}`;
  execFileSync('cp', ['-a', join(shared, saved), join(own, copied)]);
  const back = await onProduction(world, 'rollback', { ...two, 'backup-dir': own, backup: copied });
  assert.equal(back.exit, 1, back.stdout);
  assert.match(back.log, /is a backup of the environment prod\b/);
  assert.equal(readFileSync(join(files, 'settings.txt'), 'utf8'), 'of site two\n');
  assert.equal(settings(world), `of ${sha}`);
}));

test('backups of another environment, in a folder that two have shared, are neither removed nor the latest', () => withProduction({}, async (world) => {
  const [shared, vm, files] = ['shared', 'prod2', 'prod2-files'].map((name) => join(world.root, name));
  world.repository.clone(vm);
  mkdirSync(files);
  const two = { environment: 'prod2', 'app-path': vm, 'compose-file': null, url: null, 'backup-paths': files, 'backup-dir': shared };
  const one = { ...script(world), 'backup-dir': shared, 'backup-keep': '1' };
  const ofTwo = () => readdirSync(shared).filter((name) => /^\d{8}T\d{6}Z-[0-9a-f]{7}$/.test(name) && JSON.parse(readFileSync(join(shared, name, 'manifest.json'))).environment === 'prod2');
  assert.equal((await promote(world, await candidate(world), two)).outputs.result, 'deployed');
  const [saved] = ofTwo();
  // As it was when nothing said whose the folder is.
  rmSync(join(shared, 'mangetamain-deploy'));
  execFileSync('cp', ['-a', join(shared, saved), join(shared, `2099${saved.slice(4)}`)]);
  mkdirSync(join(shared, `${saved}.replaced-20200101T000000.000Z.begun`));
  for (const version of [3, 4]) {
    await nextSecond();
    assert.equal((await promote(world, await candidate(world, version), one)).outputs.result, 'deployed');
  }
  assert.deepEqual(ofTwo().length, 2);
  assert.ok(existsSync(join(shared, `${saved}.replaced-20200101T000000.000Z.begun`)));
  const back = await onProduction(world, 'rollback', { ...one, backup: 'latest' });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
}));

test('a folder among another environment\'s state is that one\'s, and one\'s own state stays one\'s own', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const taken = join(world.stateDir, 'preprod/backups');
  const refused = await promote(world, sha, { ...script(world), 'backup-dir': taken });
  assert.deepEqual([refused.exit, refused.outputs.result], [1, 'failed'], refused.stdout);
  assert.match(refused.log, /l'environnement preprod met ses sauvegardes dans \S+preprod\/backups : à chacun son `backup-dir`/);
  mkdirSync(world.prod.backups, { recursive: true });
  writeFileSync(join(world.prod.backups, 'mangetamain-deploy'), `${join(world.stateDir, 'preprod')}\npreprod\n`);
  assert.equal((await promote(world, sha, script(world))).outputs.result, 'deployed');
}));

test('an environment whose state was copied elsewhere is told the file that makes its backups its own again', () => withProduction({}, async (world) => {
  const shared = join(world.root, 'shared');
  const inputs = { ...script(world), 'backup-dir': shared };
  assert.equal((await promote(world, await candidate(world), inputs)).outputs.result, 'deployed');
  const moved = join(world.root, 'moved');
  cpSync(world.stateDir, moved, { recursive: true });
  for (const vm of [world.prod.vm, world.vm]) rmSync(join(vm, '.git/mangetamain-deploy'), { force: true });
  world.inputs['state-dir'] = moved;
  const sha = await candidate(world, 3);
  const refused = await promote(world, sha, inputs);
  assert.equal(refused.exit, 1, refused.stdout);
  const [, file] = /un environnement du même nom met déjà ses sauvegardes dans \S+shared, et son état est dans \S+\/prod : si c'est l'ancien état de celui-ci, rm (\S+) ;/.exec(refused.log) ?? assert.fail(refused.log);
  rmSync(file);
  assert.equal((await promote(world, sha, inputs)).outputs.result, 'deployed');
}));
