// A run that has not what it takes to put a version in place: no compose, or not the program of `deploy-command`. A shell
// by ssh, cron, or the service of another runner has another PATH than the run that began. It begins no way back and goes
// on with nothing: the next run that has it does.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sharedPathWithout } from '../world/path.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ci, ciFails, deploy, headlines, inWorld, point, serves, texts, validated } from './support.mjs';

const NO_ENGINE = { PATH: sharedPathWithout(['docker', 'docker-compose']) };
const COMMAND = { 'deploy-command': 'site-tool\nsync' };

/** A program in a folder of its own: what a run needs in its environment to find it. */
function tool(world) {
  const folder = join(world.root, 'tools');
  mkdirSync(folder);
  writeFileSync(join(folder, 'site-tool'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(folder, 'site-tool'), 0o755);
  return { PATH: `${folder}:${world.engine.env.PATH}` };
}

/** The folder of a tool that only this run finds. */
function gone(world) {
  const folder = join(world.root, 'old-tools');
  mkdirSync(folder);
  writeFileSync(join(folder, 'gone-tool'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(folder, 'gone-tool'), 0o755);
  return folder;
}

const red = (world, sha, more) => world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }), ...more });

test('CI fails, and this run does not find the command: nothing is touched, CI\'s failure is told, and the next run goes back', () => inWorld({}, async (world) => {
  const env = tool(world);
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  assert.equal((await deploy(world, good, COMMAND, { env })).outputs.result, 'validated');
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event', ...COMMAND }, { env });
  ciFails(world, bad);
  const lacking = await red(world, bad);
  assert.equal(lacking.exit, 1, lacking.stdout);
  assert.match(lacking.log, /site-tool: no such program/);
  assert.deepEqual([world.checkedOut(), point(world)], [bad, good]);
  await serves(world, 3);
  assert.equal(headlines(world).at(-1), "🚨 PREPROD - Le CI n'est plus suivi");
  assert.match(texts(world).at(-1), /Le CI a échoué, et ce qui devait suivre n'a pas pu être fait .*site.*-tool.*\n➡️ La prochaine exécution reprend/s);
  const next = await world.runAction({ mode: 'health', env });
  assert.match(next.stdout, /ROLLBACK AUTOMATIQUE effectué/);
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/);
}));

test('a rollback by hand where the command is not found is refused before anything is touched', () => inWorld({}, async (world) => {
  const env = tool(world);
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  await deploy(world, good, COMMAND, { env });
  const next = world.release({ version: 3 });
  await deploy(world, next, { watch: 'event', ...COMMAND }, { env });
  const refused = await world.runAction({ mode: 'rollback' });
  assert.equal(refused.exit, 1, refused.stdout);
  assert.match(refused.log, /site-tool: no such program/);
  assert.deepEqual([world.checkedOut(), point(world)], [next, good]);
  assert.equal((await world.runAction({ mode: 'rollback', env })).outputs.result, 'rolled-back');
  await serves(world, 2);
}));

test('`status` from a shell without docker leaves what a killed deploy began, says so, and the next run finishes it', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const programs = wrapPrograms(world, ['docker', 'docker-compose']);
  programs.rule('restart ', 'kill -9 $PPID; sleep 0.2');
  await deploy(world, sha, { watch: 'event' }, { env: programs.env });
  world.endJob();
  const before = world.ledger().length;
  const looks = await world.runCommand(['status', '--state-dir', world.stateDir], { env: NO_ENGINE });
  assert.match(looks.stdout + looks.stderr, /neither `docker compose` nor `docker-compose` answers .* goes on by itself/s);
  assert.deepEqual([world.checkedOut(), world.ledger().length], [sha, before], 'nothing was done');
  await serves(world, 2);
  ci(world, sha, 'success');
  const next = await deploy(world, sha);
  assert.equal(next.outputs.result, 'validated', next.stdout);
  await serves(world, 3);
}));

test('a tool that is gone for good does not keep a fix from going live, nor a person from going back', () => inWorld({}, async (world) => {
  const env = tool(world);
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  await deploy(world, good, { 'deploy-command': 'gone-tool' }, { env: { PATH: `${gone(world)}:${env.PATH}` } });
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event', ...COMMAND }, { env });
  ciFails(world, bad);
  assert.equal((await red(world, bad, { env })).exit, 1);
  await serves(world, 3);
  const status = await world.runCommand(['status', '--state-dir', world.stateDir, '--locale', 'en'], { env });
  assert.match(status.stdout, new RegExp(`pending +rollback to ${good.slice(0, 7)}`));
  const fix = world.release({ version: 4 });
  ci(world, fix, 'success');
  const fixed = await deploy(world, fix, COMMAND, { env });
  assert.equal(fixed.outputs.result, 'validated', fixed.stdout);
  await serves(world, 4);
}));

test('a killed deploy whose own tool is not found is gone back from by hand: the version before needs none', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  const env = tool(world);
  writeFileSync(join(world.root, 'tools/site-tool'), '#!/bin/sh\nkill -9 $PPID; sleep 0.3\n');
  await deploy(world, sha, { watch: 'event', ...COMMAND }, { env });
  assert.equal(world.checkedOut(), sha);
  world.endJob();
  const back = await world.runAction({ mode: 'rollback' });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.equal(world.checkedOut(), good);
  await serves(world, 2);
}));

test('a job on one of GitHub\'s machines is told to run on the site\'s own', () => inWorld({}, async (world) => {
  const inputs = { 'app-path': join(world.root, 'nowhere') };
  for (const [kind, told] of [['github-hosted', /:+error[^\n]*Ce job tourne chez GitHub : donner à `runs-on` le runner du site/], ['self-hosted', /:+error[^\n]*`app-path` \([^)]*nowhere\) est-il un dossier git/]]) {
    const result = await deploy(world, world.release({ version: 3 }), inputs, { env: { RUNNER_ENVIRONMENT: kind } });
    assert.equal(result.exit, 1);
    assert.match(result.log, told);
  }
}));
