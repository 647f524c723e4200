// The containers of the stand-in engine: one JSON file, and one real process for each that runs.
// A process is started with an environment of its own, as a container is no child of the job.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('app-server.mjs', import.meta.url));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const now = () => new Date().toISOString().replace('Z', '000000Z');
export const NEVER = '0001-01-01T00:00:00Z';

/** Opens the engine's folder. */
export function openContainers(folder) {
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
      startProcess(folder, it);
      save();
    },
    async stop(it) {
      await stopProcess(folder, it);
      save();
    },
    remove(it) {
      all.splice(all.indexOf(it), 1);
      rmSync(exitFile(folder, it), { force: true });
      save();
    },
    state: (it) => stateOf(folder, it),
  };
}

const newContainer = (given) =>
  ({ ...given, id: randomBytes(32).toString('hex'), created: now(), startedAt: NEVER, finishedAt: NEVER, pid: 0 });
const exitFile = (folder, it) => join(folder, `${it.id}.exit`);

function startProcess(folder, it) {
  rmSync(exitFile(folder, it), { force: true });
  const { id, mount, port } = it;
  const settings = { id, folder: mount, port, exitFile: exitFile(folder, it), log: join(folder, 'requests') };
  const child = spawn(process.execPath, [SERVER, JSON.stringify(settings)], {
    detached: true, stdio: 'ignore', cwd: '/', env: { PATH: process.env.PATH },
  });
  child.unref();
  Object.assign(it, { pid: child.pid, startedAt: now(), finishedAt: NEVER });
}

async function stopProcess(folder, it) {
  if (!isRunning(it)) return;
  // For a process 1 without a handler the kernel drops SIGTERM: the container only runs on.
  if (it.heedsTerm) signal(it, 'SIGTERM');
  const until = Date.now() + it.graceMs;
  while (isRunning(it) && Date.now() < until) await pause(20);
  const code = isRunning(it) ? 137 : 143;
  if (code === 137) signal(it, 'SIGKILL');
  while (isRunning(it)) await pause(10);
  if (!existsSync(exitFile(folder, it))) writeFileSync(exitFile(folder, it), String(code));
  it.finishedAt = now();
}

function signal(it, name) {
  try {
    process.kill(it.pid, name);
  } catch {
    // It ended meanwhile.
  }
}

// A process id can be somebody else's by now: where /proc tells, the command line must name us.
function isRunning(it) {
  if (!it.pid) return false;
  try {
    process.kill(it.pid, 0);
    const line = `/proc/${it.pid}/cmdline`;
    return !existsSync('/proc/self') || readFileSync(line, 'utf8').includes(it.id);
  } catch {
    return false;
  }
}

// The `State` object of `docker inspect`.
function stateOf(folder, it) {
  const running = isRunning(it);
  const file = exitFile(folder, it);
  const code = !running && existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const status = running ? 'running' : it.startedAt === NEVER ? 'created' : 'exited';
  return {
    Status: status, Running: running, Paused: false, Restarting: false, OOMKilled: false, Dead: false,
    Pid: running ? it.pid : 0, ExitCode: code, Error: '', StartedAt: it.startedAt, FinishedAt: it.finishedAt,
  };
}
