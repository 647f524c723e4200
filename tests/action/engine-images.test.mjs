// On a real engine: an image whose name means another one with every deploy, as `app:latest` does that a deploy command
// pulls. What a name means is in no commit; a way back gives it back to the image that the version was made of.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, appFiles } from '../world/app.mjs';
import { ensureEngine } from '../world/engine.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { headOf, page, promote, settings, withProduction } from './production.mjs';
import { ci, deploy, inWorld, validated } from './support.mjs';

const state = await ensureEngine();
const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const COMPOSE = 'docker-compose.yml';

/** A registry in a word: `publish` gives it another image, by its id; `pull` is the command that takes it, under the name `pulled`. */
function registry(world) {
  const name = world.root.slice(-8);
  const [pushed, pulled] = ['registry', 'site'].map((one) => `mangetamain-${one}:${name}`);
  const folder = join(world.root, 'image');
  mkdirSync(folder);
  const publish = (page) => {
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${IMAGE}\nLABEL mangetamain-world=${world.app.port}\nCOPY index.html /app/\n`);
    return docker('build', '-q', '-t', pushed, folder);
  };
  return { publish, pulled, pull: ['docker', 'tag', pushed, pulled] };
}

const ofImage = (text, name) => text.replace(/image: .*\n *volumes:\n.*/, `image: ${name}`);

/** A world whose site is an image that its deploy command pulls. */
async function inRegistry(kind, work) {
  await inWorld({ engine: kind, inputs: { 'health-grace': '4s' } }, async (world) => {
    Object.assign(world, registry(world));
    world.inputs['deploy-command'] = world.pull.join('\n');
    try {
      await work(world, (version, conclusion) => {
        const all = appFiles({ ...world.app, version });
        const sha = world.release({ version, files: { ...all, [COMPOSE]: ofImage(all[COMPOSE], world.pulled) } });
        ci(world, sha, conclusion);
        return sha;
      });
    } finally {
      world.engine.compose(world.vm, 'down', '-t', '0');
    }
  });
}

const runs = (world) => docker('inspect', '--format', '{{.Image}}', ...docker('ps', '-q', '--filter', `label=com.docker.compose.project.working_dir=${world.vm}`).split('\n'));

for (const kind of ['real-v2', 'real-v1']) test(`a way back puts the image live that the version was made of, whatever its name means by now (${kind})`, { skip: state[kind.slice(5)] ? false : 'no such compose here' }, () => inRegistry(kind, async (world, release) => {
  const second = world.publish('page 2');
  assert.equal((await deploy(world, release(2, 'success'))).outputs.result, 'validated');
  assert.deepEqual([(await world.live()).body, runs(world)], ['page 2', second]);

  world.publish('page 3');
  const back = await deploy(world, release(3, 'failure'));
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.ok(back.log.includes(`${world.pulled} means the image again that`), back.log);
  assert.deepEqual([(await world.live()).body, runs(world)], ['page 2', second], back.log);

  // A deploy goes on with what its command pulls.
  world.publish('page 4');
  const fourth = await deploy(world, release(4, 'success'));
  assert.equal(fourth.outputs.result, 'validated', fourth.log);
  assert.equal((await world.live()).body, 'page 4');

  docker('rmi', second);
  const gone = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.equal(gone.outputs.result, 'rolled-back', gone.log);
  assert.ok(gone.annotations.some(({ level, text }) => level === 'warning' && text.includes(`${world.pulled} could not be given back`)), gone.log);
  // It ran with that one from then on.
  world.publish('page 5');
  const fifth = await deploy(world, release(5, 'failure'));
  assert.equal(fifth.outputs.result, 'rolled-back', fifth.log);
  assert.equal((await world.live()).body, 'page 4', fifth.log);
}));

test('what a person does to containers, and what the registry gets meanwhile, changes nothing of what a version is made of', { skip: state.v2 ? false : 'no engine with Compose 2 answers here' }, () => inRegistry('real-v2', async (world, release) => {
  const deployed = async (version, more) => {
    const sha = release(version, 'success');
    const result = await deploy(world, sha, more);
    assert.ok(['validated', 'deployed'].includes(result.outputs.result), result.log);
    return sha;
  };
  world.publish('page 2');
  const second = await deployed(2);
  world.engine.compose(world.vm, 'down', '-t', '0');
  for (const version of [3, 4]) {
    world.publish(`page ${version}`);
    await deployed(version);
  }
  const back = await world.runAction({ mode: 'rollback', inputs: { to: second } });
  assert.equal(back.outputs.result, 'rolled-back', back.log);
  assert.equal((await world.live()).body, 'page 2', back.log);
  // A version that moves no name, and another image in the registry before its CI fails.
  world.publish('page 5');
  await deployed(5);
  const sixth = release(6, 'failure');
  await deploy(world, sixth, { watch: 'event' });
  world.publish('page 9');
  const failed = await world.runAction({ mode: 'watch', event: ciEnded(world, { sha: sixth, conclusion: 'failure' }) });
  assert.equal(failed.outputs.result, 'rolled-back', failed.log);
  assert.equal((await world.live()).body, 'page 5', failed.log);
}));

test('a command that moves the name and then fails leaves the image live that was', { skip: state.v2 ? false : 'no engine with Compose 2 answers here' }, () => inRegistry('real-v2', async (world, release) => {
  const second = world.publish('page 2');
  assert.equal((await deploy(world, release(2, 'success'))).outputs.result, 'validated');
  world.publish('page 3');
  const failed = await deploy(world, release(3, 'success'), { 'deploy-command': `sh\n-c\n${world.pull.join(' ')}; exit 1` });
  assert.equal(failed.outputs.result, 'rolled-back', failed.log);
  assert.deepEqual([(await world.live()).body, runs(world)], ['page 2', second], failed.log);
}));

test('production goes back to the image that it ran, with its files, and its command is not run for that', { skip: state.v2 ? false : 'no engine with Compose 2 answers here' }, () => withProduction({ engine: 'real-v2' }, async (world) => {
  const { publish, pull, pulled } = registry(world);
  const { compose, docker: folder } = world.prod;
  publish('page 1');
  docker(...pull.slice(1));
  writeFileSync(compose, ofImage(readFileSync(compose, 'utf8'), pulled));
  world.engine.up(folder);
  const inputs = (page) => ({ 'deploy-command': `sh\n-c\n${pull.join(' ')}; echo "${page}" > ${world.prod.files}/settings.txt`, 'health-contains': 'page 2' });
  const good = await validated(world, 2);
  publish('page 2');
  assert.equal((await promote(world, good, inputs('of 2'))).outputs.result, 'deployed');
  const bad = await validated(world, 3);
  publish('page 3');
  const result = await promote(world, bad, inputs('of 3'));
  assert.equal(result.outputs.result, 'rolled-back', result.log);
  assert.deepEqual([await page(world), settings(world), headOf(world.prod.vm)], ['page 2', 'of 2', good], result.log);
}));
