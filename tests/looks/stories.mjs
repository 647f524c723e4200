// What people see beside the usual deploy: promotes that go well, badly, not at all; sites that go down and come
// back; a run of CI that fails. Each is lived by the committed bundle; gives what was told, and the summaries.
import assert from 'node:assert/strict';
import { appFiles } from '../world/app.mjs';
import { pushEvent } from '../world/event.mjs';
import { says, withSites } from '../world/site.mjs';
import { ci, deploy, inWorld } from '../action/support.mjs';
import { promote, script, withProduction } from '../action/production.mjs';

const LOG = ['tests/unit/test_moyenne.py .F..', 'E       assert 11 == 12', 'FAILED tests/unit/test_moyenne.py::test_moyenne - assert 11 == 12', '##[error]Process completed with exit code 1.', ''].join('\n');
export const TESTS = { name: 'tests (3.13)', conclusion: 'failure', steps: [{ name: 'checkout', conclusion: 'success' }, { name: 'pytest', conclusion: 'failure' }], log: LOG };

const seen = (world, results) => ({ news: [...world.discord.news], summaries: results.map(({ summary }) => summary) });
const came = (results, ...words) => assert.deepEqual(results.map(({ outputs }) => outputs.result), words, results.at(-1).stdout);

/** Production: not confirmed, refused, put back because it is ill, and well. */
export const promotes = (locale) => withProduction({ inputs: { locale } }, async (world) => {
  world.repository.git('config', 'user.name', 'Camille Roux');
  const sha = world.release({ message: 'Filtre des recettes par durée', files: appFiles({ ...world.app, version: 2 }) });
  const early = await promote(world, sha);
  ci(world, sha, 'success');
  await deploy(world, sha);
  world.discord.forget();
  const mistyped = await promote(world, sha, { confirm: 'deploy' });
  const frozen = await promote(world, sha, { freeze: 'mon 00:00 - mon 00:01 UTC\nmon 00:01 - mon 00:00 UTC' });
  const well = await promote(world, sha, script(world));
  const next = world.release({ message: 'Tri des avis: les plus récents d\'abord', files: appFiles({ ...world.app, version: 3 }) });
  ci(world, next, 'success');
  await deploy(world, next);
  const ill = await promote(world, next, { ...script(world), 'health-contains': 'version 2' });
  const results = [early, mistyped, frozen, well, ill];
  came(results, 'failed', 'cancelled', 'failed', 'deployed', 'rolled-back');
  return seen(world, results);
});

/** A site that is well, goes down and comes back until it flaps, and one whose certificate ends. */
export const checks = (locale) => inWorld({ engine: 'none', running: false }, (world) => withSites([{}, { days: 9 }], async (site, safe) => {
  const check = (urls) => world.runAction({
    mode: 'health', env: { NODE_EXTRA_CA_CERTS: safe.certificate },
    inputs: { locale, 'app-path': null, 'health-url': urls.join('\n'), 'health-interval': '30ms', 'health-attempts': '2', 'health-contains': 'Mangetamain' },
  });
  const results = [];
  for (const isWell of [true, false, true, false, true, true, true]) {
    site.answer = isWell ? says(200, '<title>Mangetamain</title>') : says(502, 'Bad Gateway');
    results.push(await check(results.length < 2 ? [site.url, safe.url] : [site.url]));
  }
  came(results, 'healthy', 'unhealthy', 'healthy', 'unhealthy', 'healthy', 'healthy', 'healthy');
  return seen(world, results.slice(0, 2));
}));

/** A run of CI with a job that failed, one that was skipped and one whose failure is tolerated. */
export const reports = (locale) => inWorld({ engine: 'none', running: false }, async (world) => {
  const jobs = [{ name: 'quality', conclusion: 'success' }, TESTS, { name: 'audit', conclusion: 'failure' }, { name: 'summary', status: 'in_progress' }];
  const id = world.github.addRun({ sha: world.first, status: 'in_progress', jobs });
  const needs = Object.fromEntries([['quality', 'success'], ['tests', 'failure'], ['audit', 'failure'], ['deploy', 'skipped']].map(([job, result]) => [job, { result, outputs: {} }]));
  const none = Object.fromEntries(['environment', 'app-path', 'state-dir', 'log-dir'].map((name) => [name, null]));
  const result = await world.runAction({
    mode: 'report', sha: world.first, inputs: { ...none, locale, needs: JSON.stringify(needs), optional: 'audit' },
    event: { name: 'push', payload: pushEvent({ full: world.github.full, sha: world.first, message: 'Moyenne des notes: arrondi à l\'entier' }) },
    env: { GITHUB_RUN_ID: String(id), GITHUB_WORKFLOW: 'CI', GITHUB_JOB: 'summary' },
  });
  came([result], 'failed');
  return seen(world, [result]);
});
