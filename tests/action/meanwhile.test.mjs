// What comes while something else is on its way: CI that fails a version during its promote, one that speaks of a
// version that never went live, a push that replaces what CI has left without a verdict.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { candidate, onProduction, page, promote, startPromote, withProduction } from './production.mjs';
import { ci, ciFails, deploy, headlines, inWorld, serves, texts, validated } from './support.mjs';

// Its time is over as soon as it is live.
const SLOW = { watch: 'event', 'ci-timeout': '1ms' };

for (const held of ['reset --hard', ' restart ']) {
  test(`a promote whose version CI fails in preprod meanwhile (at ${held.trim()}) tells so in the end, with the way back`, () => withProduction({}, async (world) => {
    await candidate(world);
    const sha = await candidate(world, 3);
    const programs = wrapPrograms(world);
    const hold = programs.hold(held);
    const { done } = startPromote(world, sha, {}, { env: programs.env });
    await hold.begun();
    ciFails(world, sha, { attempt: 2 });
    assert.equal((await world.runAction({ mode: 'watch', sha })).outputs.result, 'rolled-back');
    hold.letGo();
    const result = await done;
    assert.equal(result.outputs.result, 'deployed', result.stdout);
    assert.equal(await page(world), 'version 3');
    assert.equal(headlines(world).at(-1), '🚨 PRODUCTION - En ligne, mais en échec entre-temps');
    const said = texts(world).at(-1).replaceAll('\\', '');
    assert.match(said, /Elle a échoué en PREPROD \(au CI ou là-bas\) pendant sa mise en production/);
    assert.ok(said.includes(`➡️ Pour revenir à ${world.first.slice(0, 7)}, en ligne avant`), said);
    assert.doesNotMatch(texts(world).join('\n'), /PREPROD ✅/);
  }));
}

test('what CI fails in preprod after its promote is no way back in production any more, until CI is green again', () => withProduction({}, async (world) => {
  const promoted = async (version) => {
    const sha = await candidate(world, version);
    assert.equal((await promote(world, sha)).outputs.result, 'deployed');
    return sha;
  };
  const [good, bad] = [await promoted(2), await promoted(3)];
  ciFails(world, bad, { attempt: 2 });
  assert.equal((await world.runAction({ mode: 'watch', sha: bad })).outputs.result, 'rolled-back');
  const back = async (to, version) => {
    const result = await onProduction(world, 'rollback', { to });
    assert.equal(await page(world), `version ${version}`, result.stdout);
    return result;
  };
  await promoted(4);
  const refused = await back('previous', 4);
  assert.deepEqual([refused.exit, /quarantaine/.test(refused.summary)], [1, true], refused.stdout);
  await back(good, 2);
  ci(world, bad, 'success', { attempt: 3 });
  await world.runAction({ mode: 'watch', sha: bad });
  await back(bad, 3);
}));

test('a rollback of production leads past what CI has failed in preprod since', () => withProduction({}, async (world) => {
  for (const version of [2, 3]) {
    const sha = await candidate(world, version);
    assert.equal((await promote(world, sha)).outputs.result, 'deployed');
    if (version === 3) ciFails(world, sha, { attempt: 2 });
  }
  await world.runAction({ mode: 'watch', sha: world.checkedOut() });
  const result = await onProduction(world, 'rollback');
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(await page(world), 'version 2');
  assert.match(texts(world).at(-1), /^🔄 .*\n(.*\n)*Raison: demandé à la main par @\S+$/m);
}));

test('status shows what CI has said since of what production went live with before', () => withProduction({}, async (world) => {
  const all = [];
  for (const version of [2, 3]) {
    all.push(await candidate(world, version));
    assert.equal((await promote(world, all.at(-1))).outputs.result, 'deployed');
  }
  const barred = async () => JSON.parse((await onProduction(world, 'status')).outputs.state).prod.quarantine.map(({ sha }) => sha);
  assert.deepEqual(await barred(), []);
  ciFails(world, all[0], { attempt: 2 });
  await world.runAction({ mode: 'watch', sha: all[0] });
  assert.deepEqual(await barred(), [all[0]]);
}));

test('the first promote, failed by CI later, is gone back from to what was live before; one that was live already counts as promoted', () => withProduction({}, async (world) => {
  ci(world, world.first, 'success');
  assert.equal((await deploy(world, world.first)).outputs.result, 'validated');
  assert.equal((await promote(world, world.first)).outputs.result, 'unchanged');
  const sha = await candidate(world, 2);
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  const fails = async (one, attempt) => {
    ciFails(world, one, { attempt });
    await world.runAction({ mode: 'watch', sha: one });
  };
  await fails(world.first, 2);
  const refused = await onProduction(world, 'rollback', { to: 'previous' });
  assert.deepEqual([refused.exit, await page(world)], [1, 'version 2'], refused.stdout);
  await fails(sha, 2);
  const plan = await onProduction(world, 'rollback', { 'dry-run': 'true' });
  assert.match(plan.summary, new RegExp(`En ligne : .?${sha.slice(0, 7)}`));
}));

test('a rollback of production past its only promote leads to what was live before the action came', () => withProduction({}, async (world) => {
  const sha = await candidate(world, 2);
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  ciFails(world, sha, { attempt: 2 });
  await world.runAction({ mode: 'watch', sha });
  const result = await onProduction(world, 'rollback');
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(await page(world), 'version 1');
}));

test('an environment with a CI of its own does not hear that of preprod', () => inWorld({}, async (world) => {
  const staging = join(world.root, 'staging');
  world.repository.clone(staging);
  const inputs = { environment: 'staging', 'app-path': staging, 'compose-file': null, url: null, 'health-url': world.url, 'ci-workflow': 'e2e.yml', 'deploy-command': 'true' };
  const deployed = async (version) => {
    const sha = await validated(world, version);
    world.github.addRun({ sha, status: 'completed', conclusion: 'success', workflow: 'e2e.yml' });
    assert.equal((await deploy(world, sha, inputs)).outputs.result, 'validated');
    return sha;
  };
  const good = await deployed(2);
  ciFails(world, good, { attempt: 2 });
  await world.runAction({ mode: 'watch', sha: good });
  const bad = world.release({ version: 3 });
  world.github.addRun({ sha: bad, status: 'completed', conclusion: 'failure', workflow: 'e2e.yml' });
  assert.equal((await deploy(world, bad, inputs)).outputs.result, 'rolled-back');
  assert.equal(git(staging, 'rev-parse', 'HEAD'), good);
}));

test('a guarded promote that is ill leads to what it has replaced, whatever CI has said of that since', () => withProduction({}, async (world) => {
  const promoted = async (version, inputs) => {
    const sha = await candidate(world, version);
    return [sha, await promote(world, sha, inputs)];
  };
  await promoted(2);
  const [before] = await promoted(3);
  ciFails(world, before, { attempt: 2 });
  await world.runAction({ mode: 'watch', sha: before });
  const [, ill] = await promoted(4, { 'guard-paths': 'www/**', 'health-contains': 'never' });
  assert.equal(ill.outputs.result, 'failed', ill.stdout);
  const [, to] = /mangetamain-deploy rollback .*--to (\w{40})/.exec(ill.annotations.at(-1).text) ?? [];
  assert.equal(to, before);
  const back = await onProduction(world, 'rollback', { to });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  assert.equal(await page(world), 'version 3');
}));

test('a version that was refused for its red CI is told how to go live once that is green: nothing newer is', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ciFails(world, sha);
  await world.runAction({ mode: 'watch', sha });
  assert.equal((await deploy(world, sha)).outputs.result, 'failed');
  ci(world, sha, 'success', { attempt: 2 });
  await world.runAction({ mode: 'watch', sha });
  assert.match(texts(world).at(-1), /quarantaine levée[^]*➡️ Pour mettre cette version en ligne : relancer son déploiement/);
  assert.equal((await deploy(world, sha)).exit, 0);
  await serves(world, 3);
}));

for (const otherwise of ['keep', 'rollback']) {
  test(`a push that replaces a version whose CI has said nothing in time does not tell, or undo, that first (on-timeout: ${otherwise})`, () => inWorld({ inputs: { 'on-timeout': otherwise } }, async (world) => {
    const well = await validated(world);
    const slow = world.release({ version: 3 });
    const run = world.github.addRun({ sha: slow, status: 'in_progress' });
    await deploy(world, slow, SLOW);
    world.discord.forget();
    const next = world.release({ version: 4 });
    await deploy(world, next, { watch: 'event' });
    await serves(world, 4);
    assert.deepEqual(headlines(world), ['🚀 PREPROD - Déploiement démarré', '✅ PREPROD - Déploiement terminé']);
    assert.equal(world.ledger().some(({ fact }) => fact.asked?.ask?.rollback?.to === well), false);
    world.github.setRun(run, { status: 'completed', conclusion: 'success' });
    const late = await world.runAction({ mode: 'watch', sha: slow });
    assert.equal(late.outputs['validated-sha'], slow, late.stdout);
  }));
}

test('a push that is refused leaves what stays to be judged as if it had not come', () => inWorld({ inputs: { 'on-timeout': 'rollback' } }, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  await world.runAction({ mode: 'watch', sha: bad });
  const slow = world.release({ version: 4 });
  world.github.addRun({ sha: slow, status: 'in_progress' });
  await deploy(world, slow, SLOW);
  const refused = await deploy(world, bad, { watch: 'event' });
  assert.equal(refused.outputs.result, 'failed', refused.stdout);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/);
  await serves(world, 2);
}));

test('an engine that answers nothing for a moment while a version is checked undoes nothing', () => inWorld({}, async (world) => {
  await validated(world, 2);
  const programs = wrapPrograms(world);
  const later = (n) => `printf '#docker \\necho deadline exceeded >&2; exit 1\\n' > ${join(world.root, `programs/rules/later-${n}.rule`)}`;
  const restart = programs.rule(' restart ', `"$REAL" "$@"; code=$?; ${[1, 2, 3].map(later).join('; ')}; exit $code`);
  const sha = world.release({ version: 3 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha, {}, { env: programs.env });
  await restart.begun();
  assert.equal(result.outputs.result, 'validated', result.log);
  assert.match(result.log, /not healthy.*deadline exceeded/i);
  await serves(world, 3);
}));
