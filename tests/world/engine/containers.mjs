// The containers of the stand-in engine: one JSON file, and something that runs (runners.mjs) for each of them.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processes } from './runners.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const now = () => new Date().toISOString().replace('Z', '000000Z');
export const NEVER = '0001-01-01T00:00:00Z';

/** Opens the engine's folder; `runner` is what its containers run as. */
export function openContainers(folder, runner = processes) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'containers.json');
  const all = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const save = () => {
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(all, null, 1));
    renameSync(`${file}.${process.pid}`, file);
  };
  return {
    all,
    create(given) {
      all.push(newContainer(given));
      save();
      return all.at(-1);
    },
    start(it) {
      start(folder, runner, it);
      save();
    },
    async stop(it) {
      await stop(folder, runner, it);
      save();
    },
    remove(it) {
      all.splice(all.indexOf(it), 1);
      rmSync(exitFile(folder, it), { force: true });
      save();
    },
    state: (it) => stateOf(folder, runner, it),
  };
}

const newContainer = (given) =>
  ({ ...given, id: randomBytes(32).toString('hex'), created: now(), startedAt: NEVER, finishedAt: NEVER, pid: 0 });
const exitFile = (folder, it) => join(folder, `${it.id}.exit`);

function start(folder, runner, it) {
  const exit = exitFile(folder, it);
  rmSync(exit, { force: true });
  Object.assign(it, { pid: runner.start(it, { exitFile: exit, log: join(folder, 'requests') }), startedAt: now(), finishedAt: NEVER });
}

async function stop(folder, runner, it) {
  const isRunning = () => runner.isRunning(it);
  if (!isRunning()) return;
  // For a process 1 without a handler the kernel drops SIGTERM: the container only runs on.
  if (it.heedsTerm) runner.signal(it, 'SIGTERM');
  const until = Date.now() + it.graceMs;
  while (isRunning() && Date.now() < until) await pause(20);
  const code = isRunning() ? 137 : 143;
  if (code === 137) runner.signal(it, 'SIGKILL');
  while (isRunning()) await pause(10);
  if (!existsSync(exitFile(folder, it))) writeFileSync(exitFile(folder, it), String(code));
  it.finishedAt = now();
}

// The `State` object of `docker inspect`.
function stateOf(folder, runner, it) {
  const running = runner.isRunning(it);
  const file = exitFile(folder, it);
  const code = !running && existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const status = running ? 'running' : it.startedAt === NEVER ? 'created' : 'exited';
  return {
    Status: status, Running: running, Paused: false, Restarting: false, OOMKilled: false, Dead: false,
    Pid: running ? it.pid : 0, ExitCode: code, Error: '', StartedAt: it.startedAt, FinishedAt: it.finishedAt,
  };
}
