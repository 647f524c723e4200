// On a real engine: services that wait for one another, and compose files beside the first that come and go.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { ci, deploy, inWorld } from './support.mjs';

const state = await ensureEngine();
const COMPOSE = 'docker-compose.yml';
const QUICK = { 'health-grace': '6s' };
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const idOf = (world, service) => docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${basename(world.vm)}`, '--filter', `label=com.docker.compose.service=${service}`);

function release(world, version, files) {
  const sha = world.release({ version, files });
  ci(world, sha, 'success');
  return sha;
}

// The database needs a second before it takes anybody in, a job runs first, and the site ends where either is missing.
const waiting = (world, version, job = 'busybox rm -f /shared/done; sleep 0.5; : > /shared/done') => {
  const shell = (command) => `command: [/bin/sh, -c, "${command}"]`;
  const service = (name, ...lines) => [`  ${name}:`, `    image: ${IMAGE}`, '    init: true', ...lines.map((line) => `    ${line}`)];
  return { ...appFiles({ ...world.app, version }), [COMPOSE]: [
    'services:',
    ...service('web', shell('[ -e /shared/ready ] && [ -e /shared/done ] && exec /bin/sh /start.sh'), `ports: ["127.0.0.1:${world.app.port}:8080"]`, 'volumes: [./www:/app:ro, shared:/shared]',
      'depends_on: { db: { condition: service_healthy }, job: { condition: service_completed_successfully } }'),
    ...service('db', shell('busybox rm -f /shared/ready; sleep 1; : > /shared/ready; exec sleep 600'), 'volumes: [shared:/shared]',
      'healthcheck: { test: [CMD, /bin/sh, -c, "[ -e /shared/ready ]"], interval: 1s, retries: 20 }'),
    ...service('job', shell(job), 'volumes: [shared:/shared]'),
    'volumes: { shared: {} }', '',
  ].join('\n') };
};

for (const kind of ['real-v2', 'real-v1']) {
  const skip = state[kind.slice(5)] ? false : 'no such compose here';
  test(`a site that waits for a database that is well, and for a job that has to end, is started again in that order (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    for (const [version, way] of [[2, /compose \S+ up: /], [3, /compose \S+ restart: /], [4, /compose \S+ restart: /]]) {
      const before = version > 2 && ['web', 'db'].map((service) => idOf(world, service));
      const result = await deploy(world, release(world, version, waiting(world, version)));
      assert.equal(result.outputs.result, 'validated', result.log);
      assert.match(result.log, way);
      assert.doesNotMatch(result.log, /not all that ran came back in the order/);
      const [web, db] = ['web', 'db'].map((service) => Date.parse(docker('inspect', '--format', '{{.State.StartedAt}}', idOf(world, service))));
      assert.ok(web - db > 900, `the site started ${web - db} ms after its database, which takes a second`);
      assert.equal((await world.live()).body, `version ${version}`);
      if (before) assert.deepEqual(['web', 'db'].map((service) => idOf(world, service)), before);
    }
    const bad = release(world, 5, waiting(world, 5, 'exit 3'));
    const result = await deploy(world, bad);
    assert.equal(result.outputs.result, 'rolled-back', result.log);
    assert.equal((await world.live()).body, 'version 4');
  }));
}

// The site is well without what it waits for.
const sickly = (world, version, www = {}) => ({ ...appFiles({ ...world.app, version, www }), [COMPOSE]: [
  'services:',
  `  web: { image: ${IMAGE}, init: true, ports: ["127.0.0.1:${world.app.port}:8080"], volumes: [./www:/app:ro], depends_on: { search: { condition: service_healthy } } }`,
  `  search: { image: ${IMAGE}, init: true, command: [sleep, "600"], volumes: [./www:/app:ro], healthcheck: { test: [CMD, /bin/sh, -c, "[ ! -e /app/sick ]"], interval: 1s, retries: 1 } }`,
  `  side: { image: ${IMAGE}, init: true, command: [sleep, "600"] }`, '',
].join('\n') });

for (const kind of ['real-v2', 'real-v1']) {
  const skip = state[kind.slice(5)] ? false : 'no such compose here';
  test(`what waits for a service that is not well any more is started all the same, and what was scaled by hand stays (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    assert.equal((await deploy(world, release(world, 2, sickly(world, 2)))).outputs.result, 'validated');
    const scaled = world.engine.compose(world.vm, 'up', '-d', '--no-recreate', '--scale', 'side=2');
    assert.equal(scaled.status, 0, scaled.stderr);
    const sides = idOf(world, 'side');
    assert.equal(sides.split('\n').length, 2);
    for (const [version, www] of [[3, {}], [4, { sick: 'yes' }]]) {
      const { log, outputs } = await deploy(world, release(world, version, sickly(world, version, www)));
      assert.equal(outputs.result, 'validated', log);
      assert.match(log, /compose \S+ restart: /);
      assert.equal(/not all that ran came back in the order/.test(log), version === 4, log);
      assert.equal((await world.live()).body, `version ${version}`);
      assert.equal(idOf(world, 'side'), sides);
    }
  }));
}

test('a second compose file goes with the version that deletes it, comes back with the one before, and outlives a `down`', { skip: state.v2 ? false : 'no engine with Compose 2 answers here' }, () => inWorld({ engine: 'real-v2', running: false, inputs: QUICK }, async (world) => {
  const more = ['services:', '  web:', '    environment: { WHO: more }', '  side:', `    image: ${IMAGE}`, '    command: [sleep, "600"]', '    init: true', ''].join('\n');
  const files = (version, given = {}) => ({ ...appFiles({ ...world.app, version }), ...given });
  release(world, 2, files(2, { 'more.yml': more }));
  execFileSync('git', ['-C', world.vm, 'pull', '-q']);
  const started = world.engine.compose(world.vm, '-f', COMPOSE, '-f', 'more.yml', 'up', '-d');
  assert.equal(started.status, 0, started.stderr);
  const has = () => [/WHO=more/.test(docker('inspect', '--format', '{{json .Config.Env}}', idOf(world, 'web'))), idOf(world, 'side') !== ''];
  const deleted = /compose \S+ up: the compose file "\S+more\.yml" changed/;
  assert.equal((await deploy(world, release(world, 3, files(3)))).outputs.result, 'validated');
  assert.deepEqual(has(), [true, true]);
  const bad = world.release({ version: 4, files: files(4, { 'more.yml': null }) });
  ci(world, bad, 'failure');
  const undone = await deploy(world, bad);
  assert.equal(undone.outputs.result, 'rolled-back', undone.log);
  assert.match(undone.log, deleted);
  assert.deepEqual(has(), [true, true]);
  world.engine.compose(world.vm, '-f', COMPOSE, '-f', 'more.yml', 'down', '-t', '0');
  const again = await deploy(world, release(world, 5, files(5, { 'more.yml': more })));
  assert.equal(again.outputs.result, 'validated', again.log);
  assert.deepEqual(has(), [true, true]);
  const limits = join(world.root, 'limits.yml');
  writeFileSync(limits, ['services:', '  web:', '    environment: { LIMIT: here }', ''].join('\n'));
  world.engine.compose(world.vm, '-f', COMPOSE, '-f', 'more.yml', '-f', limits, 'up', '-d');
  const back = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.match(docker('inspect', '--format', '{{json .Config.Env}}', idOf(world, 'web')), /LIMIT=here/);
  const over = await deploy(world, release(world, 6, files(6, { 'more.yml': null })));
  assert.equal(over.outputs.result, 'validated', over.log);
  assert.match(over.log, deleted);
  assert.deepEqual(has(), [false, false]);
}));
