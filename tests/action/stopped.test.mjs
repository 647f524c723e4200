// What is told of a run that is told to stop, where something else goes on: another run's request, another's watcher, the
// event of CI's end; and what a later run makes of a message whose run was killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { candidate, inBackups, onProduction, startPromote, withProduction } from './production.mjs';
import { deploy, inWorld, texts, validated } from './support.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const inLedger = (world, holds) => until(() => world.ledger().some(({ fact }) => holds(fact)), 'the ledger to say so');
const contents = (world) => world.discord.messages.map(({ content }) => content);

/** A person at a pseudo-terminal, who presses Ctrl-C at the question. */
async function withdrawn(world, args) {
  const log = join(world.root, 'screen');
  const env = { PATH: process.env.PATH, TERM: 'xterm', LANG: 'en_GB.UTF-8', HOME: world.home, DISCORD_WEBHOOK_URL: world.discord.webhookUrl, ...world.engine.env };
  const command = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, log], { env, cwd: world.vm, stdio: ['pipe', 'ignore', 'ignore'] });
  await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('[y/N]'), 'the question');
  child.stdin.write('\x03');
  const [status] = await once(child, 'close');
  return { status, text: readFileSync(log, 'utf8') };
}

test('Ctrl-C at the question of a rollback tells nobody that the deploy of another run was interrupted', () => inWorld({ inputs: { environment: 'prod' } }, async (world) => {
  for (const version of [2, 3]) await deploy(world, world.release({ version }), { watch: 'none' });
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 4 }), env: programs.env, inputs: { watch: 'none' } });
  await held.begun();
  world.discord.forget();
  const named = ['environment', 'app-path', 'compose-file', 'url', 'state-dir', 'log-dir'];
  const { status, text } = await withdrawn(world, ['rollback', '--to', 'previous', ...named.flatMap((name) => [`--${name}`, world.inputs[name]])]);
  assert.equal(status, 130, text);
  assert.match(text, /nothing is left unfinished/);
  assert.deepEqual(texts(world), []);
  held.letGo();
  assert.equal((await one.done).outputs.result, 'deployed');
}));

test('a watch that is cancelled beside a watcher does not say that nobody follows CI', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'detached', 'watch-token': world.token, 'ci-timeout': '30s', 'ci-interval': '500ms' });
  world.discord.forget();
  // The job of the deploy is over as soon as it is started, before it has its lock.
  await until(() => /in_progress/.test(world.watcherLog(sha)), 'the watcher\'s first look');
  const one = world.startAction({ mode: 'watch', sha, inputs: { 'ci-interval': '500ms' } });
  let said = '';
  one.child.stdout.on('data', (part) => (said += part));
  await until(() => said.includes('goes on beside this one'), 'it to have seen the watcher');
  await one.cancel();
  const { log } = await one.done;
  assert.match(log, /nothing is left unfinished/);
  assert.deepEqual(texts(world), []);
  world.github.setRun(run, { status: 'completed', conclusion: 'success' });
  await until(() => world.leftovers().length === 0, 'the watcher to end');
}));

test('a job that is run again and cancelled says nothing, where the event tells how CI ends', () => inWorld({}, async (world) => {
  await validated(world);
  const sha = world.release({ version: 3 });
  world.github.addRun({ sha, status: 'in_progress' });
  await deploy(world, sha, { watch: 'event' });
  world.discord.forget();
  world.github.fault({ match: '/actions/', times: 9, kind: 'slow', ms: 3000 });
  const asked = world.github.requests.length;
  const one = world.startAction({ mode: 'deploy', sha, inputs: { watch: 'event' }, env: { GITHUB_RUN_ATTEMPT: '2' } });
  await until(() => world.github.requests.length > asked, 'it to ask GitHub');
  await one.cancel();
  assert.equal((await one.done).outputs.result, 'cancelled');
  assert.deepEqual(texts(world).filter((told) => told.startsWith('⏹️')), []);
}));

test('a promote that is cancelled before anybody heard of it is over, and tells nobody', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const programs = wrapPrograms(world);
  const held = programs.hold(' fetch ');
  world.discord.forget();
  const one = startPromote(world, sha, {}, { env: programs.env });
  await held.begun();
  await one.cancel();
  const { log, outputs } = await one.done;
  held.letGo();
  assert.equal(outputs.result, 'cancelled', log);
  assert.match(log, /nothing is left unfinished/);
  assert.deepEqual(texts(world), []);
}));

test('a promote that is cancelled while it saves says that nothing had changed; the next run drops it', () => withProduction({}, async (world) => {
  const sha = await candidate(world);
  const programs = wrapPrograms(world, ['cp']);
  const held = programs.hold('-a --parents ');
  const one = startPromote(world, sha, {}, { env: programs.env });
  await held.begun();
  await one.cancel();
  const { log, outputs } = await one.done;
  held.letGo();
  assert.equal(outputs.result, 'cancelled', log);
  assert.match(texts(world).at(-1).replaceAll('\\', ''), /^⏹️ [^]*rien n'avait encore changé : la demande est abandonnée\n➡️ Relancer$/m);
  const next = await onProduction(world, 'status');
  assert.equal(JSON.parse(next.outputs.state).prod.unfinished, null);
  assert.deepEqual(inBackups(world).filter((name) => name.endsWith('.partial')), []);
}));

test('the message of a deploy whose run was killed is the one that the next run edits', () => inWorld({}, async (world) => {
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const inputs = { watch: 'none', 'discord-style': 'embed' };
  const one = world.startAction({ mode: 'deploy', sha: world.release({ version: 2 }), env: programs.env, inputs });
  await held.begun();
  await until(() => existsSync(join(world.stateDir, 'preprod/messages.json')), 'the message to be remembered');
  one.child.kill('SIGKILL');
  await one.done;
  held.letGo();
  await until(() => world.leftovers().length === 0, 'the orphans to end');
  await world.runAction({ mode: 'status', inputs: { 'discord-style': 'embed' } });
  assert.deepEqual(contents(world), ['✅ PREPROD - Déploiement terminé']);
}));
