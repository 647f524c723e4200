// Submodules that a version brings, moves or has no more: what git leaves of them, what a killed git leaves of them,
// and what is somebody's own in them.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../world/git.mjs';
import { inLib, withSubmodule } from './submodule.mjs';
import { ci, ciFails, deploy, inWorld, serves, validated } from './support.mjs';

test('a submodule that a bad version brought is rolled back with it, and the mended version takes its folder over', () => inWorld({}, async (world) => {
  const good = await validated(world);
  withSubmodule(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  assert.equal((await deploy(world, bad)).outputs.result, 'rolled-back');
  assert.deepEqual([world.checkedOut(), inLib(world)], [good, 'one'], 'git leaves its folder');
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
  assert.equal(git(world.vm, 'status', '--porcelain'), '');
  await serves(world, 4);
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
  rmSync(join(world.vm, 'lib'), { recursive: true });
  git(world.vm, 'init', '-q', 'lib');
  writeFileSync(join(world.vm, 'lib/own.txt'), 'mine\n');
  const again = await world.runCommand(['rollback', '--environment', 'preprod', '--app-path', world.vm, '--state-dir', world.stateDir, '--to', good, '--yes']);
  assert.notEqual(again.exit, 0);
  assert.match(again.stdout + again.stderr, /another repository stands at "lib\/"|un autre dépôt git se trouve à "lib\/"/);
  assert.equal(readFileSync(join(world.vm, 'lib/own.txt'), 'utf8'), 'mine\n');
}));
