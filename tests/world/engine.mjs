// The real engine, where the machine has one: starts dockerd when none answers, and says which
// of docker, Compose v1 and Compose v2 can be used. See install-engine.sh for how to get them.
// Compose v2 is switched on and off through DOCKER_CONFIG: a folder with the plugin, or without.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './http.mjs';

const PLUGIN = '/usr/local/lib/mangetamain-world/cli-plugins/docker-compose';
const LOG = '/var/log/mangetamain-world-dockerd.log';
// Plain first; then for sandboxes without netfilter, then without overlayfs as well.
const FLAGS = [[], ['--iptables=false'], ['--iptables=false', '--storage-driver=vfs']];

/** stdout of a program, trimmed; null when it fails or does not exist. */
function said(program, args, env = process.env) {
  try {
    return execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 }).trim();
  } catch {
    return null;
  }
}

const serverVersion = () => said('docker', ['version', '--format', '{{.Server.Version}}']) || null;

/** {docker, v1, v2, flags}: versions, null where there is none to use. Starts nothing. */
export function engineState() {
  const docker = serverVersion();
  const bare = { ...process.env, DOCKER_CONFIG: '/nonexistent' };
  const systemWide = said('docker', ['compose', 'version', '--short'], bare);
  const standalone = said('docker-compose', ['version', '--short']);
  const old = standalone?.replace(/^v/, '').startsWith('1.') ? standalone : null;
  return {
    docker,
    // A machine whose docker always has the plugin cannot show what a v1-only machine does.
    v1: docker && !systemWide ? old : null,
    v2: docker ? (systemWide ?? (existsSync(PLUGIN) ? pluginVersion() : null)) : null,
  };
}

function pluginVersion() {
  const text = said(PLUGIN, ['docker-cli-plugin-metadata']);
  return text ? JSON.parse(text).Version : null;
}

/** Starts dockerd in the background when none answers; gives engineState(). */
export async function ensureEngine() {
  if (!serverVersion() && process.getuid?.() === 0 && said('dockerd', ['--version'])) {
    for (const flags of FLAGS) if (await startDaemon(flags)) break;
  }
  return engineState();
}

// It stays up for the next test file (a start takes a second or two); `stopEngine` ends it.
async function startDaemon(flags) {
  const log = openSync(LOG, 'a');
  const child = spawn('dockerd', flags, { detached: true, stdio: ['ignore', log, log], env: cleanEnv() });
  let ended = false;
  child.once('exit', () => (ended = true));
  child.unref();
  for (let tries = 0; tries < 150 && !ended; tries += 1) {
    if (serverVersion()) return true;
    await pause(200);
  }
  if (!ended) process.kill(child.pid, 'SIGTERM');
  return false;
}

// The engine must not look like a child of a job (see endJob in runner/job.mjs).
function cleanEnv() {
  const { RUNNER_TRACKING_ID, ...env } = process.env;
  return env;
}

/** A DOCKER_CONFIG folder in which `docker compose` exists (v2) or does not (v1). */
export function dockerConfig(folder, { v2 }) {
  mkdirSync(join(folder, 'cli-plugins'), { recursive: true });
  const link = join(folder, 'cli-plugins/docker-compose');
  if (v2 && existsSync(PLUGIN) && !existsSync(link)) symlinkSync(PLUGIN, link);
  return folder;
}
