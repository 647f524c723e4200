// The example's production and its hourly check under a real runner (act): confirmed, refused, promoted and
// restored; a site DOWN and back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runWorkflow } from '../world/example/act.mjs';
import { until } from '../world/scenario.mjs';
import { brokenInProduction, inExample, NOTES, messageOf, pushed, renamed, shows, skip, validated } from './example.mjs';
import { headlines } from './support.mjs';

/** A person starts cd-prod.yml on a commit, having typed this. */
const promote = (world, sha, confirm = 'DEPLOY', more = {}) =>
  runWorkflow(world, { workflow: 'cd-prod.yml', event: 'workflow_dispatch', sha, payload: { ref: 'refs/heads/main', inputs: { confirm, ...more } } });

/** The schedule starts health-check.yml. */
const checkHealth = (world) => runWorkflow(world, { workflow: 'health-check.yml', event: 'schedule', sha: world.checkedOut('preprod') });

/** Everything that production serves, by file and content. */
const served = (world) => execFileSync('sh', ['-c', 'find . -type f -not -path "*/__pycache__/*" | sort | xargs sha256sum'], { cwd: join(world.clones.prod, '20_prod'), encoding: 'utf8' });

const backups = (world) => {
  const folder = join(world.stateDir, 'prod/backups');
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
};

/** Production is as it was, to the byte, and answers. */
async function untouched(world, before) {
  assert.equal(served(world), before.served);
  assert.equal(world.checkedOut('prod'), before.sha);
  await shows(world, 'prod', before.sha);
}

test('the example: production wants DEPLOY, and a commit that is validated in preprod; else nothing is touched', { skip }, () => inExample(async (world) => {
  const before = { served: served(world), sha: world.checkedOut('prod') };
  const { sha } = await pushed(world, 'feat: une recette', renamed(world, 'Blanquette de veau'));
  const unconfirmed = await promote(world, sha, 'deploy');
  assert.equal(unconfirmed.conclusion, 'failure', unconfirmed.text);
  assert.match(unconfirmed.text, /result=cancelled/);
  assert.ok(messageOf(world, /^🚫 PRODUCTION - Déploiement annulé/), headlines(world).join('\n'));
  await untouched(world, before);
  const unvalidated = await promote(world, sha);
  assert.equal(unvalidated.conclusion, 'failure', unvalidated.text);
  assert.match(unvalidated.text, /n'est pas validé en PREPROD/);
  await untouched(world, before);
  assert.deepEqual(backups(world), []);
}));

test('the example: a validated commit is promoted, with a backup; one that does not come up is undone, files and all', { skip }, () => inExample(async (world) => {
  const notes = join(world.clones.prod, NOTES);
  writeFileSync(notes, 'ce que seule la production a\n');
  const good = await validated(world);
  const promoted = await promote(world, good.sha);
  assert.equal(promoted.conclusion, 'success', promoted.text);
  await shows(world, 'prod', good.sha);
  const told = messageOf(world, /^🎯 PRODUCTION - Déploiement réussi ✅/);
  assert.match(told?.text ?? promoted.text, /PREPROD ✅ → PROD ✅/);
  assert.equal(backups(world).length, 1);

  const before = { served: served(world), sha: good.sha };
  const bad = await validated(world, 'feat: une option', brokenInProduction(world));
  const restored = await promote(world, bad.sha);
  assert.equal(restored.conclusion, 'failure', restored.text);
  await until(async () => (await world.page('prod')).status === 200, 'production');
  await untouched(world, before);
  assert.equal(readFileSync(notes, 'utf8'), 'ce que seule la production a\n');
  await shows(world, 'preprod', bad.sha);
  const undone = messageOf(world, new RegExp(`SHA annulé: ${bad.sha.slice(0, 7)}`));
  assert.match(undone?.text ?? restored.text, new RegExp(`cd \\S+mangetamain-prod &&\n[^]*git reset --hard ${good.sha} && cd \\S+20_prod &&[^]*compose[^]*curl`));
}));

test('the example: the hourly check tells when a site goes down and when it is back, and nothing in between', { skip }, () => inExample(async (world) => {
  const told = (pattern) => headlines(world).filter((line) => pattern.test(line)).length;
  const well = await checkHealth(world);
  assert.equal(well.conclusion, 'success', well.text);
  assert.deepEqual(headlines(world), []);
  world.compose('prod', 'stop', 'prod');
  for (const time of ['first', 'second']) {
    const down = await checkHealth(world);
    assert.equal(down.conclusion, 'failure', `${time}: ${down.text}`);
  }
  assert.equal(told(/^🚨 PRODUCTION - Site DOWN/), 1, headlines(world).join('\n'));
  world.compose('prod', 'start', 'prod');
  await until(async () => (await world.page('prod')).status === 200, 'production');
  for (const time of ['first', 'second']) {
    const back = await checkHealth(world);
    assert.equal(back.conclusion, 'success', `${time}: ${back.text}`);
  }
  assert.equal(told(/^✅ PRODUCTION - Site de nouveau en ligne/), 1, headlines(world).join('\n'));
  assert.equal(headlines(world).length, 2, headlines(world).join('\n'));
}));
