// The stand-in engine as a daemon: the `docker` in PATH is a client of it that costs a few milliseconds
// where a Node would cost fifty, and what it has begun is finished when its client is killed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const CLOSE_LIMIT_MS = 2000;
let daemon = null;

/**
 * The client, a bash script; `port` as bash finds it. It sends its folder and its arguments, each ended by
 * NUL, then shows the answer: "exit lines", so many lines of stderr, and the rest is stdout.
 */
export const clientText = (port, first = '') => `#!/bin/bash
${first}exec 3<>/dev/tcp/127.0.0.1/${port} || exit 125
printf '%s\\0' $# "$PWD" "$@" >&3
read -r code lines <&3 || exit 125
for ((; lines > 0; lines--)); do IFS= read -r line <&3; printf '%s\\n' "$line" >&2; done
IFS= read -r -d '' out <&3
printf '%s' "$out"
exit "$code"
`;

/** What clients connect to; `carryOut(args, cwd)` gives {out, err, exit}. */
export function dockerServer(carryOut) {
  return createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', async (part) => {
      const [count, cwd, ...args] = (text += part).split('\0');
      if (args.length - 1 !== Number(count)) return;
      const { out = '', err = '', exit = 0 } = await carryOut(args.slice(0, -1), cwd);
      const lines = err ? err.split('\n') : [];
      socket.end([`${exit} ${lines.length}`, ...lines, ...(out ? [out] : []), ''].join('\n'));
    });
  });
}

/**
 * Has the daemon, a thread of this process, serve the engine whose containers are kept in `engine`; gives a folder for PATH.
 * Nobody waits for it here: a client waits until it stands in its file where the daemon listens.
 */
export function startDaemon(folder, engine) {
  for (const one of [folder, engine]) mkdirSync(one, { recursive: true });
  daemon ??= new Worker(new URL('daemon.mjs', import.meta.url), { execArgv: [] });
  daemon.unref();
  daemon.postMessage({ open: engine });
  // Some ten seconds at most: without a port, as where the daemon never came up, connecting fails.
  const wait = `for ((tries = 0; tries < 1000; tries++)); do IFS= read -r port < '${engine}/port' && break; sleep 0.01; done 2>/dev/null\n`;
  writeFileSync(join(folder, 'docker'), clientText('$port', wait), { mode: 0o755 });
  return folder;
}

/** Ends an engine that the daemon serves, and all that runs in it: at once, as its folder may be removed then. */
export function closeEngine(engine) {
  const isClosed = new Int32Array(new SharedArrayBuffer(4));
  daemon?.postMessage({ close: engine, isClosed });
  if (daemon) Atomics.wait(isClosed, 0, 0, CLOSE_LIMIT_MS);
}
