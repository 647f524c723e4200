// Environments one behind the other, each promoted to from the one before: what CI fails in the first is no more to go
// on from the second, where it stays live until somebody decides.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { composeFile, freePort } from '../world/app.mjs';
import { candidate, headOf, onProduction, productionInputs, promote, withProduction } from './production.mjs';
import { FAILING_JOB, ci, deploy } from './support.mjs';

/** A third environment, promoted to from `prod`. */
async function third(world) {
  const vm = join(world.root, `live-${world.root.slice(-8)}`);
  const docker = join(world.root, `dlive-${world.root.slice(-8)}`);
  mkdirSync(docker);
  world.repository.clone(vm);
  const port = await freePort();
  writeFileSync(join(docker, 'docker-compose.yml'), composeFile({ port }).replace('./www:', `../${basename(vm)}/www:`));
  world.engine.up(docker);
  const inputs = { environment: 'live', 'app-path': vm, 'compose-file': join(docker, 'docker-compose.yml'), url: `http://127.0.0.1:${port}/`, 'backup-paths': 'none', 'promote-from': 'prod' };
  return (sha) => world.runAction({ mode: 'promote', sha, inputs: { ...productionInputs(world), ...inputs } });
}

test('what CI has failed since where it came from first is promoted no further', () => withProduction({}, async (world) => {
  const live = await third(world);
  const good = await candidate(world, 2);
  assert.equal((await promote(world, good)).outputs.result, 'deployed');
  assert.equal((await live(good)).outputs.result, 'deployed');
  const sha = world.release({ version: 3 });
  const id = ci(world, sha, 'success');
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  world.github.rerun(id, { status: 'completed', conclusion: 'failure', jobs: [FAILING_JOB] });
  const watched = await world.runAction({ mode: 'watch', sha });
  assert.equal(watched.outputs.result, 'rolled-back', watched.log);
  const refused = await live(sha);
  assert.equal(refused.exit, 1, refused.log);
  assert.match(refused.log, /n'est pas validé en PROD \(il y a échoué\)/);
  assert.match(refused.log, /is not promoted, and nothing was touched/);
}));

test('production that goes back to what CI has failed since where it came from says so', () => withProduction({}, async (world) => {
  const served = world.release({ version: 2 });
  const id = ci(world, served, 'success');
  assert.equal((await deploy(world, served)).outputs.result, 'validated');
  assert.equal((await promote(world, served)).outputs.result, 'deployed');
  const sha = await candidate(world, 3);
  world.github.rerun(id, { status: 'completed', conclusion: 'failure', jobs: [FAILING_JOB] });
  const watched = await world.runAction({ mode: 'watch', sha: served });
  assert.equal(watched.outputs.result, 'superseded', watched.log);
  const undone = await promote(world, sha, { 'health-contains': 'what it never says' });
  assert.equal(undone.outputs.result, 'rolled-back', undone.log);
  assert.equal(headOf(world.prod.vm), served);
  const [news] = world.discord.news.slice(-1);
  assert.match(news.embeds[0].description, new RegExp(`${served.slice(0, 7)} .?\\(CI en échec`), news.embeds[0].description);
  assert.match(undone.log, new RegExp(`::error[^\n]*En ligne maintenant : ${served.slice(0, 7)} \\(en échec, `));
  assert.match(undone.summary, /\(❌ en échec\)/);
}));

test('production that is live with what CI has failed since is shown as that, wherever one looks', () => withProduction({ inputs: { locale: 'en' } }, async (world) => {
  const good = await candidate(world, 2);
  assert.equal((await promote(world, good)).outputs.result, 'deployed');
  const sha = world.release({ version: 3 });
  const id = ci(world, sha, 'success');
  assert.equal((await deploy(world, sha)).outputs.result, 'validated');
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  const page = join(world.root, 'status.html');
  const looks = async () => {
    const { log, summary, outputs } = await onProduction(world, 'status', { 'status-page': page });
    return { log, summary, html: readFileSync(page, 'utf8'), state: JSON.parse(outputs.state).prod };
  };
  const before = await looks();
  assert.match(before.log, /live +[0-9a-f]{7} .*: validated/);
  assert.equal(before.state['failed-since'], false);
  world.github.rerun(id, { status: 'completed', conclusion: 'failure', jobs: [FAILING_JOB] });
  assert.equal((await world.runAction({ mode: 'watch', sha })).outputs.result, 'rolled-back');
  const after = await looks();
  assert.match(after.log, /live +❌ [0-9a-f]{7} .*: FAILED/);
  assert.match(after.summary, /^### ❌ .*\(❌ failed\)/m);
  assert.match(after.html, /What is live has failed and stays/);
  assert.equal(after.state['failed-since'], true);
  // Whoever looks at it on the way to something else is shown the same; the check of the site needs its address alone.
  const dry = { 'dry-run': 'true' };
  for (const { outputs, log } of [await onProduction(world, 'rollback', dry), await promote(world, good, dry), await onProduction(world, 'health')]) {
    assert.equal(JSON.parse(outputs.state).prod['failed-since'], true, log);
  }
  const ill = await onProduction(world, 'health', { 'health-attempts': '1', 'health-contains': 'what it never says' });
  assert.match(ill.log, /Live now: [0-9a-f]{7} \(failed, /);
  const back = await onProduction(world, 'rollback', { to: 'f'.repeat(40) });
  assert.match(back.log, /Live now: [0-9a-f]{7} \(failed, /);
  const { log } = await onProduction(world, 'doctor');
  assert.match(log, new RegExp(`WARN +live +${sha.slice(0, 7)} is live, and its CI has failed since in preprod\n +→ mangetamain-deploy rollback --environment prod (?!.*--to previous)`));
}));

test('where what CI has said since cannot be read, nobody is told that it has said nothing', () => withProduction({ inputs: { locale: 'en' } }, async (world) => {
  const sha = await candidate(world, 2);
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  const ledger = join(world.stateDir, 'preprod/ledger.jsonl');
  renameSync(ledger, `${ledger}.kept`);
  const look = async () => {
    const { log, outputs } = await onProduction(world, 'status');
    return { log, since: JSON.parse(outputs.state).prod['failed-since'] };
  };
  // As on a machine where that ledger never was.
  const gone = await look();
  assert.equal(gone.since, null);
  assert.doesNotMatch(gone.log, /problem/);
  mkdirSync(ledger);
  const unread = await look();
  assert.equal(unread.since, null);
  const unknown = new RegExp(`whether CI has failed ${sha.slice(0, 7)} since is not known: `);
  assert.match(unread.log, new RegExp(`problem +${unknown.source}`));
  assert.match((await onProduction(world, 'rollback', { 'dry-run': 'true' })).log, unknown);
}));

test('a dry run of a promote that its checklist refuses says so at its end', () => withProduction({ inputs: { locale: 'en' } }, async (world) => {
  const sha = await candidate(world, 2);
  const refused = /! it would be refused: what is marked ❌ does not hold/;
  assert.doesNotMatch((await promote(world, sha, { 'dry-run': 'true' })).log, refused);
  assert.match((await promote(world, world.release({ version: 3 }), { 'dry-run': 'true' })).log, refused);
}));
