// Where secrets may be: in the environment of a git that asks the remote, in a request's header, in the
// webhook's address, and nowhere else: no argument, no other process, no file, no message. And who may
// read what we write.
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { until, withWorld } from '../world/scenario.mjs';
import { noTrace, traced } from '../world/trace.mjs';
import { started } from '../world/witness.mjs';
import { forms, seeker } from './forms.mjs';
import { behindHttps, jobVariables, leaks, noLeakIn, saidBy, written } from './secrecy.mjs';
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

test('no secret is in an argument, nor in a process that does not ask the remote', () => inWorld({ private: true, traced: true }, async (world) => {
  behindHttps(world);
  const programs = wrapPrograms(world, ['git', 'docker', 'flock', 'sh']);
  await deployAndRollBack(world, { ...programs.env, ...jobVariables(world) });
  const calls = programs.calls();
  for (const name of ['git', 'docker', 'flock', 'sh']) assert.ok(calls.some(({ args }) => args[0] === name), `${name} was called`);
  const isSecret = seeker(world);
  const holds = (all) => all.some(isSecret);
  assert.deepEqual(calls.filter(({ args }) => holds(args)), []);
  const told = calls.filter(({ env }) => holds(env));
  assert.deepEqual([...new Set(told.map(({ args }) => args.find((word) => ['fetch', 'submodule'].includes(word))))].sort(), ['fetch', 'submodule']);
  for (const { env } of told) {
    const carriers = env.filter((one) => holds([one])).map((one) => one.split('=')[0]);
    assert.deepEqual(carriers, ['GIT_CONFIG_VALUE_1']);
    assert.ok(env.includes('GIT_CONFIG_KEY_1=http.https://github.com/.extraheader'), 'for that server only');
  }
  const below = traced(world);
  assert.ok(noTrace || below.some(({ args }) => /watcher\.js$/.test(args.at(-1))) && below.some(({ args, asks, env }) => asks && args[0] !== 'git' && holds(env)));
}));

test('no secret is in a file, the log, the outputs or a message', () => inWorld({ private: true, traced: true }, async (world) => {
  behindHttps(world);
  const results = await deployAndRollBack(world, jobVariables(world));
  const places = [...written(world), ...results.flatMap((one, at) => saidBy(one, `run ${at}`))];
  assert.deepEqual(leaks(world, places), []);
  assert.ok(places.some(([where]) => where.endsWith('ledger.jsonl')) && places.some(([where]) => /ci-watcher-/.test(where)));
  for (const name of ['GitHub (api)', 'GitHub (blob)', 'Discord']) assert.ok(places.some(([where]) => where.includes(` to ${name}`)), name);
  assert.match(places.find(([where]) => where.endsWith('engine/requests'))[1], /"user-agent"/);
}));

test('what is written is for its owner alone: folders 0700, files 0600', () => inWorld({ private: true, traced: true }, async (world) => {
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

test('our token goes to GitHub alone: not to the site, the log\'s host, nor to a remote elsewhere', () => inWorld({ private: true, traced: true }, async (world) => {
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

/** Fails unless the look names this place while a secret is there. */
async function found(world, where, put, take) {
  await put();
  assert.throws(() => noLeakIn(world), where);
  await take();
}

/** A file with this text, found and gone. */
const inFile = (world, file, text, what) => found(world, what ?? new RegExp(file), () => writeFileSync(join(world.root, file), text), () => rmSync(join(world.root, file)));

test('every scenario ends with a look for secrets, which finds each in any form', () => inWorld({}, async (world) => {
  const all = forms(world);
  assert.ok(!all.every((form) => decodeURIComponent(form) === form), 'one form is for URLs');
  for (const form of all) for (const one of [form, form.toUpperCase(), form.replace(/.{16}/g, '$&\n')]) await inFile(world, 'log/left-behind', `before ${one} after`);
  await inFile(world, 'left-behind', `in TMPDIR ${world.token}`);
  await inFile(world, 'state-of.gz', gzipSync(`packed ${world.token}`));
  await inFile(world, `log/of-${encodeURIComponent(world.token)}`, '', /log\/of-/);
  const link = join(world.logDir, 'link');
  await found(world, /log\/link/, () => symlinkSync(world.token, link), () => rmSync(link));
  const folder = join(world.home, world.token);
  await found(world, /home\//, () => mkdirSync(folder, { recursive: true }), () => rmSync(join(world.home, world.token.split('/')[0]), { recursive: true }));
  await inFile(world, 'saved', world.token, /saved/);
  const saved = join(world.root, 'git/saved');
  writeFileSync(saved, `changed by hand ${world.token}`);
  const object = git(world.vm, 'hash-object', '-w', saved);
  assert.throws(() => noLeakIn(world), new RegExp(`objects/${object.slice(0, 2)}/`));
  rmSync(join(world.vm, '.git/objects', object.slice(0, 2), object.slice(2)));
  const { requests } = world.github;
  const said = { server: 'api', method: 'POST', target: '/', headers: { authorization: `Bearer ${world.token}` }, body: '' };
  const other = { server: 'blob' };
  for (const wrong of [{ body: world.token }, { target: `/?token=${encodeURIComponent(world.token)}` }, { headers: { referer: world.token } }, other]) {
    await found(world, /request \d+ to GitHub/, () => requests.push({ ...said, ...wrong }), () => requests.pop());
  }
  requests.push(said);
  noLeakIn(world);
  await found(world, /engine\/requests/, () => fetch(world.url, { headers: { cookie: `a=${encodeURIComponent(world.token)}`, connection: 'close' } }), () => rmSync(join(world.root, 'engine/requests')));
  await found(world, /log of run/, () => world.results.push({ stdout: `it says ${world.token}`, stderr: '' }), () => world.results.pop());
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

test('what grandchildren are given is seen, below a watcher too', { skip: noTrace }, () => withWorld({ traced: true }, async (world) => {
  Object.assign(world.inputs, QUICK);
  const [secret, go] = ['git/secret', 'go'].map((name) => join(world.root, name));
  writeFileSync(secret, world.token);
  const command = `sh\n-c\n[ ! -e ${go} ] || env A="$(cat ${secret})" /bin/true "$A"`;
  // The way back runs the command with which its version was made.
  world.inputs['deploy-command'] = command;
  await validated(world);
  const bad = world.release({ version: 3 });
  const run = world.github.addRun({ sha: bad, status: 'in_progress' });
  await deploy(world, bad, { watch: 'detached', 'watch-token': world.token });
  noLeakIn(world);
  writeFileSync(go, '');
  world.github.setRun(run, { conclusion: 'failure' });
  await until(() => world.leftovers().length === 0, 'the end of the watcher', 60_000);
  assert.throws(() => noLeakIn(world), /arguments of env, .*environment of \/bin\/true, /s);
}));

for (const more of ['?thread_id=7', '/']) {
  test(`the webhook's token alone is struck out, also where its address ends in ${more}`, () => inWorld({}, async (world) => {
    await validated(world);
    const { secret } = world.discord;
    const reversed = [...`/api/v10/webhooks/42/${secret}/messages/1`].reverse().join('');
    const command = `sh\n-c\necho ${reversed} | rev >&2; exit 1`;
    const inputs = { 'discord-webhook': `${world.discord.webhookUrl}${more}`, 'deploy-command': command };
    const result = await deploy(world, world.release({ version: 3 }), inputs);
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, /\/api\/v10\/webhooks\/42\/\*+\/messages\/1/);
    const told = [result.log, result.summary ?? '', ...world.ledger().map((entry) => JSON.stringify(entry)), JSON.stringify(world.discord.messages)];
    assert.ok(told.every((text) => !text.includes(secret)));
  }));
}
