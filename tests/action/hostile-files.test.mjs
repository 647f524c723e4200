// What another user of the machine can plant where we write: a folder or a file of his, a link, a second
// name (a hard link) of somebody's file. Nothing is written to it, nothing in it is believed. What stands in
// a watcher's log folder is planted.test.mjs's.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lchownSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../world/scenario.mjs';
import { candidate, page, promote, withProduction } from './production.mjs';
import { ci, deploy, headlines, inWorld, point, serves, validated } from './support.mjs';

const { createHost } = createRequire(import.meta.url)('../../js/host.js');
const NOBODY = 65534;
// Only root can give a file away. Who is not root has nobody else's files at hand to be planted.
const givesAway = process.getuid() === 0;

/** Somebody's file, which must not change. */
function victimOf(world) {
  const victim = join(world.root, 'victim');
  writeFileSync(victim, 'precious\n');
  return { victim, untouched: () => assert.equal(readFileSync(victim, 'utf8'), 'precious\n') };
}

/** A state folder that everybody may make names in, like /tmp. */
function sharedState(world) {
  mkdirSync(world.stateDir);
  chmodSync(world.stateDir, 0o1777);
  return join(world.stateDir, 'preprod');
}

async function refused(world, what) {
  const result = await deploy(world, world.release({ version: 2 }));
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, what);
  await serves(world, 1);
  return result;
}

for (const name of ['ledger.jsonl', 'lock']) {
  test(`a second name of somebody's file in the place of ${name} is not written to`, () => inWorld({}, async (world) => {
    const { victim, untouched } = victimOf(world);
    mkdirSync(join(world.stateDir, 'preprod'), { recursive: true, mode: 0o700 });
    linkSync(victim, join(world.stateDir, 'preprod', name));
    await refused(world, /is not a file of ours alone/);
    untouched();
  }));

  test(`a link in the place of ${name} is not written through`, () => inWorld({}, async (world) => {
    const { victim, untouched } = victimOf(world);
    mkdirSync(join(world.stateDir, 'preprod'), { recursive: true, mode: 0o700 });
    symlinkSync(victim, join(world.stateDir, 'preprod', name));
    await refused(world, /ELOOP/);
    untouched();
  }));
}

test('a second name of the rollback point\'s file is let go, not written through', () => inWorld({}, async (world) => {
  const { victim, untouched } = victimOf(world);
  mkdirSync(join(world.stateDir, 'preprod'), { recursive: true, mode: 0o700 });
  linkSync(victim, join(world.stateDir, 'preprod/last-validated-sha.txt'));
  const sha = await validated(world);
  assert.equal(point(world), sha);
  untouched();
}));

test('a second name of somebody\'s file in the place of a watcher\'s log is not written to', () => inWorld({}, async (world) => {
  await validated(world);
  const { victim, untouched } = victimOf(world);
  const bad = world.release({ version: 3, message: 'a line for your .bashrc: $(id)' });
  linkSync(victim, join(world.logDir, `ci-watcher-${bad}.log`));
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  await deploy(world, bad, { watch: 'detached', 'watch-token': world.token });
  world.github.setRun(run, { conclusion: 'failure' });
  await until(() => headlines(world).some((line) => /ROLLBACK AUTOMATIQUE/.test(line)), 'the rollback');
  await until(() => world.leftovers().length === 0, 'the end of the watcher');
  await serves(world, 2);
  untouched();
}));

test('a folder of another user in the place of an environment\'s is refused, and nothing in it is believed', { skip: !givesAway && 'only root can give a folder away' }, () => inWorld({}, async (world) => {
  // A request that "was not finished", with a command of his: whoever goes on with it runs it.
  await deploy(world, world.release({ version: 2 }), { watch: 'event' });
  const asked = world.ledger().find(({ fact }) => fact.asked);
  const proof = join(world.root, 'pwned');
  asked.fact.asked.with['deploy-command'] = ['touch', proof];
  const planted = join(world.root, 'planted');
  const began = { ...asked, seq: 2, fact: { began: { step: 'reset' } } };
  const folder = join(planted, 'preprod');
  mkdirSync(folder, { recursive: true });
  chmodSync(planted, 0o1777);
  asked.fact.asked.with['state-folder'] = folder;
  writeFileSync(join(folder, 'ledger.jsonl'), `${JSON.stringify({ ...asked, seq: 1 })}\n${JSON.stringify(began)}\n`);
  for (const path of [folder, join(folder, 'ledger.jsonl')]) chownSync(path, NOBODY, NOBODY);
  for (const mode of ['status', 'deploy', 'watch', 'rollback']) {
    const result = await world.runAction({ mode, inputs: { 'state-dir': planted, watch: 'inline' } });
    assert.ok(!existsSync(proof), `${mode} ran a planted command: ${result.stdout}`);
    assert.match(`${result.log}${result.outputs.state}`, /belongs to another user|est à un autre utilisateur/, mode);
  }
  await serves(world, 2);
}));

test('a link of another user in the place of an environment\'s folder is refused', { skip: !givesAway && 'only root can give a link away' }, () => inWorld({}, async (world) => {
  const folder = sharedState(world);
  const home = join(world.root, 'home/.ssh');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'lock'), 'precious\n');
  symlinkSync(home, folder);
  lchownSync(folder, NOBODY, NOBODY);
  await refused(world, /belongs to another user/);
  assert.equal(readFileSync(join(home, 'lock'), 'utf8'), 'precious\n');
}));

test('a folder and files of the one who owns the folder above are his, and root may use them', { skip: !givesAway && 'only root can give a folder away' }, () => inWorld({}, async (world) => {
  const sha = await validated(world);
  for (const path of ['', 'preprod', 'preprod/ledger.jsonl', 'preprod/lock']) chownSync(join(world.stateDir, path), NOBODY, NOBODY);
  const next = world.release({ version: 3 });
  ci(world, next, 'success');
  const result = await deploy(world, next);
  assert.deepEqual([result.outputs.result, result.outputs['previous-sha']], ['validated', sha], result.stdout);
}));

test('a named pipe in the place of a lock does not hold up who asks for it', () => inWorld({}, async (world) => {
  const pipe = join(world.root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const host = createHost(() => {}, () => {});
  assert.deepEqual(await host.perform({ do: 'peek', path: pipe }), 'missing');
  const reply = await host.perform({ do: 'lock', path: pipe, holder: 'us', wait_ms: 0 });
  assert.deepEqual(reply, { refused: { code: 'ENOTOURS', text: pipe } });
}));

for (const [what, plant] of [
  ['a folder', (folder) => mkdirSync(folder)],
  ['a link to a folder', (folder, victim) => symlinkSync(victim, folder)],
]) {
  test(`${what} of another user in the place of the backups' is refused, and production stays`, { skip: !givesAway && 'only root can give a folder away' }, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    const [shared, victim] = ['shared', 'elsewhere'].map((name) => join(world.root, name));
    for (const made of [shared, victim]) mkdirSync(made);
    chmodSync(shared, 0o1777);
    const folder = join(shared, 'backups');
    plant(folder, victim);
    lchownSync(folder, NOBODY, NOBODY);
    const result = await promote(world, sha, { 'backup-dir': folder });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, /belongs to another user/);
    assert.deepEqual([readdirSync(victim), await page(world)], [[], 'version 1']);
  }));
}

test('a configuration file that is a link to nothing is not taken for none', () => inWorld({}, async (world) => {
  const file = join(world.root, '_work/app/app/.github/mangetamain-deploy.yml');
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync('nowhere.yml', file);
  const seen = await deploy(world, world.release({ version: 2 }), { locale: 'en' });
  assert.equal(seen.exit, 2, seen.stdout);
  assert.match(seen.log, /mangetamain-deploy\.yml: .*nothing stands there; mend that link/);
  const doctor = await world.runAction({ mode: 'doctor', inputs: { locale: 'en' } });
  assert.match(doctor.summary, /nothing stands there; mend that link/);
  await serves(world, 1);
}));
