// What another user of the machine can plant in the folder of the watcher's logs, whose names are known
// before: nothing is written through it, and the watcher does its work all the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../world/scenario.mjs';
import { deploy, headlines, inWorld, serves, validated } from './support.mjs';

const LATEST = 'ci-watcher-LATEST.log';
const NOBODY = 65534;

/** A folder like /tmp: everybody may make names, nobody may take away those of others. */
function shared(world) {
  if (process.getuid() === 0) chownSync(world.logDir, NOBODY, NOBODY);
  chmodSync(world.logDir, 0o1777);
}

/** A bad SHA that a detached watcher rolls back, with `plant(file, victim)` done to a name in the log folder. */
async function watchedThrough(world, nameOf, plant) {
  await validated(world);
  shared(world);
  const victim = join(world.root, 'victim');
  writeFileSync(victim, 'precious\n');
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  const file = join(world.logDir, nameOf(bad));
  plant(file, victim);
  const result = await deploy(world, bad, { watch: 'detached', 'watch-token': world.token });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  world.github.setRun(run, { conclusion: 'failure' });
  await until(() => headlines(world).some((line) => /ROLLBACK AUTOMATIQUE/.test(line)), 'the rollback');
  await until(() => world.leftovers().length === 0, 'the end of the watcher');
  await serves(world, 2);
  assert.equal(readFileSync(victim, 'utf8'), 'precious\n');
  return { bad, file };
}

const PLANTS = {
  'a link to somebody\'s file': (file, victim) => symlinkSync(victim, file),
  'a link to nowhere': (file, victim) => symlinkSync(`${victim}-new`, file),
  'a named pipe that nobody reads': (file) => execFileSync('mkfifo', [file]),
  'a folder': (file) => mkdirSync(file),
};

for (const [what, plant] of Object.entries(PLANTS)) {
  test(`${what} in the place of a watcher's log is not written to`, () => inWorld({}, async (world) => {
    const { file } = await watchedThrough(world, (sha) => `ci-watcher-${sha}.log`, plant);
    assert.ok(!lstatSync(file).isFile(), 'it is still what was planted');
    assert.throws(() => lstatSync(join(world.root, 'victim-new')), /ENOENT/);
  }));

  test(`${what} in the place of the newest log's link is not written through`, () => inWorld({}, async (world) => {
    const { bad, file } = await watchedThrough(world, () => LATEST, plant);
    if (what === 'a folder') assert.ok(lstatSync(file).isDirectory());
    else assert.equal(readlinkSync(file), join(world.logDir, `ci-watcher-${bad}.log`));
    assert.match(world.watcherLog(bad), /ROLLBACK AUTOMATIQUE/);
  }));
}
