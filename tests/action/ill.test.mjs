// What is live and ill is told as ill until it is well or gone: by a rollback that ends unhealthy, when CI is silent,
// and when CI is green.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ciEnded, until } from '../world/scenario.mjs';
import { ci, deploy, headlines, inWorld, point, serves, texts, validated } from './support.mjs';

const ILL = { 'health-contains': 'never', 'health-grace': '300ms' };
const short = (sha) => sha.slice(0, 7);
const plain = (text) => text.replaceAll('\\', '');
const commandOf = (text) => text.split('```')[1].trim().split('\n').at(-1);

test('a rollback by hand that ends unhealthy names the version to go to, and the command that it prints goes there', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const result = await world.runAction({ mode: 'rollback', inputs: { to: world.first, ...ILL } });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  const text = plain(texts(world).at(-1));
  assert.equal(text.split('\n')[0], `🚨 PREPROD - Rollback en échec : ${short(world.first)} en ligne, en mauvaise santé`);
  assert.ok(text.includes(`\n➡️ Revenir à ${short(good)}, en ligne avant\n`) && !text.includes('CI: '), text);
  const [live, why] = result.annotations.at(-1).text.split('\n');
  assert.match(live, new RegExp(`^En ligne maintenant : ${short(world.first)} \\(en échec, `));
  assert.ok(why.startsWith(`Rollback vers ${short(world.first)} en échec : `), why);
  const command = commandOf(text);
  assert.ok(command.endsWith(` --to ${good}`), command);
  const back = await world.runCommand([...command.split(' ').slice(1), '--yes', '--health-contains', 'version']);
  assert.equal(back.exit, 0, `${back.stdout}${back.stderr}`);
  await serves(world, 2);
}));

test('a version that is kept although it is ill stays told as ill, its commands too, when CI is silent and when it is green', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  const kept = await deploy(world, sha, { ...ILL, 'on-unhealthy': 'keep', 'ci-delay': '10ms' });
  assert.deepEqual([kept.exit, kept.outputs.result], [1, 'unhealthy'], kept.stdout);
  assert.equal(headlines(world).at(-1), '🚨 PREPROD - En mauvaise santé, et sans verdict du CI');
  const edits = world.discord.news.filter(({ edited }) => edited).map(({ content }) => content);
  assert.equal(edits.at(-1), '🚨 PREPROD - En ligne, mais en mauvaise santé', 'the message with the commands stays as it is');
  assert.match(kept.summary, /^### ❌ PREPROD - En ligne : `[0-9a-f]{7}` \(❌ en échec\)/);
  ci(world, sha, 'success');
  const watched = await world.runAction({ mode: 'watch', sha, inputs: ILL });
  assert.deepEqual([watched.exit, watched.outputs.result], [0, 'deployed'], watched.stdout);
  const text = plain(texts(world).at(-1));
  assert.equal(text.split('\n')[0], '⚠️ PREPROD - CI réussi, mais le site est en mauvaise santé');
  assert.ok(text.includes(`\nPas validé : le point de rollback reste ${short(good)}\n`), text);
  assert.match(commandOf(text), /^mangetamain-deploy rollback --environment preprod /);
  assert.match(watched.summary, /^### ❌ /, 'no green mark over what is ill');
}));

test('a version that was kept although it was ill, and has come round by the time CI is green, is told so and can be validated', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const sha = world.release({ version: 3 });
  const kept = await deploy(world, sha, { ...ILL, 'on-unhealthy': 'keep', watch: 'event' });
  assert.deepEqual([kept.exit, kept.outputs.result], [1, 'unhealthy'], kept.stdout);
  ci(world, sha, 'success');
  const watched = await world.runAction({ mode: 'watch', sha, inputs: { 'health-contains': 'version 3' } });
  assert.deepEqual([watched.exit, watched.outputs.result], [0, 'deployed'], watched.stdout);
  const text = plain(texts(world).at(-1));
  assert.equal(text.split('\n')[0], '⚠️ PREPROD - CI réussi, mais le site ne répondait pas bien');
  assert.match(text, /\nLe site répond bien maintenant, mais sa vérification a échoué le \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC : .*« never »/);
  assert.ok(text.includes('\n➡️ La redéployer avec `force: true` : ') && !text.includes('Ne répond pas bien'), text);
  assert.equal(point(world), good, 'what is told changes nothing');
  const again = await deploy(world, sha, { force: 'true', 'health-contains': 'version 3' });
  assert.deepEqual([again.exit, again.outputs.result, point(world)], [0, 'validated', sha], again.stdout);
}));

test('stopped while it asks the site again, the end of CI is told all the same: no later run would', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  await deploy(world, sha, { ...ILL, 'on-unhealthy': 'keep', watch: 'event' });
  const waiting = [];
  const silent = createServer((request, response) => waiting.push(response));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  ci(world, sha, 'success');
  world.discord.forget();
  const inputs = { ...ILL, 'health-url': `http://127.0.0.1:${silent.address().port}/` };
  const one = world.startAction({ mode: 'watch', sha, inputs, event: ciEnded(world, { sha, conclusion: 'success' }) });
  await until(() => waiting.length > 0, 'the question');
  await one.cancel();
  await one.done;
  silent.closeAllConnections();
  silent.close();
  assert.equal(headlines(world).at(-1), '⚠️ PREPROD - CI réussi, mais le site ne répondait pas bien');
}));
