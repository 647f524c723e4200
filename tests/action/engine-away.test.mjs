// An engine that is away for some seconds, as an upgrade of its package makes it; what fails for it, or for a registry, is
// no version's fault. And a way back that was stuck: the job that is run again goes back.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ci, ciFails, deploy, headlines, inWorld, nextSecond, serves, validated } from './support.mjs';

const AWAY = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';
const fails = (words) => `echo '${words}' >&2; exit 1`;

for (const way of ['forward', 'back']) {
  test(`an engine that is away in the middle is waited for on the way ${way}`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    const programs = wrapPrograms(world, ['docker']);
    if (way === 'back') {
      await deploy(world, sha, { watch: 'event' });
      ciFails(world, sha);
    } else {
      ci(world, sha, 'success');
    }
    programs.rule('restart ', fails(AWAY));
    const more = { env: programs.env };
    const result = way === 'back'
      ? await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }), ...more })
      : await deploy(world, sha, {}, more);
    assert.equal(result.outputs.result, way === 'back' ? 'rolled-back' : 'validated', result.stdout);
    assert.match(result.log, /docker does not answer: waiting for it, up to 1 min/);
    await serves(world, way === 'back' ? 2 : 3);
  }));
}

test('an engine that is away just after compose has given containers the version is waited for as well', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const programs = wrapPrograms(world, ['docker']);
  const later = join(world.root, 'programs/rules/99.rule');
  programs.rule('up ', `"$REAL" "$@"; code=$?; printf '# ps \\n%s\\n' "echo '${AWAY}' >&2; exit 1" > '${later}'; exit $code`);
  const result = await deploy(world, sha, { 'compose-strategy': 'up' }, { env: programs.env });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /docker does not answer: waiting for it, up to 1 min/);
  await serves(world, 3);
}));

for (const words of ['toomanyrequests: You have reached your pull rate limit', 'failed to copy: no space left on device']) {
  test(`a version is gone back from, and not quarantined, for "${words}"`, () => inWorld({}, async (world) => {
    await validated(world);
    const sha = world.release({ version: 3 });
    ci(world, sha, 'success');
    const programs = wrapPrograms(world, ['docker']);
    programs.rule('restart ', fails(words));
    const failed = await deploy(world, sha, {}, { env: programs.env });
    assert.equal(failed.outputs.result, 'rolled-back', failed.stdout);
    await serves(world, 2);
    await nextSecond();
    assert.equal((await deploy(world, sha)).outputs.result, 'validated');
  }));
}

test('a job whose way back was stuck goes back when it is run again', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { watch: 'event' });
  ciFails(world, sha);
  const event = ciEnded(world, { sha, conclusion: 'failure' });
  const programs = wrapPrograms(world, ['docker']);
  programs.rule('restart ', fails('Error response from daemon: dial unix /run/containerd/containerd.sock: connect: connection refused'));
  const stuck = await world.runAction({ mode: 'watch', event, env: programs.env });
  assert.equal(stuck.exit, 1, stuck.stdout);
  await serves(world, 3);
  const again = await world.runAction({ mode: 'watch', event });
  assert.equal(again.outputs.result, 'rolled-back', again.stdout);
  assert.equal(world.checkedOut(), good);
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/);
}));
