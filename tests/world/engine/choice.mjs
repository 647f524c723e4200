// Which engine a world has: the real one with Compose v1 only or v2 only, the stand-in as a daemon or as one
// process a call, or none.
// Gives the variables that make a process see exactly that one, and takes its containers away.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureImage } from '../app.mjs';
import { dockerConfig } from '../engine.mjs';
import { sharedPathWithout, standInFolder } from '../path.mjs';
import { kill } from '../runner/job.mjs';
import { closeEngine, startDaemon } from './client.mjs';

const withoutDocker = () => sharedPathWithout(['docker', 'docker-compose']);

const KINDS = {
  'real-v1': (root) => ({ DOCKER_CONFIG: dockerConfig(join(root, 'docker'), { v2: false }), PATH: process.env.PATH }),
  'real-v2': (root) => ({
    DOCKER_CONFIG: dockerConfig(join(root, 'docker'), { v2: true }),
    PATH: sharedPathWithout(['docker-compose']),
  }),
  daemon: (root) => ({ PATH: `${startDaemon(join(root, 'bin/daemon'), join(root, 'engine'))}:${withoutDocker()}` }),
  'stand-in': (root) => ({ PATH: `${standInFolder(join(root, 'bin/stand-in'), join(root, 'engine'))}:${withoutDocker()}` }),
  none: () => ({ PATH: withoutDocker() }),
};

/** {kind, env, compose, up, wipe}. `env` holds PATH and what else points at the engine. */
export function makeEngine(kind, root) {
  if (!KINDS[kind]) throw new Error(`no engine ${kind}: one of ${Object.keys(KINDS)}`);
  const real = kind.startsWith('real');
  const hosts = process.env.DOCKER_HOST ? { DOCKER_HOST: process.env.DOCKER_HOST } : {};
  const env = { ...KINDS[kind](root), ...hosts };
  if (real) ensureImage('docker', { ...process.env, ...env });
  const [program, ...first] = kind === 'real-v1' ? ['docker-compose'] : ['docker', 'compose'];
  const compose = (folder, ...args) => spawnSync(program, [...first, ...args], {
    cwd: folder, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    kind,
    env,
    compose,
    up: (folder) => kind !== 'none' && checked(compose(folder, 'up', '-d')),
    wipe: (folder, port) => (real ? wipeReal(folder, port) : wipeStandIn(kind, join(root, 'engine'))),
  };
}

function checked({ status, stderr }) {
  if (status !== 0) throw new Error(`compose ended with ${status}: ${stderr}`);
}

// By label, never by compose file: the work tree may hold anything by now.
function wipeReal(folder, port) {
  const ids = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  const remove = (found, ...args) => found.length && spawnSync('docker', [...args, ...found], { stdio: 'ignore' });
  const label = 'label=com.docker.compose.project';
  remove(ids('ps', '-aq', '--filter', `${label}.working_dir=${folder}`), 'rm', '-f', '-v');
  remove(ids('ps', '-aq', '--filter', `${label}=${basename(folder)}`), 'rm', '-f', '-v');
  remove(ids('network', 'ls', '-q', '--filter', `${label}=${basename(folder)}`), 'network', 'rm');
  remove(ids('volume', 'ls', '-q', '--filter', `${label}=${basename(folder)}`), 'volume', 'rm');
  remove(ids('images', '-q', '--filter', `label=mangetamain-world=${port}`), 'rmi', '-f');
}

// Where /proc is missing, the world cannot find the app's processes; their list is here.
function wipeStandIn(kind, engine) {
  if (kind === 'daemon') return closeEngine(engine);
  const file = join(engine, 'containers.json');
  const containers = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  for (const { pid } of containers) if (pid) kill(pid);
}
