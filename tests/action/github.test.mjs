// A GitHub that limits, hangs or garbles, and runs of CI that are not the ones that count: what a poll
// makes of them. Which conclusion leads to what stands in watch.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ciEnded } from '../world/scenario.mjs';
import { ci, ciFails, deploy, headlines, inWorld, nextSecond, point, serves, texts, validated } from './support.mjs';

const OWN_RUN = 8_000_000_001; // GITHUB_RUN_ID in this world

/** A deploy that is settled in spite of this fault, which came to pass. */
async function riddenOut(world, fault, inputs) {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  world.github.fault({ match: '/actions/', ...fault });
  const result = await deploy(world, sha, inputs);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(world.github.faults.queue[0].times, 0, 'the fault came to pass');
  return { sha, result, asked: world.github.requests.filter(({ target }) => target.includes('/actions/')) };
}

test('an answer cut off in the middle is ridden out', () => inWorld({}, (world) =>
  riddenOut(world, { kind: 'truncated', times: 2 })));

test('a GitHub that takes the question and never answers is asked again', () => inWorld({}, (world) =>
  riddenOut(world, { kind: 'hang' }, { 'ci-timeout': '1m' })));

test('a GitHub that never answers leaves the version live and unvalidated when the time is up', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  world.github.fault({ match: '/actions/', kind: 'hang', times: 99 });
  const result = await deploy(world, sha, { 'ci-timeout': '1s' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  assert.match(result.log, /GitHub was not reached \(Timeout: .*\)[^]*It stays live, unvalidated/);
  assert.match(headlines(world).at(-1), /SHA non validé/);
  await serves(world, 3);
}));

const rests = ({ asked }, ms) => assert.ok(asked[1].time - asked[0].time >= ms, `asked again after ${asked[1].time - asked[0].time} ms`);

test('a secondary rate limit is obeyed for as long as it says', () => inWorld({}, async (world) => {
  rests(await riddenOut(world, { kind: 'secondary', retryAfter: 1 }), 1000);
}));

test('an exhausted rate limit is waited out until its reset', () => inWorld({}, async (world) => {
  const reset = Math.floor(Date.now() / 1000) + 3;
  world.github.setRate({ reset });
  const { asked } = await riddenOut(world, { kind: '403-ratelimit' }, { 'ci-timeout': '1m' });
  assert.ok(asked[1].time >= reset * 1000, `asked ${reset * 1000 - asked[1].time} ms too early`);
}));

test('a rate limit that ends after our time is no verdict, and is told', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'failure');
  world.github.fault({ match: '/actions/', kind: '403-ratelimit', times: 99 });
  const result = await deploy(world, sha, { 'ci-timeout': '1s' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  assert.match(result.log, /GitHub limits the number of requests/);
  await serves(world, 2);
}));

for (const fault of [{ kind: '502-html' }, { kind: 'secondary', retryAfter: 1 }, { kind: '403-permission' }]) {
  test(`that no run is listed proves nothing while the branch's own list is not told (${fault.kind})`, () => inWorld({}, async (world) => {
    const sha = world.release({ version: 2 });
    world.github.fault({ match: 'branch=', times: 99, ...fault });
    const result = await deploy(world, sha, { 'ci-delay': '0s', 'ci-timeout': '3s' });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.doesNotMatch(result.log, /no CI run exists/);
  }));
}

test('a token without the permission is told as that, at once', () => inWorld({ private: true }, async (world) => {
  const sha = world.release({ version: 2 });
  world.github.fault({ match: '/actions/', kind: '403-permission', times: 99 });
  const result = await deploy(world, sha, { 'ci-timeout': '1m' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  assert.match(result.log, /GitHub wants: actions=read/);
}));

test('a repository that the token cannot see is told as that, at once', () => inWorld({ private: true }, async (world) => {
  const sha = world.release({ version: 2 });
  const result = await deploy(world, sha, { token: '', 'ci-timeout': '1m' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
  assert.match(result.log, /repository or workflow not found/);
}));

test('all pages are read: the run that counts may be on the second', () => inWorld({ validate: true }, async (world) => {
  const sha = world.release({ version: 2 });
  const hour = 3_600_000;
  ci(world, sha, 'success', { createdAt: Date.now() - hour });
  for (let more = 0; more < 120; more += 1) ci(world, sha, 'failure', { event: 'pull_request' });
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.ok(world.github.requests.some(({ target }) => /[?&]page=2/.test(target)));
  assert.deepEqual(world.github.violations, []);
}));

for (const [what, run] of [
  ['a pull request', { event: 'pull_request' }],
  ['a pull request with our rights', { event: 'pull_request_target' }],
  ['a fork whose branch is called main', { headRepository: 'mallory/app' }],
  ['another branch', { branch: 'feature' }],
  ['another workflow', { workflow: 'lint.yml', name: 'CI' }],
]) {
  test(`a run of ${what} neither validates nor condemns the same SHA`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    for (const conclusion of ['success', 'failure']) ci(world, sha, conclusion, run);
    const result = await deploy(world, sha);
    assert.deepEqual([result.exit, result.outputs.result], [1, 'pending'], result.stdout);
    assert.match(result.log, /no CI run exists for it/);
    assert.notEqual(point(world), sha);
    await serves(world, 3);
  }));
}

test('the deploy\'s own run never counts, asked or told', () => inWorld({ inputs: { 'ci-workflow': 'cd-preprod.yml' } }, async (world) => {
  const sha = world.release({ version: 2 });
  const id = ci(world, sha, 'success', { workflow: 'cd-preprod.yml', name: 'CD preprod' });
  world.github.runs.find((run) => run.id === id).id = OWN_RUN;
  const asked = await deploy(world, sha);
  assert.match(asked.log, /no CI run exists for it/);
  const event = ciEnded(world, { sha, conclusion: 'success', workflow: 'cd-preprod.yml' }, { id: OWN_RUN });
  const told = await world.runAction({ mode: 'watch', event });
  assert.match(told.log, /settles nothing here: it is this very run/);
  assert.equal(point(world), null);
}));

test('a re-run that is green lifts the quarantine for the next deploy, though no event told of it', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = ciFails(world, sha);
  assert.equal((await deploy(world, sha)).outputs.result, 'rolled-back');
  const refused = await deploy(world, sha);
  assert.match(refused.log, /quarantined: nothing was changed/);
  world.github.rerun(run, { conclusion: 'success' });
  const again = await deploy(world, sha);
  assert.deepEqual([again.exit, again.outputs.result], [0, 'validated'], again.stdout);
  assert.equal(point(world), sha);
  await serves(world, 3);
}));

test('a re-run that fails after a success rolls back, and the point goes back with it', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  const run = ci(world, sha, 'success');
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
  world.github.rerun(run, { conclusion: 'failure' });
  const watched = await world.runAction({ mode: 'watch', sha });
  assert.equal(watched.outputs.result, 'rolled-back', watched.stdout);
  assert.equal(point(world), good);
  await serves(world, 2);
}));

const deploymentsOf = (world) => world.github.deployments.map(({ sha, task, environment, statuses }) =>
  [sha.slice(0, 7), task, environment, statuses.map(({ state }) => state).join(' ')]);

test('deploys and rollbacks stand on the page of deployments, as GitHub describes them', () => inWorld({ validate: true }, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  const [one, two] = [good, bad].map((sha) => sha.slice(0, 7));
  assert.deepEqual(deploymentsOf(world), [
    [one, 'deploy', 'preprod', 'in_progress success inactive'], [two, 'deploy', 'preprod', 'in_progress success inactive'],
    [one, 'rollback', 'preprod', 'in_progress success'],
  ]);
  const [live] = world.github.deployments[2].statuses.slice(-1);
  assert.deepEqual([live.environment_url, live.log_url], [world.url, 'https://github.com/octo/app/actions/runs/8000000001']);
  assert.deepEqual(world.github.violations, []);
}));

test('a deployment whose last word was lost is in progress no more once the next one is live', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  world.github.fault({ match: /\/deployments\/\d+\/statuses$/, kind: '500', skip: 1, times: 2 });
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
  world.github.clearFaults();
  assert.equal(deploymentsOf(world).at(-1).at(-1), 'in_progress');
  await validated(world, 4);
  assert.deepEqual(deploymentsOf(world).map((one) => one.at(-1)).slice(-2), ['in_progress inactive', 'in_progress success']);
}));

test('without `deployments: write` a deploy goes as always, and one notice says what is missing', () => inWorld({}, async (world) => {
  world.github.setMayDeploy(false);
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.deepEqual([result.exit, result.outputs.result], [0, 'validated'], result.stdout);
  assert.equal(result.stdout.match(/::notice.*Grant `deployments: write`/g).length, 1);
  assert.deepEqual(deploymentsOf(world), []);
}));

/** The end of this run, told by its event; `run`: as it stood then, where that is past. */
const byEvent = (world, sha, id, inputs = {}, run = world.github.runOf(id)) => world.runAction({
  mode: 'watch', sha, inputs, event: { name: 'workflow_run', payload: { action: 'completed', workflow_run: run, workflow: {}, repository: {} } },
});

test('by event, a cancelled run is no news while another run of the commit is under way', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const cancelled = ci(world, sha, 'cancelled');
  const other = world.github.addRun({ sha, status: 'in_progress' });
  const told = headlines(world).length;
  const result = await byEvent(world, sha, cancelled);
  assert.deepEqual([result.exit, result.outputs.result, headlines(world).length], [0, 'pending', told], result.stdout);
  world.github.setRun(other, { conclusion: 'success' });
  assert.equal((await byEvent(world, sha, other)).outputs.result, 'validated');
}));

test('by event, a red run that waited for the machine undoes nothing where it was run again since, and is green', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const id = ci(world, sha, 'failure');
  const red = structuredClone(world.github.runOf(id));
  await nextSecond();
  world.github.rerun(id, { conclusion: 'success' });
  assert.equal((await byEvent(world, sha, id, {}, red)).outputs.result, 'validated');
  await serves(world, 3);
}));

test('by event, a red run counts where GitHub does not tell more, still shows it as running, or its re-run has not succeeded', () => inWorld({}, async (world) => {
  await validated(world);
  const since = [(id) => world.github.setRun(id, { status: 'in_progress' }), (id) => world.github.rerun(id, { status: 'in_progress' }), (id) => world.github.rerun(id, { conclusion: 'cancelled' }), null];
  for (const [at, change] of since.entries()) {
    const sha = world.release({ version: 3 + at });
    await deploy(world, sha, { watch: 'event' });
    const id = ci(world, sha, 'failure');
    const red = structuredClone(world.github.runOf(id));
    if (change) change(id);
    else world.github.fault({ match: '/actions/', kind: '500', times: 9 });
    assert.equal((await byEvent(world, sha, id, {}, red)).outputs.result, 'rolled-back');
    world.github.clearFaults();
    await serves(world, 2);
  }
}));

test('CI that does not run is told by the next deploy, though that replaces the version', () => inWorld({ inputs: { watch: 'event', 'ci-timeout': '1ms' } }, async (world) => {
  const silent = world.release({ version: 2 });
  await deploy(world, silent, { watch: 'event' });
  const result = await deploy(world, world.release({ version: 3 }), { watch: 'event' });
  assert.equal(result.outputs.result, 'deployed', result.log);
  assert.match(result.log, /No verdict from CI|pas de verdict du CI|Pas de verdict du CI/);
  const told = texts(world).filter((text) => text.includes(silent.slice(0, 7)) && text.includes('aucun run du CI'));
  assert.equal(told.length > 0, true, texts(world).join('\n---\n'));
  assert.match(told[0], /Une version plus récente doit la remplacer\n➡️ Pousser de nouveau/, 'what it says of the old version holds');
}));

test('a run that the merge queue started is no verdict, and is told as what it is', () => inWorld({ inputs: { 'ci-delay': '0s', 'ci-timeout': '2s' } }, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success', { event: 'merge_group', branch: `gh-readonly-queue/main/pr-7-${sha}` });
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'pending', result.log);
  const told = texts(world).join('\n').replaceAll('\\', '');
  assert.match(told, /celui de ci\.yml a été lancé par `merge_group`, pas par `push`/);
  assert.match(told, /Faire lancer ci\.yml aussi par un `push` sur main/);
}));

test('the author stays who made the commit, whoever runs its CI again', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const id = ci(world, sha, 'success');
  await world.runAction({
    mode: 'watch', sha, env: { GITHUB_TRIGGERING_ACTOR: 'carol' },
    event: { name: 'workflow_run', payload: { action: 'completed', workflow_run: world.github.runOf(id), workflow: {}, repository: {} } },
  });
  assert.match(texts(world).at(-1), /SHA validé par le CI\n(.*\n)*Auteur: @mona\n/);
}));

test('by event, one success of several workflows proves nothing where GitHub does not tell of the others', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const named = { 'ci-workflow': 'CI', watch: 'event' };
  const sha = world.release({ version: 3 });
  await deploy(world, sha, named);
  world.github.addRun({ sha, status: 'in_progress', workflow: 'ci-back.yml' });
  const front = ci(world, sha, 'success', { workflow: 'ci-front.yml' });
  world.github.fault({ match: '/actions/', kind: '500', times: 99 });
  const result = await byEvent(world, sha, front, named);
  assert.deepEqual([result.exit, result.outputs.result, point(world)], [0, 'pending', good], result.stdout);
  assert.match(result.stdout, /::warning/);
}));

test('by event, a `sha` that is not the event\'s own settles nothing, and is warned of', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const result = await byEvent(world, sha, ci(world, sha, 'failure'), { sha: good });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'pending'], result.stdout);
  assert.match(result.stdout, new RegExp(`^::warning.*the run is of another commit \\(${sha}\\)`, 'm'));
}));

test('by event, too, each workflow of the name in `ci-workflow` has to succeed', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const named = { 'ci-workflow': 'CI', watch: 'event' };
  const sha = world.release({ version: 3 });
  await deploy(world, sha, named);
  const back = world.github.addRun({ sha, status: 'in_progress', workflow: 'ci-back.yml' });
  await nextSecond();
  const front = ci(world, sha, 'success', { workflow: 'ci-front.yml' });
  assert.equal((await byEvent(world, sha, front, named)).outputs.result, 'pending');
  assert.equal(point(world), good);
  world.github.setRun(back, { conclusion: 'failure' });
  assert.equal((await byEvent(world, sha, back, named)).outputs.result, 'rolled-back');
  const again = await byEvent(world, sha, front, named);
  assert.equal(point(world), good, again.stdout);
  assert.deepEqual(JSON.parse(again.outputs.state).preprod.quarantine.map((one) => one.sha), [sha]);
}));

test('a failure whose jobs the token may not read is told with the permission that is missing', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  const id = ciFails(world, sha);
  world.github.fault({ match: '/jobs', kind: '403-permission', times: 9 });
  const result = await byEvent(world, sha, id);
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  const told = world.discord.news.map(({ embeds }) => embeds.map(({ description }) => description)).flat().join('\n');
  assert.match(told.replaceAll('\\', ''), /Ses jobs n'ont pas pu être lus : le jeton n'a pas ce droit \(GitHub demande : actions=read\) : accorder `actions: read`/);
  assert.match(result.summary, /Ses jobs n'ont pas pu être lus/);
}));
