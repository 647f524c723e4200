// What stands half done: a reset that wrote files and did not move HEAD, and a request of which the ledger's disk took no
// more. People are told what is so, and the next run goes on from there.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';

const plain = (text) => text.replaceAll('\\', '');
const told = (world) => plain(texts(world).join('\n---\n'));
const short = (sha) => sha.slice(0, 7);
const stateOf = (result) => JSON.parse(result.outputs.state).preprod;
const ODD = { '.gitattributes': '*.odd filter=odd\n' };
const filter = (world, smudge) => writeFileSync(join(world.home, '.gitconfig'), `[filter "odd"]\n\trequired\n\tclean = cat\n\tsmudge = ${smudge}\n`);

/** A validated version 2 that git cannot write out any more once its filter refuses it, and a failed version 3 on it. */
async function stuckBetween(world) {
  const good = world.release({ version: 2, files: { ...ODD, 'www/z.odd': 'refuse\n', 'www/page.txt': 'two\n', 'www/index.html': 'version 2\n' } });
  ci(world, good, 'success');
  assert.equal((await deploy(world, good)).outputs.result, 'validated');
  const bad = world.release({ version: 3, files: { 'www/z.odd': 'fine\n', 'www/page.txt': 'three\n', 'www/index.html': 'version 3\n' } });
  ciFails(world, bad);
  filter(world, 'grep -v refuse');
  return { good, bad, result: await deploy(world, bad) };
}

test('a way back whose reset fails half way leaves the failed version live by the ledger, too', () => inWorld({}, async (world) => {
  const { good, bad, result } = await stuckBetween(world);
  assert.deepEqual([result.exit, world.checkedOut()], [1, bad], result.stdout);
  assert.match(result.log, /Files were written before that/);
  assert.equal(stateOf(result).live.sha, bad);
  assert.match(plain(texts(world).at(-1)), new RegExp(`\\nEn ligne: pas certain ; le clone est à ${short(bad)}\\n`));
  assert.match(result.annotations.at(-1).text, new RegExp(`pas certain ; le clone est à ${short(bad)} \\(en échec\\), avec des fichiers d'une autre version`));
  const status = await world.runCommand(['status', '--environment', 'preprod', '--state-dir', world.stateDir]);
  assert.match(status.stdout, /in the work tree with files of another version/);
  assert.doesNotMatch(status.stdout, /moved by hand/);
  world.discord.forget();
  filter(world, 'cat');
  const back = await world.runAction({ mode: 'rollback' });
  assert.deepEqual([back.exit, world.checkedOut()], [0, good], back.stdout);
  await serves(world, 2);
  assert.doesNotMatch(back.log, /moved by hand/);
  assert.match(back.log, /what an earlier reset that failed had written, and what was changed by hand since, if anything: saved as refs/);
  assert.doesNotMatch(told(world), /Modifications locales/);
}));

test('a reset that fails half way, and cannot be undone at once, blames nobody and is no work of a person', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3, files: { ...ODD, 'www/z.odd': 'refuse\n', 'www/page.txt': 'new\n' } });
  filter(world, 'grep -v refuse');
  const programs = wrapPrograms(world, ['git']);
  // The way back's own reset.
  const half = programs.rule(`${good} --`, 'exit 128');
  const failed = await deploy(world, bad, {}, { env: programs.env });
  await half.begun();
  assert.deepEqual([failed.exit, world.checkedOut(), stateOf(failed).live.sha], [1, good, good], failed.stdout);
  assert.match(failed.annotations.at(-1).text, new RegExp(`le clone est à ${short(good)} \\(validée\\), avec des fichiers d'une autre version`));
  world.discord.forget();
  filter(world, 'cat');
  const next = world.release({ version: 4 });
  ci(world, next, 'success');
  const result = await deploy(world, next);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.doesNotMatch(result.log, /moved by hand/);
  assert.doesNotMatch(told(world), /Modifications locales/);
  await serves(world, 4);
  const { undone = [], quarantine } = stateOf(result);
  assert.deepEqual([undone, quarantine], [[], []], result.outputs.state);
}));

test('what a second reset could not mend stays told as what it is, was live before what comes next, and is the page\'s word', () => inWorld({}, async (world) => {
  const [, good] = [await validated(world), await validated(world, 3)];
  const bad = world.release({ version: 4, files: { ...ODD, 'www/z.odd': 'refuse\n', 'www/page.txt': 'new\n', 'www/index.html': 'version 4\n' } });
  filter(world, 'grep -v refuse');
  const programs = wrapPrograms(world, ['git']);
  // The way back's: the first one is of the version itself.
  const half = programs.rule(`reset --hard --quiet --no-recurse-submodules ${good}`, 'exit 128');
  const failed = await deploy(world, bad, {}, { env: programs.env });
  await half.begun();
  assert.deepEqual([failed.exit, world.checkedOut(), stateOf(failed).live.sha], [1, good, good], failed.stdout);
  assert.match(failed.annotations.at(-1).text, new RegExp(`le clone est à ${short(good)} \\(validée\\), avec des fichiers d'une autre version`));
  const file = join(world.root, 'page.html');
  await world.runCommand(['status', '--state-dir', world.stateDir, '--html', file]);
  assert.match(readFileSync(file, 'utf8'), /Pas certain/);
  assert.doesNotMatch(readFileSync(file, 'utf8'), /Version en échec/);
  world.discord.forget();
  filter(world, 'cat');
  const next = world.release({ version: 5, files: { 'www/index.html': 'version 5\n' } });
  ci(world, next, 'success');
  const result = await deploy(world, next);
  assert.equal(result.outputs.result, 'validated', result.stdout);
  assert.match(result.stdout, /^::warning.*earlier reset that failed had written, and what was changed by hand since/m);
  assert.doesNotMatch(told(world), /Modifications locales/);
  const back = await world.runAction({ mode: 'rollback', inputs: { to: 'previous' } });
  assert.deepEqual([back.exit, world.checkedOut()], [0, good], back.stdout);
  await serves(world, 3);
}));

test('a way back that the ledger cannot note any more is told as still to come, and comes', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  const programs = wrapPrograms(world, ['docker']);
  const ledger = join(world.stateDir, 'preprod/ledger.jsonl');
  programs.rule('restart ', `mv '${ledger}' '${ledger}.kept'; mkdir '${ledger}'`);
  const result = await deploy(world, bad, { 'health-contains': 'version 9', 'health-grace': '300ms' }, { env: programs.env });
  assert.equal(result.exit, 1, result.stdout);
  const last = plain(texts(world).at(-1)).split('\n');
  assert.deepEqual(last.slice(0, 2), ['❌ PREPROD - Échec', `SHA: ${short(bad)}`]);
  assert.equal(last.at(-2), `🚨 Retour à ${short(good)} décidé, pas encore commencé : la version ne répond pas bien`);
  assert.match(last.at(-1), /^➡️ La prochaine exécution termine ou défait : relancer, ou bien : mangetamain-deploy status --environment preprod /);
  rmSync(ledger, { recursive: true });
  renameSync(`${ledger}.kept`, ledger);
  await world.runAction({ mode: 'health' });
  await serves(world, 2);
  assert.equal(world.checkedOut(), good);
}));
