// On a real engine: volumes, and services that are not the ones asked for. Code that a container sees by a volume, data
// in a volume that nobody has named, a compose file that moves with its project, a service that is needed and down.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles, freePort } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { ci, ciFails, deploy, inWorld, serves } from './support.mjs';

const state = await ensureEngine();
const KINDS = ['real-v2', 'real-v1'].map((kind) => [kind, state[kind.slice(5)] ? false : 'no such compose here']);
const COMPOSE = 'docker-compose.yml';
const QUICK = { 'health-grace': '4s' };
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const service = (name, rest) => `  ${name}: { image: ${IMAGE}, init: true, command: [sleep, "600"], ${rest} }`;
const idOf = (world, name) => docker('ps', '-aq', '--no-trunc', '--filter', `label=com.docker.compose.project=${projectOf(world)}`, '--filter', `label=com.docker.compose.service=${name}`);
const projectOf = (world) => world.vm.split('/').at(-1);

/** A version of the app, whose compose file is changed so, and has these lines more at its end. */
function release(world, version, { change = (text) => text, more = [], files = {} } = {}) {
  const { [COMPOSE]: text, ...rest } = appFiles({ ...world.app, version });
  const sha = world.release({ version, files: { ...rest, [COMPOSE]: `${change(text)}${more.map((line) => `${line}\n`).join('')}`, ...files } });
  ci(world, sha, 'success');
  return sha;
}

async function isValidated(world, sha, inputs) {
  const result = await deploy(world, sha, inputs);
  assert.equal(result.outputs.result, 'validated', result.log);
  return result.log;
}

for (const [kind, skip] of KINDS) {
  test(`code in a named volume that stands for a folder is live after an \`up\` that leaves its container (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const change = (text) => text.replace('./www:/app:ro', 'code:/app:ro');
    const more = (who) => [service('side', `environment: { WHO: ${who} }`), 'volumes:', `  code: { driver_opts: { type: none, o: bind, device: ${join(world.vm, 'www')} } }`];
    await isValidated(world, release(world, 2, { change, more: more('two') }));
    const web = idOf(world, 'web');
    const log = await isValidated(world, release(world, 3, { change, more: more('three') }));
    assert.match(log, /compose \S+ up: the compose file/);
    assert.match(log, /restarting web: mounted code changed/);
    assert.equal(idOf(world, 'web'), web, 'up left it');
    await serves(world, 3);
  }));

  test(`a volume without a name that no container sees any more is told (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const store = (name) => ({ more: [service(name, 'volumes: [/data]')] });
    await isValidated(world, release(world, 2, store('store')));
    const [{ Name: volume }] = JSON.parse(docker('inspect', '--format', '{{json .Mounts}}', idOf(world, 'store')));
    assert.doesNotMatch(await isValidated(world, release(world, 3, { more: [service('store', 'volumes: [/data], environment: { A: b }')] })), /without a name/, 'compose hands it on');
    const doctor = await world.runAction({ mode: 'doctor' });
    assert.match(doctor.stdout, new RegExp(`store garde /data dans un volume sans nom[^]*-v ${volume}:/from:ro -v ${projectOf(world)}_store-data:/to`));
    const log = await isValidated(world, release(world, 4, store('database')));
    assert.match(log, new RegExp(`what \`store\` kept in /data is in a volume without a name, and no container sees it any more: it stays on this machine as ${volume}`));
    assert.equal(docker('volume', 'inspect', '--format', '{{.Name}}', volume), volume);
    docker('volume', 'rm', volume);
  }));

  test(`a compose file that moves to another folder takes its project with it (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const data = { change: (text) => text.replace('    ports:', '      - data:/data\n    ports:'), more: ['volumes: { data: {} }'] };
    await isValidated(world, release(world, 2, data));
    const { [COMPOSE]: text, ...rest } = appFiles({ ...world.app, version: 3 });
    const moved = `${data.change(text).replace('./www', '../www')}volumes: { data: {} }\n`;
    const sha = world.release({ version: 3, files: { ...rest, [COMPOSE]: null, [`deploy/${COMPOSE}`]: moved } });
    ci(world, sha, 'success');
    const inputs = { 'compose-file': join(world.vm, 'deploy', COMPOSE) };
    const log = await isValidated(world, sha, inputs);
    assert.match(log, /compose \S+ up: the containers were made of ".*docker-compose\.yml", which is gone/);
    await serves(world, 3);
    const all = docker('ps', '-a', '--filter', `publish=${world.app.port}`, '--format', '{{.Label "com.docker.compose.project"}}');
    assert.equal(all, projectOf(world), 'one container, of the project that it was');
    assert.match(docker('inspect', '--format', '{{json .Mounts}}', idOf(world, 'web')), new RegExp(`"Name":"${projectOf(world)}_data"`));
    const back = await world.runAction({ mode: 'rollback', inputs: { ...inputs, to: 'previous' } });
    assert.equal(back.outputs.result, 'rolled-back', back.log);
    await serves(world, 2);
  }));

  test(`a compose file that moves does not take over another site of its project (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const ours = (version, folder) => appFiles({ ...world.app, version })[COMPOSE].replace('./www', `${folder}www`);
    const pages = (version) => ({ 'www/index.html': `version ${version}\n`, 'www/version.txt': `${version}\n` });
    const publish = (version, files) => {
      const sha = world.release({ version, files: { ...pages(version), ...files } });
      ci(world, sha, 'success');
      return sha;
    };
    await isValidated(world, publish(2, { [COMPOSE]: ours(2, './').replace('  web:', '  site:') }));
    // The other site stands in the project by a file of its own, with the service that ours is to be called.
    const [port, other, folder] = [await freePort(), join(world.root, 'other.yml'), `${projectOf(world)}-moved`];
    writeFileSync(other, appFiles({ version: 1, port })[COMPOSE].replace('./www', join(world.vm, 'www')));
    assert.equal(world.engine.compose(world.vm, '-p', projectOf(world), '-f', other, 'up', '-d').status, 0);
    const its = () => docker('ps', '-q', '--filter', `publish=${port}`);
    const before = its();
    const sha = publish(3, { [COMPOSE]: null, [`${folder}/${COMPOSE}`]: ours(3, '../') });
    const result = await deploy(world, sha, { 'compose-file': join(world.vm, folder, COMPOSE) });
    const after = its();
    docker('rm', '-f', before, ...docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${folder}`).split('\n').filter(Boolean));
    docker('network', 'rm', `${folder}_default`);
    assert.deepEqual([after, before !== ''], [before, true]);
    assert.equal(result.outputs.result, 'rolled-back', result.log);
    await serves(world, 2);
  }));

  test(`a service that only what is undone was put live with goes back, too (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: QUICK }, async (world) => {
    const given = { more: [`  worker: { image: ${IMAGE}, init: true, command: [sh, -c, "cat /app/version.txt > /tmp/seen; sleep 600"], volumes: [./www:/app:ro] }`] };
    await isValidated(world, release(world, 2, given), { 'compose-service': 'web' });
    const bad = world.release({ version: 3, files: { 'www/index.html': 'version 3\n', 'www/version.txt': '3\n' } });
    ciFails(world, bad);
    const undone = await deploy(world, bad, { 'compose-service': 'web\nworker' });
    assert.equal(undone.outputs.result, 'rolled-back', undone.log);
    const seen = () => docker('exec', idOf(world, 'worker'), 'cat', '/tmp/seen');
    assert.equal(seen(), '2');
    // One that never came to work here was put live with them as well.
    const ill = world.release({ version: 4, files: { 'www/index.html': 'version 4\n', 'www/version.txt': '4\n' } });
    const gone = await deploy(world, ill, { 'compose-service': 'web\nworker', 'health-contains': 'version 2', 'health-grace': '300ms' });
    assert.equal(gone.outputs.result, 'rolled-back', gone.log);
    assert.equal(seen(), '2');
    // And one that guarded paths keep from being gone back from, until a person does.
    const kept = world.release({ version: 5, files: { 'www/index.html': 'version 5\n', 'www/version.txt': '5\n' } });
    const stays = await deploy(world, kept, { 'compose-service': 'web\nworker', 'health-contains': 'version 2', 'health-grace': '300ms', 'guard-paths': 'www/**' });
    assert.deepEqual([stays.outputs.result, seen()], ['failed', '5'], stays.log);
    const back = await world.runAction({ mode: 'rollback', inputs: { 'compose-service': 'web' } });
    assert.equal(back.outputs.result, 'rolled-back', back.log);
    assert.equal(seen(), '2');
    await serves(world, 2);
  }));

  test(`a service that the one asked for needs is started where it is down (${kind})`, { skip }, () => inWorld({ engine: kind, running: false, inputs: { ...QUICK, 'compose-service': 'web' } }, async (world) => {
    const given = { change: (text) => text.replace('    ports:', '    depends_on: [db]\n    ports:'), more: [service('db', 'environment: { A: b }')] };
    await isValidated(world, release(world, 2, given));
    const db = idOf(world, 'db');
    assert.match(await isValidated(world, release(world, 3, given)), /compose \S+ restart: nothing changed/);
    docker('kill', db);
    assert.match(await isValidated(world, release(world, 4, given)), /compose \S+ up: service "db", which is needed, does not run/);
    assert.equal(docker('inspect', '--format', '{{.State.Status}}', idOf(world, 'db')), 'running');
    await serves(world, 4);
  }));
}
