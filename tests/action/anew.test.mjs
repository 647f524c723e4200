// Once an outage is over: what is live is put in place anew, and what failed because of it is gone back to by force.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ci, ciFails, deploy, inWorld, serves, texts, validated } from './support.mjs';
import { candidate, onProduction, page, promote, script, withProduction } from './production.mjs';

const short = (sha) => sha.slice(0, 7);
const plain = (text) => text.replaceAll('\\', '');
const last = (world) => plain(texts(world).at(-1));
const rollback = (world, inputs = {}) => world.runAction({ mode: 'rollback', inputs });

/** Its containers are gone. */
const down = (world) => world.engine.compose(world.vm, 'down');

/** A neighbour without which no version is well. */
async function neighbour() {
  const listening = async (port) => {
    const server = createServer((_, response) => response.end('here')).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listening(0);
  const { port } = server.address();
  const leave = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, leave, comes: async () => { server = await listening(port); } };
}

test('a rollback to what is live and does not answer puts it in place anew; once it is well, it changes nothing', () => inWorld({ private: true }, async (world) => {
  const good = await validated(world);
  down(world);
  const result = await rollback(world);
  assert.deepEqual([result.exit, result.outputs.result], [0, 'rolled-back'], result.stdout);
  await serves(world, 2);
  assert.deepEqual(last(world).split('\n').slice(0, 2), ['🔄 PREPROD - Rollback effectué', `SHA en ligne: ${short(good)} (dernier validé)`]);
  const again = await rollback(world);
  assert.deepEqual([again.exit, again.outputs.result], [0, 'unchanged'], again.stdout);
  assert.doesNotMatch(again.log, /^compose: /m);
}));

/** Two validated versions, the newer one live and down, with a command that it does not come through; gives both. */
async function hopeless(world) {
  const [older, sha] = [await validated(world), await validated(world, 3)];
  down(world);
  return { older, sha, inputs: { 'deploy-command': `sh\n-c\n[ "$DEPLOY_SHA" != ${sha} ]` } };
}

test('what is no better for it gives way to the version before it, as the machine\'s own doing', () => inWorld({ private: true }, async (world) => {
  const { older, sha, inputs } = await hopeless(world);
  const result = await rollback(world, inputs);
  assert.deepEqual([result.exit, result.outputs.result, world.checkedOut()], [1, 'rolled-back', older], result.stdout);
  assert.match(result.annotations.at(-1).text, new RegExp(`${short(sha)} n'a pas pu être mis en place : [^]*Retour à ${short(older)}`));
  assert.match(last(world), new RegExp(`^🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué\nSHA annulé: ${short(sha)}\n`));
}));

test('where guarded paths keep it, that is said, and it is not quarantined for it', () => inWorld({ private: true }, async (world) => {
  const { sha, inputs } = await hopeless(world);
  const result = await rollback(world, { ...inputs, 'guard-paths': 'www/**' });
  assert.deepEqual([result.exit, world.checkedOut()], [1, sha], result.stdout);
  assert.match(result.annotations.at(-1).text, /reste, car des chemins protégés ont changé/);
  const { quarantine, validated: point } = JSON.parse(result.outputs.state).preprod;
  assert.deepEqual([quarantine, point.sha], [[], sha], result.outputs.state);
}));

test('a dry run of a rollback to what is live tells both ways, as it asks nothing of the site', () => inWorld({ private: true }, async (world) => {
  await validated(world);
  const { log } = await rollback(world, { 'dry-run': 'true' });
  assert.match(log, /it is live already: nothing would be changed if it answers well; else it would be put in place anew:\n[^]*git reset/);
}));

test('what failed in an outage is gone back to by force only, which is told', () => inWorld({ private: true }, async (world) => {
  const other = await neighbour();
  await validated(world);
  const sha = world.release({ version: 3 });
  other.leave();
  const failed = await deploy(world, sha, { watch: 'none', 'health-url': `${world.url}\n${other.url}`, 'health-grace': '300ms' });
  assert.equal(failed.exit, 1, failed.stdout);
  await other.comes();
  const refused = await rollback(world, { to: sha });
  assert.equal(refused.exit, 1, refused.stdout);
  assert.match(refused.annotations.at(-1).text, /reste en quarantaine[^]*ou celle-ci avec `force: true` \(dans un terminal : `--force`\)/);
  const planned = await rollback(world, { to: sha, force: 'true', 'dry-run': 'true' });
  assert.equal(planned.exit, 0, planned.stdout);
  const back = await rollback(world, { to: sha, force: 'true' });
  other.leave();
  assert.deepEqual([back.exit, back.outputs.result], [0, 'rolled-back'], back.stdout);
  await serves(world, 3);
  assert.match(last(world), /\n⚠️ Forcé : quarantaine ignorée\n/);
  assert.equal(world.ledger().filter(({ fact }) => fact.asked?.ask.rollback?.force === 'override').length, 1);
  assert.equal(JSON.parse(back.outputs.state).preprod.quarantine.length, 0, back.outputs.state);
}));

test('a promote of which all ways back fail names what was tried, the files that came back, and a command that helps later', () => withProduction({ private: true }, async (world) => {
  const other = await neighbour();
  const inputs = { ...script(world), 'health-url': `${world.prod.url}\n${other.url}` };
  const first = await candidate(world, 2);
  assert.equal((await promote(world, first, inputs)).exit, 0);
  const second = await candidate(world, 3);
  assert.equal((await promote(world, second, inputs)).exit, 0);
  const third = await candidate(world, 4);
  other.leave();
  const result = await promote(world, third, inputs);
  assert.deepEqual([result.exit, result.outputs.result], [1, 'failed'], result.stdout);
  const text = last(world);
  assert.match(text, /^🚨 PRODUCTION - Échec, sans retour possible\n/);
  for (const wanted of [`\nSHA annulé: ${short(third)}\n`, `\nEssayé avant, sans succès : ${short(second)}\n`, '\nFichiers remis auparavant depuis la sauvegarde ']) {
    assert.ok(text.includes(wanted), `${wanted}\n${text}`);
  }
  const [, command] = /\nÀ la main, une fois l'obstacle levé :[^]*\nmangetamain-deploy (rollback .*)/.exec(text);
  await other.comes();
  const back = await world.runCommand([...command.split(' '), '--yes']);
  other.leave();
  assert.equal(back.exit, 0, `${back.stdout}${back.stderr}`);
  assert.equal(await page(world), 'version 3', 'what was live before the promote');
  assert.ok(result.annotations.at(-1).text.includes(`\`to: ${second}\``), 'the page of the run says the same');
}));

test('what is told to do in an outage stays the same where it is done before that is over, and is right afterwards', () => inWorld({ private: true }, async (world) => {
  const other = await neighbour();
  const inputs = { 'health-url': `${world.url}\n${other.url}`, 'health-grace': '300ms' };
  let good;
  for (const version of [2, 3]) {
    good = world.release({ version });
    ci(world, good, 'success');
    assert.equal((await deploy(world, good, inputs)).outputs.result, 'validated');
  }
  other.leave();
  assert.equal((await deploy(world, world.release({ version: 4 }), { ...inputs, watch: 'none' })).outputs.result, 'failed');
  for (const answers of [false, false, true]) {
    const [, command] = /\nÀ la main, une fois l'obstacle levé :[^]*\nmangetamain-deploy (rollback .*)/.exec(last(world)) ?? [];
    assert.match(command ?? last(world), new RegExp(`--to ${good}`));
    if (answers) await other.comes();
    const typed = await world.runCommand([...command.split(' '), '--yes'], { env: { DISCORD_WEBHOOK_URL: world.discord.webhookUrl } });
    assert.equal(typed.exit, answers ? 0 : 1, `${typed.stdout}${typed.stderr}`);
  }
  other.leave();
  await serves(world, 3);
}));

test('a refused promote does not say that production answers well where its check has found it down since', () => withProduction({ private: true }, async (world) => {
  const other = await neighbour();
  const sha = await candidate(world);
  const inputs = { 'health-url': `${world.prod.url}\n${other.url}` };
  assert.equal((await promote(world, sha, inputs)).exit, 0);
  const refused = async () => (await promote(world, world.first, inputs)).annotations.at(-1).text;
  const before = await refused();
  assert.match(before, /^En ligne maintenant : \w{7} \(validée, déployée, répond bien\)\n/);
  assert.match(before, /jamais mis en ligne là-bas\) ; le dernier validé est \w{7}, déjà en ligne\n❌ Plus ancien que ce qui est en ligne\. Pour y revenir : rollback/);
  other.leave();
  assert.equal((await onProduction(world, 'health', inputs)).exit, 1);
  assert.match(await refused(), /^En ligne maintenant : \w{7} \(validée, répondait bien au déploiement\)\n/);
}));

test('what fails in preprod when its CI is run again, and production has, is told as live there', () => withProduction({ private: true }, async (world) => {
  await candidate(world);
  const sha = await candidate(world, 3);
  const told = async (of, attempt) => {
    ciFails(world, of, { attempt });
    await world.runAction({ mode: 'watch', sha: of });
    return last(world);
  };
  assert.equal((await promote(world, sha)).exit, 0);
  const other = world.release({ version: 4 });
  await deploy(world, other, { watch: 'event' });
  assert.doesNotMatch(await told(other, 1), /en ligne ailleurs/);
  const rolledBack = await told(sha, 2);
  assert.match(rolledBack, new RegExp(`^🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué\nSHA annulé: ${short(sha)}`));
  assert.match(rolledBack, /\n🚨 Toujours en ligne ailleurs : PROD/);
}));

test('what another environment has live and follows itself is not told as left there', () => withProduction({ private: true }, async (world) => {
  const sha = await candidate(world);
  assert.equal((await promote(world, sha)).exit, 0);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  assert.equal((await onProduction(world, 'deploy', { sha: bad, watch: 'event' })).outputs.result, 'deployed');
  ciFails(world, bad);
  assert.equal((await world.runAction({ mode: 'watch', sha: bad })).outputs.result, 'rolled-back');
  assert.doesNotMatch(last(world), /en ligne ailleurs/);
  assert.equal((await onProduction(world, 'watch', { sha: bad })).outputs.result, 'rolled-back');
}));
