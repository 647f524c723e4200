// What a first push may bring with it that the version before it was at work without: a way back has to come about
// all the same.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

const SCRIPT = { 'go.sh': 'echo went > www/went.txt\n' };
const command = { 'deploy-command': 'sh\ngo.sh' };
const release = (world, version, more) => world.release({ version, files: { ...appFiles({ ...world.app, version }), ...more } });

test('a deploy command whose script came with the first push is not run on the way back', () => inWorld({}, async (world) => {
  const bad = release(world, 2, SCRIPT);
  ciFails(world, bad);
  const result = await deploy(world, bad, command);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, new RegExp(`\`deploy-command\` is not run: go\\.sh came with ${bad.slice(0, 7)}, and ${world.first.slice(0, 7)} was at work without it`));
  await serves(world, 1);
  const { quarantine } = JSON.parse(result.outputs.state).preprod;
  assert.deepEqual([quarantine.length, JSON.stringify(quarantine).includes(bad)], [1, true], 'the baseline is not blamed');
}));

for (const program of ['./70_scripts/write_version.sh', 'write-version-7']) test(`a deploy command that is nowhere is refused before anything is touched, and nothing is blamed (${program})`, () => inWorld({}, async (world) => {
  const sha = release(world, 2);
  const refused = await deploy(world, sha, { 'deploy-command': program });
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(refused.log, new RegExp(`running ${program.replaceAll('.', '\\.')}: no such program`));
  assert.equal(world.checkedOut(), world.first);
  assert.doesNotMatch(refused.log, /restart|rolled back|Rolled back/);
  assert.deepEqual(JSON.parse(refused.outputs.state).preprod.quarantine, []);
  const dry = await world.runAction({ mode: 'deploy', sha, inputs: { 'deploy-command': program, 'dry-run': 'true' } });
  assert.equal(dry.exit, 1, 'a dry run says so, too');
  ci(world, sha, 'success');
  assert.equal((await deploy(world, sha)).outputs.result, 'validated', 'once the setting is mended');
}));

test('a program above a folder that a link leads to is found as the kernel finds it', () => inWorld({}, async (world) => {
  const real = join(world.root, 'deep/er/real');
  mkdirSync(dirname(real), { recursive: true });
  renameSync(world.vm, real);
  symlinkSync(real, world.vm);
  writeFileSync(join(dirname(real), 'stamp.sh'), '#!/bin/sh\necho went > went.txt\n', { mode: 0o755 });
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha, { 'deploy-command': '../stamp.sh' });
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.equal(existsSync(join(real, 'went.txt')), true);
}));

for (const [what, line] of [['Windows line ends', '#!/bin/sh\r'], ['an interpreter that is not here', '#!/usr/bin/nosuch']]) test(`a deploy script with ${what} is told as that`, () => inWorld({}, async (world) => {
  const script = join(world.root, 'stamp.sh');
  writeFileSync(script, `${line}\n:\n`, { mode: 0o755 });
  const result = await deploy(world, world.release({ version: 2 }), { 'deploy-command': script });
  assert.notEqual(result.exit, 0);
  assert.match(result.log, /stamp\.sh: its first line names a program that is not on this machine\./);
  assert.doesNotMatch(result.log, /no such program/);
}));

test('a rollback by hand whose program is nowhere is refused, and foretold to be', () => inWorld({}, async (world) => {
  const tool = join(world.root, 'tool.sh');
  writeFileSync(tool, '#!/bin/sh\n:\n', { mode: 0o755 });
  const inputs = { 'deploy-command': tool };
  const [before, now] = [await validated(world, 2), await validated(world, 3)];
  rmSync(tool);
  for (const dry of ['true', 'false']) {
    const refused = await world.runAction({ mode: 'rollback', inputs: { ...inputs, to: before, 'dry-run': dry } });
    assert.equal(refused.exit, 1, refused.log);
    assert.match(refused.log, /tool\.sh: no such program/);
  }
  assert.equal(world.checkedOut(), now);
}));

test('a deploy command that comes with the version is there by the time it is run', () => inWorld({}, async (world) => {
  const bad = release(world, 2, { 'bin/go.sh': 'echo went > www/went.txt\n' });
  const result = await deploy(world, bad, { 'deploy-command': './bin/go.sh' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /running \.\/bin\/go\.sh: .*EACCES/);
}));

test('a deploy command that the version gone back to has is run, also where it never was before', () => inWorld({}, async (world) => {
  release(world, 2, SCRIPT);
  git(world.vm, 'pull', '-q');
  const bad = release(world, 3, { 'go.sh': 'exit 3\n' });
  const result = await deploy(world, bad, command);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.doesNotMatch(result.log, /is not run/);
  assert.equal((await world.live('/went.txt')).body, 'went');
  await serves(world, 2);
}));

test('a script that the machine has of its own is run, also where what is undone brought one of that name', () => inWorld({}, async (world) => {
  writeFileSync(join(world.vm, 'go.sh'), 'cat www/version.txt > www/went.txt\n');
  const good = await validated(world, 2);
  assert.equal((await deploy(world, good, { ...command, force: 'true' })).outputs.result, 'validated');
  const bad = release(world, 3, { 'go.sh': 'cat www/version.txt > www/went.txt\n' });
  ciFails(world, bad);
  const result = await deploy(world, bad, command);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.doesNotMatch(result.log, /is not run/);
  assert.equal((await world.live('/went.txt')).body, '2');
}));

test('the commands by hand leave out what the version gone back to does not have', () => inWorld({}, async (world) => {
  // A neighbour that goes away: no version is healthy any more, the way back neither.
  const neighbour = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
  await once(neighbour, 'listening');
  const inputs = { 'health-url': `${world.url}\nhttp://127.0.0.1:${neighbour.address().port}/`, 'health-grace': '1s' };
  const good = await validated(world);
  neighbour.close();
  neighbour.closeAllConnections();
  const bad = release(world, 3, SCRIPT);
  ciFails(world, bad);
  const result = await deploy(world, bad, { ...command, ...inputs, 'on-unhealthy': 'keep' });
  assert.equal(result.exit, 1, result.stdout);
  const told = texts(world).join('\n').replaceAll('\\', '');
  assert.match(told, new RegExp(`git reset --hard ${good}`));
  assert.doesNotMatch(told, /go\.sh/);
}));

test('what was live first is gone back to again, though it has nothing of what the new settings ask for', () => inWorld({}, async (world) => {
  const inputs = { 'health-url': `${world.url}health.txt`, 'health-grace': '1s' };
  for (const version of [2, 3]) {
    const bad = world.release({ version, www: { 'health.txt': 'well\n' } });
    ciFails(world, bad);
    const result = await deploy(world, bad, inputs);
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, new RegExp(`Live now: ${world.first.slice(0, 7)} `));
    assert.equal(world.checkedOut(), world.first);
    await serves(world, 1);
  }
}));
