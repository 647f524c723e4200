// What a git leaves behind that was killed or failed in the middle: locks, and half of a version. The next run, or the
// same one, takes it away, and nothing of the machine's own with it.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ci, deploy, inWorld, serves, validated } from './support.mjs';

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
