// A promote that goes wrong: production is put back whole, with its files, and a person is told how to do
// it by hand.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ciEnded } from '../world/scenario.mjs';
import { ciFails, nextSecond, validated } from './support.mjs';
import { backups, candidate, headOf, isWhole, onProduction, page, prodFacts, prodLedger, productionInputs, promote, script, settings, withProduction } from './production.mjs';

const told = (world) => world.discord.news.at(-1);

function leaveFiles(world) {
  mkdirSync(join(world.prod.files, 'empty'));
  writeFileSync(join(world.prod.files, 'only-old'), 'old\n');
  symlinkSync('settings.txt', join(world.prod.files, 'link'));
}

function filesAreBack(world) {
  assert.deepEqual(readdirSync(world.prod.files).sort(), ['empty', 'link', 'only-old', 'settings.txt']);
  assert.equal(settings(world), 'of version 1');
}

test('an unhealthy promote puts back the old SHA and the files that the deploy command had replaced', () => withProduction({}, async (world) => {
  leaveFiles(world);
  const sha = await candidate(world);
  const result = await promote(world, sha, { ...script(world), 'health-contains': 'version 1' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'rolled-back'], result.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
  filesAreBack(world);
  assert.equal(result.outputs.backup, backups(world)[0]);
  const { text, rang } = told(world);
  assert.match(text, /^🔄 PRODUCTION - ROLLBACK AUTOMATIQUE effectué\n/);
  assert.match(text, new RegExp(`Fichiers remis depuis la sauvegarde ${result.outputs.backup}\nCe qu'ils ont remplacé est gardé dans `));
  assert.equal(rang ?? false, false);
  const kept = readdirSync(world.root).find((name) => name.startsWith('prod-files.replaced-'));
  assert.equal(readFileSync(join(world.root, kept, 'settings.txt'), 'utf8'), `of ${sha}\n`, 'what was replaced is kept');
  assert.ok(!readdirSync(world.root).some((name) => name.includes('.restored-')), 'nothing half done is left');
  const runs = world.ledger('prod').filter(({ fact }) => fact.began?.step === 'command');
  assert.equal(runs.length, 1, 'the deploy command is not run again on the way back');
}));

test('the message ends with the commands by hand, filled in, in order', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const { summary } = await promote(world, sha, { ...script(world), 'health-contains': 'version 1' });
  const commands = told(world).text.split('```')[1].trim().split('\n');
  assert.match(commands[0], /^ssh \S+$/);
  assert.deepEqual(commands.slice(1), [
    `cd ${world.prod.vm} &&`, `git reset --hard ${world.first} &&`,
    `docker compose -f ${world.prod.compose} -p ${basename(world.prod.docker).toLowerCase()} restart &&`, `curl -fsS --retry 30 --retry-delay 1 --retry-all-errors ${world.prod.url}`,
  ]);
  assert.ok(told(world).text.trimEnd().endsWith('```'));
  assert.match(told(world).text, /^À la main, si besoin ; les fichiers sont déjà remis \(→ [0-9a-f]{7}\) :$/m, 'no command among them makes any');
  assert.match(summary, /\| ❌ contrôle de santé \|/, 'the check that found it ill stands out');
  assert.match(summary, /contrôle de santé [^:\n]*:crit, /);
}));

test('an env file that is put back, as old as it was, is taken in', () => withProduction({}, async (world) => {
  const env = join(world.prod.docker, '.env');
  writeFileSync(env, 'COLOUR=blue\n');
  utimesSync(env, 1_000_000_000, 1_000_000_000);
  const sha = await candidate(world);
  const result = await promote(world, sha, { 'deploy-command': `sh\n-c\necho COLOUR=red > ${env}`, 'backup-paths': env, 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(readFileSync(env, 'utf8'), 'COLOUR=blue\n');
  assert.equal(result.log.match(/ up: .*\.env" changed/g)?.length, 2, result.log);
  assert.equal(await page(world), 'version 1');
}));

test('a deploy command that fails half way is undone with its files, and shows its last lines', () => withProduction({}, async (world) => {
  leaveFiles(world);
  const sha = await candidate(world);
  const result = await promote(world, sha, script(world, 'echo "::error::disk on fire"; exit 7'));
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /exit code 7/);
  assert.match(result.log, /disk on fire/);
  assert.deepEqual(result.annotations.filter((one) => one.text === 'disk on fire'), []);
  await isWhole(world, 1, world.first, 'of version 1');
  filesAreBack(world);
}));

test('a deploy command that hangs is ended at its limit, and undone', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const result = await promote(world, sha, { ...script(world, 'while :; do sleep 0.1; done'), 'deploy-command-timeout': '1500ms' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /not done within 1\.5 s, and ended/);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a deploy command that prints 100 MB fills neither memory, log nor ledger', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const result = await promote(world, sha, script(world, 'head -c 100000000 /dev/zero | tr "\\0" "x"; echo; echo the end; exit 3'));
  assert.equal(result.outputs.result, 'rolled-back', result.stdout.slice(0, 2000));
  assert.match(result.log, /the end/);
  assert.ok(result.stdout.length < 100_000 && JSON.stringify(world.ledger('prod')).length < 100_000);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('without a backup the deploy command is asked to make the old files again', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const result = await promote(world, sha, { ...script(world), 'backup-paths': 'none', 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual([result.outputs.backup, backups(world)], ['', []]);
  await isWhole(world, 1, world.first, `of ${world.first}`);
}));

test('a promote without a deploy command has changed no files, and puts none back', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const result = await promote(world, sha, { 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.ok(prodLedger(world).every(({ fact }) => fact.began?.step !== 'restore'));
  assert.doesNotMatch(told(world).text, /Fichiers remis/);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('the work tree itself can be what is saved and put back', () => withProduction({}, async (world) => {
  writeFileSync(join(world.prod.vm, 'untracked.txt'), 'mine\n');
  const sha = await candidate(world);
  const clobber = `sh\n-c\nrm -f ${world.prod.vm}/untracked.txt; echo changed > ${world.prod.vm}/www/version.txt`;
  const result = await promote(world, sha, { 'deploy-command': clobber, 'backup-paths': world.prod.vm, 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.equal(readFileSync(join(world.prod.vm, 'untracked.txt'), 'utf8'), 'mine\n');
  await isWhole(world, 1, world.first, 'of version 1');
  const next = await validated(world, 3);
  const again = await promote(world, next, { 'backup-paths': world.prod.vm });
  assert.equal(again.outputs.result, 'deployed', again.stdout);
  assert.equal(await page(world), 'version 3');
}));

test('guarded paths stop the way back, and the message says what to run, files included', () => withProduction({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const sha = world.release({ version: 2, files: { 'migrations/0002.sql': 'ALTER TABLE x;\n', 'www/index.html': 'version 2\n', 'www/version.txt': '2\n' } });
  world.github.addRun({ sha, status: 'completed', conclusion: 'success' });
  await world.runAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
  const result = await promote(world, sha, { ...script(world), 'health-contains': 'version 1' });
  assert.equal(result.outputs.result, 'failed', result.stdout);
  assert.equal(headOf(world.prod.vm), sha);
  const { text } = told(world);
  assert.match(text, /^🚨 PRODUCTION - Rollback à décider\n/);
  assert.doesNotMatch(`${text}${result.summary}${result.log}`, /Pourquoi le CI a échoué|Why CI failed/, 'its CI succeeded');
  const { files, vm } = world.prod;
  const [name] = backups(world);
  const [saved, fresh] = [`${world.prod.backups}/${name}/files`, `${files}.restored-${name}`];
  assert.ok(text.includes([
    `cd ${vm}`, `env -C ${saved} sha256sum --check --strict --quiet -- ../SHA256SUMS`, `rm -rf -- ${fresh}`, `mkdir -p -- ${world.root}`,
    `cp -a -T -- ${saved}${files} ${fresh}`, `git reset --hard ${world.first}`, `mv -T --backup=numbered -- ${fresh} ${files}`, 'docker ',
  ].join(' &&\n')), text);
}));

test('a backup that is damaged when it is needed is not put back: what is live is told, and how to go on', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const damage = `for f in ${world.prod.backups}/*/files${world.prod.files}/settings.txt; do echo rot > $f; done`;
  const result = await promote(world, sha, { ...script(world, damage), 'health-contains': 'version 1' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.match(result.log, /putting files back from the backup: sha256sum: /);
  assert.match(told(world).text, /^🚨 PRODUCTION - Rollback en échec : intervention nécessaire\n/);
  assert.match(told(world).text, /Rien ne prouve que cette sauvegarde est intacte \\?: n'en copier aucun fichier\\?\. Cet environnement n'en a pas d'autre/);
  assert.match(told(world).text, new RegExp(`git reset --hard ${world.first} &&\nDEPLOY_SHA=${world.first} `));
  assert.doesNotMatch(told(world).text, /cp -a -T -- |sha256sum --check|intacte ; les commandes/);
  assert.equal(settings(world), `of ${sha}`, 'no mixture was made');
  const [backup] = backups(world);
  const more = await candidate(world, 3);
  const held = await promote(world, more, script(world));
  assert.deepEqual([held.exit, held.outputs.result, backups(world)], [1, 'failed', [backup]], held.stdout);
  assert.match(held.log, new RegExp(`Les fichiers de la sauvegarde ${backup} n'ont pas pu être remis`));
  const seen = await onProduction(world, 'status');
  assert.equal(JSON.parse(seen.outputs.state).prod.unrestored, backup);
  const { stdout } = await world.runCommand(['status', '--state-dir', world.stateDir], { env: { LANG: 'fr_FR.UTF-8' } });
  assert.match(stdout, new RegExp(`fichiers +ceux de la sauvegarde ${backup} ne sont pas remis : rollback --backup ${backup}`));
  const examined = await onProduction(world, 'doctor');
  assert.match(examined.log, new RegExp(`ceux de la sauvegarde ${backup} n'ont pas été remis : un promote est refusé`));
  const forced = await promote(world, more, { ...script(world), force: 'true' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
  assert.equal((await promote(world, await candidate(world, 4), script(world))).outputs.result, 'deployed');
}));

test('a backup that is damaged is found so before a rollback by hand touches what is well', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await promote(world, sha, script(world));
  const [backup] = backups(world);
  writeFileSync(join(world.prod.backups, backup, 'files', world.prod.files, 'settings.txt'), 'rot\n');
  const seen = prodFacts(world).length;
  const back = await onProduction(world, 'rollback', { backup });
  assert.deepEqual([back.exit, back.outputs.result], [1, 'failed'], back.stdout);
  assert.match(back.log, /sha256sum: /);
  assert.match(back.log, /Nothing proves that this backup is as it was made: copy no file from it\. This environment has no other one/);
  assert.doesNotMatch(back.log, /commands below|is untouched/);
  await isWhole(world, 2, sha, `of ${sha}`);
  assert.deepEqual(prodFacts(world).slice(seen), [], 'nothing was begun');
}));

test('a backup of a name that is not there is told as that, with those that are', () => withProduction({}, async (world) => {
  const absent = '20200101T000000Z-abcdef1';
  const back = async () => (await onProduction(world, 'rollback', { backup: absent })).log;
  assert.match(await back(), new RegExp(`there is no backup ${absent} in ${world.prod.backups}, nor another one`));
  assert.equal((await promote(world, await candidate(world), script(world))).outputs.result, 'deployed');
  const [backup] = backups(world);
  assert.match(await back(), new RegExp(`there is no backup ${absent} in ${world.prod.backups}; the newest are ${backup}`));
}));

/** An environment in which files of a backup cannot be put back. */
function unrestorable(world) {
  const programs = wrapPrograms(world, ['cp']);
  programs.rule('cp -a -T', 'echo "no room" >&2; exit 1');
  return { env: programs.env };
}

test('a backup that could not be put back is not removed to make room for the next', () => withProduction({}, async (world) => {
  const inputs = { ...script(world), 'health-contains': 'version 1', 'backup-keep': '1' };
  const stuck = await promote(world, await candidate(world), inputs, unrestorable(world));
  assert.equal(stuck.outputs.result, 'failed', stuck.stdout);
  const [kept] = backups(world);
  await nextSecond();
  const forced = await promote(world, await candidate(world, 3), { ...script(world), force: 'true', 'backup-keep': '1' });
  assert.equal(forced.outputs.result, 'deployed', forced.stdout);
  assert.equal(backups(world).length, 2);
  assert.equal(readFileSync(join(world.prod.backups, kept, 'files', world.prod.files, 'settings.txt'), 'utf8'), 'of version 1\n');
}));

test('a version that has made its own files again is promoted over, although another one\'s could not be put back', () => withProduction({}, async (world) => {
  const second = await candidate(world);
  assert.equal((await promote(world, second, script(world))).outputs.result, 'deployed');
  const inputs = { ...productionInputs(world), ...script(world), backup: 'latest' };
  assert.equal((await world.runAction({ mode: 'rollback', inputs, ...unrestorable(world) })).exit, 1);
  const back = await onProduction(world, 'rollback', { ...script(world), to: second });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  await nextSecond();
  const [unrestored] = backups(world);
  const third = await promote(world, await candidate(world, 3), { ...script(world), 'backup-keep': '1' });
  assert.equal(third.outputs.result, 'deployed', third.stdout);
  assert.equal(backups(world).length, 2, 'what the command does not make is nowhere else');
  assert.ok(backups(world).includes(unrestored));
}));

test('where a backup does not hold what it held, or does not say what, the newest other one of the environment is named', () => withProduction({}, async (world) => {
  const all = [];
  for (const version of [2, 3, 4]) {
    all.push(await candidate(world, version));
    await nextSecond();
    assert.equal((await promote(world, all.at(-1), script(world))).outputs.result, 'deployed');
  }
  const [oldest, other, newest] = backups(world);
  // Another environment's, in the same folder, is no way back.
  const at = (name, file = 'manifest.json') => join(world.prod.backups, name, file);
  writeFileSync(at(other), readFileSync(at(other), 'utf8').replace(/"environment": ?"prod"/, '"environment":"preprod"'));
  const text = readFileSync(at(newest), 'utf8');
  for (const spoil of [() => writeFileSync(at(newest), text.slice(0, 80)), () => rmSync(at(newest)), () => rmSync(at(newest, 'SHA256SUMS'))]) {
    writeFileSync(at(newest), text);
    spoil();
    const back = await onProduction(world, 'rollback', { backup: 'latest' });
    assert.deepEqual([back.exit, back.outputs.result], [1, 'failed'], back.stdout);
    const named = `mangetamain-deploy rollback --environment prod --state-dir ${world.stateDir} --backup ${oldest}`;
    assert.ok(back.log.includes(`copy no file from it. The newest other one puts ${oldest.slice(-7)} live, with the files of that time: ${named}`), back.log);
    assert.doesNotMatch(back.log, /commands below|is untouched/);
  }
  const back = await onProduction(world, 'rollback', { backup: oldest });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('CI of what was in production before the first promote moves nothing there', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await promote(world, sha);
  const back = await onProduction(world, 'rollback', { to: 'previous' });
  assert.equal(back.outputs.result, 'rolled-back', back.stdout);
  ciFails(world, world.first);
  const status = await onProduction(world, 'status');
  const { live, quarantine } = JSON.parse(status.outputs.state).prod;
  assert.deepEqual([live.sha, await page(world)], [world.first, 'version 1'], status.stdout);
  assert.deepEqual(quarantine, [], status.stdout);
}));

test('rollback puts files back with the SHA that they belong to', () => withProduction({}, async (world) => {
  leaveFiles(world);
  const sha = await candidate(world);
  const promoted = await promote(world, sha, script(world));
  assert.equal(promoted.outputs.result, 'deployed', promoted.stdout);
  const back = await onProduction(world, 'rollback', { backup: 'latest' });
  assert.deepEqual([back.exit, back.outputs.result, back.outputs.backup], [0, 'rolled-back', promoted.outputs.backup], back.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
  filesAreBack(world);
  const named = await onProduction(world, 'rollback', { backup: promoted.outputs.backup, ...script(world) });
  assert.equal(named.outputs.result, 'rolled-back', named.stdout);
  await isWhole(world, 1, world.first, 'of version 1');
  const other = await onProduction(world, 'rollback', { backup: 'latest', to: sha });
  assert.match(other.log, /holds the files of [0-9a-f]{7}, not of/);
  const plan = await onProduction(world, 'rollback', { backup: 'latest', 'dry-run': 'true' });
  assert.match(plan.log, /put the files of the backup/);
}));

test('files of the version that is live are put back, and no version is said to be undone', () => withProduction({}, async (world) => {
  const second = await candidate(world);
  await promote(world, second, script(world));
  await nextSecond();
  const failed = await promote(world, await candidate(world, 3), { ...script(world), 'health-contains': 'version 2' });
  assert.equal(failed.outputs.result, 'rolled-back', failed.stdout);
  const result = await onProduction(world, 'rollback', { backup: 'latest' });
  assert.deepEqual([result.exit, result.outputs.result], [0, 'rolled-back'], result.stdout);
  await isWhole(world, 2, second, `of ${second}`);
  const { text } = told(world);
  assert.match(text, new RegExp(`\nSHA en ligne: ${second.slice(0, 7)} [^]*\nFichiers remis depuis la sauvegarde ${result.outputs.backup}\n`));
  assert.doesNotMatch(text, /SHA annulé|Version annulée/);
}));

test('a backup\'s name cannot be a path, and one that does not exist is told', () => withProduction({}, async (world) => {
  await candidate(world);
  for (const backup of ['../../etc', '20260101T000000Z-abcdef0/..', 'newest']) {
    const result = await onProduction(world, 'rollback', { backup });
    assert.equal(result.exit, 2, result.stdout);
    assert.match(result.log, /must be `latest`, or a backup's name/);
  }
  assert.match((await onProduction(world, 'rollback', { backup: 'latest' })).log, /there is no backup in/);
  assert.match((await onProduction(world, 'rollback', { backup: '20260101T000000Z-abcdef0' })).log, /there is no backup 20260101T000000Z-abcdef0 in/);
  await isWhole(world, 1, world.first, 'of version 1');
}));

test('a promote that CI condemns afterwards in preprod is not undone behind people\'s backs', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  await promote(world, sha);
  ciFails(world, sha, { run_attempt: 2 });
  const status = await onProduction(world, 'status');
  assert.equal(JSON.parse(status.outputs.state).prod.live.sha, sha);
}));

test('once it was gone back from, the rollback point\'s file names what CI has not failed', () => withProduction({}, async (world) => {
  const file = () => readFileSync(join(world.stateDir, 'prod/last-validated-sha.txt'), 'utf8').trim();
  const older = await candidate(world, 2);
  await promote(world, older);
  const sha = await candidate(world, 3);
  await promote(world, sha);
  await world.runAction({ mode: 'watch', event: ciEnded(world, { sha, conclusion: 'failure' }, { id: 9000009999, run_attempt: 2 }) });
  assert.equal(file(), sha, 'it is live: that is for a person to undo');
  const back = await onProduction(world, 'rollback', { to: 'previous' });
  assert.deepEqual([back.outputs.result, back.outputs['validated-sha'], file()], ['rolled-back', older, older], back.stdout);
}));

test('a backup of an empty folder is one, and is put back', () => withProduction({}, async (world) => {
  const uploads = join(world.root, 'uploads');
  mkdirSync(uploads);
  const sha = await candidate(world);
  const command = `sh\n-c\necho new > ${uploads}/new`;
  const result = await promote(world, sha, { 'deploy-command': command, 'backup-paths': uploads, 'health-contains': 'version 1' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'rolled-back'], result.stdout);
  assert.equal(await page(world), 'version 1');
  assert.deepEqual(readdirSync(uploads), []);
}));

test('where the version that files were put back for does not come to work, the one that follows is told with those files', () => withProduction({}, async (world) => {
  const all = [];
  for (const version of [2, 3, 4]) {
    all.push(await candidate(world, version));
    assert.equal((await promote(world, all.at(-1), script(world))).outputs.result, 'deployed');
  }
  const backup = backups(world).find((name) => name.endsWith(all[1].slice(0, 7)));
  const result = await onProduction(world, 'rollback', { backup, to: '', 'health-contains': 'version 2', ...script(world) });
  assert.equal(result.exit, 1, result.stdout);
  assert.equal(await page(world), 'version 2');
  assert.match(told(world).text, new RegExp(`Fichiers remis auparavant depuis la sauvegarde ${backup}, pour ${all[1].slice(0, 7)}\nCe qu'ils ont remplacé est gardé dans `));
}));

test('a compose file that is gone comes back with the backup that holds it', () => withProduction({}, async (world) => {
  const inputs = { 'backup-paths': world.prod.docker };
  await promote(world, await candidate(world), inputs);
  rmSync(world.prod.compose);
  const result = await onProduction(world, 'rollback', { ...inputs, backup: 'latest' });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.deepEqual([await page(world), headOf(world.prod.vm), existsSync(world.prod.compose)], ['version 1', world.first, true]);
}));
