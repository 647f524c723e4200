// On a real engine: services of a profile, which compose leaves alone unless they are named, and services that share
// another one's network.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { git } from '../world/git.mjs';
import { until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, inWorld } from './support.mjs';

const state = await ensureEngine();
const KINDS = ['real-v2', 'real-v1'];
const skipped = (kind) => ({ skip: state[kind.slice(5)] ? false : 'no such compose here' });
const QUICK = { 'health-grace': '4s' };

const shell = (command) => `command: [/bin/sh, -c, "${command}"]`;
const service = (name, ...lines) => [`  ${name}:`, `    image: ${IMAGE}`, '    init: true', ...lines.map((line) => `    ${line}`)];
const site = (world, ...lines) => service('web', 'volumes: [./www:/app:ro, shared:/shared]', `ports: ["127.0.0.1:${world.app.port}:8080"]`, ...lines);
const other = service('other', shell('exec sleep 600'));
const files = (world, { version, www = {} }, ...services) => ({
  ...appFiles({ ...world.app, version, www }), 'docker-compose.yml': ['services:', ...services.flat(), 'volumes: { shared: {} }', ''].join('\n'),
});

/** A site of the first version that people have started with these words, and what comes next. */
async function started(world, make, ...words) {
  world.release({ version: 1, files: make(1) });
  git(world.vm, 'pull', '-q');
  for (const one of words) {
    const { status, stderr } = world.engine.compose(world.vm, ...one);
    assert.equal(status, 0, stderr);
  }
  await until(async () => (await world.live()).status === 200, 'the site');
  return async (version, more, inputs = {}) => {
    const sha = world.release({ version, files: make(version, more) });
    ci(world, sha, 'success');
    return deploy(world, sha, inputs);
  };
}

const startedAt = (world, name) => {
  const filters = [`project=${basename(world.vm)}`, `service=${name}`].flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
  const id = execFileSync('docker', ['ps', '--all', '--quiet', ...filters], { encoding: 'utf8' }).trim();
  return Date.parse(execFileSync('docker', ['inspect', '--format', '{{.State.StartedAt}}', id], { encoding: 'utf8' }).trim());
};

const FULL = ['--profile', 'full', 'up', '-d'];
// Ends where the version brings a bug.
const crashing = (world) => (version, www) => files(world, { version, www }, site(world, 'profiles: [full]', shell('[ ! -e /app/bug ] && exec /bin/sh /start.sh')), other);

for (const [kind, inputs] of [['real-v2', {}], ['real-v1', {}], ['real-v2', { url: null, 'health-interval': '1s' }]]) {
  const asked = inputs.url === null ? ', and no site is asked' : '';
  test(`a service of a profile that a version has ended comes back with the one before (${kind}${asked})`, skipped(kind), () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const next = await started(world, crashing(world), FULL);
    assert.equal((await next(2, {}, inputs)).outputs.result, 'validated');
    const bad = await next(3, { bug: 'x' }, inputs);
    assert.equal(bad.outputs.result, 'rolled-back', bad.log);
    assert.match(bad.log, /Live now: \S+ \(validated, deployed and healthy\)/);
    await until(async () => (await world.live()).body === 'version 2', 'the version before');
  }));
}

for (const code of [0, 1]) test(`a tool of a profile that once ended (${code}) is nobody's to start, or to wait for`, skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  const make = (version) => files(world, { version }, site(world), service('seed', 'profiles: [tools]', 'volumes: [./www:/app:ro]', shell(`exit ${code}`)));
  const next = await started(world, make, ['up', '-d'], ['up', '-d', 'seed']);
  const before = startedAt(world, 'seed');
  for (const [version, inputs] of [[2, {}], [3, { 'compose-strategy': 'up' }]]) {
    const result = await next(version, {}, inputs);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.equal((await world.live()).body, `version ${version}`);
  }
  assert.equal(startedAt(world, 'seed'), before);
}));

const DATABASE = [shell('busybox rm -f /shared/ready; sleep 1; : > /shared/ready; exec sleep 600'),
  'healthcheck: { test: [CMD, /bin/sh, -c, "[ -e /shared/ready ]"], interval: 1s, retries: 20 }'];
// It takes a second before it takes anybody in, and the site ends where it does not.
const waiting = (world, profile, label) => (version) => files(world, { version },
  site(world, ...profile, shell('[ -e /shared/ready ] && exec /bin/sh /start.sh'), 'depends_on: { db: { condition: service_healthy } }'),
  service('db', ...profile, 'volumes: [./www:/app:ro, shared:/shared]', ...DATABASE),
  [...other, ...(label ? [`    labels: { version: "${version}" }`] : [])]);

async function inOrder(world, next) {
  for (const version of [2, 3]) {
    const result = await next(version);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.doesNotMatch(result.log, /not all that ran came back in the order/);
    const ms = startedAt(world, 'web') - startedAt(world, 'db');
    assert.ok(ms > 900, `the site started ${ms} ms after its database, which takes a second`);
    assert.equal((await world.live()).body, `version ${version}`);
  }
}

for (const kind of KINDS) test(`services of a profile are started again in their order (${kind})`, skipped(kind), () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
  await inOrder(world, await started(world, waiting(world, ['profiles: [full]']), FULL));
}));

test('services of a profile that `.env` names are started again once', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  writeFileSync(join(world.vm, '.env'), 'COMPOSE_PROFILES=full\n');
  await inOrder(world, await started(world, waiting(world, ['profiles: [full]']), ['up', '-d']));
}));

for (const strategy of ['auto', 'up']) test(`what an \`up\` leaves running with old code is started again in its order (${strategy})`, skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: { ...QUICK, 'compose-strategy': strategy } }, async (world) => {
  const next = await started(world, waiting(world, [], true), ['up', '-d']);
  await inOrder(world, async (version) => {
    const result = await next(version);
    assert.match(result.log, /restarting db, web: mounted code changed/);
    return result;
  });
}));

for (const kind of KINDS) test(`a service in another one's network is started after it (${kind})`, skipped(kind), () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
  const make = (version) => files(world, { version },
    service('gate', shell('exec sleep 600'), `ports: ["127.0.0.1:${world.app.port}:8080"]`),
    service('web', 'volumes: [./www:/app:ro]', 'network_mode: service:gate'));
  const next = await started(world, make, ['up', '-d']);
  for (const version of [2, 3]) {
    const result = await next(version);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.equal((await world.live()).body, `version ${version}`);
  }
}));

test('a service in the network of one that is made anew for its text is made anew with it', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  const make = (version) => {
    const { 'docker-compose.yml': text, ...rest } = files(world, { version },
      service('gate', shell('exec sleep 600'), `ports: ["127.0.0.1:${world.app.port}:8080"]`, 'configs: [{ source: text, target: /text }]'),
      service('web', 'volumes: [./www:/app:ro]', 'network_mode: service:gate'));
    return { ...rest, 'docker-compose.yml': `${text}configs:\n  text:\n    content: "of ${version}"\n` };
  };
  const next = await started(world, make, ['up', '-d']);
  for (const version of [2, 3]) {
    const result = await next(version);
    assert.equal(result.outputs.result, 'validated', result.log);
    assert.match(result.log, /making gate, web anew/);
    assert.equal((await world.live()).body, `version ${version}`);
  }
}));

test('a service of a profile that a version no longer has comes back with the one before', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  const worker = service('worker', 'profiles: [full]', shell('exec sleep 600'));
  const make = (version) => files(world, { version }, site(world, ...(version === 3 ? [shell('exit 1')] : [])), ...(version === 3 ? [] : [worker]));
  const next = await started(world, make, FULL);
  assert.equal((await next(2)).outputs.result, 'validated');
  const bad = await next(3);
  assert.equal(bad.outputs.result, 'rolled-back', bad.log);
  assert.ok(startedAt(world, 'worker') > 0, 'it has a container again');
}));

const ran = (world, name) => {
  const filters = [`project=${basename(world.vm)}`, `service=${name}`].flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
  return execFileSync('docker', ['ps', '--all', ...filters, '--format', '{{.Status}}'], { encoding: 'utf8' }).trim();
};

test('a way back starts no tool that has done its work, and nothing that a person has stopped', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  const once = shell('[ ! -e /shared/done ] || exit 3; sleep 6; : > /shared/done');
  const make = (version) => files(world, { version }, site(world),
    service('import', 'profiles: [tools]', 'volumes: [shared:/shared]', once), service('debug', 'profiles: [tools]', shell('exec sleep 600')));
  const next = await started(world, make, ['up', '-d']);
  assert.equal((await next(2)).outputs.result, 'validated');
  assert.equal(world.engine.compose(world.vm, 'up', '-d', 'import', 'debug').status, 0);
  const sha = world.release({ version: 3, files: make(3) });
  assert.equal((await deploy(world, sha, { watch: 'event' })).outputs.result, 'deployed');
  await until(() => ran(world, 'import').startsWith('Exited (0)'), 'the import');
  assert.equal(world.engine.compose(world.vm, 'stop', 'debug').status, 0);
  const before = startedAt(world, 'import');
  ciFails(world, sha);
  const back = await world.runAction({ mode: 'watch', sha, inputs: { watch: 'event' } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.equal((await world.live()).body, 'version 2');
  assert.equal(startedAt(world, 'import'), before, 'it is not run again');
  assert.match(ran(world, 'debug'), /^Exited/);
}));

test('a restart beside a profile takes all with it, also where `include` has the rest', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: { ...QUICK, 'compose-strategy': 'restart' } }, async (world) => {
  const make = (version) => {
    const { 'docker-compose.yml': text, ...rest } = files(world, { version }, site(world), service('worker', 'profiles: [full]', shell('exec sleep 600')));
    return { ...rest, 'docker-compose.yml': `include: [more.yml]\n${text}`, 'more.yml': ['services:', ...service('db', shell('exec sleep 600')), ''].join('\n') };
  };
  const next = await started(world, make, FULL);
  const before = Math.max(...['web', 'db', 'worker'].map((name) => startedAt(world, name)));
  const result = await next(2);
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.equal((await world.live()).body, 'version 2');
  for (const name of ['web', 'db', 'worker']) assert.ok(startedAt(world, name) > before, `${name} is started again`);
}));

test('a service in the network of one that is made anew is left alone where it does not run', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: { ...QUICK, 'compose-service': 'web' } }, async (world) => {
  const make = (version) => {
    const { 'docker-compose.yml': text, ...rest } = files(world, { version },
      site(world, 'configs: [{ source: text, target: /text }]'), service('sniff', 'network_mode: service:web', shell('exec sleep 600')));
    return { ...rest, 'docker-compose.yml': `${text}configs:\n  text:\n    content: "of ${version}"\n` };
  };
  const next = await started(world, make, ['up', '-d', 'web']);
  const result = await next(2);
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.match(result.log, /making web anew/);
  assert.equal(ran(world, 'sniff'), '', 'it has no container, as before');
}));
