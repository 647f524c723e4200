// The stand-in engine as a thread beside the tests, which often wait without looking up. Told {open: folder} it
// serves an engine with its containers there, and writes the port it listens at into the folder; told {close: folder,
// isClosed} it ends that engine, and says so there. All of them end with the process.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { dockerServer } from './client.mjs';
import { openContainers } from './containers.mjs';
import { docker } from './docker.mjs';
import { servers } from './runners.mjs';

const engines = new Map();

function open(folder) {
  const apps = servers();
  const server = dockerServer((args, cwd) => docker(openContainers(folder, apps), args, cwd));
  engines.set(folder, () => [server, apps].forEach((it) => it.close()));
  server.listen(0, '127.0.0.1', () => {
    const file = join(folder, 'port');
    writeFileSync(`${file}.new`, `${server.address().port}\n`);
    renameSync(`${file}.new`, file);
  });
}

function close(folder, isClosed) {
  engines.get(folder)?.();
  engines.delete(folder);
  Atomics.store(isClosed, 0, 1);
  Atomics.notify(isClosed, 0);
}

parentPort.on('message', (told) => (told.open ? open(told.open) : close(told.close, told.isClosed)));
