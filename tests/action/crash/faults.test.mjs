// The machine at fault: a full disk, a state folder that cannot be written, a clock that is a day off.
// Each time: a clear error that says what is live now and what to do, nothing half done, and the next run
// is as if nothing had been.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../../world/git.mjs';
import { wrapPrograms } from '../../world/programs.mjs';
import { shown } from '../support.mjs';
import { examine, sumUp } from './examine.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { addProduction, makeTown, saidBy } from './town.mjs';

const DAY_MS = 24 * 60 * 60_000;
const NOBODY = 65534;
const root = process.getuid?.() === 0;
const isMountable = root && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const onlyMountable = isMountable ? false : 'a small disk can only be mounted by root';
const deploy = (name, inputs) => ({ mode: 'deploy', name, inputs: { watch: 'inline', ...inputs } });

/** A town with a validated version, and a folder to break. */
async function inTown(work) {
  const town = await makeTown();
  try {
    const first = await town.perform(deploy('good'));
    assert.equal(first.outputs.result, 'validated', first.stdout);
    await work(town, join(town.world.stateDir, 'preprod'));
  } finally {
    spawnSync('umount', ['--lazy', join(town.world.stateDir, 'preprod')]);
    await town.world.close();
  }
}

/** The errors of a run, as its page shows them. */
const told = (result) => result.annotations.filter(({ level }) => level === 'error').map(({ text }) => text).join('\n');

/** It failed with an error that a person can act upon, and the old version is as it was. */
async function refused(town, result, words) {
  assert.equal(result.exit, 1, result.stdout);
  assert.match(told(result), words);
  // Of a ledger that we may not read nobody can tell what is live, only that nothing was touched.
  if (/n'a pas été exécuté : impossible de lire/.test(told(result))) assert.match(told(result), /rien n'a été touché, ce qui était en ligne le reste, et Discord n'en sait rien/);
  else assert.match(told(result), new RegExp(`En ligne maintenant : ${town.shas.good}`));
  assert.equal(town.world.checkedOut(), town.shas.good);
  assert.equal(await shown(town.world), saidBy('good'));
}

/** The next run is as if nothing had been. */
async function whole(town, name = 'next') {
  const result = await town.perform(deploy(name));
  assert.deepEqual(sumUp(town, await examine(town, result)), { live: name, validated: name, quarantined: [] }, result.stdout);
}

/** A state folder on a disk of its own, by default of 256 KiB. */
function onSmallDisk(folder, size = '256k') {
  const before = `${folder}.before`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  execFileSync('cp', ['-a', folder, before]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder]);
  execFileSync('cp', ['-a', `${before}/.`, folder]);
  rmSync(before, { recursive: true });
}

test('a disk that is full before each write to the ledger: told, and made good by the next run', { skip: onlyMountable }, () => inTown(async (town, folder) => {
  onSmallDisk(folder);
  const fill = join(folder, 'full');
  let at = 1;
  for (; ; at += 1) {
    const result = await town.perform(deploy('next'), null, { bend: { fill, at } });
    if (result.exit === 0) break;
    assert.match(told(result), /impossible d'écrire .*ledger\.jsonl : ENOSPC[^]*En ligne maintenant : /, result.stdout);
    rmSync(fill);
    await whole(town);
  }
}));

// Of a promote, backups stand there, too; they want to see 64 MiB free.
const ON_DISK = { 'a rollback by hand': '256k', 'CI that fails, by event': '256k', 'a promote': '80m' };

/** A scenario on a disk of its own: `work(run, folder)` runs it once more, from where it begins. */
async function eachOnDisk(name, work) {
  const { before, run, end, place = 'preprod' } = SCENARIOS[name];
  const town = await makeTown();
  const folder = join(town.world.stateDir, place);
  try {
    await before(town);
    town.keep();
    for (let at = 1, isOver = false; !isOver; at += 1) {
      await town.putBack();
      onSmallDisk(folder, ON_DISK[name]);
      isOver = await work(town, { run, folder, at });
      const again = await town.perform(run);
      assert.deepEqual(sumUp(town, await examine(town, again, { place })), end, again.stdout);
      execFileSync('umount', [folder]);
    }
  } finally {
    spawnSync('umount', ['--lazy', folder]);
    await town.world.close();
  }
}

for (const name of Object.keys(ON_DISK)) {
  test(`${name}, with a disk that is full before each write to the ledger: told, and made good by the next run`, { skip: onlyMountable }, async () => {
    let failed = 0;
    await eachOnDisk(name, async (town, { run, folder, at }) => {
      const fill = join(folder, 'full');
      const result = await town.perform(run, null, { bend: { fill, at } });
      if (!existsSync(fill)) return true;
      rmSync(fill);
      failed += 1;
      assert.equal(result.exit, 1, result.stdout);
      assert.match(told(result), /impossible d'écrire .*ledger\.jsonl : ENOSPC[^]*En ligne maintenant : /, result.stdout);
      return false;
    });
    assert.ok(failed > 3, `${failed} writes`);
  });

  test(`${name}, with a disk that is read-only: told before anything is touched`, { skip: onlyMountable }, () => eachOnDisk(name, async (town, { run, folder }) => {
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    const before = Object.values(town.places).map(({ vm }) => git(vm, 'rev-parse', 'HEAD'));
    const result = await town.perform(run);
    execFileSync('mount', ['-o', 'remount,rw', folder]);
    assert.equal(result.exit, 1, result.stdout);
    assert.match(told(result), /impossible de verrouiller .* : EROFS[^]*En ligne maintenant : /, result.stdout);
    assert.deepEqual(Object.values(town.places).map(({ vm }) => git(vm, 'rev-parse', 'HEAD')), before);
    return true;
  }));
}

test('a disk for backups that is full when a backup is written: told, production untouched, and the next promote is whole', { skip: onlyMountable }, () => inTown(async (town) => {
  const promote = { mode: 'promote', place: 'prod', name: 'next', inputs: {} };
  await whole(town);
  await addProduction(town);
  const folder = join(town.world.stateDir, 'prod/backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A little more than a promote wants to see free.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=66m,mode=700', 'tmpfs', folder]);
  try {
    const fill = join(folder, 'full');
    const programs = wrapPrograms(town.world, ['cp', 'find']);
    for (const words of ['cp -a --parents', ' -exec sha256sum']) {
      const full = programs.rule(words, `head -c 99999999 /dev/zero > '${fill}' 2> /dev/null`);
      const result = await town.perform(promote, null, { env: programs.env });
      await full.begun();
      rmSync(fill);
      const { live, quarantined } = sumUp(town, await examine(town, result, { place: 'prod' }));
      assert.deepEqual([result.exit, live, quarantined], [1, 'first', []], result.stdout);
      assert.match(told(result), new RegExp(`(No space left on device|write error)[^]*En ligne maintenant : ${town.shas.first}`));
    }
    const result = await town.perform(promote);
    assert.deepEqual(sumUp(town, await examine(town, result, { place: 'prod' })), { live: 'next', validated: 'next', quarantined: [] }, result.stdout);
  } finally {
    spawnSync('umount', ['--lazy', folder]);
  }
}));

test('a disk that is read-only: told before anything is touched', { skip: onlyMountable }, () => inTown(async (town, folder) => {
  onSmallDisk(folder);
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  await refused(town, await town.perform(deploy('next')), /impossible de verrouiller .* : EROFS/);
  const status = await town.perform({ mode: 'status', name: 'next' });
  assert.equal(status.exit, 0);
  assert.equal(JSON.parse(status.outputs.state).preprod.live.sha, town.shas.good, 'status can still be read');
  execFileSync('mount', ['-o', 'remount,rw', folder]);
  await whole(town);
}));

const chownAll = (folder, id) => execFileSync('chown', ['-R', `${id}:${id}`, folder]);

test('a state folder of another user: told before anything is touched', { skip: root ? false : 'only root can be two users' }, () => inTown(async (town) => {
  chownAll(join(town.world.root, '_work'), NOBODY);
  await refused(town, await town.perform(deploy('next'), null, { bend: { user: NOBODY } }), /EACCES/);
  await whole(town);
}));

test('a work tree of another user: told, and nothing is half done', { skip: root ? false : 'only root can be two users' }, () => inTown(async (town) => {
  const { world } = town;
  for (const folder of ['_work', 'state', 'log', 'home']) chownAll(join(world.root, folder), NOBODY);
  await refused(town, await town.perform(deploy('next'), null, { bend: { user: NOBODY } }), /impossible d'écrire .*EACCES.*\.git doit être à l'utilisateur du runner/);
  chownAll(world.stateDir, 0);
  await whole(town);
}));

for (const [word, clock] of [['ahead', DAY_MS], ['behind', -DAY_MS]]) {
  const bend = { clock };

  test(`a clock that was a day ${word} for one deploy changes nothing of the next`, () => inTown(async (town) => {
    const up = { 'compose-strategy': 'up' };
    town.world.engine.setClock(clock);
    const off = await town.perform(deploy('next', up), null, { bend });
    assert.equal(off.outputs.result, 'validated', off.stdout);
    assert.equal(await shown(town.world), saidBy('next'));
    town.world.engine.setClock(0);
    const newer = await town.perform(deploy('newer', up));
    assert.deepEqual(sumUp(town, await examine(town, newer)), { live: 'newer', validated: 'newer', quarantined: [] }, newer.stdout);
  }));

  for (const words of [' restart', ' inspect --type']) {
    test(`a deploy that was killed at${words.split(' --')[0]} while the clock was a day ${word} is finished by the right clock`, () => inTown(async (town) => {
      town.world.engine.setClock(clock);
      const at = words === ' restart' ? 1 : 2;
      const killed = await town.perform(deploy('next'), { at, form: 'before', among: ['run'], holding: words }, { bend });
      assert.equal(killed.signal, 'SIGKILL', killed.stdout);
      town.world.engine.setClock(0);
      const status = await town.perform({ mode: 'status', name: 'next' });
      assert.deepEqual(sumUp(town, await examine(town, status)), { live: 'next', validated: 'next', quarantined: [] }, status.stdout);
      await whole(town, 'newer');
    }));
  }

  test(`a clock that was a day ${word} while CI was followed does not hold up who follows it next`, () => inTown(async (town) => {
    town.world.github.setRun(town.runs.next, { status: 'in_progress' });
    const killed = { at: 1, form: 'before', among: ['sleep'] };
    town.world.engine.setClock(clock);
    const off = await town.perform(deploy('next', { 'ci-timeout': '2s' }), killed, { bend });
    assert.equal(off.signal, 'SIGKILL', off.stdout);
    assert.match(off.log, /CI is in_progress/);
    town.world.engine.setClock(0);
    const result = await town.perform({ mode: 'watch', name: 'next', inputs: { watch: 'inline', 'ci-timeout': '2s' } });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.ok(result.ms < 30_000, 'it waits as long as the settings say, not until the other clock\'s deadline');
    town.world.github.setRun(town.runs.next, { conclusion: 'success' });
    await whole(town);
  }));
}
