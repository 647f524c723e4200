// `deploy` through the committed bundle: what goes live, what is refused, what is told.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { appFiles } from '../world/app.mjs';
import { git } from '../world/git.mjs';
import { ci, ciFails, deploy, facts, headlines, inWorld, point, serves, validated, texts } from './support.mjs';

/** What people were told, without the escapes of what others wrote. */
const plain = (world) => texts(world).join('\n').replaceAll('\\', '');

test('a push goes live at once and is validated by its CI', () => inWorld({ validate: true }, async (world) => {
  const sha = world.release({ version: 2, message: 'Fix bug analysis' });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.exit, 0, result.stdout);
  assert.deepEqual(result.problems, []);
  await serves(world, 2);
  assert.equal(world.checkedOut(), sha);
  assert.equal(point(world), sha);
  assert.equal(result.outputs.result, 'validated');
  assert.equal(result.outputs.sha, sha);
  assert.equal(result.outputs['validated-sha'], sha);
  assert.equal(result.outputs['previous-sha'], world.first);
  assert.equal(result.outputs.url, world.url);
  assert.match(result.outputs['duration-ms'], /^\d+$/);
  assert.equal(JSON.parse(result.outputs.state).preprod.live.sha, sha);
  assert.deepEqual(headlines(world), ['🚀 PREPROD - Déploiement démarré', '✅ PREPROD - Déploiement terminé', '✅ PREPROD - SHA validé par le CI']);
  assert.equal(texts(world)[0], [
    '🚀 PREPROD - Déploiement démarré', `SHA: ${sha.slice(0, 7)}`, 'Auteur: @mona', 'Message: Fix bug analysis', '⏳ CI en cours de vérification...',
  ].join('\n'));
  assert.match(result.summary, /^### ✅ PREPROD - En ligne : /);
  assert.deepEqual(facts(world).slice(0, 2), ['baseline', 'asked']);
  assert.deepEqual(world.github.violations, []);
}));

test('a failing CI rolls back to the last validated SHA and says why', () => inWorld({ private: true }, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.exit, 1);
  assert.equal(result.outputs.result, 'rolled-back');
  await serves(world, 2);
  assert.equal(world.checkedOut(), good);
  assert.equal(point(world), good);
  const message = texts(world).at(-1);
  assert.match(message, /^🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué\n/);
  assert.ok(message.includes(`SHA annulé: ${bad.slice(0, 7)}\nSHA en ligne: ${good.slice(0, 7)} (dernier validé)`), message);
  assert.match(message, /Version annulée en ligne pendant [^]*Commits depuis le dernier validé: 1\n• [0-9a-f]{7} Mona - Version 3\n/);
  assert.match(message, /Pourquoi le CI a échoué\n❌ \[tests › pytest\]\(<https:[^]*assert 1 == 2/);
  assert.match(result.log, /En ligne maintenant : .*validé/);
  const toBlob = world.github.requests.filter((request) => request.server === 'blob' || /blob/.test(request.host ?? ''));
  assert.ok(toBlob.every((request) => !request.headers.authorization), 'our token went to the log\'s host');
}));

test('a way back that fails too names what was pushed, by whom, and what stands there now', () => inWorld({ private: true }, async (world) => {
  // A neighbour that the site cannot do without, and that goes away: no version is healthy any more.
  const neighbour = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
  await once(neighbour, 'listening');
  neighbour.port = neighbour.address().port;
  world.inputs['health-url'] = `${world.url}\nhttp://127.0.0.1:${neighbour.port}/`;
  world.inputs['health-grace'] = '1s';
  const good = await validated(world);
  neighbour.close();
  neighbour.closeAllConnections();
  const bad = world.release({ version: 3, message: 'Third time' });
  const result = await deploy(world, bad, { watch: 'none' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  assert.equal(world.checkedOut(), good);
  const [started, alarm, edited] = texts(world).slice(-3).map((text) => text.replaceAll('\\', ''));
  assert.match(started, /\nMessage: Third time\nCI non suivi$/);
  assert.equal(edited, alarm, 'the message of the deploy says it too');
  const lines = alarm.split('\n');
  assert.deepEqual(lines.slice(0, 6), [
    '🚨 PREPROD - Échec, sans retour possible', `SHA annulé: ${bad.slice(0, 7)}`, `En ligne: ${good.slice(0, 7)}`,
    'Aucune version d\'avant vers laquelle revenir', 'Auteur: @mona', 'Message: Third time',
  ]);
  assert.ok(lines.includes(`🚨 Le retour à ${good.slice(0, 7)} n'a pas abouti : intervention nécessaire`), lines.join('\n'));
  assert.ok(result.summary.includes(`${bad.slice(0, 7)} n'a pas tenu, et le retour à ${good.slice(0, 7)} non plus : `), result.summary);
  // It is the neighbour: what was validated is what can be gone back to, still.
  assert.match(result.log, new RegExp(`Live now: ${good.slice(0, 7)} \\(validated, put in place, not healthy\\)`));
  assert.equal(result.outputs['validated-sha'], good);
  // What it says to do, done.
  const [, to] = /redéployer entièrement \w{7} : mode `rollback` avec `to: (\w{40})`$/.exec(result.annotations.at(-1).text);
  assert.match(alarm, new RegExp(`\nÀ la main, une fois l'obstacle levé :[^]*mangetamain-deploy rollback .*--to ${good}$`, 'm'));
  const back = createServer((_, response) => response.end('here')).listen(neighbour.port, '127.0.0.1');
  await once(back, 'listening');
  const anew = await world.runAction({ mode: 'rollback', inputs: { to } });
  back.close();
  assert.deepEqual([anew.exit, anew.outputs.result], [0, 'rolled-back'], anew.stdout);
  assert.match(anew.log, /^compose: .* restart/m);
  assert.deepEqual([to, world.checkedOut()], [good, good]);
}));

test('before anything is validated, a failing CI goes back to what was live first', () => inWorld({}, async (world) => {
  const bad = world.release({ version: 2 });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  await serves(world, 1);
  assert.equal(point(world), null, 'the baseline is never written to the rollback point');
  assert.match(texts(world).at(-1), /\(non validé\)/);
}));

test('an older SHA that arrives late is superseded, the live one again is unchanged', () => inWorld({}, async (world) => {
  const older = world.release({ version: 2 });
  const newer = world.release({ version: 3 });
  ci(world, newer, 'success');
  await deploy(world, newer);
  const late = await deploy(world, older);
  assert.deepEqual([late.exit, late.outputs.result], [0, 'superseded']);
  const again = await deploy(world, newer);
  assert.deepEqual([again.exit, again.outputs.result], [0, 'validated']);
  await serves(world, 3);
  assert.ok(facts(world).includes('checked'));
}));

test('a SHA that is not on the branch is refused before anything changes', () => inWorld({}, async (world) => {
  const stray = world.repository.stray({ files: { 'www/index.html': 'stray' }, message: 'Stray' });
  const result = await deploy(world, stray);
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /n'est pas sur origin\/main : rien n'a été changé/);
  await serves(world, 1);
  assert.equal(world.checkedOut(), world.first);
}));

test('an unknown SHA is told apart from an unreachable remote', () => inWorld({}, async (world) => {
  const unknown = await deploy(world, 'a'.repeat(40));
  assert.match(unknown.log, /is not known to the remote/);
  git(world.vm, 'remote', 'set-url', 'origin', join(world.root, 'nowhere'));
  const unreachable = await deploy(world, world.release({ version: 2 }));
  assert.match(unreachable.log, /Is the remote reachable from this machine/);
  assert.match(unreachable.log, /En ligne maintenant : /);
  await serves(world, 1);
}));

test('a SHA that failed is quarantined until it is forced or its CI turns green', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  const run = ciFails(world, bad);
  await deploy(world, bad);
  const refused = await deploy(world, bad);
  assert.equal(refused.exit, 1);
  assert.match(refused.log, /quarantined: nothing was changed/);
  const forced = await deploy(world, bad, { force: 'true' });
  assert.deepEqual([forced.exit, forced.outputs.result], [0, 'deployed'], forced.stdout);
  await serves(world, 3);
  assert.match(texts(world).join('\n'), /Forcé/);
  assert.match(texts(world).at(-1), /Déploiement terminé[^]*⚠️ Forcé : quarantaine/, 'what stays in the channel');
  world.github.rerun(run);
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  const watched = await world.runAction({ mode: 'watch', sha: bad });
  assert.equal(watched.outputs.result, 'validated', watched.stdout);
  assert.notEqual(point(world), good);
}));

test('an unhealthy version is rolled back, or kept where the settings say so', () => inWorld({}, async (world) => {
  await validated(world);
  const broken = { inputs: { 'health-contains': 'version 2', 'health-grace': '300ms' } };
  const bad = world.release({ version: 3 });
  const rolledBack = await deploy(world, bad, broken.inputs);
  assert.deepEqual([rolledBack.exit, rolledBack.outputs.result], [1, 'rolled-back'], rolledBack.stdout);
  assert.match(rolledBack.log, /text "version 2" missing/);
  const french = /: texte « version 2 » absent ; la réponse commence par /;
  for (const told of [rolledBack.summary, plain(world)]) assert.match(told, french);
  assert.doesNotMatch(rolledBack.summary, /expected|stay live|Rolled back/);
  await serves(world, 2);
  const kept = await deploy(world, world.release({ version: 4 }), { ...broken.inputs, 'on-unhealthy': 'keep' });
  assert.deepEqual([kept.exit, kept.outputs.result], [1, 'unhealthy'], kept.stdout);
  await serves(world, 4);
  ci(world, world.checkedOut(), 'success');
  const green = await world.runAction({ mode: 'watch', sha: world.checkedOut(), inputs: broken.inputs });
  assert.match(green.log, /CI succeeded; this SHA is live, and its check failed: the rollback point stays/, green.stdout);
  const again = await deploy(world, world.checkedOut(), broken.inputs);
  assert.match(again.annotations.at(-1).text, /`force: true` \(dans un terminal : `--force`\)/, again.stdout);
}));

test('a slow start within the grace is no failure', () => inWorld({}, async (world) => {
  const slow = world.release({ version: 2, www: { 'start-delay': '1' } });
  ci(world, slow, 'success');
  const result = await deploy(world, slow, { 'health-attempts': '1' });
  assert.equal(result.outputs.result, 'validated', result.stdout);
}));

test('the body can prove which version answers', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const inputs = { 'deploy-command': 'sh\nstamp.sh', 'health-url': `${world.url}sha.txt`, 'health-contains': '{sha}' };
  const result = await deploy(world, sha, inputs);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal((await world.live('/sha.txt')).body, sha);
}));

test('a deploy command that fails is rolled back with its last lines', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  const failing = 'sh\n-c\ncat www/version.txt; grep -q 3 www/version.txt && echo "::error::disk on fire" && exit 7; exit 0';
  const result = await deploy(world, bad, { 'deploy-command': failing });
  assert.equal(result.outputs.result, 'rolled-back', result.stdout);
  assert.match(result.log, /exit code 7/);
  assert.match(result.log, /disk on fire/);
  for (const told of [result.summary, plain(world)]) assert.match(told, /[Ee]xécution de sh : code de sortie 7\s/);
  assert.doesNotMatch(result.summary, /exit code|by hand|stay live/);
  assert.deepEqual(result.annotations.filter((one) => one.text === 'disk on fire'), []);
  await serves(world, 2);
}));

test('local changes are kept under named refs, and untracked files are not overwritten', () => inWorld({}, async (world) => {
  writeFileSync(join(world.vm, 'www/version.txt'), 'edited by hand\n');
  writeFileSync(join(world.vm, 'www/new.txt'), 'mine, untracked\n');
  const sha = world.release({ version: 2, www: { 'new.txt': 'theirs\n' } });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  const refs = git(world.vm, 'for-each-ref', '--format=%(refname)', 'refs/mangetamain-deploy').split('\n');
  assert.equal(refs.length, 2, refs.join());
  const stash = refs.find((ref) => ref.includes('/stash/'));
  const files = refs.find((ref) => ref.includes('/files/'));
  assert.equal(git(world.vm, 'show', `${stash}:www/version.txt`), 'edited by hand');
  assert.equal(git(world.vm, 'show', `${files}:www/new.txt`), 'mine, untracked');
  assert.ok(result.log.includes(stash) && result.log.includes(files));
}));

test('a shallow clone is made whole before it is asked about the branch', () => inWorld({ depth: 1 }, async (world) => {
  const [older, newer] = [world.release({ version: 2 }), world.release({ version: 3 })];
  ci(world, older, 'success');
  assert.equal((await deploy(world, older)).outputs.result, 'validated');
  ci(world, newer, 'success');
  assert.equal((await deploy(world, newer)).outputs.result, 'validated');
  assert.equal(git(world.vm, 'rev-parse', '--is-shallow-repository'), 'false');
}));

test('a left-over index.lock that nobody holds is removed', () => inWorld({}, async (world) => {
  writeFileSync(join(world.vm, '.git/index.lock'), '');
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const result = await deploy(world, sha);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.log, /removing .*index\.lock/);
}));

test('guarded paths stop an automatic rollback and say what to run', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3, files: { 'migrations/0002.sql': 'ALTER TABLE x;\n', 'www/index.html': 'version 3\n' } });
  ciFails(world, bad);
  const result = await deploy(world, bad);
  assert.equal(result.exit, 1);
  assert.match(result.log, /pas de rollback automatique/);
  assert.match(texts(world).at(-1), /git reset --hard/);
  await serves(world, 3);
  const again = await world.runAction({ mode: 'status' });
  assert.equal(JSON.parse(again.outputs.state).preprod.live.sha, bad, 'it is left alone from then on');
}));

test('what guarded paths keep live is named, with what was seen of it and where the way back leads', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3, message: 'feat: three', files: { 'migrations/0002.sql': 'ALTER TABLE x;\n', 'www/index.html': 'version 3\n' } });
  const result = await deploy(world, bad, { 'health-contains': 'version 2' });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  const text = texts(world).at(-1).replaceAll('\\', '');
  for (const line of [`SHA à annuler: ${bad.slice(0, 7)}`, 'Message: feat: three', `Retour prévu : ${good.slice(0, 7)}`, 'Raison: la version ne répond pas bien']) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  }
  assert.match(text, /texte « version 2 » absent ; la réponse commence par /);
  assert.match(result.annotations.at(-1).text, /des chemins protégés ont changé \(migrations\/0002\.sql\) : pas de rollback automatique. Échec : .*texte « version 2 » absent/);
  const command = `mangetamain-deploy rollback --environment preprod --state-dir ${world.stateDir} --app-path ${world.vm} --to ${good}`;
  assert.ok(result.annotations.at(-1).text.endsWith(`: ${command}`), result.annotations.at(-1).text);
}));

test('guarded paths are those of the folder that is deployed, too', () => inWorld({ inputs: { 'guard-paths': 'migrations' } }, async (world) => {
  const below = { 'site/x.txt': 'x\n', 'site/migrations/0001.sql': 'CREATE TABLE x;\n' };
  const good = world.release({ version: 2, files: { ...appFiles({ ...world.app, version: 2 }), ...below } });
  ci(world, good, 'success');
  assert.equal((await deploy(world, good)).outputs.result, 'validated');
  const bad = world.release({ version: 3, files: { 'site/migrations/0002.sql': 'ALTER TABLE x;\n', 'www/index.html': 'version 3\n' } });
  ciFails(world, bad);
  const result = await deploy(world, bad, { 'app-path': join(world.vm, 'site') });
  assert.match(result.log, /pas de rollback automatique/);
  await serves(world, 3);
}));

test('they are where the folder is reached by a link in the clone, too', () => inWorld({ inputs: { 'guard-paths': 'migrations/**' } }, async (world) => {
  const good = world.release({ version: 2, files: { ...appFiles({ ...world.app, version: 2 }), 'site/migrations/0001.sql': 'CREATE TABLE x;\n' } });
  ci(world, good, 'success');
  await deploy(world, good);
  symlinkSync('site', join(world.vm, 'current'));
  const inputs = { 'app-path': join(world.vm, 'current') };
  const next = world.release({ version: 3, files: { 'www/index.html': 'version 3\n' } });
  ci(world, next, 'success');
  assert.equal((await deploy(world, next, inputs)).outputs.result, 'validated');
  const bad = world.release({ version: 4, files: { 'site/migrations/0002.sql': 'ALTER TABLE x;\n', 'www/index.html': 'version 4\n' } });
  ciFails(world, bad);
  const result = await deploy(world, bad, inputs);
  assert.match(result.log, /pas de rollback automatique/);
  await serves(world, 4);
}));

test('a dry run prints the plan, touches nothing and sends nothing', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const result = await deploy(world, sha, { 'dry-run': 'true' });
  assert.equal(result.exit, 0);
  assert.match(result.log, /nothing is touched, nothing is sent/);
  await serves(world, 1);
  assert.deepEqual([world.ledger(), world.discord.messages.length], [[], 0]);
}));

test('settings come from the configuration file, and an input wins over it', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const folder = join(world.root, 'config');
  mkdirSync(folder);
  writeFileSync(join(folder, 'deploy.yml'), `environments:\n  preprod:\n    app-path: /nowhere\n    locale: en\n    label: STAGING\n    compose: { file: ${world.vm}/docker-compose.yml }\n`);
  const result = await deploy(world, sha, { config: join(folder, 'deploy.yml'), 'compose-file': null });
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.equal(headlines(world)[0], '🚀 STAGING - Deploy started');
}));

test('every mistake in the inputs is told at once, before anything is touched', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const result = await deploy(world, sha, { 'health-timeout': '10 parsecs', 'health-attempts': '0', watch: 'sideways', 'app-path': 'relative' });
  assert.equal(result.exit, 2);
  for (const name of ['health-timeout', 'health-attempts', 'watch', 'app-path']) assert.match(result.log, new RegExp(`- ${name} = `));
  assert.match(result.log, /4 problems in the inputs; nothing was touched/);
  assert.deepEqual(world.ledger(), []);
  assert.equal(readFileSync(join(world.vm, 'www/version.txt'), 'utf8'), '1\n');
}));

test('a branch that the remote does not have is told as that', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  const result = await deploy(world, sha, { branch: 'master' });
  assert.equal(result.exit, 1, result.stdout);
  assert.match(result.log, /origin n'a pas de branche master/);
  assert.match(result.log, /Mettre dans `branch` celle qui est déployée/);
  await serves(world, 1);
}));

test('a compose file that is nowhere is refused before anything is touched; the right one then goes live', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const typo = join(world.vm, 'docker-compose.yaml');
  // In the work tree, an unfetched version may bring it.
  for (const [file, exit] of [[typo, 0], [join(world.root, 'nowhere.yml'), 1]]) {
    const dry = await deploy(world, sha, { 'compose-file': file, 'dry-run': 'true', locale: 'en' });
    assert.equal(dry.exit, exit, dry.stdout);
    assert.equal(dry.log.includes(`${file} is neither in this version nor on this machine`), exit === 1, dry.log);
  }
  const result = await deploy(world, sha, { 'compose-file': typo });
  assert.equal(result.exit, 1, result.stdout);
  assert.equal(world.checkedOut(), world.first);
  await serves(world, 1);
  assert.ok(plain(world).includes(`${typo} n'est ni dans cette version ni sur cette machine`), plain(world));
  assert.ok(plain(world).includes('compose.file : docker-compose.yml ?'), plain(world));
  assert.equal((await deploy(world, sha, { 'compose-file': typo, 'dry-run': 'true' })).exit, 1, 'it is here by now');
  const mended = await deploy(world, sha);
  assert.equal(mended.outputs.result, 'validated', mended.stdout);
}));

test('a version that renames its compose file, or has it no more, is refused while the old one still stands', () => inWorld({ validate: true }, async (world) => {
  const { 'docker-compose.yml': text, ...files } = appFiles({ ...world.app, version: 2 });
  const was = join(world.vm, 'docker-compose.yml');
  const names = { 'compose.yaml': 'compose.file : compose.yaml ?', 'ops/compose.yaml': 'compose.file : ops/compose.yaml ?', 'notes.txt': 'corriger `compose.file`' };
  for (const [name, advice] of Object.entries(names)) {
    const sha = world.release({ files: { ...files, 'docker-compose.yml': null, [name]: text }, message: `To ${name}` });
    const result = await deploy(world, sha);
    assert.equal(result.exit, 1, result.stdout);
    assert.equal(world.checkedOut(), world.first);
    const said = texts(world).at(-1).replaceAll('\\', '');
    assert.ok(said.includes(`${was} n'est plus dans cette version`) && said.includes(`Rien n'a été touché. ${advice}`), said);
    await serves(world, 1);
    world.repository.git('rm', '-q', name);
  }
  const last = world.release({ files: { ...files, 'compose.yaml': text } });
  const named = { 'compose-file': join(world.vm, 'compose.yaml'), watch: 'none' };
  assert.equal((await deploy(world, last, named)).outputs.result, 'deployed');
  await serves(world, 2);
}));

test('a compose file that comes with the version, or that the deploy command may make, is waited for', () => inWorld({ running: false }, async (world) => {
  const files = appFiles({ ...world.app, version: 2 });
  const moved = Object.fromEntries(Object.entries(files).map(([name, text]) => [`deploy/new/${name}`, text]));
  const sha = world.release({ version: 2, files: { ...files, ...moved } });
  const result = await deploy(world, sha, { 'compose-file': join(world.vm, 'deploy/new/docker-compose.yml'), watch: 'none' });
  assert.equal(result.outputs.result, 'deployed', result.stdout);
  await serves(world, 2);
  const made = { 'compose-file': join(world.vm, 'made.yml'), watch: 'none' };
  const refused = ({ log }) => /ni dans cette version ni sur cette machine/.test(log);
  const next = world.release({ version: 3 });
  assert.ok(!refused(await deploy(world, next, { ...made, 'deploy-command': 'true' })));
  assert.ok(refused(await deploy(world, next, { ...made, force: 'true' })));
}));

test('where no webhook is known, a line says that Discord is not told, once', () => inWorld({}, async (world) => {
  const told = ({ log }) => log.match(/Discord is not told: .*DISCORD_WEBHOOK_URL/g)?.length ?? 0;
  const without = { 'discord-webhook': '', watch: 'none' };
  assert.equal(told(await deploy(world, world.release({ version: 2 }), without)), 1);
  const sha = world.release({ version: 3 });
  assert.equal(told(await deploy(world, sha, { ...without, 'dry-run': 'true' })), 0, 'nothing was to be told');
  assert.equal(told(await deploy(world, sha, { watch: 'none' })), 0);
}));
