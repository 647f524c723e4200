// A promote that goes wrong while something holds on to its files, or its disk is small: nothing is lost, nobody goes
// on with the other version's folder, and the commands by hand do as the automatic way does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { composeFile, freePort } from '../world/app.mjs';
import { mounted, needsMounts } from './mounts.mjs';
import { candidate, headOf, isWhole, onProduction, page, pasted, promote, script, settings, withProduction } from './production.mjs';

test('a disk on which files could not be put back is told before anything is begun, by doctor too', needsMounts, () => withProduction({}, async (world) => {
  const small = join(world.root, 'small');
  await mounted(small, 'size=3m', async () => {
    mkdirSync(join(small, 'data'));
    writeFileSync(join(small, 'data/db'), Buffer.alloc(1_900_000, 'a'));
    const inputs = { 'backup-paths': join(small, 'data') };
    const result = await promote(world, await candidate(world), { ...inputs, ...script(world) });
    assert.equal(result.exit, 1, result.stdout);
    assert.match(result.log, new RegExp(`❌ Pas assez de place sur ${small} pour remettre les fichiers en cas d'échec : 2,\\d Mio et \\d+ inodes nécessaires`));
    const doctor = await onProduction(world, 'doctor', { ...inputs, locale: 'en' });
    assert.match(doctor.log, new RegExp(`way back .*needs 2\\.\\d MiB at ${small} with the backup`));
    assert.deepEqual(readdirSync(small), ['data']);
  });
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a disk that is full by then keeps no half copy, and what is live is as it was', needsMounts, () => withProduction({}, async (world) => {
  const small = join(world.root, 'small');
  await mounted(small, 'size=4m', async () => {
    mkdirSync(join(small, 'data'));
    writeFileSync(join(small, 'data/db'), Buffer.alloc(1_000_000, 'a'));
    // What a run that was killed long ago has left.
    writeFileSync(join(small, '.data.restored-20200101T000000Z.partial'), 'half\n');
    const fill = `sh\n-c\necho new > ${small}/data/db; head -c 3500000 /dev/zero > ${small}/big; exit 1`;
    const result = await promote(world, await candidate(world), { 'backup-paths': join(small, 'data'), 'deploy-command': fill });
    assert.equal(result.outputs.result, 'failed', result.stdout);
    assert.deepEqual(readdirSync(small).sort(), ['big', 'data']);
    assert.notEqual(pasted(world).status, 0, 'there still is no room');
    assert.equal(readFileSync(join(small, 'data/db'), 'utf8'), 'new\n', 'the commands by hand have cut nothing off');
    rmSync(join(small, 'big'));
    const done = pasted(world);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(readFileSync(join(small, 'data/db')).length, 1_000_000);
  });
}));

test('what is mounted in a folder stays mounted when the folder is put back', needsMounts, () => withProduction({}, async (world) => {
  const media = join(world.prod.files, 'media');
  await mounted(media, 'size=30m', async () => {
    writeFileSync(join(media, 'photo'), 'old\n');
    const sha = await candidate(world);
    const spoil = `echo new > ${media}/photo; touch ${media}/only-new; exit 1`;
    const result = await promote(world, sha, script(world, spoil));
    assert.equal(result.outputs.result, 'rolled-back', result.stdout);
    assert.equal(spawnSync('mountpoint', ['-q', media]).status, 0, 'it is still mounted there');
    assert.deepEqual([readdirSync(media), readFileSync(join(media, 'photo'), 'utf8')], [['photo'], 'old\n']);
    assert.deepEqual([readdirSync(world.prod.files).sort(), settings(world)], [['media', 'settings.txt'], 'of version 1']);
    assert.ok(!readdirSync(world.root).some((name) => name.startsWith('prod-files.replaced-')));
  });
  assert.equal(await page(world), 'version 1');
}));

test('a container that goes on with the files sees those that are put back', () => withProduction({}, async (world) => {
  // Another project's: nothing of a deploy starts it again.
  const folder = join(world.root, `db-${world.root.slice(-8)}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'docker-compose.yml'), composeFile({ port: await freePort() }).replace('./www:', `../${basename(world.prod.files)}:`));
  world.engine.up(folder);
  const result = await promote(world, await candidate(world), { ...script(world), 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
  assert.ok(!readdirSync(world.root).some((name) => name.startsWith('prod-files.replaced-')), 'the folder itself is the same');
  assert.equal(headOf(world.prod.vm), world.first);
}));
