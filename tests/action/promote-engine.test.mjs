// Production on a real engine, with Compose 1.29 and with Compose 2: what is mounted into a container is
// swapped under it, and it serves what was put back.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureEngine } from '../world/engine.mjs';
import { texts, validated } from './support.mjs';
import { candidate, headOf, isWhole, page, promote, script, withProduction } from './production.mjs';

const state = await ensureEngine();

for (const [engine, version, command] of [['real-v1', state.v1, 'docker-compose'], ['real-v2', state.v2, 'docker compose']]) {
  const skip = version ? false : `no engine with Compose ${engine.slice(-2)} answers here`;

  test(`${engine}: promoted, and a bad one put back with its files`, { skip }, () => withProduction({ engine }, async (world) => {
    const good = await candidate(world);
    const promoted = await promote(world, good, script(world));
    assert.equal(promoted.outputs.result, 'deployed', promoted.stdout);
    await isWhole(world, 2, good, `of ${good}`);
    const bad = await validated(world, 3);
    const result = await promote(world, bad, { ...script(world), 'health-contains': 'version 2' });
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    await isWhole(world, 2, good, `of ${good}`);
    assert.match(texts(world).at(-1), new RegExp(`\n${command} -f ${world.prod.compose}( -p \\S+)? restart &&\n`));
  }));

  test(`${engine}: the mounted work tree itself is saved and put back, and the container serves it`, { skip }, () => withProduction({ engine }, async (world) => {
    const untracked = join(world.prod.vm, 'www/extra.txt');
    writeFileSync(untracked, 'old\n');
    const sha = await candidate(world);
    const inputs = { 'backup-paths': world.prod.vm, 'deploy-command': `sh\n-c\necho new > ${untracked}`, 'health-contains': 'version 1' };
    const result = await promote(world, sha, inputs);
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    const extra = await fetch(new URL('extra.txt', world.prod.url), { headers: { connection: 'close' } });
    assert.deepEqual([await page(world), (await extra.text()).trim(), headOf(world.prod.vm)], ['version 1', 'old', world.first]);
  }));
}
