// Where secrets may be: in the environment of a git that asks the remote, in a request's header, in the
// webhook's address, and nowhere else: no argument, no other process, no file, no message. And who may
// read what we write.
import assert from 'node:assert/strict';
import { lstatSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { until, withWorld } from '../world/scenario.mjs';
import { started } from '../world/witness.mjs';
import { behindHttps, forms, jobVariables, leaks, noLeakIn, saidBy, written } from './secrecy.mjs';
import { QUICK, ci, ciFails, deploy, headlines, inWorld, serves, validated } from './support.mjs';

/** Deploys a good version, then a bad one that is rolled back; a watcher settles the second. */
async function deployAndRollBack(world, env) {
  const inputs = { 'watch-token': world.token, 'deploy-command': 'sh\nstamp.sh' };
  const good = world.release({ version: 2 });
  ci(world, good, 'success');
  const first = await deploy(world, good, { ...inputs, watch: 'inline' }, { env });
  assert.equal(first.outputs.result, 'validated', first.stdout);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  writeFileSync(join(world.vm, 'www/version.txt'), 'edited by hand\n');
  const second = await deploy(world, bad, { ...inputs, watch: 'detached' }, { env });
  assert.equal(second.outputs.result, 'deployed', second.stdout);
  await until(() => headlines(world).some((line) => /ROLLBACK AUTOMATIQUE/.test(line)), 'the rollback');
  await until(() => world.leftovers().length === 0, 'the end of the watcher');
  await serves(world, 2);
  return [first, second];
}

test('no secret is in an argument, nor in a process that does not ask the remote', () => inWorld({ private: true }, async (world) => {
  behindHttps(world);
  const programs = wrapPrograms(world, ['git', 'docker', 'flock', 'sh']);
  await deployAndRollBack(world, { ...programs.env, ...jobVariables(world) });
  const calls = programs.calls();
  for (const name of ['git', 'docker', 'flock', 'sh']) assert.ok(calls.some(({ args }) => args[0] === name), `${name} was called`);
  const holds = (all) => all.some((one) => forms(world).some((form) => one.includes(form)));
  assert.deepEqual(calls.filter(({ args }) => holds(args)), []);
  const told = calls.filter(({ env }) => holds(env));
  assert.deepEqual([...new Set(told.map(({ args }) => args.find((word) => ['fetch', 'submodule'].includes(word))))].sort(), ['fetch', 'submodule']);
  for (const { env } of told) {
    const carriers = env.filter((one) => holds([one])).map((one) => one.split('=')[0]);
    assert.deepEqual(carriers, ['GIT_CONFIG_VALUE_1']);
    assert.ok(env.includes('GIT_CONFIG_KEY_1=http.https://github.com/.extraheader'), 'for that server only');
  }
}));

test('no secret is in a file, the log, the outputs or a message', () => inWorld({ private: true }, async (world) => {
  behindHttps(world);
  const results = await deployAndRollBack(world, jobVariables(world));
  const places = [...written(world), ...results.flatMap((one, at) => saidBy(one, `run ${at}`))];
  assert.deepEqual(leaks(world, places), []);
  assert.ok(places.some(([where]) => where.endsWith('ledger.jsonl')) && places.some(([where]) => /ci-watcher-/.test(where)));
}));

test('what is written is for its owner alone: folders 0700, files 0600', () => inWorld({ private: true }, async (world) => {
  const before = process.umask(0);
  try {
    await deployAndRollBack(world, {});
  } finally {
    process.umask(before);
  }
  const written = ['', ...readdirSync(world.stateDir, { recursive: true })].map((name) => join(world.stateDir, name));
  const logs = readdirSync(world.logDir).map((name) => join(world.logDir, name));
  const looks = [...written, ...logs].map((path) => [relative(world.root, path), lstatSync(path)]).filter(([, seen]) => !seen.isSymbolicLink());
  const wrong = looks.filter(([, seen]) => (seen.mode & 0o777) !== (seen.isDirectory() ? 0o700 : 0o600));
  assert.deepEqual(wrong.map(([path, seen]) => `${path} ${(seen.mode & 0o777).toString(8)}`), []);
  for (const name of ['ledger.jsonl', 'last-validated-sha.txt', 'lock', 'watcher', 'compose.json']) assert.ok(looks.some(([path]) => path.endsWith(`/${name}`)), name);
}));

test('our token goes to GitHub alone: not to the site, the log\'s host, nor to a remote elsewhere', () => inWorld({ private: true }, async (world) => {
  const programs = wrapPrograms(world, ['git']);
  await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  await deploy(world, bad, {}, { env: programs.env });
  const fetches = programs.calls().filter(({ args }) => args.includes('fetch'));
  assert.ok(fetches.length > 0);
  assert.deepEqual(fetches.flatMap(({ env }) => env.filter((one) => /^GIT_CONFIG_(COUNT|KEY|VALUE)/.test(one))), []);
  const elsewhere = world.github.requests.filter(({ server, headers }) => server !== 'api' && headers.authorization);
  assert.deepEqual(elsewhere, []);
}));

test('every scenario ends with a look for secrets, which finds each in any form', () => inWorld({}, async (world) => {
  const file = join(world.logDir, 'left-behind');
  for (const form of forms(world)) {
    writeFileSync(file, `before ${form} after`);
    assert.throws(() => noLeakIn(world), /left-behind/, form);
  }
  rmSync(file);
  const said = { stdout: `it says ${world.token}`, stderr: '' };
  world.results.push(said);
  assert.throws(() => noLeakIn(world), /log of run/);
  world.results.pop();
  await deploy(world, world.release({ version: 2 }), { watch: 'none' });
  for (const name of ['git', 'docker', 'flock']) assert.ok(started(world).some(({ args }) => args[0] === name), `${name} was seen`);
  const seen = readFileSync(join(world.root, 'started.jsonl'), 'utf8');
  for (const [where, given] of [['arguments', { args: ['cp', world.token], env: [] }], ['environment', { args: ['cp'], env: [`A=${world.token}`] }]]) {
    writeFileSync(join(world.root, 'started.jsonl'), `${seen}${JSON.stringify(given)}\n`);
    assert.throws(() => noLeakIn(world), new RegExp(`${where} of cp`));
  }
  writeFileSync(join(world.root, 'started.jsonl'), seen);
}));

test('a secret that a workflow gives to its deploy command is seen in that command\'s arguments', () => withWorld({}, async (world) => {
  Object.assign(world.inputs, QUICK);
  await deploy(world, world.release({ version: 2 }), { watch: 'none', 'deploy-command': `true\n${world.token}` });
  assert.throws(() => noLeakIn(world), /arguments of true/);
}));
