// The machine at fault: a full disk, a state folder that cannot be written or is another user's, a clock that is a
// day off. Each time: a clear error that says what is live now and what to do, nothing half done, and the next run
// is as if nothing had been. That the fault came is asserted, too: of one that stays away nothing is proved.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../../world/git.mjs';
import { wrapPrograms } from '../../world/programs.mjs';
import { examine, sumUp } from './examine.mjs';
import { deploy, promote, validated } from './scenarios.mjs';
import { comesTo, eachRow, told } from './table.mjs';
import { addProduction, makeTown, saidBy } from './town.mjs';

const DAY_MS = 24 * 60 * 60_000;
const CLOCKS = { ahead: DAY_MS, behind: -DAY_MS };
const NEAR_MS = 60 * 60_000;
const NOBODY = 65534;
const PAGE = 4096;
const root = process.getuid?.() === 0;
const isMountable = root && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const onlyMountable = { skip: isMountable ? false : 'a small disk can only be mounted by root' };
const asRoot = { skip: root ? false : 'only root can be two users' };
// Of a promote, backups stand there, too; they want to see 64 MiB free.
const sizeOf = ({ place }) => (place === 'prod' ? '80m' : '256k');

/** A state folder on a disk of its own, for as long as `work` takes. */
async function onSmallDisk({ world }, row, work) {
  const folder = join(world.stateDir, row.place);
  const before = `${folder}.before`;
  execFileSync('cp', ['-a', folder, before]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeOf(row)},mode=700`, 'tmpfs', folder]);
  try {
    execFileSync('cp', ['-a', `${before}/.`, folder]);
    rmSync(before, { recursive: true });
    await work(folder);
  } finally {
    execFileSync('umount', ['--lazy', folder]);
  }
}

const own = (id, ...folders) => execFileSync('chown', ['-R', `${id}:${id}`, ...folders]);
const headsOf = (town) => Object.values(town.places).map(({ vm }) => git(vm, 'rev-parse', 'HEAD'));

/** It failed, and is said to have; what was live is as it was, and so are all work trees. */
async function refused(town, { place, was }, run, words) {
  const before = headsOf(town);
  const result = await run();
  assert.equal(result.exit, 1, result.stdout);
  assert.match(told(result), words);
  // Of a ledger that we may not read nobody can tell what is live, only that nothing was touched.
  if (/n'a pas été exécuté : impossible de lire/.test(told(result))) assert.match(told(result), /rien n'a été touché, aucun changement en ligne/);
  else assert.match(told(result), new RegExp(`En ligne maintenant : ${town.shas[was].slice(0, 7)}`));
  assert.deepEqual(headsOf(town), before);
  assert.equal((await fetch(town.places[place].url).then((it) => it.text())).trim(), saidBy(was));
}

/** Lets the ledger end so that of a write that begins at `size` only `room` bytes fit on its last page. */
function pad(folder, { size, room }) {
  const file = join(folder, 'ledger.jsonl');
  const blanks = (((PAGE - room - size) % PAGE) + PAGE) % PAGE;
  truncateSync(file, statSync(file).size - 1);
  appendFileSync(file, `${' '.repeat(blanks)}\n`);
}

// Which messages there are to edit is not worth a word, as long as nothing else meets the full disk: a next one is sent in
// their place; nor is what the next run would tell, should this one be killed, which tells it itself. The rollback
// point's file is for people: the machine goes by the ledger. A snapshot of that sums up entries that are there. Messages are noted beside the work, so that both may meet
// it, in either order.
const isSparable = ({ what }) => /\/(messages\.json|untold\.json|last-validated-sha\.txt|ledger\.jsonl \(snapshot\))$/.test(what);

// Backups are named by the second.
const named = (write) => write.replace(/\d{8}T\d{6}Z/, 'NOW');

/** With a disk that was full at this write, which was the first that it refused: what is told. */
function toldOfFull(town, row, result, write) {
  const refusals = town.seen().filter(({ code }) => code);
  assert.deepEqual(refusals.map(({ what, code }) => [named(what), code])[0], [named(write), 'ENOSPC'], result.stdout);
  assert.equal(result.signal, null);
  const isSpared = refusals.every(isSparable);
  assert.equal(result.outputs.result === row.result, isSpared, `${write}\n${result.stdout}`);
  if (write.endsWith('/last-validated-sha.txt')) assert.match(result.log, /could not write .*last-validated-sha\.txt: .*ENOSPC/);
  if (isSpared) return;
  assert.equal(result.exit, 1, result.stdout);
  assert.match(told(result), /En ligne maintenant : [^]*[Ii]mpossible (d'écrire|de verrouiller) .* : ENOSPC/, result.stdout);
}

/** What the ledger says from its entry `from` on was written `clock` milliseconds from now. */
function isOff(town, { place }, from, clock) {
  const off = town.world.ledger(place).slice(from).map(({ at }) => at - clock - Date.now());
  assert.ok(off.length > 0 && off.every((ms) => Math.abs(ms) < NEAR_MS), `${off}`);
}

test('a disk for backups that is full when a backup is written: told, production untouched, and the next promote is whole', onlyMountable, async () => {
  const town = await makeTown();
  const folder = join(town.world.stateDir, 'prod/backups');
  const row = { place: 'prod' };
  try {
    await validated(town);
    await validated(town, 'next');
    await addProduction(town);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // A little more than a promote wants to see free.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=66m,mode=700', 'tmpfs', folder]);
    const fill = join(folder, 'full');
    const programs = wrapPrograms(town.world, ['cp', 'find']);
    for (const words of ['cp -a --parents', ' -exec sha256sum']) {
      const full = programs.rule(words, `head -c 99999999 /dev/zero > '${fill}' 2> /dev/null`);
      const result = await town.perform(promote('next'), null, { env: programs.env });
      await full.begun();
      rmSync(fill);
      const { live, quarantined } = sumUp(town, await examine(town, result, row));
      assert.deepEqual([result.exit, live, quarantined], [1, 'first', []], result.stdout);
      assert.match(told(result), new RegExp(`En ligne maintenant : ${town.shas.first.slice(0, 7)}[^]*(No space left on device|write error)`));
    }
    await comesTo(town, row, await town.perform(promote('next')), { live: 'next', validated: 'next', quarantined: [] });
  } finally {
    spawnSync('umount', ['--lazy', folder]);
    await town.world.close();
  }
});

eachRow('on a machine at fault', (row, at) => {
  const run = (town, more) => town.perform(row.run, null, more);
  const again = async (town) => comesTo(town, row, await run(town), row.end);
  const look = (town) => town.perform({ mode: 'status', name: 'next', place: row.place });

  test('a disk that is full at each write in turn: told, and made good by the next run', onlyMountable, async (t) => {
    const town = await at();
    let writes;
    await onSmallDisk(town, row, async (folder) => {
      await comesTo(town, row, await run(town, { bend: { fill: join(folder, 'full') } }), row.end);
      writes = town.seen().filter(({ write }) => write);
    });
    for (const [index, { write, size, length }] of writes.entries()) {
      const nth = writes.slice(0, index + 1).filter((one) => named(one.write) === named(write)).length;
      await at();
      await onSmallDisk(town, row, async (folder) => {
        const fill = join(folder, 'full');
        // By turns next to nothing of an entry gets there, or half of it.
        if (write.startsWith('append')) pad(folder, { size, room: index % 2 ? 16 : Math.floor(length / 2) });
        toldOfFull(town, row, await run(town, { bend: { fill, write: named(write), nth } }), write);
        rmSync(fill);
        await again(town);
      });
    }
    t.diagnostic(`${writes.length} writes`);
    assert.ok(writes.length >= 7, `${writes.length} writes`);
  });

  test('a disk that is read-only: told before anything is touched', onlyMountable, async () => {
    const town = await at();
    await onSmallDisk(town, row, async (folder) => {
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      await refused(town, row, () => run(town), /impossible de verrouiller .* : EROFS/);
      const status = await look(town);
      assert.equal(status.exit, 0);
      assert.equal(JSON.parse(status.outputs.state)[row.place].live.sha, town.shas[row.was], 'status can still be read');
      execFileSync('mount', ['-o', 'remount,rw', folder]);
      await again(town);
    });
  });

  test('a state folder that we may not write to: told before anything is touched', asRoot, async () => {
    const town = await at();
    const workspace = join(town.world.root, '_work');
    own(NOBODY, workspace);
    await refused(town, row, () => run(town, { bend: { user: NOBODY } }), /EACCES/);
    own(0, workspace);
    await again(town);
  });

  test('a state folder of somebody who is neither we nor its folder\'s owner: told before anything is touched', asRoot, async () => {
    const town = await at();
    const folder = join(town.world.stateDir, row.place);
    own(NOBODY, folder);
    await refused(town, row, () => run(town), /est à un autre utilisateur/);
    own(0, folder);
    await again(town);
  });

  test('a work tree of another user: told, and nothing is half done', asRoot, async () => {
    const town = await at();
    const folders = ['_work', 'state', 'log', 'home'].map((name) => join(town.world.root, name));
    own(NOBODY, ...folders);
    await refused(town, row, () => run(town, { bend: { user: NOBODY } }), /EACCES|Permission denied/);
    own(0, ...folders);
    // A way back that the machine refused is not tried once more by itself: that is for a person.
    await comesTo(town, row, await town.perform(row.again), row.end);
  });

  for (const [word, clock] of Object.entries(CLOCKS)) {
    const off = async (town, plan) => {
      const from = town.world.ledger(row.place).length;
      town.world.engine.setClock(clock);
      const result = await town.perform(row.run, plan, { bend: { clock } });
      town.world.engine.setClock(0);
      isOff(town, row, from, clock);
      return result;
    };

    test(`a clock that was a day ${word} for one run changes nothing of the next`, async () => {
      const town = await at();
      await comesTo(town, row, await off(town), row.end);
      await again(town);
      if (row.place === 'prod') return;
      const newer = await town.perform(deploy('newer', { 'compose-strategy': 'up' }));
      await comesTo(town, row, newer, { ...row.end, live: 'newer', validated: 'newer' });
    });

    for (const words of [...row.touching, ...(row.name === 'a deploy' ? [' inspect --type '] : [])]) {
      test(`killed at "${words.trim()}" while the clock was a day ${word}, it is made whole by the right clock`, async () => {
        const town = await at();
        // Of looks at containers the second one is that of its check.
        const killed = await off(town, { at: words.includes('inspect') ? 2 : 1, form: 'before', among: ['run'], holding: words.trimEnd() });
        assert.equal(killed.signal, 'SIGKILL', killed.stdout);
        await comesTo(town, row, await look(town), words.includes('reset') ? row.untaken ?? row.end : row.end);
        await again(town);
      });
    }
  }
});

eachRow('with CI that is followed by a clock that is off', (row, at) => {
  for (const [word, clock] of Object.entries(CLOCKS)) {
    test(`a clock that was a day ${word} while CI was followed does not hold up who follows it next`, async () => {
      const town = await at();
      town.world.github.setRun(town.runs.next, { status: 'in_progress' });
      const from = town.world.ledger().length;
      town.world.engine.setClock(clock);
      const off = await town.perform(deploy('next', { 'ci-timeout': '2s' }), { at: 1, form: 'before', among: ['sleep'] }, { bend: { clock } });
      town.world.engine.setClock(0);
      assert.equal(off.signal, 'SIGKILL', off.stdout);
      assert.match(off.log, /CI is in_progress/);
      isOff(town, row, from, clock);
      const result = await town.perform({ mode: 'watch', name: 'next', inputs: { watch: 'inline', 'ci-timeout': '2s' } });
      assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
      assert.ok(result.ms < 30_000, 'it waits as long as the settings say, not until the other clock\'s deadline');
      town.world.github.setRun(town.runs.next, { conclusion: 'success' });
      await comesTo(town, row, await town.perform(row.run), row.end);
    });
  }
}, ['a deploy']);
