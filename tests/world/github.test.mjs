// Proves that the stand-in for GitHub follows the published description and refuses what GitHub
// refuses.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startGitHub } from './github.mjs';
import { workflowRunEvent } from './event.mjs';

const SHA = 'a'.repeat(40);
const HEADERS = { 'user-agent': 'world-test', authorization: 'Bearer ghs_world', 'x-github-api-version': '2022-11-28' };
let github;
before(async () => (github = await startGitHub({ validate: true, private: true })));
after(() => github.close());
beforeEach(() => {
  github.clearFaults();
  github.violations.length = 0;
});

const base = '/repos/octo/app';
const ask = (path, headers = {}, extra = {}) =>
  fetch(github.url + path, { headers: { ...HEADERS, ...headers }, redirect: 'manual', ...extra });
const json = async (path, headers) => (await ask(path, headers)).json();

test('every_answer_follows_the_published_description', async () => {
  const jobs = [
    { name: 'lint', conclusion: 'success' },
    { name: 'tests', conclusion: 'failure', steps: [{ name: 'Run pytest', conclusion: 'failure', log: 'E   assert' }] },
    { name: 'deploy', conclusion: 'skipped' },
  ];
  const id = github.addRun({ sha: SHA, conclusion: 'failure', jobs });
  const fork = github.addRun({ sha: SHA, conclusion: 'success', headRepository: 'eve/app', branch: 'main' });
  github.rerun(id);
  const [job] = (await json(`${base}/actions/runs/${id}/attempts/1/jobs`)).jobs;
  const paths = [
    base, `${base}/actions/runs?head_sha=${SHA}&event=push&per_page=5`, `${base}/actions/workflows/ci.yml/runs`,
    `${base}/actions/workflows/ci.yml`, `${base}/actions/runs/${id}`, `${base}/actions/runs/${fork}`,
    `${base}/actions/runs/${id}/attempts/1`, `${base}/actions/runs/${id}/jobs?filter=all`,
    `${base}/actions/jobs/${job.id}`, `${base}/actions/workflows?per_page=100`, `${base}/deployments?per_page=1`, '/rate_limit',
  ];
  for (const path of paths) assert.equal((await ask(path)).status, 200, path);
  assert.equal((await ask(`${base}/actions/jobs/${job.id}/logs`)).status, 302);
  for (const conclusion of ['cancelled', 'skipped', 'neutral', 'stale', 'action_required', 'timed_out', 'startup_failure']) {
    assert.equal((await ask(`${base}/actions/runs/${github.addRun({ sha: SHA, conclusion })}/jobs`)).status, 200);
  }
  assert.deepEqual(github.violations, []);
});

test('a_request_that_breaks_the_description_is_refused_and_recorded', async () => {
  assert.equal((await ask(`${base}/actions/runs?sha=${SHA}`)).status, 422);
  assert.equal((await ask(`${base}/actions/runs?per_page=many`)).status, 422);
  assert.equal((await ask(`${base}/actions/runs?status=startup_failure`)).status, 422);
  assert.equal((await ask(`${base}/actions/runs/latest`)).status, 422);
  assert.equal((await ask(`${base}/actions/nothing`)).status, 404);
  assert.equal(github.violations.length, 5);
});

test('an_empty_head_sha_filters_nothing_and_an_abbreviated_one_finds_nothing', async () => {
  github.addRun({ sha: 'b'.repeat(40) });
  const all = await json(`${base}/actions/runs?head_sha=&per_page=100`);
  assert.ok(new Set(all.workflow_runs.map((run) => run.head_sha)).size > 1);
  assert.equal((await json(`${base}/actions/runs?head_sha=${'b'.repeat(7)}`)).total_count, 0);
  assert.equal((await json(`${base}/actions/runs?head_sha=${'b'.repeat(40)}`)).total_count, 1);
});

test('long_lists_come_in_pages_that_link_to_each_other', async () => {
  const sha = 'c'.repeat(40);
  for (let n = 0; n < 5; n += 1) github.addRun({ sha });
  let url = `${github.url}${base}/actions/runs?head_sha=${sha}&per_page=2`;
  const ids = [];
  while (url) {
    const answer = await fetch(url, { headers: HEADERS });
    ids.push(...(await answer.json()).workflow_runs.map((run) => run.id));
    url = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  assert.equal(new Set(ids).size, 5);
});

test('an_unchanged_answer_is_304_and_free_only_for_who_is_logged_in', async () => {
  const path = `${base}/actions/runs?head_sha=${SHA}`;
  const first = await ask(path);
  const again = await ask(path, { 'if-none-match': first.headers.get('etag') });
  assert.equal(again.status, 304);
  assert.equal(again.headers.get('x-ratelimit-remaining'), first.headers.get('x-ratelimit-remaining'));
});

test('who_asks_wrongly_is_refused_as_github_refuses', async () => {
  const raw = (headers) => fetch(`${github.url}${base}`, { headers: { 'user-agent': 'x', ...headers } });
  assert.equal((await raw({ 'user-agent': '' })).status, 403);
  assert.equal((await raw({})).status, 404);
  assert.equal((await raw({ authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await raw({ authorization: 'Bearer ghs_world', 'x-github-api-version': '2020-01-01' })).status, 400);
  assert.equal((await ask(`${base}/`)).status, 404);
  assert.equal((await ask(`${base}/actions/workflows/none.yml/runs`)).status, 404);
  assert.equal((await ask('/repos/octo/other')).status, 404);
});

test('a_log_is_behind_a_redirect_whose_host_refuses_the_token', async () => {
  const id = github.addRun({ sha: SHA, conclusion: 'failure' });
  const { jobs: [job] } = await json(`${base}/actions/runs/${id}/jobs`);
  const answer = await ask(`${base}/actions/jobs/${job.id}/logs`);
  assert.equal(answer.status, 302);
  const place = answer.headers.get('location');
  assert.notEqual(new URL(place).port, new URL(github.url).port);
  assert.equal((await fetch(place, { headers: HEADERS })).status, 401);
  const log = await (await fetch(place)).text();
  assert.match(log, /^\d{4}-\d\d-\d\dT[\d:]+\.\d{7}Z ##\[group\]Run/);
  assert.match(log, /##\[error\]Process completed with exit code 1\./);
});

test('an_unfinished_job_has_no_log', async () => {
  const id = github.addRun({ sha: SHA, status: 'in_progress' });
  const { jobs: [job] } = await json(`${base}/actions/runs/${id}/jobs`);
  assert.equal((await ask(`${base}/actions/jobs/${job.id}/logs`)).status, 404);
});

test('a_rerun_keeps_the_run_and_begins_a_new_attempt', async () => {
  const id = github.addRun({ sha: SHA, conclusion: 'failure' });
  github.rerun(id);
  const now = await json(`${base}/actions/runs/${id}`);
  assert.deepEqual([now.run_attempt, now.status, now.conclusion], [2, 'queued', null]);
  github.setRun(id, { conclusion: 'success' });
  assert.equal((await json(`${base}/actions/runs/${id}`)).conclusion, 'success');
  assert.equal((await json(`${base}/actions/runs/${id}/attempts/1`)).conclusion, 'failure');
});

test('each_fault_shows_as_the_real_one_would', async () => {
  const path = `${base}/actions/runs`;
  const seen = async (fault) => {
    github.fault(fault);
    const answer = await ask(path, {}, { signal: AbortSignal.timeout(300) });
    return [answer.status, answer.headers.get('retry-after'), await answer.text()];
  };
  assert.equal((await seen({ kind: '500' }))[0], 500);
  assert.match((await seen({ kind: '502-html' }))[2], /^<!DOCTYPE html>/);
  assert.deepEqual((await seen({ kind: '429', retryAfter: 7 })).slice(0, 2), [429, '7']);
  assert.equal((await seen({ kind: '403-ratelimit' }))[0], 403);
  assert.match((await seen({ kind: 'secondary', retryAfter: 60 }))[2], /secondary rate limit/);
  const [status, , body] = await seen({ kind: 'garbage' });
  assert.equal(status, 200);
  assert.throws(() => JSON.parse(body));
  for (const kind of ['hang', 'reset', 'truncated']) await assert.rejects(seen({ kind }), kind);
  github.fault({ kind: '401', match: '/jobs' });
  assert.equal((await ask(path)).status, 200, 'a fault for another path does not act');
  github.clearFaults();
  github.fault({ kind: '404', skip: 1, match: { regex: 'runs$' } });
  assert.deepEqual([(await ask(path)).status, (await ask(path)).status, (await ask(path)).status], [200, 404, 200]);
});

test('another_process_can_drive_it_over_http', async () => {
  const post = (op, ...args) => fetch(github.controlUrl, { method: 'POST', body: JSON.stringify({ op, args }) });
  const sha = 'd'.repeat(40);
  const { value } = await (await post('addRun', { sha })).json();
  await post('setRun', value, { conclusion: 'success' });
  assert.equal((await json(`${base}/actions/runs?head_sha=${sha}`)).workflow_runs[0].conclusion, 'success');
  const state = await (await fetch(github.controlUrl)).json();
  assert.ok(state.requests.some((it) => it.headers.authorization === 'Bearer ghs_world'));
  assert.equal((await post('exit')).status, 404);
});

test('an_event_follows_the_description_of_the_webhook', () => {
  const own = workflowRunEvent({ run: { sha: SHA } });
  const fork = workflowRunEvent({ run: { sha: SHA, branch: 'main' }, fork: 'eve/app' });
  assert.deepEqual(github.description.schema('webhook-workflow-run-completed', own), []);
  assert.deepEqual(github.description.schema('webhook-workflow-run-completed', fork), []);
  assert.equal(own.workflow_run.head_repository.full_name, own.repository.full_name);
  assert.equal(fork.workflow_run.head_repository.full_name, 'eve/app');
  assert.equal(fork.workflow_run.head_branch, 'main');
});

test('deployments_are_made_told_and_made_inactive_as_described', async () => {
  const post = (path, body) => ask(base + path, { 'content-type': 'application/json' }, { method: 'POST', body: JSON.stringify(body) });
  const wanted = { ref: SHA, auto_merge: false, required_contexts: [], environment: 'preprod', payload: { by: 'test' } };
  const first = await (await post('/deployments', wanted)).json();
  const second = await (await post('/deployments', wanted)).json();
  for (const { id } of [first, second]) {
    assert.equal((await post(`/deployments/${id}/statuses`, { state: 'success', log_url: 'https://example.org/' })).status, 201);
  }
  const states = await json(`${base}/deployments/${first.id}/statuses`);
  assert.deepEqual(states.map(({ state }) => state), ['inactive', 'success']);
  assert.deepEqual((await json(`${base}/deployments?environment=preprod`)).map(({ id }) => id), [second.id, first.id]);
  assert.deepEqual(await json(`${base}/deployments?environment=prod`), []);
  assert.deepEqual(github.violations, []);
  assert.equal((await post('/deployments', { ...wanted, auto_merge: true })).status, 202);
  assert.equal((await post('/deployments', { ...wanted, required_contexts: ['ci'] })).status, 409);
  assert.equal((await post(`/deployments/${first.id}/statuses`, { state: 'done' })).status, 422);
  github.setMayDeploy(false);
  assert.equal((await post('/deployments', wanted)).status, 403);
  github.setMayDeploy(true);
});
