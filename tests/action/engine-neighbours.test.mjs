// On a real engine: what stands beside the site. A second project of the same compose file, services of other sites in
// it, what people set for all their projects, and a container that goes on while files under it are put back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles, freePort } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { git } from '../world/git.mjs';
import { until } from '../world/scenario.mjs';
import { ci, deploy, inWorld, validated } from './support.mjs';

const state = await ensureEngine();
const KINDS = ['real-v2', 'real-v1'];
const skipped = (kind) => ({ skip: state[kind.slice(5)] ? false : 'no such compose here' });
const QUICK = { 'health-grace': '4s' };
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' }).trim();

for (const kind of KINDS) test(`containers of a second project are told before anything is touched (${kind})`, skipped(kind), () => inWorld({ engine: kind, inputs: QUICK }, async (world) => {
  const good = await validated(world, 2);
  const name = `try${world.root.slice(-8).toLowerCase()}`;
  const first = docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${basename(world.vm)}`).split('\n')[0];
  const label = (key) => docker('inspect', '--format', `{{index .Config.Labels "com.docker.compose.${key}"}}`, first);
  // As compose would make it, but for the port that the site has.
  const labels = [['project', name], ['service', 'web'], ['oneoff', 'False'], ['container-number', '1'], ...['project.config_files', 'project.working_dir'].map((key) => [key, label(key)])];
  docker('run', '--detach', '--init', '--name', `${name}-web-1`, ...labels.flatMap(([key, value]) => ['--label', `com.docker.compose.${key}=${value}`]), IMAGE, 'sleep', '600');
  try {
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    const refused = await deploy(world, sha);
    assert.equal(refused.outputs.result, 'failed', refused.log);
    assert.match(refused.log, new RegExp(`of several projects.*\`${name}\` \\(${name}-web-1\\)`));
    assert.deepEqual([world.checkedOut(), JSON.parse(refused.outputs.state).preprod.quarantine], [good, []]);
    assert.equal((await world.runAction({ mode: 'doctor' })).exit, 1);
  } finally {
    docker('rm', '--force', `${name}-web-1`);
  }
  const sha = world.release({ version: 4 });
  ci(world, sha, 'success');
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
}));

for (const kind of KINDS) test(`what \`.env\` says of orphans keeps no \`up\` from its work (${kind})`, skipped(kind), () => inWorld({ engine: kind, inputs: QUICK }, async (world) => {
  await validated(world, 2);
  writeFileSync(join(world.vm, '.env'), 'COMPOSE_IGNORE_ORPHANS=true\n');
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha, { 'compose-strategy': 'up' });
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.equal((await world.live()).body, 'version 3');
}));

test('a service that a version drops is left to the site that names it', skipped('real-v2'), () => inWorld({ engine: 'real-v2', running: false, inputs: { ...QUICK, 'compose-service': 'web' } }, async (world) => {
  const port = await freePort();
  const service = (name, at, version) => [`  ${name}:`, `    image: ${IMAGE}`, '    init: true', `    volumes: ["./www:/app:ro"]`, `    ports: ["127.0.0.1:${at}:8080"]`, `    labels: { v: "${version}" }`];
  const files = (version, also) => ({ ...appFiles({ ...world.app, version }), 'docker-compose.yml': ['services:', ...service('web', world.app.port, version), ...also, ''].join('\n') });
  world.release({ version: 1, files: files(1, service('production', port, 1)) });
  git(world.vm, 'pull', '-q');
  assert.equal(world.engine.compose(world.vm, 'up', '-d').status, 0);
  await until(async () => (await world.live()).status === 200, 'the site');
  const sha = world.release({ version: 2, files: files(2, []) });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.log);
  const production = docker('ps', '--quiet', '--filter', `label=com.docker.compose.project=${basename(world.vm)}`, '--filter', 'label=com.docker.compose.service=production');
  assert.notEqual(production, '', 'it runs on');
}));

test('files that come back below a path are seen by who has mounted a folder of them and runs on', skipped('real-v2'), () => inWorld({ engine: 'real-v2', inputs: QUICK }, async (world) => {
  const data = join(world.root, 'data');
  mkdirSync(join(data, 'db'), { recursive: true });
  writeFileSync(join(data, 'db/db.dat'), 'precious\n');
  const prod = join(world.root, `prod${world.root.slice(-8)}`);
  world.repository.clone(prod);
  const good = await validated(world, 2);
  const promote = (sha, more = {}) => world.runAction({
    mode: 'promote', sha, inputs: { environment: 'prod', 'app-path': prod, 'compose-file': null, url: null, 'promote-from': 'preprod', confirm: 'DEPLOY', 'backup-paths': data, 'deploy-command': `sh\n-c\n${more.command ?? 'true'}`, ...more.inputs },
  });
  const other = `other${world.root.slice(-8).toLowerCase()}`;
  docker('run', '--detach', '--init', '--name', other, '--volume', `${join(data, 'db')}:/store`, IMAGE, 'sleep', '600');
  try {
    const first = await promote(good);
    assert.equal(first.outputs.result, 'deployed', first.log);
    const sha = await validated(world, 3);
    const ill = await promote(sha, { command: `echo junk > ${data}/db/db.dat; exit 1` });
    assert.match(ill.outputs.result, /rolled-back/, ill.log);
    assert.equal(docker('exec', other, 'cat', '/store/db.dat'), 'precious');
    docker('exec', other, '/bin/sh', '-c', 'echo more > /store/more');
  } finally {
    docker('rm', '--force', other);
  }
}));
