// The watcher: at rest against an idle Node, what it asks of GitHub, and how soon it acts.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { engineState } from '../world/engine.mjs';
import { pause } from '../world/http.mjs';
import { ciEnded, until, withWorld } from '../world/scenario.mjs';
import { recorder } from './recorder.mjs';
import { compared, leftOut, limited, median, node, noted, quick, times } from './table.mjs';

const engine = engineState().v2 ? 'real-v2' : 'stand-in';
const detached = (world, interval) => ({ watch: 'detached', 'watch-token': world.token, 'ci-interval': interval });
const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// All threads; the clock of /proc/PID/stat goes in steps of 10 ms.
const cpuMs = (pid) => readdirSync(`/proc/${pid}/task`)
  .reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0);

async function watching(world, interval, env = {}) {
  const sha = world.release({ version: Date.now() % 1e9 });
  const run = world.github.addRun({ sha, status: 'in_progress' });
  const result = await world.runAction({ mode: 'deploy', sha, node, env, inputs: detached(world, interval) });
  if (result.outputs.result !== 'deployed') throw new Error(result.stdout + result.stderr);
  const [watcher] = await until(() => world.leftovers().length > 0 && world.leftovers(), 'the watcher');
  return { sha, run, pid: watcher.pid };
}

const looks = (world) => world.github.requests.filter(({ server }) => server === 'api').length;

export async function atRest() {
  await withWorld({ engine, witnessed: false }, async (world) => {
    const idle = spawn(node, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
    try {
      const { pid } = await watching(world, '10s');
      const begun = looks(world);
      await until(() => looks(world) > begun, 'a look', 15_000);
      const [ours, reference] = [[], []];
      // From one second after a look to shortly before the next, and then the next one.
      for (let round = 0; round < times(2, 1); round += 1) {
        await pause(1000);
        const [quietFrom, idleFrom, seen] = [cpuMs(pid), cpuMs(idle.pid), looks(world)];
        for (let second = 0; second < 8; second += 1) {
          await pause(1000);
          ours.push(memory(pid));
          reference.push(memory(idle.pid));
        }
        const [quiet, of] = [cpuMs(pid) - quietFrom, cpuMs(idle.pid) - idleFrom];
        if (looks(world) !== seen) throw new Error('a look came in the quiet time');
        await until(() => looks(world) > seen, 'the next look', 15_000);
        await pause(200);
        // A collection of what the last look left may fall into it; a timer that goes round would be more by far.
        limited(`CPU of the watcher in 8 s between two looks, against the idle Node (round ${round + 1})`, { ours: quiet, limit: 40, reference: `${of.toFixed(1)} ms` });
        noted('CPU of one look (scheduled in the same round)', `${(cpuMs(pid) - quietFrom - quiet).toFixed(1)} ms`);
      }
      compared('memory (RSS) of a watcher at rest against `node -e "setInterval(() => {}, 1e9)"`', { ours: median(ours), reference: median(reference), target: 1.4, unit: 'MiB', n: ours.length });
    } finally {
      idle.kill();
    }
  });
}

// As many looks as five minutes have at 10 s, made a hundred times as often.
export async function calls() {
  await withWorld({ engine: 'none', running: false, witnessed: false }, async (world) => {
    const count = async (sha) => {
      world.github.forget();
      await world.runAction({ mode: 'watch', sha, node, inputs: { watch: 'inline', 'ci-interval': '100ms', 'ci-timeout': '3s' } });
      const api = world.github.requests.filter(({ server }) => server === 'api');
      return { all: api.length, conditional: api.filter(({ headers }) => headers['if-none-match']).length };
    };
    const deploy = async (version) => {
      const sha = world.release({ version });
      world.github.addRun({ sha, status: 'in_progress' });
      await world.runAction({ mode: 'deploy', sha, node, inputs: { watch: 'none', 'discord-webhook': null } });
      return sha;
    };
    const told = ({ all, conditional }) => `${all} calls, ${conditional} of them conditional (a 304 is free)`;
    const alone = await count(await deploy(2));
    noted('API calls of a five-minute watch at 10 s (30 intervals of 100 ms instead)', told(alone), 'one a look: 31');
    const beside = await count(await deploy(3));
    noted('  the same while an older SHA has no verdict either', told(beside));
  });
}

/** From red CI to the first git command after the rollback was decided on, as git itself saw it. */
async function firstGit(world, record, before) {
  const asked = await until(() => world.ledger().slice(before).find(({ fact }) => fact.asked?.ask.rollback), 'the rollback');
  await until(() => world.ledger().slice(before).some(({ fact }) => fact.ended?.outcome === 'rolled-back'), 'its end', 30_000);
  const calls = record.calls();
  return {
    first: calls.find(({ at }) => at >= asked.at).at,
    reset: calls.find(({ at, line }) => at >= asked.at && / reset /.test(line)).at,
  };
}

export async function reaction() {
  await withWorld({ engine, witnessed: false }, async (world) => {
    const record = recorder(world.root, world.engine.env.PATH);
    const env = { PATH: record.path };
    const good = world.release({ version: 1_000 });
    world.github.addRun({ sha: good, status: 'completed', conclusion: 'success' });
    await world.runAction({ mode: 'deploy', sha: good, node, inputs: { watch: 'inline', 'ci-interval': '100ms' } });
    await byPolling(world, record, env);
    await byEvent(world, record, env);
  });
}

async function byPolling(world, record, env) {
  const all = { first: [], seen: [], reset: [] };
  for (let round = 0; round < times(7, 2); round += 1) {
    const { run } = await watching(world, '1s', env);
    const before = world.ledger().length;
    const had = looks(world);
    // Just after a look: the failure has to wait for a whole interval.
    await until(() => looks(world) > had, 'a look');
    await pause(30);
    record.forget();
    const asked = looks(world);
    const shown = Date.now();
    world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
    await until(() => looks(world) > asked, 'the look that sees it');
    const seen = Date.now();
    const { first, reset } = await firstGit(world, record, before);
    all.first.push(first - shown);
    all.seen.push(first - seen);
    all.reset.push(reset - seen);
    await until(() => world.leftovers().length === 0, 'the end of the watcher');
  }
  const n = all.first.length;
  limited('by polling, `ci-interval: 1s`, just missed: from the API showing the failure to the rollback\'s first git command', { ours: median(all.first), limit: 1200, reference: 'interval 1000 ms', n });
  noted('  of which our own, after the look that saw it (give or take 25 ms): to the first git command, to `git reset`', `${median(all.seen).toFixed(0)} ms, ${median(all.reset).toFixed(0)} ms`);
}

async function byEvent(world, record, env) {
  const all = { first: [], reset: [] };
  for (let round = 0; round < times(9, 3); round += 1) {
    const sha = world.release({ version: 3_000 + round });
    const run = world.github.addRun({ sha, status: 'in_progress' });
    await world.runAction({ mode: 'deploy', sha, node, inputs: { watch: 'event' } });
    world.github.setRun(run, { status: 'completed', conclusion: 'failure' });
    const before = world.ledger().length;
    record.forget();
    const { ms } = await world.runAction({ mode: 'watch', node, env, event: ciEnded(world, { sha, conclusion: 'failure' }) });
    const began = Date.now() - ms;
    const { first, reset } = await firstGit(world, record, before);
    all.first.push(first - began);
    all.reset.push(reset - began);
  }
  limited('by event: from process start to the rollback\'s first git command', { ours: median(all.first), limit: 500, n: all.first.length });
  noted('  to `git reset`', `${median(all.reset).toFixed(0)} ms`);
}

export async function watcher() {
  if (process.platform !== 'linux') return leftOut('the watcher', 'needs /proc');
  await atRest();
  await calls();
  await reaction();
}
