// `doctor` on what GitHub and Discord let us do: each answer told as what it is.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { freePort } from '../world/app.mjs';
import { doctor, healthy, is } from './doctor-support.mjs';

let world;
before(async () => (world = await healthy()));
after(() => world.close());
beforeEach(() => {
  world.github.clearFaults();
  world.github.setPrivate(false);
  world.github.setTokens([world.token]);
});

test('a token that GitHub does not accept is 401, told once, with what to do', async () => {
  world.github.setTokens(['another']);
  const result = await doctor(world);
  is(result.of('repository'), 'fail', /octo\/app: 401, the token is not accepted/, /a new token/);
  assert.equal(result.findings.filter((it) => it.level === 'fail').length, 1, result.log);
});

test('a repository that the token does not see is 404, and without a token that is the reason', async () => {
  world.github.setPrivate(true);
  const result = await doctor(world, { token: '' });
  is(result.of('repository'), 'fail', /404, it does not exist, or this token does not see it/, /GITHUB_TOKEN.*a private repository is not seen without/);
  is((await doctor(world)).of('repository'), 'ok', /octo\/app, private/);
});

test('runs that may not be read are 403, with the permission that GitHub names', async () => {
  world.github.fault({ kind: '403-permission', match: '/actions/workflows', times: 9 });
  world.github.fault({ kind: '403-permission', match: '/deployments', times: 9 });
  const result = await doctor(world);
  is(result.of('CI'), 'fail', /runs cannot be read: 403, the token lacks: actions=read/, /permissions: \{ contents: read, actions: read \}/);
  is(result.of('deployments'), 'skip', /no mode needs them/);
});

test('a workflow that does not exist is told with the nearest, and by name as well', async () => {
  const result = await doctor(world, { 'ci-workflow': 'cii.yml' });
  is(result.of('CI'), 'fail', /no workflow "cii\.yml" in the repository; there are ci\.yml/, /^ci\.workflow: ci\.yml$/);
  is((await doctor(world, { 'ci-workflow': 'CI' })).of('CI'), 'ok', /^ci\.yml \("CI"\): 1 run on main$/);
  is((await doctor(world, { 'ci-workflow': 'Tests' })).of('CI'), 'fail', /no workflow "Tests".*there are CI/);
});

test('a workflow that is switched off, or never ran on the branch, is told', async () => {
  world.github.setWorkflow('ci.yml', 'disabled_manually');
  is((await doctor(world)).of('CI'), 'fail', /switched off \(disabled_manually\)/, /^gh workflow enable ci\.yml$/);
  world.github.setWorkflow('ci.yml', 'active');
  is((await doctor(world, { branch: 'release' })).of('CI'), 'warn', /never ran on release/, /on: push: branches: \[release\]/);
});

test('two workflows of one name are told', async () => {
  world.github.addRun({ sha: world.good, workflow: 'other.yml', name: 'CI', status: 'completed', conclusion: 'success' });
  is((await doctor(world, { 'ci-workflow': 'CI' })).of('CI'), 'warn', /several workflows are called "CI": ci\.yml, other\.yml/, /name the file/);
});

test('a CI whose end triggers none of our workflows is told, with what they wait for instead', async () => {
  const folder = join(world.vm, '.github/workflows');
  const waits = (text) => (mkdirSync(folder, { recursive: true }), writeFileSync(join(folder, 'deploy.yml'), text));
  const on = (names, types = 'completed', mode = 'watch') => `on: { workflow_run: { workflows: [${names}], types: [${types}] } }\njobs:\n  a:\n    steps:\n      - uses: octo/mangetamain-deploy@v1\n        with:\n          mode: ${mode}\n`;
  const told = async (watch) => (await doctor(world, { watch })).findings.filter((it) => it.check === 'CI' && it.level === 'warn');
  waits(on('ci.yml, Old'));
  for (const watch of ['auto', 'event']) is((await told(watch))[0], 'warn', /^its end is told to nobody: it is called "CI", and deploy\.yml waits for ci\.yml, Old$/, /^on: workflow_run: \{ workflows: \["CI"\], types: \[completed\] \}$/);
  assert.deepEqual(await told('inline'), []);
  waits(on('CI', 'requested'));
  is((await told('event'))[0], 'warn', /^`watch: event`, but no workflow of the work tree is triggered by the end of "CI"$/);
  assert.deepEqual(await told('auto'), [], 'somebody else may follow it');
  waits(on('CI, Docs'));
  assert.deepEqual(await told('event'), []);
  waits(on('CD', 'completed', 'health'));
  assert.deepEqual(await told('auto'), [], 'it waits for something else');
});

test('few requests left are warned of, none left is told as that and not as a permission', async () => {
  world.github.setRate({ remaining: 40 });
  is((await doctor(world)).of('rate limit'), 'warn', /^3\d requests left of 5000/);
  world.github.setRate({ remaining: 0 });
  is((await doctor(world)).of('repository'), 'warn', /no requests left/, /^wait/);
  world.github.setRate({ remaining: 5000 });
  is((await doctor(world)).of('rate limit'), 'ok', /requests left/);
});

test('a GitHub that is not reached is told with how far it got', async () => {
  const env = { GITHUB_API_URL: `http://127.0.0.1:${await freePort()}` };
  const result = await doctor(world, {}, { env });
  is(result.of('repository'), 'fail', /GitHub was not reached \(connect: /, /https_proxy/);
  is(result.of('clock'), 'skip', /did not tell the time/);
});

test('a watch token is asked for what a watcher would ask, and its kind is told', async () => {
  const tokens = { fine: 'github_pat_world', classic: 'ghp_world', job: 'ghs_other' };
  world.github.setTokens([world.token, ...Object.values(tokens)]);
  const watch = async (token) => (await doctor(world, { 'watch-token': token })).of('watch-token');
  is(await watch(tokens.fine), 'ok', /fine-grained personal token/);
  is(await watch(tokens.classic), 'warn', /all that its owner can/, /a fine-grained token/);
  is(await watch(tokens.job), 'warn', /ends with the job or after an hour/);
  is(await watch('github_pat_revoked'), 'fail', /401/);
});

test('a token that ends soon is told by when, one that ends later only by its date', async () => {
  const at = (days) => new Date(Date.now() + days * 86_400_000).toISOString().replace('T', ' ').slice(0, 19);
  const watch = async (days) => {
    world.github.setTokens([world.token, 'github_pat_world']);
    world.github.setHeaders({ 'github-authentication-token-expiration': `${at(days)} UTC` });
    const found = (await doctor(world, { 'watch-token': 'github_pat_world' })).of('watch-token');
    world.github.setHeaders({});
    return found;
  };
  is(await watch(3), 'warn', /expires in 2 d 23 h/, /renew it/);
  is(await watch(90), 'ok', new RegExp(`until ${at(90).slice(0, 10)}`));
});

test('a detached watcher of a private repository needs a token of its own', async () => {
  world.github.setPrivate(true);
  is((await doctor(world, { watch: 'detached' })).of('watch-token'), 'fail', /could not read CI/, /or `watch: event`/);
  world.github.setPrivate(false);
  is((await doctor(world, { watch: 'detached' })).of('watch-token'), 'skip', /no `watch-token`/);
});

test('a webhook that is gone, or the address of something else, fails; nothing is ever posted', async () => {
  world.discord.forget();
  const at = async (url) => (await doctor(world, { 'discord-webhook': url })).of('Discord');
  is(await at(world.discord.webhookUrl.replace(/.{4}$/, 'xxxx')), 'fail', /gone, or its address was miscopied/, /DISCORD_WEBHOOK_URL/);
  is(await at(`${world.url}index.html`), 'fail', /not a webhook's \(answer 200\)/);
  is(await at(`http://127.0.0.1:${await freePort()}/api/webhooks/1/abc`), 'warn', /was not reached/, /discord\.com/);
  world.discord.fault({ kind: '503' });
  is(await at(world.discord.webhookUrl), 'warn', /Discord answers 503/);
  is(await at(world.discord.webhookUrl), 'ok', /"world" answers/);
  is(await at(''), 'skip', /no messages/);
  is((await doctor(world, { 'discord-webhook': 'not an address' })).of('configuration'), 'fail', /discord-webhook: the webhook's address/);
  assert.ok(world.discord.requests.every((request) => request.method === 'GET'));
});

test('no secret shows in what doctor says of it', async () => {
  const secret = 'github_pat_planted_secret';
  const result = await doctor(world, { 'watch-token': secret, 'discord-webhook': world.discord.webhookUrl.replace(/.{4}$/, 'xxxx') });
  const all = result.stdout.replaceAll(/^::add-mask::.*$/gm, '') + result.stderr + result.summary + JSON.stringify(result.outputs);
  for (const one of [secret, world.token, world.discord.secret.slice(0, -4)]) assert.ok(!all.includes(one), one);
});
