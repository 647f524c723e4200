// The stand-in engine kept in the test's own process, as a daemon is: the `docker` in PATH is a client of
// it that costs a few milliseconds, and what it has begun is finished when its client is killed. For
// suites that run the action hundreds of times; what it can be asked is in docker.mjs.
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientText, dockerServer } from './client.mjs';
import { compose } from './compose.mjs';
import { NEVER } from './containers.mjs';
import { docker } from './docker.mjs';
import { pagesOf, serverOf } from './pages.mjs';

/** Containers as containers.mjs has them, each a server in this process. */
function residentContainers(log) {
  let clock = 0;
  const now = () => new Date(Date.now() + clock).toISOString().replace('Z', '000000Z');
  const all = [];
  const servers = new Map();
  const starting = [];
  const listen = (it) => {
    const server = serverOf(it.pages, log);
    servers.set(it.id, server);
    if (it.port) starting.push(new Promise((done) => server.once('error', () => stop(it) ?? done()).listen(it.port, '127.0.0.1', done)));
  };
  const stop = (it) => {
    servers.get(it.id)?.close();
    servers.get(it.id)?.closeAllConnections();
    if (servers.delete(it.id)) it.finishedAt = now();
  };
  return {
    all,
    create(given) {
      all.push({ ...given, id: randomBytes(32).toString('hex'), created: now(), startedAt: NEVER, finishedAt: NEVER });
      return all.at(-1);
    },
    start(it) {
      Object.assign(it, { pages: pagesOf(it.mount), startedAt: now(), finishedAt: NEVER });
      listen(it);
    },
    stop,
    remove: (it) => void all.splice(all.indexOf(it), 1),
    state: (it) => stateOf(it, servers.has(it.id)),
    settled: () => Promise.all(starting.splice(0)),
    setClock: (ms) => void (clock = ms),
    kept: () => all.map((it) => ({ record: { ...it }, running: servers.has(it.id) })),
    putBack(kept) {
      all.forEach(stop);
      all.splice(0, all.length, ...kept.map(({ record }) => ({ ...record })));
      all.filter((it, at) => kept[at].running).forEach(listen);
    },
  };
}

function stateOf(it, running) {
  const status = running ? 'running' : it.startedAt === NEVER ? 'created' : 'exited';
  return {
    Status: status, Running: running, Paused: false, Restarting: false, OOMKilled: false, Dead: false,
    Pid: running ? process.pid : 0, ExitCode: status === 'exited' ? 143 : 0, Error: '',
    StartedAt: it.startedAt, FinishedAt: it.finishedAt,
  };
}

// One client at a time: what two of them do to a project does not interleave, as their calls would be
// told apart by the daemon's own locks.
function serve(containers) {
  let before = Promise.resolve();
  const carryOut = async (args, cwd) => {
    const reply = await docker(containers, args, cwd);
    await containers.settled();
    return reply;
  };
  return dockerServer((args, cwd) => (before = before.then(() => carryOut(args, cwd))));
}

/**
 * Starts it, before what `path` holds: {env, up, kept, putBack, setClock, forget, wipe}. `env` makes a process see
 * this engine; `kept` and `putBack` are its containers as they are now, and as they were then; `setClock`
 * is how far its clock is off, in milliseconds.
 */
export async function startResidentEngine(root, path) {
  mkdirSync(join(root, 'engine'), { recursive: true });
  const log = join(root, 'engine/requests');
  const containers = residentContainers(log);
  const server = serve(containers);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const folder = join(root, 'bin/resident');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'docker'), clientText(server.address().port), { mode: 0o755 });
  return {
    kind: 'resident',
    env: { PATH: `${folder}:${path}` },
    async up(file) {
      await compose(containers, ['-f', file, 'up', '-d'], '/');
      await containers.settled();
    },
    setClock: containers.setClock,
    kept: containers.kept,
    async putBack(kept) {
      containers.putBack(kept);
      await containers.settled();
    },
    /** Forgets what the containers were asked. */
    forget: () => rmSync(log, { force: true }),
    wipe() {
      containers.putBack([]);
      server.close();
    },
  };
}
