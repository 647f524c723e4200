// `watch` and what surrounds it: events, late results, answers that nobody gave, the watcher that
// outlives its job.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded, until } from '../world/scenario.mjs';
import { FAILING_JOB, ci, ciFails, deploy, headlines, inWorld, nextSecond, point, serves, texts, validated } from './support.mjs';

const byEvent = (world, run, more) => world.runAction({ mode: 'watch', event: ciEnded(world, run, more) });

test('the end of CI settles a SHA by event: success validates', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  assert.equal((await deploy(world, sha, { watch: 'event' })).outputs.result, 'deployed');
  const result = await byEvent(world, { sha, conclusion: 'success' });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
  assert.equal(point(world), sha);
  const again = await byEvent(world, { sha, conclusion: 'success' });
  assert.deepEqual([again.exit, again.outputs.result], [0, 'validated'], again.stdout);
  assert.match(again.log, /is validated already: nothing changes/);
}));

test('the end of CI settles a SHA by event: failure rolls back', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  const result = await byEvent(world, { sha: bad, conclusion: 'failure' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'rolled-back'], result.stdout);
  await serves(world, 2);
}));

test('only the first look at CI costs a call: the others ask whether anything is new', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const looks = () => world.github.requests.filter(({ path }) => /\/runs$/.test(path.split('?')[0]));
  const { done } = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
  await until(() => looks().length > 3, 'four looks');
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  assert.equal((await done).outputs.result, 'validated');
  const [first, ...later] = looks().map(({ headers }) => headers['if-none-match']);
  assert.equal(first, undefined);
  assert.deepEqual(later.filter((tag) => !/^W\/"[0-9a-f]{64}"$/.test(tag)), []);
}));

test('where CI leaves something to do, the job says what, as Discord does', () => inWorld({}, async (world) => {
  const said = ({ annotations, summary }) => [annotations.at(-1).text, summary, texts(world).at(-1)];
  const silent = await deploy(world, world.release({ version: 2 }), { 'ci-delay': '10ms' });
  for (const text of said(silent)) assert.match(text, /Pousser de nouveau, ou lancer le CI/);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'none', force: 'true' });
  world.discord.forget();
  rmSync(world.stateDir, { recursive: true });
  const first = await deploy(world, bad, { watch: 'event' });
  assert.equal(first.outputs.result, 'unchanged', first.stdout);
  ciFails(world, bad);
  const cornered = await byEvent(world, { sha: bad, conclusion: 'failure' });
  assert.deepEqual([cornered.exit, cornered.outputs.result], [1, 'failed'], cornered.stdout);
  for (const text of said(cornered)) assert.match(text, /Corriger et pousser, ou relancer son CI jusqu'au vert/);
}));

test('a fork whose branch is called main, another workflow and a pull request settle nothing', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const events = [
    [{ sha, conclusion: 'success' }, { fork: 'mallory/app' }],
    [{ sha, conclusion: 'failure' }, { fork: 'mallory/app' }],
    [{ sha, conclusion: 'success', workflow: 'lint.yml' }, {}],
    [{ sha, conclusion: 'failure', event: 'pull_request' }, {}],
  ];
  for (const [run, more] of events) {
    const result = await byEvent(world, run, more);
    assert.deepEqual([result.exit, result.outputs.result], [0, 'pending'], result.stdout);
    assert.match(result.log, /this event settles nothing here/);
    const warned = result.annotations.filter(({ level, text }) => level === 'warning' && text.includes('where that is its CI, set `ci-workflow`'));
    assert.equal(warned.length, run.workflow ? 1 : 0, result.stdout);
  }
  assert.notEqual(point(world), sha);
  await serves(world, 3);
}));

test('a later run on a validated SHA that gives no answer takes nothing back, and alarms nobody', () => inWorld({}, async (world) => {
  await validated(world);
  const told = world.discord.news.length;
  const sha = point(world);
  const ended = async (conclusion) => {
    const result = await byEvent(world, { sha, conclusion, event: 'schedule' });
    assert.deepEqual([result.exit, result.outputs.result, result.outputs['validated-sha']], [0, 'validated', sha], result.stdout);
    return result.log;
  };
  for (const conclusion of ['cancelled', 'skipped']) await ended(conclusion);
  // Where GitHub does not tell what other runs came to, the ledger does.
  world.github.fault({ match: '/actions/', times: 99, kind: 'reset' });
  assert.match(await ended('cancelled'), /no verdict of this run of CI \(.+\): what CI said of this SHA before stands/);
  assert.equal(world.discord.news.length, told);
  assert.equal(point(world), sha);
}));

for (const [when, wait] of [['', () => {}], [' by a later attempt', nextSecond]]) {
  test(`what CI said of a SHA before it was deployed${when} ends the wait for it`, () => inWorld({}, async (world) => {
    const [older, newer] = [2, 3].map((version) => world.release({ version }));
    const event = { watch: 'event', 'ci-timeout': '1ms' };
    for (const sha of [older, newer]) await deploy(world, sha, event);
    const id = ci(world, older, 'success');
    // The event's run began when the event was made.
    await wait();
    for (const [sha, more] of [[newer, {}], [older, { id }]]) await byEvent(world, { sha, conclusion: 'success' }, more);
    assert.equal((await deploy(world, older, { ...event, force: 'true' })).outputs.sha, older);
    const [first, second] = [await world.runAction({ mode: 'status' }), await world.runAction({ mode: 'status' })];
    assert.match(first.log, /nobody follows CI of \w+ any more: looking once/);
    assert.doesNotMatch(second.log, /nobody follows CI/);
    assert.equal(JSON.parse(second.outputs.state).preprod.pending, null);
    assert.equal(point(world), newer);
  }));
}

test('a rollback that nobody could be told of is a warning in whatever picked it up', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event', 'ci-timeout': '1ms' });
  ciFails(world, bad);
  world.discord.remove();
  const { annotations, stdout } = await world.runAction({ mode: 'status' });
  await serves(world, 2);
  const warned = annotations.filter(({ level, text }) => level === 'warning' && /^Discord: /.test(text));
  assert.ok(warned.length > 0, stdout);
}));

test('what a person puts back while CI is silent stays live', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  world.github.addRun({ sha, status: 'in_progress' });
  const undone = await deploy(world, sha, { 'ci-timeout': '1s', 'on-timeout': 'rollback' });
  assert.equal(undone.outputs.result, 'rolled-back', undone.stdout);
  const back = await world.runAction({ mode: 'rollback', inputs: { to: 'previous', 'on-timeout': 'rollback' } });
  assert.deepEqual([back.exit, back.outputs.result, back.outputs.sha], [0, 'rolled-back', sha], back.stdout);
  await world.runAction({ mode: 'status' });
  await serves(world, 3);
}));

for (const conclusion of ['cancelled', 'skipped', 'neutral', 'stale', 'action_required', 'something_new']) {
  test(`a CI run that ended as ${conclusion} neither validates nor rolls back`, () => inWorld({}, async (world) => {
    const sha = world.release({ version: 2 });
    ci(world, sha, conclusion);
    const result = await deploy(world, sha);
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.equal(point(world), null);
    await serves(world, 2);
    assert.match(headlines(world).at(-1), /SHA non validé/);
  }));
}

test('by event, too, an answer that nobody gave neither validates nor rolls back', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  for (const conclusion of ['cancelled', 'skipped', 'neutral', 'stale', 'action_required', 'something_new']) {
    const result = await byEvent(world, { sha, conclusion });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.notEqual(point(world), sha);
    await serves(world, 3);
  }
  assert.equal((await byEvent(world, { sha, conclusion: 'success' })).outputs.result, 'validated');
}));

for (const conclusion of ['timed_out', 'startup_failure']) {
  test(`a CI run that ended as ${conclusion} is a failure, and rolled back`, () => inWorld({}, async (world) => {
    await validated(world);
    const bad = world.release({ version: 3 });
    ci(world, bad, conclusion);
    assert.equal((await deploy(world, bad)).outputs.result, 'rolled-back');
    await serves(world, 2);
  }));
}

test('a late success of an older SHA counts, and leaves the newer one alone', () => inWorld({}, async (world) => {
  const older = world.release({ version: 2 });
  await deploy(world, older, { watch: 'event' });
  const newer = world.release({ version: 3 });
  await deploy(world, newer, { watch: 'event' });
  const late = await byEvent(world, { sha: older, conclusion: 'success' });
  assert.equal(late.exit, 0, late.stdout);
  assert.equal(point(world), older);
  await serves(world, 3);
  await byEvent(world, { sha: newer, conclusion: 'success' });
  assert.equal(point(world), newer);
  await byEvent(world, { sha: older, conclusion: 'success' });
  assert.equal(point(world), newer, 'a late success does not move the rollback point back');
}));

test('a failure of a SHA that is no longer live changes nothing but its quarantine', () => inWorld({}, async (world) => {
  const older = world.release({ version: 2 });
  await deploy(world, older, { watch: 'event' });
  await deploy(world, world.release({ version: 3 }), { watch: 'event' });
  const result = await byEvent(world, { sha: older, conclusion: 'failure' });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'superseded'], result.stdout);
  await serves(world, 3);
  assert.deepEqual(JSON.parse(result.outputs.state).preprod.quarantine.map(({ sha }) => sha), [older]);
}));

test('no CI run is no verdict, and is told after the delay', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const result = await deploy(world, sha);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  assert.match(result.log, /no CI run exists for it/);
  await serves(world, 2);
}));

for (const [what, ready, told] of [
  ['is idle', () => {}, /none of ci\.yml \(\[skip ci\], a path filter/],
  ['was renamed', (world) => world.github.removeWorkflow('ci.yml'), /GitHub knows no workflow ci\.yml here/],
  ['is switched off', (world) => world.github.setWorkflow('ci.yml', 'disabled_inactivity'), /the workflow ci\.yml is switched off at GitHub \(disabled_inactivity\)/],
]) {
  test(`no CI run is told with why, where GitHub knows it: the workflow ${what}`, () => inWorld({}, async (world) => {
    ready(world);
    const result = await deploy(world, world.release({ version: 2 }));
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.match(result.log, told);
    assert.match(result.log, /no CI run exists for it: /);
    const asked = world.github.requests.filter(({ path }) => path.split('?')[0].endsWith('/actions/workflows'));
    assert.equal(asked.length, 1, 'once, when nobody waits any more');
    assert.match(headlines(world).at(-1), /SHA non validé/);
    await serves(world, 2);
  }));
}

test('when time is up, the settings decide: keep, or roll back', () => inWorld({}, async (world) => {
  await validated(world);
  const slow = world.release({ version: 3 });
  world.github.addRun({ sha: slow, status: 'in_progress' });
  const inputs = { 'ci-timeout': '600ms' };
  const kept = await deploy(world, slow, inputs);
  assert.deepEqual([kept.exit, kept.outputs.result], [1, 'pending'], kept.stdout);
  await serves(world, 3);
  const slower = world.release({ version: 4 });
  world.github.addRun({ sha: slower, status: 'in_progress' });
  const rolledBack = await deploy(world, slower, { ...inputs, 'on-timeout': 'rollback' });
  assert.equal(rolledBack.outputs.result, 'rolled-back', rolledBack.stdout);
  await serves(world, 2);
}));

for (const kind of ['500', '502-html', 'garbage', 'reset', '429']) {
  test(`GitHub answering ${kind} for a while is ridden out`, () => inWorld({}, async (world) => {
    const sha = world.release({ version: 2 });
    ci(world, sha, 'success');
    world.github.fault({ match: '/actions/', times: 2, kind, retryAfter: 1 });
    const result = await deploy(world, sha);
    assert.equal(result.outputs.result, 'validated', result.stdout);
  }));
}

test('a token that GitHub does not accept is told as that, at once', () => inWorld({ private: true }, async (world) => {
  const sha = world.release({ version: 2 });
  world.github.fault({ match: '/actions/', times: 9, kind: '401' });
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'pending');
  assert.match(result.log, /does not accept the token/);
}));

test('Discord being down changes nothing but a line in the log', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  world.discord.fault({ match: '/webhooks/', times: 99, kind: '404' });
  const result = await deploy(world, sha);
  assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
  assert.match(result.log, /Discord: the webhook is gone/);
}));

test('a watcher outlives its job and its token, rolls back and tells', () => inWorld({ private: true }, async (world) => {
  const watchToken = 'github_pat_of_the_watcher';
  world.secrets.push(watchToken);
  world.github.setTokens([world.token, watchToken]);
  await validated(world);
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  const result = await deploy(world, bad, { watch: 'detached', 'watch-token': watchToken });
  assert.deepEqual([result.exit, result.outputs.result, result.held], [0, 'deployed', false], result.stdout);
  world.endJob();
  world.github.setTokens([watchToken]);
  world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
  await until(async () => (await world.live()).body === 'version 2', 'the rollback');
  await until(() => headlines(world).some((line) => /ROLLBACK AUTOMATIQUE/.test(line)), 'its message');
  await until(() => world.leftovers().length === 0, 'the watcher to end');
  assert.equal(statSync(join(world.logDir, `ci-watcher-${bad}.log`)).mode & 0o777, 0o600);
  assert.match(world.watcherLog(), /ROLLBACK AUTOMATIQUE/);
  for (const secret of world.secrets) assert.ok(!world.watcherLog(bad).includes(secret), 'a secret in the log');
}));

test('the command that a watcher runs is told of no file of the job that has ended', () => inWorld({}, async (world) => {
  const script = join(world.root, 'sum-up.sh');
  writeFileSync(script, 'if [ -n "$GITHUB_STEP_SUMMARY" ]; then echo deployed >> "$GITHUB_STEP_SUMMARY"; fi\n');
  const command = { 'deploy-command': `sh\n-e\n${script}` };
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  assert.equal((await deploy(world, good, command)).outputs.result, 'validated');
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  const logs = join(world.root, 'new/logs');
  const result = await deploy(world, bad, { watch: 'detached', 'watch-token': world.token, 'log-dir': logs, ...command });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  world.endJob();
  world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
  await until(() => headlines(world).some((line) => /ROLLBACK AUTOMATIQUE/.test(line)), 'its message');
  await serves(world, 2);
  assert.match(readFileSync(join(logs, `ci-watcher-${bad}.log`), 'utf8'), /ROLLBACK AUTOMATIQUE/, 'its folder is made');
}));

test('what cannot begin is told, where nobody looks: the end of CI, and a deploy, while the lock is held', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const holder = spawn('flock', ['--no-fork', join(world.stateDir, 'preprod/lock'), 'sleep', '20'], { stdio: 'ignore' });
  try {
    const refused = async () => (await deploy(world, sha, { 'lock-timeout': '10ms', watch: 'event' })).exit === 1;
    await until(refused, 'the lock to be held');
    assert.equal(headlines(world).at(-1), '⏳ PREPROD - Non déployé : une autre exécution est en cours');
    const ended = (of) => world.runAction({ mode: 'watch', event: ciEnded(world, { sha: of, conclusion: 'failure' }), inputs: { 'lock-timeout': '10ms' } });
    const told = world.discord.news.length;
    const foreign = await ended('f'.repeat(40));
    assert.deepEqual([foreign.exit, world.discord.news.length], [1, told], 'it was never here');
    const result = await ended(sha);
    assert.deepEqual([result.exit, headlines(world).at(-1)], [1, "🚨 PREPROD - Le CI n'est plus suivi"], result.stdout);
    assert.match(texts(world).at(-1), /verrou de preprod attendu pendant 10 ms/, 'and why');
    assert.match(texts(world).at(-1), /\n➡️ Relancer ce job une fois l'obstacle levé/, 'as its event comes once only');
  } finally {
    holder.kill('SIGKILL');
  }
}));

test('a rollback point\'s file that cannot be written stops nothing', () => inWorld({}, async (world) => {
  const file = join(world.root, 'points/preprod.txt');
  const inputs = { 'rollback-point-file': file };
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  assert.equal((await deploy(world, good, inputs)).outputs.result, 'validated');
  assert.equal(readFileSync(file, 'utf8').trim(), good, 'its folder is made');
  rmSync(join(world.root, 'points'), { recursive: true });
  writeFileSync(join(world.root, 'points'), '');
  const bad = world.release({ version: 3 });
  const deployed = await deploy(world, bad, { ...inputs, watch: 'event' });
  assert.deepEqual([deployed.exit, deployed.outputs.result], [0, 'deployed'], deployed.stdout);
  const result = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha: bad, conclusion: 'failure' }), inputs });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(result.annotations.filter(({ level, text }) => level === 'warning' && text.includes(`could not write ${file}: `)).length, 1, result.stdout);
  await serves(world, 2);
}));

test('a deploy that is run again gives its SHA a new deadline, and the watcher of the old one ends', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const followed = (time) => ({ watch: 'detached', 'watch-token': world.token, 'ci-timeout': time, 'on-timeout': 'rollback' });
  await deploy(world, sha, followed('4s'));
  const [first] = await until(() => world.leftovers().length > 0 && world.leftovers(), 'the watcher');
  assert.equal((await deploy(world, sha, followed('60s'))).outputs.result, 'unchanged');
  await until(() => !world.leftovers().some(({ pid }) => pid === first.pid), 'the first watcher to end');
  await serves(world, 3);
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  await until(() => point(world) === sha, 'the second to settle it');
}));

test('a watcher that was killed is picked up by the next run of any mode', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'detached', 'watch-token': world.token });
  const [watcher] = await until(() => world.leftovers().length > 0 && world.leftovers(), 'the watcher');
  process.kill(watcher.pid, 'SIGKILL');
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const status = await world.runAction({ mode: 'status' });
  assert.equal(status.outputs['validated-sha'], sha, status.stdout);
  assert.equal(status.outputs.url, world.url);
}));

for (const mode of ['status', 'health', 'watch']) {
  test(`a \`${mode}\` that does not repeat which workflow decides asks about the one that it was deployed with`, () => inWorld({}, async (world) => {
    const sha = world.release({ version: 2 });
    await deploy(world, sha, { watch: 'event', 'ci-workflow': 'tests.yml', 'ci-timeout': '1ms' });
    world.github.addRun({ sha, workflow: 'tests.yml', name: 'Tests', status: 'completed', conclusion: 'success' });
    const result = await world.runAction({ mode, sha });
    assert.equal(point(world), sha, result.stdout);
  }));
}

test('a new deploy takes over from the watcher before it', () => inWorld({}, async (world) => {
  const first = world.release({ version: 2 });
  const firstRun = world.github.addRun({ sha: first, status: 'in_progress' });
  const detached = { watch: 'detached', 'watch-token': world.token, 'ci-timeout': '30s' };
  await deploy(world, first, detached);
  const second = world.release({ version: 3 });
  const secondRun = world.github.addRun({ sha: second, status: 'in_progress' });
  await deploy(world, second, detached);
  await until(() => world.leftovers().length === 1, 'one watcher to be left');
  world.github.setRun(firstRun, { status: 'completed', conclusion: 'success' });
  // The one that is left asks about the older SHA at its first look and before it settles its own.
  world.github.setRun(secondRun, { status: 'completed', conclusion: 'failure' });
  await until(async () => (await world.live()).body === 'version 2', 'the rollback to the older SHA');
  assert.equal(point(world), first);
}));

test('a rollback after a wait looks at the containers anew', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'none' });
  ciFails(world, sha);
  const programs = wrapPrograms(world, ['docker']);
  const again = await deploy(world, sha, {}, { env: programs.env });
  assert.equal(again.outputs.result, 'rolled-back', again.stdout);
  const calls = programs.calls().map(({ args }) => args.join(' '));
  const before = calls.slice(0, calls.findIndex((call) => call.endsWith(' restart')));
  assert.equal(before.filter((call) => call.startsWith('docker ps ')).length, 3, 'two of the deploy that changed nothing, and one of the rollback');
}));

test('a watcher that cannot go on says so in its log and to people', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'detached', 'watch-token': world.token, 'ci-timeout': '60s' });
  await until(() => /in_progress/.test(world.watcherLog(sha)), 'the watcher\'s first look');
  const ledger = join(world.stateDir, 'preprod/ledger.jsonl');
  renameSync(ledger, `${ledger}.away`);
  mkdirSync(ledger);
  await until(() => world.leftovers().length === 0, 'the watcher\'s end');
  assert.match(world.watcherLog(sha), /ledger\.jsonl.*EISDIR/);
  assert.match(headlines(world).at(-1), /^🚨 PREPROD - /);
}));

test('who follows CI and cannot read the ledger any more does not say what is live by what it knew', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'event' });
  const one = world.startAction({ mode: 'watch', sha, inputs: { watch: 'inline', 'ci-timeout': '20s' } });
  await until(() => world.github.requests.some(({ path }) => path.includes('/runs')), 'CI to be asked');
  await deploy(world, world.release({ version: 4 }), { watch: 'event' });
  const last = world.ledger().at(-1);
  appendFileSync(join(world.stateDir, 'preprod/ledger.jsonl'), `${JSON.stringify({ seq: last.seq + 1, at: last.at + 1, by: 'run 9.1', fact: { 'of-tomorrow': { sha } } })}\n`);
  world.github.setRun(run, { status: 'completed', conclusion: 'failure', jobs: [FAILING_JOB] });
  const { exit, log } = await one.done;
  assert.equal(exit, 1);
  assert.match(log, /Live now: not certain, as the ledger cannot be read any more; when it could: /);
  const told = texts(world).at(-1);
  assert.match(told, /^🚨 PREPROD - Le CI n'est plus suivi/);
  assert.doesNotMatch(told, new RegExp(`En ligne: ${sha.slice(0, 7)}`));
  assert.match(told, /➡️ Une fois le registre lisible, la prochaine exécution reprend/);
  const doctor = await world.runAction({ mode: 'doctor', inputs: { locale: 'en' } });
  assert.match(doctor.log, /FAIL +ledger/);
  assert.doesNotMatch(doctor.log, /of an older pipeline/);
}));
