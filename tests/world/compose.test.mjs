// Proves that the stand-in for the engine and the real one behave alike for what a deploy does to
// a project: the same steps, the same observations. Real engines are used where there are any.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ensureEngine } from './engine.mjs';
import { until, withWorld } from './scenario.mjs';

let engines;
before(async () => (engines = await ensureEngine()));

const UP = ['up', '-d', '--build', '--remove-orphans'];

// Containers of the project, through the exact calls the action makes.
function containersOf(world) {
  const docker = (...args) => execFileSync('docker', args, { env: { ...process.env, ...world.engine.env }, encoding: 'utf8' });
  const filter = `label=com.docker.compose.project.working_dir=${world.vm}`;
  const lines = docker('ps', '-a', '--no-trunc', '--filter', filter, '--format', '{{json .}}').split('\n').filter(Boolean);
  const ids = lines.map((line) => JSON.parse(line).ID);
  return ids.length ? JSON.parse(docker('inspect', ...ids)) : [];
}

// The templates in which src/tools/compose/containers.rs asks, read from there so that they cannot differ.
const SOURCE = readFileSync(new URL('../../src/tools/compose/containers.rs', import.meta.url), 'utf8');
const template = (name) => {
  const [, parts] = new RegExp(`const ${name}: &str = concat!\\(([^;]*)\\);`).exec(SOURCE);
  return [...parts.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((it) => JSON.parse(it[0])).join('');
};

// What one sees after a step: its exit, what is served, whether the container was started or made anew.
async function observe(world, seen, args, expected) {
  const { status } = world.engine.compose(world.vm, ...args);
  if (expected) await until(async () => (await world.live()).body === expected, `"${expected}" after ${args}`, 5000).catch(() => {});
  const [container] = containersOf(world);
  const now = {
    step: args.join(' '), exit: status, body: (await world.live()).body, running: container?.State.Running ?? false,
    made: container ? container.Id !== seen.Id : false,
    created: container ? container.Created !== seen.Created : false,
    started: container ? container.State.StartedAt !== seen.StartedAt : false,
    service: container?.Config.Labels['com.docker.compose.service'] ?? null,
    init: container?.HostConfig.Init ?? null, restarts: container?.RestartCount ?? null,
  };
  Object.assign(seen, { Id: container?.Id, Created: container?.Created, StartedAt: container?.State.StartedAt });
  return now;
}

async function walk(engine) {
  return withWorld({ engine, running: false }, async (world) => {
    const seen = {};
    const page = (text) => writeFileSync(join(world.vm, 'www/index.html'), `${text}\n`);
    const steps = [await observe(world, seen, UP, 'version 1')];
    page('version 2');
    steps.push(await observe(world, seen, UP, 'version 1'));
    steps.push(await observe(world, seen, ['restart'], 'version 2'));
    page('version 3');
    steps.push(await observe(world, seen, ['restart', 'web'], 'version 3'));
    steps.push(await observe(world, seen, ['restart', 'nobody'], 'version 3'));
    writeFileSync(join(world.vm, 'www/exit-code'), '3');
    steps.push(await observe(world, seen, ['restart'], null));
    await until(() => containersOf(world)[0].State.Status === 'exited', 'the app that ends');
    assert.equal(containersOf(world)[0].State.ExitCode, 3);
    execFileSync('git', ['-C', world.vm, 'clean', '-fdq', 'www']);
    steps.push(await observe(world, seen, UP, 'version 3'));
    writeFileSync(join(world.vm, 'bad.yml'), 'services: [broken\n');
    steps.push(await observe(world, seen, ['-f', 'bad.yml', 'restart'], 'version 3'));
    steps.push(await observe(world, seen, ['-f', 'none.yml', 'restart'], 'version 3'));
    steps.push(await observe(world, seen, ['rm', '--stop', '--force', 'web'], null));
    steps.push(await observe(world, seen, UP, 'version 3'));
    steps.push(await observe(world, seen, ['down', '--remove-orphans'], null));
    steps.push(await observe(world, seen, ['down'], null));
    return steps;
  });
}

// A crashed restart may be seen running or not yet gone, and its page gone or not yet.
const settled = (steps) => steps.map((it, at) => (at === 5 ? { ...it, running: null, body: null } : it));

// What every engine must show: exit, page, made anew, started again.
const EXPECTED = [
  [0, 'version 1', true, true], [0, 'version 1', false, false], [0, 'version 2', false, true], [0, 'version 3', false, true],
  [1, 'version 3', false, false], [0, null, false, true], [0, 'version 3', false, true],
  [15, 'version 3', false, false], [14, 'version 3', false, false], [0, '', false, false],
  [0, 'version 3', true, true], [0, '', false, false], [0, '', false, false],
];

test('a_restart_brings_new_files_and_an_up_without_change_does_not', async () => {
  for (const engine of ['stand-in', 'daemon']) {
    const steps = settled(await walk(engine));
    assert.deepEqual(steps.map((it) => [it.exit, it.body, it.made, it.started]), EXPECTED, engine);
    assert.ok(steps.every((it) => it.created === it.made), `${engine}: the time it was made is not changed by a restart`);
  }
});

test('the_stand_in_does_what_compose_v2_does', async (t) => {
  if (!engines.v2) return t.skip('no real engine with Compose v2 here');
  assert.deepEqual(settled(await walk('stand-in')), settled(await walk('real-v2')));
});

test('compose_v1_does_the_same_but_for_the_numbers_of_its_failures', async (t) => {
  if (!engines.v1) return t.skip('no real engine with Compose v1 here');
  const plain = (steps) => settled(steps).map((it) => ({ ...it, exit: it.exit !== 0 }));
  assert.deepEqual(plain(await walk('real-v1')), plain(await walk('stand-in')));
});

test('the_stand_in_answers_the_templates_of_the_action_as_docker_does', async (t) => {
  if (!engines.v2) return t.skip('no real engine with Compose v2 here');
  const shapes = {};
  for (const engine of ['stand-in', 'real-v2']) {
    await withWorld({ engine }, (world) => {
      const docker = (...args) => execFileSync('docker', args, { env: { ...process.env, ...world.engine.env }, encoding: 'utf8' });
      const lines = docker('ps', '--all', '--no-trunc', '--filter', 'label=com.docker.compose.project', '--format', template('LIST_FORMAT'));
      const mine = lines.split('\n').filter((line) => line.includes(world.vm)).map((line) => JSON.parse(line));
      const one = JSON.parse(docker('inspect', '--type', 'container', '--format', template('INSPECT_FORMAT'), mine[0][0]));
      const { labels, id, created, started, name, mounts, image, ...same } = one;
      assert.equal(docker('image', 'inspect', '--format', '{{.Id}}', same.image_name).trim(), image, engine);
      assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, engine);
      const [{ Type, Source, Destination }] = mounts;
      // How long it is up by now is the machine's.
      const tell = (text) => text.replace(/"Up (Less than a second|\d+ seconds?)"/g, '"Up TIME"').replaceAll(world.vm, 'VM').replaceAll(world.vm.split('/').pop(), 'NAME');
      shapes[engine] = JSON.parse(tell(JSON.stringify({ listed: mine.map((it) => it.slice(1)), same, name, mount: { Type, Source, Destination } })));
    });
  }
  assert.deepEqual(shapes['stand-in'], shapes['real-v2']);
});

test('each_engine_is_the_only_one_a_world_sees', async () => {
  const kinds = ['stand-in', 'daemon', 'none', ...(engines.v1 ? ['real-v1'] : []), ...(engines.v2 ? ['real-v2'] : [])];
  const seen = {};
  for (const engine of kinds) {
    await withWorld({ engine, running: false }, (world) => {
      const env = { ...process.env, ...world.engine.env };
      const said = (program, ...args) => {
        try {
          return execFileSync(program, args, { env, encoding: 'utf8', stdio: 'pipe' }).trim();
        } catch (error) {
          return error.code === 'ENOENT' ? 'missing' : 'refused';
        }
      };
      seen[engine] = [said('docker', 'compose', 'version', '--short'), said('docker-compose', 'version', '--short')];
    });
  }
  assert.deepEqual(seen['stand-in'], ['2.26.1-stand-in', 'missing']);
  assert.deepEqual(seen.daemon, seen['stand-in']);
  assert.deepEqual(seen.none, ['missing', 'missing']);
  if (engines.v1) assert.deepEqual(seen['real-v1'], ['refused', engines.v1]);
  if (engines.v2) assert.deepEqual(seen['real-v2'], [engines.v2, 'missing']);
});

test('an_app_that_ignores_sigterm_takes_its_whole_grace_period_on_both', async () => {
  for (const engine of ['stand-in', 'daemon', ...(engines.v2 ? ['real-v2'] : [])]) {
    await withWorld({ engine, app: { heedsTerm: false, grace: '2s' } }, (world) => {
      const began = Date.now();
      world.engine.compose(world.vm, 'restart');
      const took = Date.now() - began;
      assert.ok(took >= 1900 && took < 6000, `${engine} took ${took} ms`);
    });
  }
});

test('files_baked_into_an_image_need_up_not_restart', async (t) => {
  if (!engines.v2) return t.skip('the stand-in builds no images');
  await withWorld({ engine: 'real-v2', app: { baked: true } }, async (world) => {
    await until(async () => (await world.live()).body === 'version 1', 'the first version');
    writeFileSync(join(world.vm, 'www/index.html'), 'version 2\n');
    world.engine.compose(world.vm, 'restart');
    await until(async () => (await world.live()).status === 200, 'the restarted app');
    assert.equal((await world.live()).body, 'version 1');
    world.engine.compose(world.vm, ...UP);
    await until(async () => (await world.live()).body === 'version 2', 'the new image');
  });
});
