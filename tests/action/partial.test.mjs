// Settings that a person, or a workflow that only goes back, does not repeat: what they leave out is as the ledger
// has it. And what a French terminal shows of it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ciEnded } from '../world/scenario.mjs';
import { ciFails, deploy, inWorld, serves, validated } from './support.mjs';

const bare = (world, ...args) => world.runCommand([...args, '--state-dir', world.stateDir], { cwd: world.home, env: { LANG: 'fr_FR.UTF-8' } });
const command = (world, ...args) => bare(world, ...args, '--environment', 'preprod', '--app-path', world.vm);
// Nothing of the site.
const unnamed = { 'app-path': null, 'compose-file': null, url: null };

test('a rollback by a workflow that names the environment only restarts containers and checks the site', () => inWorld({}, async (world) => {
  const first = await validated(world);
  await validated(world, 3);
  const result = await world.runAction({ mode: 'rollback', inputs: { to: 'previous', 'compose-file': null, url: null } });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  assert.equal(world.checkedOut(), first);
  await serves(world, 2);
}));

test('a rollback by a workflow that does not name the work tree goes back in that of the last deploy', () => inWorld({}, async (world) => {
  const first = await validated(world);
  const second = await validated(world, 3);
  const dry = await world.runAction({ mode: 'rollback', inputs: { ...unnamed, to: 'previous', 'dry-run': 'true' } });
  assert.equal(dry.exit, 0, dry.log);
  assert.equal(world.checkedOut(), second);
  const result = await world.runAction({ mode: 'rollback', inputs: { ...unnamed, to: 'previous' } });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  assert.equal(world.checkedOut(), first);
  await serves(world, 2);
}));

test('a deploy at a terminal that names the environment only is made with the settings of the last one, where there is one', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const args = ['deploy', '--environment', 'preprod', '--sha', sha, '--watch', 'none'];
  const dry = await bare(world, ...args, '--dry-run');
  assert.equal(dry.exit, 0, dry.stderr);
  await serves(world, 2);
  const result = await bare(world, ...args);
  assert.equal(result.exit, 0, result.stderr);
  assert.equal(world.checkedOut(), sha);
  await serves(world, 3);
  const fresh = await bare(world, 'deploy', '--environment', 'other', '--sha', sha, '--watch', 'none');
  assert.equal(fresh.exit, 2, fresh.stdout);
  assert.match(fresh.stderr, /^- app-path/m);
}));

test('a rollback that says how compose is to go about it leaves which file it is about to the ledger', () => inWorld({}, async (world) => {
  const first = await validated(world);
  await validated(world, 3);
  const fresh = await world.runAction({ mode: 'rollback', inputs: { ...unnamed, environment: 'prod', 'app-path': world.vm, 'compose-strategy': 'up' } });
  assert.equal(fresh.exit, 2, fresh.log);
  assert.match(fresh.log, /^- compose-file: is required beside `compose-service` and `compose-strategy`/m);
  const { exit, stderr } = await bare(world, 'rollback', '--environment', 'preprod', '--to', 'previous', '--compose-strategy', 'recreate');
  assert.equal(exit, 0, stderr);
  assert.equal(world.checkedOut(), first);
  const asked = world.ledger().filter(({ fact }) => fact.asked).at(-1).fact.asked.with.compose;
  assert.deepEqual([asked.file.startsWith(world.vm), asked.strategy], [true, 'recreate']);
  await serves(world, 2);
}));

test('status shows a new environment that is described, however near its name is to that of another', () => inWorld({}, async (world) => {
  await validated(world);
  const fresh = await world.runAction({ mode: 'status', inputs: { environment: 'preprod2', locale: 'en' } });
  assert.equal(fresh.exit, 0, fresh.stdout);
  assert.match(fresh.log, /preprod2[^]*Did you mean `preprod`\?/i);
  const mistyped = await bare(world, 'status', '--environment', 'preprd');
  assert.equal(mistyped.exit, 2, 'nothing is said of this one but its name');
}));

test('a watch that names the environment only has what fails undone in the work tree of the last deploy', () => inWorld({}, async (world) => {
  const first = await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'none' });
  ciFails(world, sha);
  const result = await world.runAction({ mode: 'watch', sha, inputs: unnamed });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  assert.equal(world.checkedOut(), first);
  await serves(world, 2);
}));

test('an operator who names the environment only is asked about production, and goes back', () => inWorld({ inputs: { environment: 'prod' } }, async (world) => {
  const first = await validated(world);
  const second = await validated(world, 3);
  const back = (...more) => bare(world, 'rollback', '--environment', 'prod', '--to', 'previous', ...more);
  const dry = await back('--dry-run');
  assert.match(dry.stdout, new RegExp(`remettre ${first} en ligne`), dry.stderr);
  const unasked = await back();
  assert.match(unasked.stderr, /--yes/);
  assert.equal(world.checkedOut(), second);
  const { exit, stderr } = await back('--yes');
  assert.equal(exit, 0, stderr);
  assert.equal(world.checkedOut(), first);
  await serves(world, 2);
}));

test('a rollback and a watch without a work tree are refused where the ledger has none either, and leave no trace', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  for (const mode of ['rollback', 'watch']) {
    const result = await world.runAction({ mode, sha, inputs: unnamed });
    assert.equal(result.outputs.result, 'failed', result.log);
    assert.match(result.log, /app-path: is required: the git work tree on this machine, or a folder in one\./);
    const typed = await bare(world, mode, '--environment', 'preprod', ...(mode === 'watch' ? ['--sha', sha] : []));
    assert.equal(typed.exit, 2, typed.stderr);
    assert.match(typed.stderr, /^- app-path : manque : le dossier git sur cette machine, ou un de ses sous-dossiers\.$/m);
  }
  assert.equal(existsSync(world.stateDir) && readdirSync(world.stateDir).length > 0, false);
}));

test('what an operator does not repeat is guarded all the same, and the command that is told then goes back', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const first = await validated(world);
  const migration = world.release({ version: 3 });
  const next = world.repository.publish({ message: 'A migration', files: { 'migrations/1.sql': 'drop\n' } });
  assert.notEqual(next, migration);
  await deploy(world, next, { watch: 'none' });
  for (const to of ['previous', next]) {
    const { exit, stderr } = await command(world, 'rollback', '--to', to);
    assert.equal(exit, 0, stderr);
  }
  assert.equal(world.checkedOut(), next);
  const run = ciFails(world, next);
  const result = await world.runAction({ mode: 'watch', sha: next, event: ciEnded(world, { sha: next, conclusion: 'failure' }, { id: run }) });
  assert.equal(result.outputs.result, 'failed', result.log);
  assert.match(result.log, /guarded/i);
  assert.equal(world.checkedOut(), next);
  const [, told] = /: mangetamain-deploy (rollback --environment .*)$/m.exec(result.log);
  const { exit, stderr } = await world.runCommand(told.split(' '), { cwd: world.home });
  assert.equal(exit, 0, stderr);
  assert.equal(world.checkedOut(), first);
}));

test('what a check was passed with is what is checked from then on', () => inWorld({}, async (world) => {
  const sha = await validated(world);
  const { port } = world.app;
  const again = await deploy(world, sha, { 'health-url': `http://127.0.0.1:${port}/www/`, 'health-status': '200,404' });
  assert.equal(again.outputs.result, 'validated', again.log);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad, { 'health-url': `http://127.0.0.1:${port}/`, 'health-status': '200' });
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  const { with: settings } = world.ledger().map(({ fact }) => fact.asked).filter(Boolean).at(-1);
  assert.deepEqual(settings.health.urls, [`http://127.0.0.1:${port}/www/`]);
}));

test('on a French terminal a rollback is told in French, each line', () => inWorld({}, async (world) => {
  const first = await validated(world);
  await validated(world, 3);
  const dry = await command(world, 'rollback', '--to', 'previous', '--dry-run');
  assert.match(dry.stdout, /^plan \(essai à blanc : rien n'est touché, rien n'est envoyé\) : remettre [0-9a-f]{40} en ligne, et contrôler sa santé$/m);
  const { exit, stdout } = await command(world, 'rollback', '--to', 'previous');
  assert.equal(exit, 0, stdout);
  for (const line of [
    /^git reset : .* s?.* - HEAD est sur [0-9a-f]{7}$/m, /^compose \S+ restart : .*$/m, /^contrôle de santé : .* - démarré depuis le début de ce déploiement$/m,
  ]) assert.match(stdout, line);
  for (const word of ['health check', 'the', 'started', 'compare', 'live', 'is']) assert.doesNotMatch(stdout, new RegExp(`^[^{]*\\b${word}\\b`, 'm'), stdout);
  assert.equal(world.checkedOut(), first);
}));

test('a French terminal is shown the plan of a deploy in French, one number a step', () => inWorld({}, async (world) => {
  await validated(world);
  const next = world.release({ version: 3 });
  const { exit, stdout } = await command(world, 'deploy', '--sha', next, '--dry-run');
  assert.equal(exit, 0, stdout);
  const steps = stdout.split('\n').filter((line) => /^ {2}\d\. /.test(line));
  assert.deepEqual(steps.map((line) => Number(line.trim()[0])), steps.map((_, at) => at + 1));
  assert.match(stdout, /^plan \(essai à blanc/m);
  assert.match(stdout, /compose restart ou up, selon ce qui a changé/);
  assert.doesNotMatch(stdout, /Auto\b/);
}));

test('what is gone from the configuration file is gone for an operator, too', () => inWorld({}, async (world) => {
  const file = join(world.root, 'sites.yml');
  const site = { 'app-path': world.vm, 'state-dir': world.stateDir, 'deploy-command': ['sh', '-c', 'echo ran >> ../ran'] };
  const deployed = (keys, sha) => {
    writeFileSync(file, JSON.stringify({ environments: { preprod: keys } }));
    return world.runCommand(['deploy', '--environment', 'preprod', '--sha', sha, '--watch', 'none', '--config', file], { cwd: world.home });
  };
  const [first, second] = [world.release({ version: 2 }), world.release({ version: 3 })];
  assert.equal((await deployed(site, first)).exit, 0);
  const { 'deploy-command': gone, ...rest } = site;
  assert.equal((await deployed(rest, second)).exit, 0);
  assert.equal(readFileSync(join(world.vm, '../ran'), 'utf8'), 'ran\n', `${gone} is run while it stands there`);
}));
