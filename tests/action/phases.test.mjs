// A deploy that is cancelled by the runner's signals, or killed, in each of its phases: what is left, and
// that the next run finishes or undoes it. Every moment in between is the simulation's.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { ci, ciFails, deploy, facts, headlines, inWorld, point, serves, texts, validated } from './support.mjs';

const inLedger = (world, holds) => until(() => world.ledger().some(({ fact }) => holds(fact)), 'the ledger to say so');

/** Stays in a phase until let go: {begun, letGo, inputs}. */
const PHASES = {
  fetch: ({ programs }) => programs.hold(' fetch '),
  'looking for local changes': ({ programs }) => programs.hold(' status --porcelain'),
  reset: ({ programs }) => programs.hold(' reset --hard '),
  'the deploy command': ({ world }) => {
    const go = join(world.root, 'go');
    return {
      inputs: { 'deploy-command': `sh\n-c\nwhile [ ! -e ${go} ]; do sleep 0.02; done` },
      begun: () => inLedger(world, (fact) => fact.began?.step === 'command'),
      letGo: () => writeFileSync(go, ''),
    };
  },
  compose: ({ programs }) => programs.hold(' restart '),
  'the health check': ({ site }) => ({ inputs: { 'health-url': site.url, 'health-timeout': '30s' }, begun: site.begun, letGo: site.letGo }),
  'following CI': ({ world, sha }) => ({ begun: () => inLedger(world, (fact) => fact.watching?.sha === sha), letGo() {} }),
};
const BEFORE_ANY_CHANGE = ['fetch', 'looking for local changes'];

const INTERRUPTED_DEPLOY = '⏹️ PREPROD - Déploiement interrompu';
const BEGUN = /^Arrêté par SIGINT \\\(.+\\\) ; ce qui a été commencé sera terminé ou défait par la prochaine exécution$/m;
const INTERRUPTED = {
  'looking for local changes': [INTERRUPTED_DEPLOY, /^Arrêté par SIGINT \\\(.+\\\) ; rien n'est resté inachevé$/m],
  'following CI': ["⏹️ PREPROD - Le CI n'est plus suivi", / plus personne ne suit le CI \\: la prochaine exécution en lira le résultat$/m],
};

/** Whoever was told that a deploy has begun is told that it was interrupted; of one that nobody heard of, nobody. */
function saysSo(world, phase) {
  const told = texts(world).filter((text) => text.startsWith('⏹️'));
  if (phase === 'fetch') return assert.deepEqual(told, []);
  const [headline, why] = INTERRUPTED[phase] ?? [INTERRUPTED_DEPLOY, BEGUN];
  assert.ok(told.length > 0, texts(world).join('\n'));
  for (const text of told) {
    assert.equal(text.split('\n')[0], headline);
    assert.match(text, why);
  }
}

/** A site that says nothing until it is let go. */
async function silentSite() {
  const waiting = [];
  let isOpen = false;
  const server = createServer((request, response) => (isOpen ? response.end('well') : waiting.push(response)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    begun: () => until(() => waiting.length > 0, 'the check'),
    letGo: () => (isOpen = true),
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

const ENDS = {
  // SIGINT, after 7.5 s SIGTERM, after 2.5 s SIGKILL: to our process alone.
  async cancelled(world, one) {
    await one.cancel();
    const result = await one.done;
    assert.equal(result.signal, null, 'it ended by itself, before SIGKILL');
    assert.equal(result.outputs.result, 'cancelled', result.stdout);
  },
  async killed(world, one) {
    one.child.kill('SIGKILL');
    assert.equal((await one.done).signal, 'SIGKILL');
  },
};

/** A validated version 2, a deploy of version 3 that ends so in this phase, and the next run. */
async function broken(world, phase, how, site) {
  await validated(world);
  const programs = wrapPrograms(world);
  const sha = world.release({ version: 3 });
  const held = PHASES[phase]({ world, programs, site, sha });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const inputs = { watch: phase === 'following CI' ? 'inline' : 'none', ...held.inputs };
  const one = world.startAction({ mode: 'deploy', sha, env: programs.env, inputs });
  await held.begun();
  await ENDS[how](world, one);
  if (how === 'cancelled') {
    assert.deepEqual(world.leftovers(), [], 'a child was left behind');
    saysSo(world, phase);
  }
  held.letGo();
  // What was killed leaves its children at work, and the lock with them.
  await until(() => world.leftovers().length === 0, 'the orphans to end');
  world.github.setRun(run, { conclusion: 'success' });
  const next = await world.runAction({ mode: 'status' });
  return { sha, next, state: JSON.parse(next.outputs.state).preprod };
}

for (const how of Object.keys(ENDS)) {
  for (const phase of Object.keys(PHASES)) {
    test(`${how} during ${phase}, a deploy is made whole by the next run`, () => inWorld({}, async (world) => {
      const site = await silentSite();
      try {
        const { sha, next, state } = await broken(world, phase, how, site);
        assert.equal(next.exit, 0, next.stdout);
        assert.equal(state.unfinished, null);
        const isUndone = BEFORE_ANY_CHANGE.includes(phase);
        await serves(world, isUndone ? 2 : 3);
        assert.equal(state.live.sha, world.checkedOut());
        assert.equal(state.live.sha === sha, !isUndone);
        const isOver = phase === 'following CI' || (isUndone && how === 'cancelled');
        if (!isOver) assert.match(next.log, /deploy of [0-9a-f]{7} \(asked by run .*\) was not finished/);
        const again = await deploy(world, sha);
        assert.equal(again.outputs.result, 'validated', again.stdout);
        assert.equal(point(world), sha);
        await serves(world, 3);
      } finally {
        site.close();
      }
    }));
  }
}

test('the message of a deploy that is cancelled says so, and a new one does, within the time that the runner gives', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const one = world.startAction({
    mode: 'deploy', sha: world.release({ version: 2 }), env: programs.env, inputs: { watch: 'none', 'discord-style': 'embed' },
  });
  await held.begun();
  await ENDS.cancelled(world, one);
  const heads = () => world.discord.messages.map(({ content }) => content);
  assert.deepEqual(heads(), [INTERRUPTED_DEPLOY, INTERRUPTED_DEPLOY], 'the first one, edited, and one that is heard');
  const standings = () => world.github.deployments.map(({ statuses }) => statuses.map(({ state }) => state).join(' '));
  assert.deepEqual(standings(), ['in_progress error'], 'nor is it under way on the page of deployments');
  held.letGo();
  const next = await world.runAction({ mode: 'status', inputs: { 'discord-style': 'embed' } });
  assert.equal(next.exit, 0, next.stdout);
  assert.deepEqual(heads(), ['✅ PREPROD - Déploiement terminé', INTERRUPTED_DEPLOY], 'the next run finishes it');
  assert.deepEqual(standings(), ['in_progress error in_progress success']);
}));

test('a rollback that has ended is told, though its run is told to stop while it fetches the lines of CI', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  ciFails(world, sha);
  world.github.fault({ match: '/jobs', times: 3, kind: 'slow', ms: 2500 });
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'discord-style': 'embed' } });
  await inLedger(world, (fact) => fact.ended?.outcome === 'rolled-back');
  await one.cancel();
  assert.equal((await one.done).outputs.result, 'rolled-back');
  const heads = () => world.discord.messages.map(({ content }) => content).filter((content) => content.includes('ROLLBACK'));
  assert.equal(heads().length, 2, 'the message of the deploy, edited, and one that is heard');
  const [undone, back] = world.github.deployments.slice(-2).map(({ statuses }) => statuses.at(-1).state);
  assert.deepEqual([undone, back], ['inactive', 'success']);
}));

test('a plan that is cancelled while another run is at work says nothing on Discord', () => inWorld({}, async (world) => {
  await validated(world);
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const sha = world.release({ version: 3 });
  const one = world.startAction({ mode: 'deploy', sha, env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  world.discord.forget();
  const asked = programs.hold('merge-base');
  const plan = world.startAction({ mode: 'deploy', sha, env: programs.env, inputs: { 'dry-run': 'true' } });
  await asked.begun();
  await plan.cancel();
  assert.equal((await plan.done).outputs.result, 'cancelled');
  assert.deepEqual(texts(world), []);
  for (const one of [held, asked]) one.letGo();
  assert.equal((await one.done).outputs.result, 'deployed');
}));

/** A deploy that is live, and follows its CI. */
async function following(world) {
  await validated(world);
  const sha = world.release({ version: 3 });
  world.github.addRun({ sha, status: 'in_progress' });
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'inline', 'ci-interval': '1m' } });
  await inLedger(world, (fact) => fact.watching?.sha === sha);
  return one;
}

test('a deploy that follows CI, cancelled once something newer is live, does not say that it is live', () => inWorld({}, async (world) => {
  const one = await following(world);
  const newer = world.release({ version: 4 });
  assert.equal((await deploy(world, newer, { watch: 'none' })).outputs.result, 'deployed');
  world.discord.forget();
  await one.cancel();
  const { stdout } = await one.done;
  assert.deepEqual(texts(world), []);
  assert.match(stdout, new RegExp(`^::error::En ligne maintenant : ${newer.slice(0, 7)}`, 'm'));
}));

test('a deploy that follows CI, cancelled while a newer one is at work, says nothing of that one', () => inWorld({}, async (world) => {
  const one = await following(world);
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const two = world.startAction({ mode: 'deploy', sha: world.release({ version: 4 }), env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  world.discord.forget();
  await one.cancel();
  assert.equal((await one.done).outputs.result, 'cancelled');
  assert.deepEqual(texts(world), []);
  held.letGo();
  assert.equal((await two.done).outputs.result, 'deployed');
}));

test('a rollback that is cancelled tells of the version that it was to undo', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = await validated(world, 3);
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const one = world.startAction({ mode: 'rollback', env: programs.env, inputs: { to: 'previous' } });
  await held.begun();
  world.discord.forget();
  await one.cancel();
  const [told] = texts(world);
  assert.match(told, new RegExp(`^⏹️ PREPROD - Rollback interrompu\nSHA à annuler: ${sha.slice(0, 7)}\n(.*\n)*Message: Version 3\n`));
  held.letGo();
}));

test('where Discord does not answer, a deploy that is cancelled ends in time all the same', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 2 }), env: programs.env, inputs: { watch: 'none', 'discord-style': 'embed' } });
  await held.begun();
  const asked = world.discord.requests.length;
  world.discord.fault({ kind: 'hang', times: 9 });
  await ENDS.cancelled(world, one);
  assert.equal(world.discord.requests.length - asked, 2, 'a new message, and the edit of the first one');
}));

test('what waited to be told when a deploy is cancelled is not sent any more: the time is for its last word', () => inWorld({}, async (world) => {
  await validated(world);
  const programs = wrapPrograms(world);
  const inputs = { watch: 'none', 'discord-style': 'embed', 'health-contains': 'version 2', 'health-grace': '300ms' };
  const forward = programs.hold(' restart ');
  world.discord.fault({ kind: 'hang', times: 9 });
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), env: programs.env, inputs });
  await forward.begun();
  const back = programs.hold(' restart ');
  forward.letGo();
  await back.begun();
  const asked = world.discord.requests.length;
  await ENDS.cancelled(world, one);
  const sent = world.discord.requests.slice(asked).map(({ body }) => JSON.parse(body).content);
  assert.deepEqual(sent, ['⏹️ PREPROD - Rollback interrompu']);
  back.letGo();
}));

test('cancelled while it waits for the lock, a deploy has changed nothing and holds nobody up', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const held = programs.hold(' reset --hard ');
  const first = world.release({ version: 2 });
  const one = world.startAction({ mode: 'deploy', sha: first, env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  const before = facts(world);
  const two = world.startAction({ mode: 'deploy', sha: world.release({ version: 3 }), inputs: { watch: 'none' } });
  let said = '';
  two.child.stdout.on('data', (part) => (said += part));
  await until(() => /waiting for run/.test(said), 'the second to wait');
  await ENDS.cancelled(world, two);
  const { summary, stdout } = await two.done;
  assert.match(stdout, /^::error::En ligne maintenant : pas certain, une autre exécution est en cours ; .*%0Aarrêté par SIGINT \(attente du verrou\) ; rien n'est resté inachevé/m);
  assert.doesNotMatch(summary, /sera terminé ou défait/);
  assert.deepEqual(facts(world), before);
  held.letGo();
  assert.equal((await one.done).outputs.result, 'deployed');
  await serves(world, 2);
}));

test('a child that heeds no signal is ended before the runner would end us', () => inWorld({}, async (world) => {
  const stubborn = `sh\n-c\ntrap "" INT TERM HUP; echo > ${world.root}/begun; while :; do sleep 0.05; done`;
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 2 }), inputs: { watch: 'none', 'deploy-command': stubborn } });
  await until(() => existsSync(join(world.root, 'begun')), 'the deploy command');
  await ENDS.cancelled(world, one);
  assert.deepEqual(world.leftovers(), []);
}));

test('while a child of a killed deploy is at work, it holds the lock and status says so', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const sha = world.release({ version: 2 });
  const one = world.startAction({ mode: 'deploy', sha, env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  await ENDS.killed(world, one);
  const meanwhile = await world.runAction({ mode: 'status' });
  const { lock, unfinished } = JSON.parse(meanwhile.outputs.state).preprod;
  assert.match(lock, /deploy [0-9a-f]{7}, process \d+/);
  assert.equal(unfinished.ask.deploy.sha, sha);
  const next = world.startAction({ mode: 'rollback', inputs: { to: 'last-validated' } });
  let said = '';
  next.child.stdout.on('data', (part) => (said += part));
  await until(() => /waiting for run/.test(said), 'the next run to wait for the orphan');
  held.letGo();
  assert.match((await next.done).log, /was not finished: undoing it first/);
}));

test('a deploy that was killed twice tells each thing once', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const sha = world.release({ version: 2 });
  const held = programs.hold(' reset --hard ');
  const one = world.startAction({ mode: 'deploy', sha, env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  await until(() => headlines(world).length === 1, 'the first message');
  await ENDS.killed(world, one);
  held.letGo();
  programs.rule(' restart ', 'kill -9 $PPID');
  assert.equal((await deploy(world, sha, {}, { env: programs.env })).signal, 'SIGKILL');
  await until(() => world.leftovers().length === 0, 'the orphans to end');
  await world.runAction({ mode: 'status' });
  assert.deepEqual(headlines(world), ['🚀 PREPROD - Déploiement démarré', '✅ PREPROD - Déploiement terminé']);
}));
