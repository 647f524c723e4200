// What a person at a terminal agrees to is what is done, whatever ends while they think and while the lock is waited for.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { wrapPrograms } from '../world/programs.mjs';
import { until } from '../world/scenario.mjs';
import { ciFails, deploy, inWorld, validated } from './support.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const IN_PROD = { inputs: { environment: 'prod' } };
const short = (sha) => sha.slice(0, 7);
const liveIn = async (world) => JSON.parse((await world.runAction({ mode: 'status' })).outputs.state).prod;
const put = (world, sha, inputs = {}) => deploy(world, sha, { watch: 'none', ...inputs });

/** A `rollback` at a pseudo-terminal: what it shows, a way to answer, and how it ends. */
function atTerminal(world, ...args) {
  const log = join(world.root, 'screen');
  const env = { PATH: process.env.PATH, TERM: 'xterm', LANG: 'en_GB.UTF-8', HOME: world.home, DISCORD_WEBHOOK_URL: world.discord.webhookUrl, ...world.engine.env };
  const named = ['environment', 'app-path', 'compose-file', 'url', 'state-dir', 'log-dir'].flatMap((name) => [`--${name}`, world.inputs[name]]);
  const command = [process.execPath, CLI, 'rollback', ...args, ...named].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, log], { env, cwd: world.vm, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'close');
  const screen = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  return {
    shows: (words) => until(() => screen().includes(words), `"${words}" on the screen`),
    answer: (keys) => child.stdin.write(keys),
    done: async () => ({ exit: (await ended)[0], text: screen() }),
  };
}

/** Versions 2 and 3 validated, the second live now; and a deploy of version 4 that is held in its compose call. */
async function underWay(world, inputs = {}) {
  const [older, live] = [await validated(world), await validated(world, 3)];
  const next = world.release({ version: 4 });
  const programs = wrapPrograms(world);
  const held = programs.hold(' restart ');
  const one = world.startAction({ mode: 'deploy', sha: next, env: programs.env, inputs: { watch: 'none', ...inputs } });
  await held.begun();
  return { older, live, next, finish: () => held.letGo() ?? one.done };
}
const ILL = { 'health-contains': 'never', 'health-grace': '300ms' };

test('what goes back by itself while its rollback is asked for and waited for is not gone back from once more', () => inWorld(IN_PROD, async (world) => {
  const { live, next, finish } = await underWay(world, ILL);
  const screen = atTerminal(world, '--to', 'previous');
  await screen.shows(`put ${short(live)} live again in the place of ${short(next)}? [y/N]`);
  screen.answer('y\n');
  await screen.shows('waiting');
  await finish();
  const { exit, text } = await screen.done();
  assert.equal(exit, 0, text);
  assert.equal((await liveIn(world)).live.sha, live, text);
}));

test('where a colleague has put another version live before the answer, the rollback is not done', () => inWorld(IN_PROD, async (world) => {
  const [older, live] = [2, 3].map((version) => world.release({ version }));
  for (const sha of [older, live]) await put(world, sha);
  const screen = atTerminal(world, '--to', 'previous');
  await screen.shows(`put ${short(older)} live again in the place of ${short(live)}? [y/N]`);
  const next = world.release({ version: 4 });
  await put(world, next);
  screen.answer('y\n');
  const { exit, text } = await screen.done();
  assert.equal(exit, 1, text);
  assert.match(text, new RegExp(`things have changed since the question \\(${short(next)} is live now\\): this rollback is not done`));
  assert.equal((await liveIn(world)).live.sha, next);
}));

test('`to: previous` of a workflow that waits for a deploy which goes back by itself is done with that', () => inWorld(IN_PROD, async (world) => {
  const { live, finish } = await underWay(world, ILL);
  const back = world.startAction({ mode: 'rollback', inputs: { to: 'previous' } });
  let said = '';
  back.child.stdout.on('data', (part) => (said += part));
  await until(() => /waiting for run/.test(said), 'it to wait');
  await finish();
  const { exit, outputs, stdout } = await back.done;
  assert.deepEqual([exit, outputs.result, (await liveIn(world)).live.sha], [0, 'unchanged', live], stdout);
}));

test('a plan made beside a run at work waits for it, and supposes a good end', () => inWorld(IN_PROD, async (world) => {
  const { live, finish } = await underWay(world);
  const { log } = await world.runAction({ mode: 'rollback', inputs: { to: 'previous', 'dry-run': 'true' } });
  assert.match(log, new RegExp(`put ${live} live again`));
  assert.match(log, / {2}0\. wait for the end of run [^;]*; what follows supposes a good one\n {2}1\. /);
  const planned = (await world.runAction({ mode: 'deploy', sha: world.release({ version: 5 }), inputs: { 'dry-run': 'true' } })).log;
  assert.match(planned, / {2}0\. wait for the end of run /);
  await finish();
}));

test('a plan of a deploy by hand says that GitHub is asked first, and only where it is', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 3 });
  const planned = async (inputs, event) => (await world.runAction({ mode: 'deploy', sha, inputs: { 'dry-run': 'true', ...inputs }, event })).log;
  const byHand = { name: 'workflow_dispatch', payload: {} };
  const asks = /GitHub is asked first: where CI workflow ci\.yml has failed this SHA already, it is refused/;
  assert.match(await planned({}, byHand), asks);
  for (const log of [await planned({ force: 'true' }, byHand), await planned({ watch: 'none' }, byHand), await planned({})]) assert.doesNotMatch(log, asks);
  await deploy(world, sha, { watch: 'event' });
  ciFails(world, sha);
  assert.equal((await world.runAction({ mode: 'watch', sha })).outputs.result, 'rolled-back');
  const refused = /this SHA is quarantined: it would be refused without `force`/;
  assert.match(await planned({}, byHand), new RegExp(`${refused.source}, unless CI workflow ci\\.yml has succeeded since, which GitHub is asked first`));
  assert.match(await planned({}), new RegExp(`${refused.source}$`, 'm'));
}));

const SLOW = { watch: 'inline', 'on-timeout': 'rollback', 'ci-timeout': '300ms' };
for (const [why, inputs] of Object.entries({ 'its check': { watch: 'none', ...ILL }, 'a CI that says nothing': SLOW })) {
  test(`\`to: previous\` that waits for a way back that follows from ${why} is done with that`, () => inWorld(IN_PROD, async (world) => {
    const [, live] = [await validated(world), await validated(world, 3)];
    const next = world.release({ version: 4 });
    world.github.addRun({ sha: next, status: 'in_progress' });
    const programs = wrapPrograms(world);
    const held = programs.hold(`reset --hard --quiet --no-recurse-submodules ${live}`);
    const one = world.startAction({ mode: 'deploy', sha: next, env: programs.env, inputs });
    await held.begun();
    const { log } = await world.runAction({ mode: 'rollback', inputs: { to: 'previous', 'dry-run': 'true' } });
    assert.match(log, new RegExp(`${live} `), log);
    const back = world.startAction({ mode: 'rollback', inputs: { to: 'previous' } });
    let said = '';
    back.child.stdout.on('data', (part) => (said += part));
    await until(() => /waiting for run/.test(said), 'it to wait');
    held.letGo();
    await one.done;
    const { exit, outputs, stdout } = await back.done;
    assert.deepEqual([exit, outputs.result, (await liveIn(world)).live.sha], [0, 'unchanged', live], stdout);
  }));
}
