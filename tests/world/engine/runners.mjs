// What the stand-in engine's containers run as: a real process each, or servers of the process that asks.
// {start(it, {log, exitFile}), isRunning(it), signal(it, name)}; `it` is a container's record, `start` gives its process id.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startApp } from './app.mjs';

const SERVER = fileURLToPath(new URL('app-server.mjs', import.meta.url));

/** Each a process, with an environment of its own, as a container is no child of the job. */
export const processes = {
  start({ id, mount, port }, files) {
    const child = spawn(process.execPath, [SERVER, JSON.stringify({ id, folder: mount, port, ...files })], {
      detached: true, stdio: 'ignore', cwd: '/', env: { PATH: process.env.PATH },
    });
    child.unref();
    return child.pid;
  },
  // A process id can be somebody else's by now: where /proc tells, the command line must name us.
  isRunning({ id, pid }) {
    if (!pid) return false;
    try {
      process.kill(pid, 0);
      return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id);
    } catch {
      return false;
    }
  },
  signal({ pid }, name) {
    try {
      process.kill(pid, name);
    } catch {
      // It ended meanwhile.
    }
  },
};

/** Each a server in this process: a start costs a millisecond where a process costs fifty. */
export function servers() {
  const running = new Map();
  let isClosed = false;
  return {
    start({ id, mount, port }, { log, exitFile }) {
      if (isClosed) throw new Error('this engine has ended');
      running.set(id, startApp({ folder: mount, port, log }, (code) => {
        running.delete(id);
        writeFileSync(exitFile, String(code));
      }));
      return process.pid;
    },
    isRunning: ({ id }) => running.has(id),
    signal: ({ id }, name) => running.get(id)?.(name === 'SIGKILL' ? 137 : 143),
    /** Ends them all; none starts any more. */
    close() {
      isClosed = true;
      [...running.values()].forEach((end) => end(137));
    },
  };
}
