// What somebody had to hear of while Discord took nothing is told by the next run, once.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { candidate, onProduction, promote, startPromote, withProduction } from './production.mjs';
import { FAILING_JOB, ci, ciFails, deploy, headlines, inWorld, nextSecond, serves, texts, validated } from './support.mjs';

const LATE = /^🔄 PREPROD - ROLLBACK AUTOMATIQUE effectué\n🕓 Message du \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, arrivé en retard\nSHA annulé: /;
const file = (world) => join(world.stateDir, 'preprod/untold.json');
const late = (world) => texts(world).filter((text) => LATE.test(text)).length;

/** A rollback that Discord is not told of. */
async function untoldRollback(world, fault) {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  world.discord.fault({ match: '/webhooks/', times: 99, ...fault });
  ciFails(world, bad);
  const result = await world.runAction({ mode: 'watch', sha: bad });
  assert.deepEqual([result.exit, result.outputs.result], [1, 'rolled-back'], result.stdout);
  await serves(world, 2);
  assert.ok(headlines(world).every((head) => !head.includes('ROLLBACK')), 'Discord took nothing');
  world.discord.clearFaults();
}

for (const mode of ['deploy', 'health', 'status', 'rollback']) {
  test(`a rollback that Discord did not take is told by the next ${mode}, once`, () => inWorld({}, async (world) => {
    await untoldRollback(world, { kind: '429', retryAfter: 60 });
    const run = () => world.runAction({ mode, sha: mode === 'deploy' ? world.release({ version: 4 }) : undefined, inputs: { watch: 'event' } });
    assert.equal((await run()).exit, 0);
    assert.equal(late(world), 1, texts(world).join('\n--\n'));
    assert.equal(world.discord.messages.filter(({ rang }) => rang).length, 0);
    assert.ok(!existsSync(file(world)));
    await run();
    assert.equal(late(world), 1);
  }));
}

test('what a webhook that is gone did not take is told through the next one, in plain messages too', () => inWorld({ inputs: { 'discord-style': 'text' } }, async (world) => {
  await untoldRollback(world, { kind: '404' });
  world.discord.restore();
  assert.equal((await world.runAction({ mode: 'status' })).exit, 0);
  assert.match(texts(world).at(-1), LATE);
}));

for (const kind of ['500', '502-html', '400']) {
  test(`what Discord answers ${kind} to is told once it takes it, also where another run could not in between`, () => inWorld({}, async (world) => {
    const fault = { kind };
    await untoldRollback(world, fault);
    world.discord.fault({ match: '/webhooks/', times: 99, ...fault });
    // A long outage uses up none of the tries that what may be there already has.
    for (let run = 0; run < 4; run += 1) await world.runAction({ mode: 'status' });
    world.discord.clearFaults();
    assert.equal(late(world), 0);
    for (let run = 0; run < 2; run += 1) await world.runAction({ mode: 'status' });
    assert.deepEqual([late(world), existsSync(file(world))], [1, false], texts(world).join('\n--\n'));
  }));
}

test('a relay that takes a POST and nothing else is told late what it did not take', () => inWorld({}, async (world) => {
  await untoldRollback(world, { kind: '503' });
  world.discord.fault({ match: 'GET /', times: 99, kind: '501' });
  const { log } = await world.runAction({ mode: 'status' });
  assert.deepEqual([late(world), existsSync(file(world))], [1, false], texts(world).join('\n--\n'));
  assert.doesNotMatch(log, /::warning/);
}));

test('an outage is warned of once, however much is still to be told', () => inWorld({}, async (world) => {
  await untoldRollback(world, { kind: '503' });
  const [one] = JSON.parse(readFileSync(file(world), 'utf8'));
  writeFileSync(file(world), JSON.stringify([one, { ...one, at: one.at - 1000 }, { ...one, at: one.at - 2000 }]));
  world.discord.fault({ match: '/webhooks/', times: 99, kind: '503' });
  const { log } = await world.runAction({ mode: 'status' });
  assert.equal(log.match(/::warning/g)?.length, 1, log);
}));

test('a day of news is told once Discord is back, each once', () => inWorld({}, async (world) => {
  await untoldRollback(world, { kind: '503' });
  const [one] = JSON.parse(readFileSync(file(world), 'utf8'));
  writeFileSync(file(world), JSON.stringify(Array.from({ length: 12 }, (_, nth) => ({ ...one, at: one.at - nth * 1000 }))));
  world.discord.fault({ match: '/webhooks/', times: 99, kind: '503' });
  const bad = world.release({ version: 4 });
  await deploy(world, bad, { watch: 'event' });
  ciFails(world, bad);
  await world.runAction({ mode: 'watch', sha: bad });
  world.discord.clearFaults();
  for (let run = 0; run < 2; run += 1) await world.runAction({ mode: 'status' });
  assert.deepEqual([late(world), existsSync(file(world))], [13, false]);
}));

test('a rollback whose run is killed while GitHub keeps back why CI failed is told by the next one', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  ciFails(world, bad);
  world.github.fault({ match: '/logs', kind: 'hang', times: 99 });
  const { child, done } = world.startAction({ mode: 'watch', sha: bad });
  await until(() => existsSync(file(world)), 'it to be written down');
  await serves(world, 2);
  child.kill('SIGKILL');
  await done;
  world.github.clearFaults();
  assert.equal(late(world), 0);
  for (let run = 0; run < 2; run += 1) await world.runAction({ mode: 'status' });
  assert.deepEqual([late(world), existsSync(file(world))], [1, false], texts(world).join('\n--\n'));
}));

test('what another run has told meanwhile is not told again by one that has heard of it', () => inWorld({}, async (world) => {
  await untoldRollback(world, { kind: '503' });
  const sha = world.release({ version: 4 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  // Given up at once.
  world.discord.fault({ match: '/webhooks/', times: 99, kind: '429', retryAfter: 60 });
  const { done } = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline' } });
  await until(() => world.ledger().some(({ fact }) => fact.watching?.sha === sha), 'CI to be followed');
  await serves(world, 4);
  world.discord.clearFaults();
  await world.runAction({ mode: 'health' });
  assert.equal(late(world), 1);
  world.github.setRun(run, { conclusion: 'failure' });
  assert.equal((await done).outputs.result, 'rolled-back');
  await world.runAction({ mode: 'status' });
  assert.deepEqual([late(world), existsSync(file(world))], [1, false], texts(world).join('\n--\n'));
}));

test('a run beside the one that is about to tell it does not tell it, too', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  ciFails(world, bad);
  world.github.fault({ match: '/logs', kind: 'hang', times: 99 });
  const { done } = world.startAction({ mode: 'watch', sha: bad });
  await until(() => existsSync(file(world)), 'it to be written down');
  await world.runCommand(['status', '--state-dir', world.stateDir], { env: { LANG: 'C', DISCORD_WEBHOOK_URL: world.discord.webhookUrl } });
  assert.equal(late(world), 0);
  await done;
  await world.runAction({ mode: 'status' });
  assert.deepEqual([late(world), headlines(world).filter((head) => /ROLLBACK/.test(head)).length, existsSync(file(world))], [0, 1, false]);
}));

test('a GitHub that keeps the logs back holds a rollback\'s message up for a bounded time, and no deploy behind it for longer', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  await deploy(world, bad, { watch: 'event' });
  ciFails(world, bad, { jobs: [1, 2, 3, 4].map((name) => ({ ...FAILING_JOB, name: `tests ${name}` })) });
  world.github.fault({ match: '/logs', kind: 'hang', times: 99 });
  const { outputs, ms } = await world.runAction({ mode: 'watch', sha: bad });
  assert.equal(outputs.result, 'rolled-back');
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/);
  assert.ok(ms < 20_000, `${ms} ms: one wait, not one for each job`);
}));

test('that a live version has no verdict is told late rather than never', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  world.github.addRun({ sha, status: 'in_progress' });
  world.discord.fault({ match: '/webhooks/', times: 99, kind: '503' });
  assert.equal((await deploy(world, sha, { 'ci-timeout': '600ms' })).outputs.result, 'pending');
  world.discord.clearFaults();
  for (let run = 0; run < 2; run += 1) await world.runAction({ mode: 'health' });
  const told = texts(world).filter((text) => /SHA non validé\n🕓 Message du /.test(text));
  assert.equal(told.length, 1, texts(world).join('\n--\n'));
}));

test('a dry run, and who tells Discord nothing, leave it to others; while it is not taken it is kept, and after a week it is no news', () => inWorld({}, async (world) => {
  await untoldRollback(world, { kind: '503' });
  const kept = readFileSync(file(world), 'utf8');
  const plan = { mode: 'deploy', sha: world.release({ version: 4 }), inputs: { 'dry-run': 'true' } };
  assert.equal((await world.runAction(plan)).exit, 0);
  await world.runAction({ mode: 'status', inputs: { 'discord-webhook': null } });
  world.discord.fault({ match: '/webhooks/', kind: '503', times: 99 });
  await world.runAction({ mode: 'status' });
  world.discord.clearFaults();
  assert.deepEqual([late(world), readFileSync(file(world), 'utf8')], [0, kept]);
  const week = 7 * 24 * 3_600_000;
  writeFileSync(file(world), JSON.stringify(JSON.parse(kept).map((one) => ({ ...one, at: one.at - week }))));
  const sha = world.release({ version: 5 });
  ci(world, sha, 'success');
  await deploy(world, sha);
  assert.deepEqual([late(world), existsSync(file(world))], [0, false]);
}));

test('what no program can read there costs nothing else', () => inWorld({}, async (world) => {
  await validated(world);
  writeFileSync(file(world), '{"torn');
  await validated(world, 3);
}));

for (const ms of [250, 1200]) {
  test(`a message that is on its way for ${ms} ms while its run is told to stop is there once`, () => inWorld({}, async (world) => {
    await validated(world);
    const bad = world.release({ version: 3 });
    ciFails(world, bad);
    world.discord.fault({ kind: 'slow', ms, times: 99, match: 'POST ' });
    const { child, done } = world.startAction({ mode: 'deploy', sha: bad, inputs: { watch: 'inline' } });
    await until(() => world.discord.requests.some(({ method, body }) => method === 'POST' && /ROLLBACK AUTOMATIQUE/.test(body)), 'the message to be sent');
    child.kill('SIGINT');
    await done;
    world.discord.clearFaults();
    await world.runAction({ mode: 'status' });
    assert.equal(headlines(world).filter((head) => /ROLLBACK AUTOMATIQUE/.test(head)).length, 1, headlines(world).join('\n'));
  }));
}

test('a promote of what is live that is killed before it changed anything leaves that one\'s message, and is told beside it', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  assert.equal((await promote(world, sha)).outputs.result, 'deployed');
  const programs = wrapPrograms(world, ['git', 'cp']);
  const killed = async (signal) => {
    const held = programs.hold(' -a ');
    const one = startPromote(world, sha, { force: 'true' }, { env: { ...programs.env } });
    await held.begun();
    one.child.kill(signal);
    held.letGo();
    await one.done;
    await onProduction(world, 'status');
  };
  await killed('SIGKILL');
  assert.match(texts(world).at(-1), /^⏹️ PRODUCTION - Déploiement interrompu/);
  assert.ok(!world.discord.news.at(-1).edited, 'a message of its own');
  const before = texts(world).length;
  await killed('SIGINT');
  assert.match(texts(world).slice(before).join('\n--\n'), /^⏹️ PRODUCTION - Déploiement interrompu\n[^]*Arrêté par SIGINT[^-]*$/, 'that run has said so itself, and the next one says nothing');
  assert.ok(!world.discord.news.at(-1).edited, 'a message of its own, too');
}));

test('a person who goes back to what a promote was refused for is not told that nobody has validated it', () => withProduction({ inputs: { 'ci-delay': '0s', 'ci-timeout': '300ms' } }, async (world) => {
  await promote(world, await candidate(world));
  assert.equal((await promote(world, world.first, { force: 'true' })).exit, 1);
  assert.equal((await onProduction(world, 'rollback', { to: world.first })).outputs.result, 'rolled-back');
  const before = texts(world).length;
  await nextSecond();
  await onProduction(world, 'health');
  assert.deepEqual(texts(world).slice(before), []);
}));
