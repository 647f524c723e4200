// `report` through the committed bundle: the last job of a workflow, on a runner that has no state, no
// work tree and no configuration.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { pushEvent } from '../world/event.mjs';
import { headlines, inWorld, leadsNowhereElse } from './support.mjs';

const BARE = { engine: 'none', running: false };
const NOTHING = Object.fromEntries(['environment', 'app-path', 'state-dir', 'log-dir'].map((name) => [name, null]));

const LOG = 'collected 12 items\nE       assert 1 == 2\n##[error]Process completed with exit code 1.\n';
const QUALITY = { name: 'quality', conclusion: 'success' };
const TESTS = {
  name: 'tests (3.13)', conclusion: 'failure', log: LOG,
  steps: [{ name: 'checkout', conclusion: 'success' }, { name: 'pytest', conclusion: 'failure' }],
};
const OURS = { name: 'summary', status: 'in_progress' };

const needs = (results) =>
  JSON.stringify(Object.fromEntries(Object.entries(results).map(([id, result]) => [id, { result, outputs: {} }])), null, 2);

/** Reports these results of the jobs of a run that is still in progress. */
function report(world, results, { jobs = [QUALITY, TESTS, OURS], inputs = {}, event, env = {}, message = 'Fix bug analysis' } = {}) {
  const sha = world.first;
  const id = world.github.addRun({ sha, status: 'in_progress', jobs });
  const given = results ? { needs: needs(results) } : {};
  return world.runAction({
    mode: 'report', sha, inputs: { ...NOTHING, ...given, ...inputs },
    event: event ?? { name: 'push', payload: pushEvent({ full: world.github.full, sha, message }) },
    env: { GITHUB_RUN_ID: String(id), GITHUB_WORKFLOW: 'CI', GITHUB_JOB: 'summary', ...env },
  });
}

const withBare = (work, options = {}) => inWorld({ ...BARE, ...options }, work);

test('a run whose jobs succeeded is summed up in silence', () => withBare(async (world) => {
  const result = await report(world, { quality: 'success', tests: 'success' }, { jobs: [QUALITY, { ...TESTS, conclusion: 'success' }, OURS] });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'ok'], result.stdout);
  assert.equal(result.outputs.sha, world.first);
  assert.deepEqual([world.discord.requests.length, result.problems, existsSync(world.stateDir)], [0, [], false]);
  assert.match(result.summary, /^### ✅ 2 jobs, rien à signaler\n/);
  assert.match(result.summary, /\| \[quality\]\(https:\/\/github\.com\/.*\/job\/\d+\) \| ✅ réussi \| \d/);
  assert.deepEqual(world.github.violations, []);
}, { validate: true }));

test('a failing job makes the step fail and is told with its step, links and last lines', () => withBare(async (world) => {
  const result = await report(world, { quality: 'success', tests: 'failure', deploy: 'skipped' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.match(result.log, /3 jobs examinés : tests a échoué, deploy a été ignoré/);
  assert.match(result.summary, /\| \[tests\]\(.*\) \| ❌ échoué \|.*\n\| deploy \| ⏭️ ignoré \| - \|/);
  assert.match(result.summary, /#### Ce qui a échoué\n\n\n❌ \[tests .*pytest\]\(https:.*\)\n\n```\n.*assert 1 == 2/, 'the summary says why');
  const [message] = world.discord.messages;
  const lines = message.content.split('\n');
  assert.deepEqual(lines.slice(0, 6), [
    '❌ CI (main) - Échec', `SHA: ${world.first.slice(0, 7)}`, 'Auteur: @mona', 'Message: Fix bug analysis', 'Échoué: tests', 'Ignoré: deploy',
  ]);
  assert.match(lines[6], /^Run: <https:\/\/github\.com\/octo\/app\/actions\/runs\/\d+>$/);
  const [embed] = message.embeds;
  assert.equal(embed.title, 'Ce qui a échoué');
  assert.match(embed.description, /❌ \[tests \\\(3\\\.13\\\) › pytest\]\(<https:\/\/github\.com\/.*>\)\n```\n.*assert 1 == 2/);
  assert.ok(world.github.requests.filter(({ server }) => server === 'blob').every(({ headers }) => !headers.authorization), 'our token went to the log store');
  const printed = result.stdout.replace(/^::add-mask::.*$/gm, '');
  for (const secret of world.secrets) assert.ok(!printed.includes(secret), 'a secret in the log');
}, { private: true }));

test('of many failing jobs the first few are told, and how many more there are', () => withBare(async (world) => {
  const jobs = [1, 2, 3, 4, 5, 6].map((number) => ({ ...TESTS, name: `tests (${number})` }));
  const result = await report(world, { tests: 'failure' }, { jobs: [...jobs, OURS] });
  const [{ text }] = world.discord.news;
  for (const told of [text, result.summary, result.log]) {
    assert.match(told, /tests \\?\(4\\?\)[^]*… et 2 de plus|tests \(4\)[^]*… and 2 more/);
    assert.doesNotMatch(told, /tests \\?\(5/);
  }
}));

test('a failure that is tolerated is shown, and neither fails nor is told', () => withBare(async (world) => {
  const result = await report(world, { quality: 'success', tests: 'failure' }, { inputs: { optional: 'tests' } });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'ok'], result.stdout);
  assert.equal(world.discord.requests.length, 0);
  assert.match(result.summary, /❌ échoué, toléré \(optionnel\)/);
}));

test('beside a real failure a tolerated one is not told as its cause', () => withBare(async (world) => {
  const infrastructure = { ...TESTS, name: 'infrastructure' };
  await report(world, { tests: 'failure', infrastructure: 'failure' }, { jobs: [TESTS, infrastructure, OURS], inputs: { optional: 'infrastructure' } });
  const text = JSON.stringify(world.discord.messages);
  assert.match(text, /Échoué: tests\\n/);
  assert.doesNotMatch(text, /infrastructure/);
}));

const NOT_RUN = [
  ['cancelled', 'cancelled', 'annulé', 'Relancer le run annulé'],
  ['skipped', 'failed', 'ignoré', 'Un job qui peut être ignoré se met dans `optional`'],
];
for (const [result, word, told, mend] of NOT_RUN) {
  test(`a job that was ${result} is no success, and no failure to tell`, () => withBare(async (world) => {
    const seen = await report(world, { quality: 'success', tests: result });
    assert.deepEqual([seen.exit, seen.outputs.result], [1, word], seen.stdout);
    assert.match(seen.log, new RegExp(`tests: was ${result}\\n[^]*2 jobs examinés : tests a été ${told}\\. ${mend} \\(https:[^)]*\\)$`, 'm'));
    assert.equal(world.discord.requests.length, 0);
    assert.equal((await report(world, { quality: 'success', tests: result }, { inputs: { optional: 'tests' } })).exit, 0);
  }));
}

test('a workflow of one job reports itself, with the step that failed', () => withBare(async (world) => {
  const build = { name: 'build', status: 'in_progress', steps: [{ name: 'sphinx-build', conclusion: 'failure' }, { name: 'report', status: 'in_progress' }] };
  const more = { jobs: [build], inputs: { 'job-status': 'failure', locale: 'en' }, env: { GITHUB_JOB: 'build', GITHUB_WORKFLOW: 'Documentation' } };
  const result = await report(world, null, more);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.equal(headlines(world)[0], '❌ Documentation (main) - Failed');
  assert.match(world.discord.messages[0].embeds[0].description, /\[build › sphinx\\-build\]/, 'its log is not there yet: the link is');
  assert.equal((await report(world, null, { ...more, inputs: { 'job-status': 'success' } })).exit, 0);
}));

test('malformed needs are refused with how to write them', () => withBare(async (world) => {
  for (const text of ['Object', '{', '{}', '{"a":1}']) {
    const result = await report(world, null, { inputs: { needs: text } });
    assert.equal(result.exit, 2, result.stdout);
    assert.match(result.log, /needs = .*Write `needs: \$\{\{ toJSON\(needs\) \}\}`/);
  }
  assert.equal((await report(world, null)).exit, 2);
  assert.equal(world.discord.requests.length, 0);
}));

test('hostile names and messages stay text', () => withBare(async (world) => {
  const name = '::error::owned @everyone |<b>`x`[a](http://evil.example)![b](http://evil.example/b.png)';
  const results = { [name]: 'failure' };
  const result = await report(world, results, { jobs: [{ ...TESTS, name, log: '##[add-mask]a\n::set-output name=x::y\n' }], message: '@everyone ::warning::x' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.deepEqual(result.annotations.filter(({ text }) => text.startsWith('owned') || text === 'x'), []);
  assert.deepEqual(result.commands.filter(({ name: command }) => command === 'set-output'), []);
  const [message] = world.discord.messages;
  assert.equal(message.rang, false);
  assert.doesNotMatch(JSON.stringify(message.sent), /@everyone|\[a\]\(http/);
  assert.match(result.summary, /^\|.*owned.*\|$/m);
  leadsNowhereElse(world, result.summary);
}));

test('a run of a fork is reported without Discord, and says why', () => withBare(async (world) => {
  const payload = {
    pull_request: { title: 'A gift', user: { login: 'mallory' }, head: { sha: 'c0ffee0000000000000000000000000000000001', repo: { full_name: 'mallory/app' } } },
    repository: { full_name: world.github.full },
  };
  const result = await report(world, { tests: 'failure' }, { event: { name: 'pull_request', payload }, inputs: { 'discord-webhook': null }, env: { GITHUB_HEAD_REF: 'gift' } });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.match(result.log, /Discord is not told: this run is of a pull request from mallory\/app: GitHub gives such a run no secrets/);
  assert.match(result.log, /❌ CI \(gift\) - Échec\nSHA: c0ffee0\nAuteur: @mallory\nMessage: A gift/);
  assert.equal(world.discord.requests.length, 0);
}));

for (const [name, fault] of [['is down', { kind: '500', times: 99 }], ['has forgotten the webhook', { kind: '404', times: 1 }]]) {
  test(`the result stands when Discord ${name}`, () => withBare(async (world) => {
    world.discord.fault({ match: '/webhooks/', ...fault });
    const result = await report(world, { tests: 'failure' });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
    assert.match(result.log, /Discord: .*the jobs' results are not affected/);
  }));
}

for (const kind of ['500', '403-permission', 'reset', 'garbage']) {
  test(`a failure is told without links and lines when GitHub answers ${kind}`, () => withBare(async (world) => {
    world.github.fault({ match: '/actions/', times: 99, kind });
    const result = await report(world, { tests: 'failure' });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
    assert.match(result.log, /no links, times and log lines/);
    assert.deepEqual(headlines(world), ['❌ CI (main) - Échec']);
    assert.match(world.discord.messages[0].content, /Run: <https/);
  }));
}

test('a log that is not there yet leaves the link', () => withBare(async (world) => {
  world.github.fault({ match: '/logs', times: 9, kind: '404' });
  await report(world, { tests: 'failure' });
  assert.match(world.discord.messages[0].embeds[0].description, /^❌ \[tests .* › pytest\]\(<https.*>\)$/);
}));

test('a dry run asks nothing and sends nothing', () => withBare(async (world) => {
  const result = await report(world, { tests: 'failure' }, { inputs: { 'dry-run': 'true' } });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'ok'], result.stdout);
  assert.deepEqual([world.github.requests.length, world.discord.requests.length], [0, 0]);
  assert.match(result.summary, /^### ❌ 1 job requis sans succès\n[^]*\| tests \| ❌ échoué \|/, 'the headline is that of the table');
}));

test('a mistake in an environment of the file does not keep a failure silent', () => withBare(async (world) => {
  const config = `${world.root}/deploy.yml`;
  writeFileSync(config, 'defaults: { locale: en }\nenvironments:\n  preprod: { app-path: relative }\n');
  await report(world, { tests: 'failure' }, { inputs: { config, locale: null } });
  assert.deepEqual(headlines(world), ['❌ CI (main) - Failed']);
}));
