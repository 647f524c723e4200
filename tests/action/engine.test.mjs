// The same main job on a real engine, with Compose 1.29 and with Compose 2: also killed while compose is
// at work, with compose itself killed, and beside another environment of the same project.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { kill, processes } from '../world/runner/job.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, inWorld, serves, validated } from './support.mjs';

/** A container that takes its time to stop, so that compose can be met at work. */
const SLOW = { heedsTerm: false, grace: '3s' };

/** The processes of compose that are restarting this world's containers. */
const restarting = (world) => processes(({ command }) => command.includes('restart') && command.some((word) => word.startsWith(world.vm)));

/** A deploy that is met while the real compose restarts its containers. */
async function metAtCompose(world, sha) {
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'none' } });
  await until(() => restarting(world).length > 0, 'compose at work');
  return one;
}

/** Another environment in the same folder, so in the same compose project, as compose names it. */
function besides(world) {
  const file = join(world.vm, 'docker-compose-prod.yml');
  writeFileSync(file, `services:\n  other:\n    image: ${IMAGE}\n    command: sleep 600\n    init: true\n`);
  const { status, stderr } = world.engine.compose(world.vm, '-f', file, 'up', '-d');
  assert.equal(status, 0, stderr);
  const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
  const id = docker('ps', '-q', '--filter', 'label=com.docker.compose.service=other', '--filter', `label=com.docker.compose.project=${basename(world.vm)}`);
  return () => docker('inspect', '-f', '{{.State.StartedAt}} {{.State.Status}}', id);
}

/** The site answers after two seconds: what a worker beside it does is seen by then. */
function withWorker(world, version, work) {
  const files = appFiles({ ...world.app, version, www: { 'start-delay': '2\n', 'work.sh': `${work}\n` } });
  const worker = ['worker:', `  image: ${IMAGE}`, '  command: sh /app/work.sh', '  init: true', '  restart: always', '  volumes:', '    - ./www:/app:ro'];
  return { ...files, 'docker-compose.yml': `${files['docker-compose.yml']}${worker.map((line) => `  ${line}\n`).join('')}` };
}

/** One try after the grace, and the time that a container has to run on. */
const PATIENT = { 'health-interval': '3s', 'health-grace': '6s', 'health-attempts': '1' };

const state = await ensureEngine();

for (const [engine, version] of [['real-v1', state.v1], ['real-v2', state.v2]]) {
  const skip = version ? false : `no engine with Compose ${engine.slice(-2)} answers here`;

  test(`${engine}: live at once, validated, and rolled back when CI fails`, { skip }, () => inWorld({ engine }, async (world) => {
    const good = await validated(world);
    const bad = world.release({ version: 3 });
    ciFails(world, bad);
    const result = await deploy(world, bad);
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.match(result.log, new RegExp(`compose ${version.split('-')[0].replaceAll('.', '\\.')}.* restart: `));
    await serves(world, 2);
    assert.equal(world.checkedOut(), good);
  }));

  test(`${engine}: a change of the compose file is applied with up, and the code mounted beside it is live`, { skip }, () => inWorld({ engine }, async (world) => {
    const files = appFiles({ ...world.app, version: 2, environment: { COLOUR: 'blue' } });
    const sha = world.release({ version: 2, files });
    ci(world, sha, 'success');
    const result = await deploy(world, sha);
    assert.equal(result.outputs.result, 'validated', result.stdout);
    assert.match(result.log, /up: the compose file .* changed/);
    await serves(world, 2);
  }));

  test(`${engine}: a compose command that fails is rolled back with its last lines`, { skip }, () => inWorld({ engine }, async (world) => {
    await validated(world);
    const files = { ...appFiles({ ...world.app, version: 3 }), 'docker-compose.yml': 'services:\n  web:\n    imagee: nothing\n' };
    const result = await deploy(world, world.release({ version: 3, files }));
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.match(result.log, /restarting containers: .*exit code/);
    await serves(world, 2);
  }));

  // Compose 2 ends by itself when nobody reads its progress any more, Compose 1 goes on to its end.
  test(`${engine}: killed while compose is at work, the next run finishes, and never beside it`, { skip }, () => inWorld({ engine, app: SLOW }, async (world) => {
    const sha = world.release({ version: 2 });
    ci(world, sha, 'success');
    const one = await metAtCompose(world, sha);
    one.child.kill('SIGKILL');
    await one.done;
    const orphans = restarting(world).map(({ pid }) => pid);
    const two = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
    const resumed = () => world.ledger().findIndex(({ fact }) => fact === 'resumed');
    await until(() => resumed() > 0 && world.ledger().slice(resumed()).some(({ fact }) => fact.began?.step === 'compose'), 'compose again');
    assert.deepEqual(restarting(world).filter(({ pid }) => orphans.includes(pid)), []);
    const next = await two.done;
    assert.match(next.log, /was not finished: going on with it first/);
    assert.equal(next.outputs.result, 'validated', next.stdout);
    await serves(world, 2);
  }));

  test(`${engine}: a compose that is killed is a deploy that is rolled back`, { skip }, () => inWorld({ engine, app: SLOW }, async (world) => {
    const good = await validated(world);
    const one = await metAtCompose(world, world.release({ version: 3 }));
    for (const { pid } of restarting(world)) kill(pid);
    const result = await one.done;
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.match(result.log, /restarting containers: it was killed by SIGKILL/);
    assert.equal(world.checkedOut(), good);
    await serves(world, 2);
  }));

  for (const app of [{ baked: true }, { baked: false }]) {
    test(`${engine}: the commands by hand bring the old version, ${app.baked ? 'baked into an image' : 'mounted'}`, { skip }, () => inWorld({ engine, app, inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
      const good = await validated(world);
      const bad = world.release({ version: 3, files: { ...appFiles({ ...world.app, version: 3 }), 'migrations/3.sql': 'ALTER TABLE x;\n' } });
      ciFails(world, bad);
      const result = await deploy(world, bad);
      assert.equal(result.outputs.result, 'failed', result.stdout);
      await serves(world, 3);
      const [ssh, ...commands] = world.discord.news.findLast(({ text }) => text.includes('git reset --hard')).text.split('```')[1].trim().split('\n');
      assert.match(ssh, /^ssh /);
      const typed = commands.filter((line) => !line.startsWith('curl')).join('\n').replace(/ &&$/, '');
      execFileSync('sh', ['-e', '-c', typed], { cwd: '/', env: { ...process.env, ...world.engine.env }, stdio: 'pipe' });
      assert.equal(world.checkedOut(), good);
      await serves(world, 2);
    }));
  }

  test(`${engine}: a worker that ends again and again beside a site that answers is no healthy deploy, one that ends once is`, { skip }, () => inWorld({ engine, inputs: PATIENT }, async (world) => {
    const release = (version, work) => {
      const sha = world.release({ version, files: withWorker(world, version, work) });
      ci(world, sha, 'success');
      return sha;
    };
    const good = release(2, 'exec sleep 600');
    assert.equal((await deploy(world, good)).outputs.result, 'validated');
    const looping = await deploy(world, release(3, 'sleep 1.5; exit 3'));
    assert.equal(looping.outputs.result, 'rolled-back', looping.stdout);
    assert.match(looping.log, /docker started \S*worker\S* again since this deploy began: waiting 3/);
    // The last look may meet it between two runs.
    assert.match(looping.log, /UNHEALTHY: \S*worker\S* (ended and was started again by docker|not running)/);
    assert.equal(world.checkedOut(), good);
    const once = await deploy(world, release(4, '[ -f /tmp/ended ] && exec sleep 600; : > /tmp/ended; exit 3'));
    assert.equal(once.outputs.result, 'validated', once.stdout);
    assert.match(once.log, /docker started \S*worker\S* again since this deploy began: waiting 3/);
  }));

  test(`${engine}: an env file that the deploy command writes is in the container`, { skip }, () => inWorld({ engine }, async (world) => {
    const release = (version) => {
      const files = appFiles({ ...world.app, version });
      const sha = world.release({ version, files: { ...files, 'docker-compose.yml': files['docker-compose.yml'].replace('ports:', 'env_file: .env\n    ports:') } });
      ci(world, sha, 'success');
      return sha;
    };
    const command = { 'deploy-command': 'sh\n-c\necho "COLOUR=$DEPLOY_SHA" > .env' };
    const colour = () => {
      const id = execFileSync('docker', ['ps', '-q', '--filter', `label=com.docker.compose.project.working_dir=${world.vm}`], { encoding: 'utf8' }).trim();
      return /^COLOUR=(.*)$/m.exec(execFileSync('docker', ['inspect', '-f', '{{range .Config.Env}}{{println .}}{{end}}', id], { encoding: 'utf8' }))[1];
    };
    for (const version of [2, 3]) {
      const sha = release(version);
      const result = await deploy(world, sha, command);
      assert.equal(result.outputs.result, 'validated', result.stdout);
      assert.equal(colour(), sha, result.log);
    }
    const last = await deploy(world, release(4));
    assert.match(last.log, / restart: nothing changed/);
    await serves(world, 4);
  }));

  for (const strategy of ['up', 'recreate']) {
    test(`${engine}: ${strategy} leaves the containers of another environment in the same project alone`, { skip }, () => inWorld({ engine }, async (world) => {
      const other = besides(world);
      const before = other();
      const sha = world.release({ version: 2 });
      ci(world, sha, 'success');
      const result = await deploy(world, sha, { 'compose-strategy': strategy });
      assert.equal(result.outputs.result, 'validated', result.stdout);
      assert.match(result.log, /orphans are kept: \S+other\S* belong/);
      assert.equal(other(), before);
      await serves(world, 2);
    }));
  }

  test(`${engine}: a restart that did nothing leaves the old container answering, and that counts for nothing`, { skip }, () => inWorld({ engine }, async (world) => {
    await validated(world);
    const programs = wrapPrograms(world);
    programs.rule(' restart ', 'exit 0');
    const result = await deploy(world, world.release({ version: 3 }), { 'health-grace': '500ms', 'health-attempts': '1' }, { env: programs.env });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.match(result.log, /runs since before this deploy: the old version answers/);
    await serves(world, 2);
  }));
}

test('a container that ignores SIGTERM is told, with its mend', { skip: state.v2 ? false : 'no engine with Compose v2 answers here' }, () => inWorld({ engine: 'real-v2', app: { heedsTerm: false, grace: '4s' } }, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /did not stop on SIGTERM and was killed after 4 s\. Add `init: true`/);
}));

test('an image that takes long to build is not taken for a container that takes long to stop', { skip: state.v2 ? false : 'no engine with Compose v2 answers here' }, () => inWorld({ engine: 'real-v2', app: { baked: true, grace: '3s' } }, async (world) => {
  const files = appFiles({ ...world.app, version: 2 });
  const sha = world.release({ version: 2, files: { ...files, Dockerfile: `${files.Dockerfile}RUN sleep 4\n` } });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, / up: /);
  assert.doesNotMatch(result.log, /SIGTERM/);
}));
