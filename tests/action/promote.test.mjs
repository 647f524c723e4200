// `promote` through the committed bundle: what goes to production, what is refused and why, what is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from '../world/git.mjs';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, headlines, texts, validated } from './support.mjs';
import { backups, candidate, headOf, isWhole, onProduction, page, prodFacts, promote, script, settings, startPromote, withProduction } from './production.mjs';

const last = (world) => texts(world).at(-1);
const untouched = async (world) => {
  await isWhole(world, 1, world.first, 'of version 1');
  assert.deepEqual(backups(world), []);
};

test('a confirmed promote saves, deploys, checks and validates what preprod has validated', () => withProduction({ validate: true }, async (world) => {
  const sha = await candidate(world);
  const result = await promote(world, sha, script(world));
  assert.equal(result.exit, 0, result.stdout);
  assert.deepEqual([result.problems, world.github.violations], [[], []]);
  await isWhole(world, 2, sha, `of ${sha}`);
  assert.equal(result.outputs.result, 'deployed');
  assert.equal(result.outputs['validated-sha'], sha, 'production has it as a rollback target now');
  assert.equal(readFileSync(join(world.prod.folder, 'last-validated-sha.txt'), 'utf8'), `${sha}\n`);
  assert.deepEqual(backups(world), [result.outputs.backup]);
  assert.match(result.outputs.backup, new RegExp(`-${world.first.slice(0, 7)}$`));
  const told = texts(world).slice(-2);
  assert.match(told[0], /^🚀 PRODUCTION - Déploiement démarré\n/);
  assert.match(told[0], new RegExp(`Commits: 1\nSauvegarde: ${result.outputs.backup} ✅`));
  assert.equal(told[1], ['🎯 PRODUCTION - Déploiement réussi ✅', `SHA: ${sha.slice(0, 7)}`, 'PREPROD ✅ → PROD ✅', `URL: ${world.prod.url}`].join('\n'));
  for (const line of [/PREPROD : [0-9a-f]{7} Version 2 \(en ligne depuis/, /PROD : [0-9a-f]{7} First version/, /Commits entre les deux : 1\n.*Mona - Version 2/, /✅ [0-9a-f]{7} validé en PREPROD : CI run \d+, tentative 1/, /✅ PREPROD est en ligne avec [0-9a-f]{7} et répond bien, en \d+ ms/, /✅ Aucun gel/, /✅ Retour possible vers/, /✅ Assez de place/]) {
    assert.match(result.log, line);
  }
}));

test('what a promote replaces is inactive on GitHub\'s page of deployments, which by itself leaves what end users work with', () => withProduction({ validate: true }, async (world) => {
  const shas = [];
  for (const version of [2, 3]) {
    shas.push(await candidate(world, version));
    assert.equal((await promote(world, shas.at(-1))).outputs.result, 'deployed');
  }
  const back = await onProduction(world, 'rollback', { to: shas[0] });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  const shown = world.github.deployments.filter(({ environment }) => environment === 'prod');
  assert.deepEqual(shown.map((one) => [shas.indexOf(one.sha), one.task, one.production_environment, one.statuses.map(({ state }) => state).join(' ')]), [
    [0, 'deploy', true, 'in_progress success inactive'], [1, 'deploy', true, 'in_progress success inactive'], [0, 'rollback', true, 'in_progress success'],
  ]);
  assert.deepEqual(world.github.violations, []);
}));

for (const typed of ['', 'deploy', 'DEPLOY ', 'yes']) {
  test(`${typed ? `\`${typed}\`` : 'nothing typed'} is no confirmation: cancelled, told, nothing touched`, () => withProduction({}, async (world) => {
    const sha = await candidate(world);
    const result = await promote(world, sha, { confirm: typed || null });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'cancelled'], result.stdout);
    assert.match(last(world), /^🚫 PRODUCTION - Déploiement annulé\n/);
    assert.equal(last(world).includes('des espaces avant ou après DEPLOY'), typed === 'DEPLOY ', last(world));
    await untouched(world);
    assert.equal(existsSync(world.prod.folder), false, 'no folder is made for it');
  }));
}

test('a dry run prints the same plan, touches nothing and sends nothing', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const sent = world.discord.news.length;
  const result = await promote(world, sha, { ...script(world), 'dry-run': 'true', confirm: null });
  assert.equal(result.exit, 0, result.stdout);
  assert.match(result.log, /nothing is touched, nothing is sent/);
  assert.match(result.log, /Liste de contrôle/);
  assert.match(result.log, /nécessaires, .* libres/);
  // Production's own clone has not fetched it: preprod's tells.
  assert.notEqual(spawnSync('git', ['-C', world.prod.vm, 'cat-file', '-e', `${sha}^{commit}`]).status, 0);
  assert.match(result.log, /Commits entre les deux : 1\n\s+[0-9a-f]{7} .* - Version 2\n/);
  await untouched(world);
  assert.deepEqual([world.discord.news.length, existsSync(world.prod.folder)], [sent, false]);
}));

test('a dry run says that the compose file will be nowhere, as the promote does, though only preprod has the commit', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  for (const file of [join(world.prod.docker, 'nowhere.yml'), join(world.prod.vm, 'nowhere.yml')]) {
    for (const more of [{ 'dry-run': 'true' }, {}]) {
      const result = await promote(world, sha, { 'compose-file': file, locale: 'en', ...more });
      assert.equal(result.outputs.result, 'failed', result.stdout);
      assert.ok(result.log.includes(`${file} is neither in this version nor on this machine`), result.log);
    }
  }
  assert.equal(await page(world), 'version 1');
}));

test('what preprod has not validated is refused, `force` or not, and names what it has', () => withProduction({}, async (world) => {
  const good = await candidate(world);
  const awaited = world.release({ version: 3 });
  await deploy(world, awaited, { watch: 'none' });
  for (const force of ['false', 'true']) {
    const result = await promote(world, awaited, { force });
    assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
    assert.match(result.log, new RegExp(`son CI n'a pas encore parlé\\) ; le dernier validé est ${good}`));
    assert.match(last(world), /^⛔ PRODUCTION - Déploiement refusé\n/);
  }
  const failed = world.release({ version: 4 });
  ciFails(world, failed);
  await deploy(world, failed);
  assert.match((await promote(world, failed, { force: 'true' })).log, /il y a échoué/);
  const unknown = world.release({ version: 5 });
  assert.match((await promote(world, unknown, { force: 'true' })).log, /jamais mis en ligne là-bas/);
  await untouched(world);
}));

test('of what preprod is live with, and has not heard CI of, GitHub is asked, and what to do is told', () => withProduction({}, async (world) => {
  const failed = world.release({ version: 2 });
  await deploy(world, failed, { watch: 'event' });
  const run = ci(world, failed, 'failure');
  const refused = await promote(world, failed, { force: 'true' });
  assert.match(refused.log, /n'est pas validé en PREPROD \(run de CI \d+ : en échec/);
  await untouched(world);
  world.github.rerun(run);
  world.github.setRun(run, { status: 'in_progress', conclusion: null });
  assert.match((await promote(world, failed)).log, /son CI n'a pas encore parlé/);
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const unheard = await promote(world, failed);
  assert.match(unheard.log, /son CI a réussi, run \d+, mais PREPROD ne l'a pas encore enregistré\) ; attendre le job qui l'enregistre, ou mode `watch` là-bas avec ce `sha`, puis relancer/);
  await untouched(world);
  // What it says to do, done.
  await world.runAction({ mode: 'watch', sha: failed });
  assert.equal((await promote(world, failed)).outputs.result, 'deployed');
}));

test('where preprod is on another machine, GitHub is asked for the SHA\'s CI', () => withProduction({}, async (world) => {
  const sha = world.release({ version: 2 });
  const refused = await promote(world, sha);
  assert.match(refused.log, /GitHub ne connaît aucun run/);
  const run = ci(world, sha, 'failure');
  assert.match((await promote(world, sha, { force: 'true' })).log, /n'est pas validé en PREPROD \(run de CI \d+ : en échec/);
  await untouched(world);
  world.github.rerun(run);
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const result = await promote(world, sha);
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  assert.match(result.log, /validé selon GitHub : CI run \d+, tentative 2/);
  assert.match(result.log, /➖ Ce qui est en ligne en PREPROD, sur une autre machine : non vérifié/);
  assert.equal(result.outputs['validated-sha'], sha);
}));

test('preprod that does not answer well now stands in the way', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  writeFileSync(join(world.vm, 'www/exit-code'), '1');
  world.engine.compose(world.vm, 'restart');
  const result = await promote(world, sha, { force: 'true' });
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /❌ PREPROD ne répond pas bien maintenant/);
  await untouched(world);
}));

test('an older SHA than what preprod is live with is a matter of age', () => withProduction({}, async (world) => {
  const older = await candidate(world, 2);
  await validated(world, 3);
  const result = await promote(world, older);
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /❌ PREPROD est en ligne avec ([0-9a-f]{7}), pas avec ([0-9a-f]{7}) : promouvoir \1, ou `rollback` de PREPROD vers \2, ou force: true/);
  // What is live has no verdict yet: the last validated one is not live, so it alone is no way.
  const pending = world.release({ version: 4 });
  await deploy(world, pending, { watch: 'none' });
  const early = await promote(world, pending);
  assert.match(early.log, /n'est pas validé en PREPROD .* ; le dernier validé est [0-9a-f]{40}, mais PREPROD est en ligne avec ([0-9a-f]{7}) : promouvoir \1 une fois validé/);
  await untouched(world);
  assert.equal((await promote(world, older, { force: 'true' })).outputs.result, 'deployed');
  assert.match(texts(world).at(-2), /\n⚠️ Forcé : pas en ligne là d'où il vient\n/);
  assert.match(last(world), /^🎯 .*\nSHA: .*\n⚠️ Forcé : pas en ligne là d'où il vient\nPROD ✅\n/);
  // Production has the last validated one by now: it is no way forward.
  await promote(world, await validated(world, 5));
  const hotfix = world.release({ version: 6 });
  await deploy(world, hotfix, { watch: 'none' });
  const waiting = await promote(world, hotfix);
  assert.match(waiting.log, /le dernier validé est [0-9a-f]{7}, déjà en ligne : attendre le CI$/m);
}));

test('what failed in preprod is to be mended: neither `force` nor a way back to it is advised, which would be refused', () => withProduction({}, async (world) => {
  const older = await candidate(world, 2);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  assert.equal((await deploy(world, bad)).outputs.result, 'rolled-back');
  const result = await promote(world, bad);
  assert.equal(result.exit, 1, result.stdout);
  assert.ok(result.log.includes(`(il y a échoué) ; le dernier validé est ${older} : le donner avec sha, ou corriger et pousser, ou relancer son CI`), result.log);
  assert.doesNotMatch(result.log, /pas avec|force: true/);
  await untouched(world);
}));

test('an older SHA than what production is live with is refused without `force`', () => withProduction({}, async (world) => {
  const older = await candidate(world, 2);
  const newer = await validated(world, 3);
  assert.equal((await promote(world, newer)).outputs.result, 'deployed');
  const result = await promote(world, older);
  assert.match(result.log, /❌ Plus ancien que ce qui est en ligne/);
  assert.equal(await page(world), 'version 3');
  const forced = await promote(world, older, { force: 'true' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
  assert.match(forced.log, /⚠️ Plus ancien que ce qui est en ligne : passé outre \(force\)$/m, 'nothing is left to do');
  assert.equal(await page(world), 'version 2');
  assert.match(texts(world).at(-2), /⚠️ Forcé : plus ancien que ce qui était en ligne, pas en ligne là d'où il vient\n(.*\n)*Commits retirés: 1\n/);
  assert.equal(forced.outputs['validated-sha'], newer, 'the rollback point does not go back');
}));

test('what is live already is checked, and left alone', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await promote(world, sha);
  const again = await promote(world, sha);
  assert.deepEqual([again.exit, again.outputs.result], [0, 'unchanged'], again.stdout);
  assert.equal(backups(world).length, 1, 'nothing is saved for nothing');
}));

test('in a freeze only `force` promotes, and says so', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const freeze = 'mon 00:00 - mon 00:01 UTC\nmon 00:01 - mon 00:00 UTC';
  const result = await promote(world, sha, { freeze });
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /❌ Gel en cours : mon .* \(nous sommes le \d{4}-\d\d-\d\d \d\d:\d\d UTC\)\. Attendre, ou relancer avec force: true/);
  await untouched(world);
  const forced = await promote(world, sha, { freeze, force: 'true' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
  assert.match(texts(world).at(-2), /⚠️ Forcé : gel/);
  assert.match(texts(world).at(-1), /réussi[^]*⚠️ Forcé : gel/);
}));

test('a compose file that no git of production\'s has is taken in when it has changed', () => withProduction({}, async (world) => {
  const before = await promote(world, await candidate(world));
  assert.match(before.log, /compose: \d+ ms - restart/);
  writeFileSync(world.prod.compose, `${readFileSync(world.prod.compose, 'utf8')}# edited on the machine\n`);
  const after = await promote(world, await validated(world, 3));
  assert.match(after.log, /compose: \d+ ms - up \(.*docker-compose\.yml/);
  assert.equal(await page(world), 'version 3');
}));

/** A window of a freeze about the time that is so many hours from now, by UTC. */
function windowIn(hours) {
  const [from, to] = [hours - 1, hours + 1].map((at) => new Date(Date.now() + at * 3_600_000).toUTCString());
  const time = (text) => `${text.slice(0, 3).toLowerCase()} ${text.slice(17, 22)}`;
  return `${time(from)} - ${time(to)} UTC`;
}

test('a freeze that begins while the backup is made is obeyed', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const [programs, saved, later] = [wrapPrograms(world, ['cp']), join(world.root, 'saved'), join(world.root, 'later.cjs')];
  programs.rule('cp ', `touch '${saved}'`);
  writeFileSync(later, `const { now } = Date;\nDate.now = () => now() + (require('node:fs').existsSync(${JSON.stringify(saved)}) ? ${4 * 3_600_000} : 0);\n`);
  const result = await promote(world, sha, { freeze: windowIn(4) }, { env: { ...programs.env, NODE_OPTIONS: `--require ${later}` } });
  assert.ok(existsSync(saved), result.stdout);
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /Gel en cours : /);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a SHA that failed in production stays quarantined there until it is forced', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const failed = await promote(world, sha, { 'health-contains': 'nothing like this' });
  assert.equal(failed.outputs.result, 'failed', 'what was live does not answer so either');
  const refused = await promote(world, sha);
  assert.match(refused.log, /❌ [0-9a-f]{7} a échoué \(au CI ou ici\), en quarantaine/);
  assert.match(refused.log, /✅ Retour possible vers [0-9a-f]{7}/, 'the check was wrong for both of them');
  const forced = await promote(world, sha, { force: 'true' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
}));

test('mistakes of a promote are told before anything is touched', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const inputs = { 'backup-paths': null, freeze: 'fri 16:00 - mon 08:00 Europe/Pariss', 'promote-from': 'prod', 'deploy-command-timeout': 'soon' };
  const result = await promote(world, sha, inputs);
  assert.equal(result.exit, 2);
  for (const name of ['backup-paths', 'freeze', 'promote-from', 'deploy-command-timeout']) assert.match(result.log, new RegExp(`- ${name}`));
  const nested = await promote(world, sha, { 'backup-paths': `${world.prod.files}\n${world.stateDir}\n${world.prod.files}/x` });
  assert.match(nested.log, /holds the backups themselves/);
  assert.match(nested.log, /is saved already, with/);
  await untouched(world);
}));

test('ten thousand commits are counted, and the newest are told', () => withProduction({}, async (world) => {
  const many = Array.from({ length: 10_000 }, (_, at) => `commit refs/heads/main\ncommitter Mona <mona@example.org> ${1_700_000_000 + at} +0000\ndata 6\nnumber\n${at ? '' : `from ${world.first}\n`}`);
  const { execFileSync } = await import('node:child_process');
  execFileSync('git', ['-C', world.repository.author, 'fast-import', '--quiet', '--force'], { input: many.join('\n') });
  git(world.repository.author, 'reset', '-q', '--hard', 'main');
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  await deploy(world, sha);
  const result = await promote(world, sha);
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  assert.match(result.log, /Commits entre les deux : 10001\n/);
  assert.match(result.log, /… et 9981 de plus/);
  assert.match(texts(world).at(-2), /Commits: 10001/);
}));

test('preprod that goes back while the backup is made stops the promote before anything is touched', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const bin = join(world.root, 'slow');
  slowProgram(world, bin, 'comm');
  const one = startPromote(world, sha, {}, { env: { PATH: `${bin}:${world.engine.env.PATH}` } });
  await until(() => existsSync(join(bin, 'waits')), 'the backup');
  await world.runAction({ mode: 'rollback', inputs: { to: world.first } });
  writeFileSync(join(bin, 'go'), '');
  const result = await one.done;
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.match(result.log, /❌ PREPROD est en ligne avec/);
  await isWhole(world, 1, world.first, 'of version 1');
  assert.ok(!headlines(world).includes('🚀 PRODUCTION - Déploiement démarré'));
}));

test('a promote waits for what is at work on production, and is refused while preprod is changing', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const waiting = (at) => ({ 'deploy-command': `sh\n-c\nwhile [ ! -e ${world.root}/${at} ]; do sleep 0.05; done` });
  const one = startPromote(world, sha, waiting('go-prod'));
  await until(() => prodFacts(world).length > 3 && world.ledger('prod').some(({ fact }) => fact.began?.step === 'command'), 'the first promote');
  const two = startPromote(world, sha);
  let text = '';
  two.child.stdout.on('data', (part) => (text += part));
  await until(() => /waiting for run/.test(text), 'the second to wait');
  writeFileSync(join(world.root, 'go-prod'), '');
  assert.equal((await one.done).outputs.result, 'deployed');
  assert.equal((await two.done).outputs.result, 'unchanged');
  const next = world.release({ version: 3 });
  const preprod = world.startAction({ mode: 'deploy', sha: next, inputs: { watch: 'none', ...waiting('go-preprod') } });
  await until(() => world.ledger().some(({ fact }) => fact.began?.step === 'command'), 'the deploy on preprod');
  const result = await promote(world, sha, { force: 'true' });
  assert.match(result.log, /❌ Un déploiement est en cours en PREPROD/);
  writeFileSync(join(world.root, 'go-preprod'), '');
  await preprod.done;
  assert.equal(headOf(world.prod.vm), sha);
}));

test('a deploy that was killed on preprod is told as one that nobody is at, with what ends it', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const waits = { 'deploy-command': `sh\n-c\nwhile [ ! -e ${world.root}/go ]; do sleep 0.05; done` };
  const preprod = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none', ...waits } });
  await until(() => world.ledger().some(({ fact }) => fact.began?.step === 'command'), 'the deploy on preprod');
  preprod.child.kill('SIGKILL');
  await preprod.done;
  world.endJob();
  const refused = await promote(world, sha);
  assert.match(refused.log, /❌ Un déploiement n'a pas été terminé en PREPROD \(.+\), et plus personne n'y travaille : .*`doctor`/);
  assert.equal(headOf(world.prod.vm), world.first);
  writeFileSync(join(world.root, 'go'), '');
  await world.runAction({ mode: 'doctor' });
  const promoted = await promote(world, sha, { force: 'true' });
  assert.equal(promoted.outputs.result, 'deployed', promoted.log);
}));

test('an operator promotes what preprod validated last, without naming it', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const args = ['promote', '--environment', 'prod', '--app-path', world.prod.vm, '--compose-file', world.prod.compose, '--url', world.prod.url, '--state-dir', world.stateDir, '--backup-paths', 'none', '--confirm', 'DEPLOY'];
  // The team's messages are French; who sits here is not.
  const result = await world.runCommand(args, { env: { LANG: 'en_GB.UTF-8' } });
  assert.equal(result.exit, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /About to promote: /);
  assert.match(result.stdout, /➖ Backup: none is wanted: not checked/);
  assert.equal(headOf(world.prod.vm), sha);
  const status = await onProduction(world, 'status');
  assert.match(status.stdout + status.summary, /promote de [0-9a-f]{7} +mis en ligne \(en /);
}));

test('the file can say that nothing is saved, and what is frozen', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const config = join(world.root, 'deploy.yml');
  writeFileSync(config, `environments:\n  preprod: { label: Staging, app-path: ${world.vm}, url: '${world.url}' }\n  prod: { label: Live site, backup: none, freeze: ['mon 00:00 - mon 00:01 UTC'] }\n`);
  const result = await promote(world, sha, { config, 'backup-paths': null });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  assert.match(result.log, /Staging : [0-9a-f]{7}/);
  assert.match(last(world), /^🎯 Live site - Déploiement réussi ✅\n/);
  assert.equal(settings(world), 'of version 1');
}));

/** A program of that name that waits in the middle of the work until a file says `go`. */
function slowProgram(world, bin, name) {
  mkdirSync(bin);
  const real = `/usr/bin/${name}`;
  writeFileSync(join(bin, name), `#!/bin/sh\ntouch ${bin}/waits\nwhile [ ! -e ${bin}/go ]; do sleep 0.05; done\nexec ${real} "$@"\n`, { mode: 0o755 });
}

test('what failed in preprod and is still live there is no ground to wait for its CI', () => withProduction({}, async (world) => {
  const good = await candidate(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  await deploy(world, bad, { 'guard-paths': 'www/**' });
  const result = await promote(world, bad);
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.annotations.at(-1).text, new RegExp(`il y a échoué\\) ; le dernier validé est ${good} : le promouvoir une fois PREPROD revenu dessus \\(\`rollback\`\\)`));
}));
