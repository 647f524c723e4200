// `doctor` on the state: folders, ledger, lock, rollback point, logs, and what an earlier run left.
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../world/scenario.mjs';
import { NOBODY, asNobody, asRoot, doctor, give, healthy, is } from './doctor-support.mjs';
import { ci, inWorld, point } from './support.mjs';

let world;
before(async () => (world = await healthy()));
after(() => world.close());

const state = (...parts) => join(world.stateDir, 'preprod', ...parts);

test('doctor leaves the state as it found it', async () => {
  const seen = () => readdirSync(state()).sort().map((name) => [name, readFileSync(state(name), 'utf8')]);
  const before = seen();
  is((await doctor(world)).of('state'), 'ok', /write, rename and fsync succeed/);
  assert.deepEqual(seen(), before);
  const nothing = join(world.root, 'not-yet');
  is((await doctor(world, { 'state-dir': nothing })).of('state'), 'ok', /not there yet; the first deploy makes it/);
  assert.ok(!existsSync(nothing));
});

test('a folder or ledger that others may look into is told', async () => {
  chmodSync(state(), 0o755);
  is((await doctor(world)).of('state', 'warn'), 'warn', /preprod is open to others \(mode 755\)/, /^chmod go-rwx /);
  chmodSync(state(), 0o700);
  chmodSync(state('ledger.jsonl'), 0o644);
  is((await doctor(world)).of('state', 'warn'), 'warn', /ledger\.jsonl is open to others \(mode 644\)/);
  chmodSync(state('ledger.jsonl'), 0o600);
});

test('a state folder that is not ours, or that we cannot make, fails with the command', asRoot, async () => {
  const env = asNobody(world);
  is((await doctor(world, {}, { env })).of('state'), 'fail', /state\/preprod: nobody can neither see nor make it in .*\/state, which is root's$/, /^sudo chown -R nobody .*\/state$/);
  const inputs = { 'state-dir': '/mangetamain-nowhere' };
  is((await doctor(world, inputs, { env })).of('state'), 'fail', /nobody can neither see nor make it in \/, which is root's$/, /^sudo install -d -m 700 -o nobody \/mangetamain-nowhere, or `state-dir`$/);
  give(world.stateDir, NOBODY);
  give(world.vm, NOBODY);
  is((await doctor(world, {}, { env })).of('state', 'ok'), 'ok', /succeed/);
  give(world.stateDir, 0);
  give(world.vm, 0);
});

test('a disk that does not keep what is written fails', async () => {
  const file = join(world.root, 'a-file');
  mkdirSync(file);
  writeFileSync(join(file, 'preprod'), 'in the way');
  is((await doctor(world, { 'state-dir': file })).of('state'), 'fail', /cannot write to it|could not be written/);
});

test('torn lines of the ledger are told, and the rest is read', async () => {
  const whole = readFileSync(state('ledger.jsonl'), 'utf8');
  appendFileSync(state('ledger.jsonl'), '{"seq":99,"at":1');
  const result = await doctor(world);
  writeFileSync(state('ledger.jsonl'), whole);
  is(result.of('ledger', 'warn'), 'warn', /: 1 unreadable line set aside/);
  is(result.of('ledger', 'ok'), 'ok', /last validated/);
});

test('a rollback point that says something else is told in a dry run, and written again by any run', async () => {
  writeFileSync(state('last-validated-sha.txt'), `${world.first}\n`);
  const dry = await doctor(world, { 'dry-run': 'true' });
  is(dry.of('rollback point'), 'warn', new RegExp(`says "${world.first}", the ledger says ${world.good.slice(0, 7)}`), /mangetamain-deploy status --environment preprod/);
  is((await doctor(world)).of('rollback point'), 'ok', /as the ledger does/);
  assert.equal(point(world), world.good);
});

test('a log folder that is not there is told', async () => {
  is((await doctor(world, { 'log-dir': join(world.root, 'no-logs') })).of('logs'), 'warn', /no-logs cannot be written to/, /sudo install -d/);
});

test('a log\'s name that somebody else took in a shared folder is told', asRoot, async () => {
  const env = asNobody(world);
  chmodSync(world.logDir, 0o1777);
  give(world.logDir, NOBODY);
  writeFileSync(join(world.logDir, 'ci-watcher-LATEST.log'), '');
  is((await doctor(world, {}, { env })).of('logs'), 'warn', /ci-watcher-LATEST\.log is root's/, /^sudo rm /);
  rmSync(join(world.logDir, 'ci-watcher-LATEST.log'));
  is((await doctor(world, {}, { env })).of('logs'), 'ok', /log$/);
});

test('a run that was killed is told in a dry run, and finished by doctor as by any run', () => inWorld({ app: { heedsTerm: false } }, async (killed) => {
  const sha = killed.release({ version: 2 });
  ci(killed, sha, 'success');
  const run = killed.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
  await until(() => killed.ledger().some((entry) => entry.fact.began?.step === 'compose'), 'the compose step');
  run.child.kill('SIGKILL');
  await run.done;
  killed.endJob();
  const dry = await doctor(killed, { locale: 'en', 'dry-run': 'true' });
  const lock = dry.of('lock');
  if (lock.level === 'ok') assert.match(lock.seen, /held by/);
  else is(lock, 'warn', /is not finished, and nobody is at it/, /mangetamain-deploy status/);
  await until(async () => (await doctor(killed, { locale: 'en', 'dry-run': 'true' })).of('lock').level === 'warn', 'the orphan to end');
  const result = await doctor(killed, { locale: 'en' });
  assert.match(result.log, /deploy of .* was not finished: going on with it first/);
  is(result.of('lock'), 'ok', /free/);
  assert.equal(killed.checkedOut(), sha);
}));

test('somebody at work is told, and left alone', () => inWorld({}, async (busy) => {
  const sha = busy.release({ version: 2 });
  busy.github.addRun({ sha, status: 'in_progress' });
  const run = busy.startAction({ mode: 'deploy', sha, inputs: { watch: 'detached', 'ci-timeout': '60s' } });
  await run.done;
  // The job is over as soon as the watcher is started, which takes its lock a moment later.
  const watcher = async () => (await doctor(busy, { locale: 'en' })).of('watcher');
  await until(async () => (await watcher()).level === 'ok', 'the watcher to be at work');
  is(await watcher(), 'ok', /watch/);
}));

test('the rollback point of an older pipeline is found, and its mend takes it over', () => inWorld({}, async (old) => {
  mkdirSync(old.stateDir);
  const file = join(old.stateDir, 'last-validated-sha.txt');
  writeFileSync(file, `${old.first}\n`);
  ci(old, old.first, 'success');
  const found = (await doctor(old, { locale: 'en' })).of('rollback point');
  is(found, 'warn', /last-validated-sha\.txt \(of an older pipeline\) names/);
  assert.match(found.mend, /^take it over: mangetamain-deploy deploy --environment preprod --.* --watch inline, then remove this file$/);
  for (const option of [`--app-path ${old.vm}`, `--state-dir ${old.stateDir}`, `--url ${old.url}`, `--sha ${old.first}`]) assert.ok(found.mend.includes(` ${option} `), option);
  const taken = await old.runAction({ mode: 'deploy', sha: old.first, inputs: { watch: 'inline' } });
  assert.equal(taken.outputs['validated-sha'], old.first, taken.stdout);
  assert.equal(point(old), old.first);
  is((await doctor(old, { locale: 'en' })).of('rollback point'), 'ok', /as the ledger does/);
}));

test('a file there that names no commit is told', () => inWorld({}, async (odd) => {
  const file = join(odd.root, 'point.txt');
  writeFileSync(file, 'not a SHA\n');
  const result = await doctor(odd, { locale: 'en', 'rollback-point-file': file });
  is(result.of('rollback point'), 'warn', /does not hold a SHA of 40 digits/);
}));
