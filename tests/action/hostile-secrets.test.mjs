// Secrets that others say back to us, and every kind of run: nowhere in what is printed, published, written
// down, told, or handed to a program, in none of their forms. Where a secret may be is secrets.test.mjs's.
import assert from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { seeker } from './forms.mjs';
import { behindHttps, jobVariables, leaks, saidBy, written } from './secrecy.mjs';
import { ci, deploy, headlines, inWorld, serves, validated } from './support.mjs';

/**
 * Every secret that we were given, in a sentence: plain, as git sends it, and with something unseen in its middle.
 * The runner's own token is not ours to know: no program that we start inherits it, so none can say it.
 */
const blab = (world) => world.secrets.filter((secret) => secret !== world.runtimeToken).flatMap((secret) => [
  secret, `basic ${Buffer.from(`x-access-token:${secret}`).toString('base64')}`, `${secret.slice(0, 9)}\u001b[0m${secret.slice(9)}`, `${secret.slice(0, 9)}\u200b${secret.slice(9)}`,
]).join(' ');

/** A server that says back whatever it was told, as an error. */
async function echo(status, work) {
  const server = http.createServer((request, response) => {
    const told = `${request.url} ${JSON.stringify(request.headers)}`;
    response.writeHead(status, { 'content-type': 'application/json', 'x-accepted-github-permissions': request.headers.authorization ?? 'none' });
    response.end(JSON.stringify({ message: told, code: 50035, documentation_url: told }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    return await work(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const noLeak = (world, results) =>
  assert.deepEqual(leaks(world, [...written(world), ...results.flatMap((result, at) => saidBy(result, `run ${at}`))]), []);

test('a commit, a site, CI\'s names and log and a deploy command that say our secrets are struck out', () => inWorld({ private: true, traced: true }, async (world) => {
  await validated(world);
  const said = blab(world);
  // The second deploy's own command, which is a setting: its shell is given what it says.
  const isCommand = (where) => where.startsWith('arguments of sh, ');
  world.mayHold = (where) => where.startsWith(world.vm) || where.endsWith('ledger.jsonl') || isCommand(where);
  const subject = said.replaceAll('\u001b', '');
  // What the attacker wrote himself lies in the work tree and in his repository, of course: elsewhere then.
  const bad = world.release({ version: 3, message: subject });
  ci(world, bad, 'failure', { jobs: [{ name: `job ${said}`, conclusion: 'failure', steps: [{ name: said, conclusion: 'failure' }], log: `${said}\n` }] });
  const results = [await deploy(world, bad)];
  assert.equal(results[0].outputs.result, 'rolled-back', results[0].stdout);
  const worse = world.release({ version: 4 });
  const script = `sh\n-c\ngrep -q 4 www/version.txt || exit 0; printf '%s\\n' '${subject}' >&2; exit 7`;
  results.push(await deploy(world, worse, { 'deploy-command': script }));
  assert.match(results[1].log, /exit code 7[^]*\*\*\*/);
  const state = written(world).filter(([where]) => !where.startsWith(world.vm));
  // The command is a setting, and settings stand in the ledger: whoever writes a secret into one has done so.
  const ledger = (where) => where.endsWith('ledger.jsonl');
  assert.deepEqual(leaks(world, state.filter(([where]) => !ledger(where))), []);
  const entries = world.ledger().filter(({ fact }) => !fact.asked);
  assert.deepEqual(leaks(world, entries.map((entry) => [Object.keys(entry.fact)[0], JSON.stringify(entry)])), []);
  const printed = results.flatMap((result, at) => saidBy(result, `run ${at}`));
  assert.deepEqual(leaks(world, printed), []);
  await serves(world, 2);
}));

test('a site that says our secrets is not repeated', () => inWorld({ private: true, traced: true }, async (world) => {
  await validated(world);
  world.mayHold = (where) => where.startsWith(world.vm);
  const bad = world.release({ version: 3, www: { 'index.html': world.token, 'version.txt': world.token } });
  const result = await deploy(world, bad, { 'health-contains': 'version', 'health-grace': '300ms' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /answer begins .*\*\*\*/);
  const places = written(world).filter(([where]) => !where.startsWith(world.vm) && !where.startsWith(join(world.root, 'git')));
  assert.deepEqual(leaks(world, [...places, ...saidBy(result, 'the run')]), []);
}));

test('a site that says our secrets to a health check is not repeated', () => inWorld({ private: true, traced: true }, async (world) => {
  const sha = world.release({ version: 2, www: { 'index.html': world.token, 'version.txt': world.token } });
  await deploy(world, sha, { watch: 'none' });
  world.mayHold = (where) => where.startsWith(world.vm);
  const result = await world.runAction({ mode: 'health', inputs: { 'health-contains': 'version', 'health-attempts': '1' } });
  assert.equal(result.outputs.result, 'unhealthy', result.stdout);
  assert.match(JSON.parse(result.outputs.state).preprod.health[0].why, /\*\*\*/);
  const places = written(world).filter(([where]) => !where.startsWith(world.vm) && !where.startsWith(join(world.root, 'git')));
  assert.deepEqual(leaks(world, [...places, ...saidBy(result, 'the check')]), []);
}));

test('a GitHub and a Discord that say our secrets back are not repeated', () => inWorld({ private: true, traced: true }, (world) =>
  echo(403, (api) => echo(400, async (chat) => {
    const sha = world.release({ version: 2 });
    const env = { GITHUB_API_URL: api };
    const webhook = world.discord.webhookUrl.replace(world.discord.url, chat);
    const result = await deploy(world, sha, { 'discord-webhook': webhook }, { env });
    assert.equal(result.outputs.result, 'pending', result.stdout);
    assert.match(result.log, /GitHub wants: Bearer \*\*\*/);
    assert.match(result.log, /Discord: status 400/);
    noLeak(world, [result]);
  }))));

test('a git that says its whole environment when the remote refuses is not repeated', () => inWorld({ private: true, traced: true }, async (world) => {
  behindHttps(world);
  const programs = wrapPrograms(world, ['git']);
  for (let again = 0; again < 2; again += 1) programs.rule(' fetch ', 'env | grep GIT_CONFIG_VALUE >&2; exit 9');
  const result = await deploy(world, world.release({ version: 2 }), {}, { env: { ...programs.env, ...jobVariables(world) } });
  assert.equal(result.outputs.result, 'failed', result.stdout);
  assert.match(result.log, /GIT_CONFIG_VALUE_1=AUTHORIZATION: basic \*\*\*/);
  noLeak(world, [result]);
}));

test('no run of any kind, in a job or on a terminal, lets a secret out', () => inWorld({ private: true, traced: true }, async (world) => {
  behindHttps(world);
  const programs = wrapPrograms(world, ['git', 'docker', 'flock', 'sh']);
  const env = { ...programs.env, ...jobVariables(world) };
  const inputs = { 'watch-token': world.token, 'deploy-command': 'sh\nstamp.sh' };
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  const results = [await deploy(world, good, inputs, { env })];
  const next = world.release({ version: 3 });
  const run = world.github.addRun({ sha: next, status: 'in_progress' });
  results.push(await deploy(world, next, { ...inputs, watch: 'detached' }, { env }));
  const watchers = world.leftovers();
  assert.ok(watchers.length > 0, 'a watcher lives');
  const seen = watchers.map(({ pid, command, environ }) => [`watcher ${pid}`, [...command, ...environ].join('\n')]);
  assert.deepEqual(leaks(world, seen), []);
  for (const mode of ['status', 'rollback', 'watch', 'health', 'doctor', 'report']) {
    results.push(await world.runAction({ mode, sha: next, env, inputs: { ...inputs, 'ci-timeout': '1s' } }));
  }
  const variables = { env: { ...env, GITHUB_REPOSITORY: world.github.full, GITHUB_API_URL: world.github.url } };
  const place = ['--environment', 'preprod', '--state-dir', world.stateDir, '--app-path', world.vm, '--log-dir', world.logDir];
  for (const args of [['status', '--state-dir', world.stateDir], ['rollback', ...place, '--to', 'previous'], ['deploy', ...place, '--sha', next, '--watch', 'none'], ['deploy', ...place, '--token', world.token], ['nonsense']]) {
    results.push(await world.runCommand(args, variables));
  }
  world.github.setRun(run, { conclusion: 'success' });
  await until(() => world.leftovers().length === 0, 'the end of the watcher', 60_000);
  assert.ok(headlines(world).length > 3);
  noLeak(world, results);
  const isSecret = seeker(world);
  const holds = (words) => words.some(isSecret);
  const told = programs.calls().filter(({ args, env: given }) => holds(args) || holds(given));
  for (const { args, env: given } of told) {
    assert.ok(args[0] === 'git' && !holds(args) && args.some((word) => ['fetch', 'submodule', 'ls-remote'].includes(word)), args.join(' '));
    assert.ok(given.filter((one) => holds([one])).every((one) => one.startsWith('GIT_CONFIG_VALUE_')));
  }
  assert.ok(told.length > 0 && programs.calls().length > told.length);
}));
