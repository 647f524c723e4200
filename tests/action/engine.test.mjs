// The same main job on a real engine, with Compose 1.29 and with Compose 2.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureEngine } from '../world/engine.mjs';
import { appFiles } from '../world/app.mjs';
import { ci, ciFails, deploy, inWorld, serves, validated } from './support.mjs';

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
}

test('a container that ignores SIGTERM is told, with its mend', { skip: state.v2 ? false : 'no engine with Compose v2 answers here' }, () => inWorld({ engine: 'real-v2', app: { heedsTerm: false } }, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /did not stop on SIGTERM and was killed after 10 s\. Add `init: true`/);
}));
