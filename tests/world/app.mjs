// The tiny app that is deployed: files for its repository (a www folder, a compose file, a stamp
// script that writes the live SHA) and its image, made from a static busybox without any pull.
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const IMAGE = 'mangetamain-world:1';
const APPLETS = ['sh', 'httpd', 'cp', 'cat', 'sleep', 'mkdir', 'ls', 'wget'];

const isFree = (port) => new Promise((done) => {
  const server = createServer().once('error', () => done(false));
  server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
});

// Ours until this process ends, whoever else asks: a look whether it is free would be in the way of an app that
// restarts. By UDP, which nothing here speaks; the kernel takes it back however we end.
const isClaimed = (port) => new Promise((done) => {
  const claim = createSocket('udp4').once('error', () => claim.close(() => done(false)));
  claim.bind(port, '127.0.0.1', () => {
    claim.unref();
    done(true);
  });
});

// Processes begin at places of their own, so that they seldom ask for the same one.
const OWN_PORTS = 400;
let chosen = randomInt(OWN_PORTS);

/**
 * A port nobody listens on now, below those that the kernel hands out: an app that restarts must find it
 * free again, whatever else was started meanwhile, by this process or another.
 */
export async function freePort() {
  for (;;) {
    chosen = (chosen + 1) % OWN_PORTS;
    const port = 10_000 + (process.pid % 50) * OWN_PORTS + chosen;
    if ((await isClaimed(port)) && (await isFree(port))) return port;
  }
}

/**
 * The compose file. `heedsTerm`: with an init, so that SIGTERM ends it at once; without, process 1
 * ignores SIGTERM and stopping takes the whole grace period. `baked`: the files are in an image
 * that is built, not mounted, so that a restart alone brings nothing new.
 */
export function composeFile({ port, heedsTerm = true, grace, restart, baked = false, environment = {} }) {
  const source = baked ? ['build: .'] : [`image: ${IMAGE}`, 'volumes:', '  - ./www:/app:ro'];
  const variables = Object.entries(environment).map(([name, value]) => `  ${name}: "${value}"`);
  const lines = [
    ...source,
    'ports:',
    `  - "127.0.0.1:${port}:8080"`,
    ...(heedsTerm ? ['init: true'] : []),
    ...(grace ? [`stop_grace_period: ${grace}`] : []),
    ...(restart ? [`restart: "${restart}"`] : []),
    ...(variables.length ? ['environment:', ...variables] : []),
  ];
  return ['services:', '  web:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

const STAMP = `#!/bin/sh
# Writes the SHA that is checked out where the app serves it, so that a check can prove it.
git rev-parse HEAD > www/sha.txt
`;

/** The files of one version of the app, for git.mjs. `www` adds or replaces files in www/. */
export function appFiles({ version, www = {}, ...compose }) {
  const pages = { 'index.html': `version ${version}\n`, 'version.txt': `${version}\n`, ...www };
  const placed = Object.entries(pages).map(([name, text]) => [`www/${name}`, text]);
  return {
    ...Object.fromEntries(placed),
    'docker-compose.yml': composeFile(compose),
    'stamp.sh': STAMP,
    '.gitignore': 'www/sha.txt\n',
    ...(compose.baked ? bakedFiles(compose) : {}),
  };
}

// The label is how a world finds its own images again.
const bakedFiles = ({ port }) => ({
  Dockerfile: `FROM ${IMAGE}\nLABEL mangetamain-world=${port}\nCOPY www /app\n`,
  '.dockerignore': '.git\n',
});

/** Makes the image when the engine has none yet. */
export function ensureImage(docker = 'docker', env = process.env) {
  try {
    execFileSync(docker, ['image', 'inspect', IMAGE], { env, stdio: 'pipe' });
  } catch {
    importImage(docker, env);
  }
}

function importImage(docker, env) {
  const root = mkdtempSync(join(tmpdir(), 'world-image-'));
  try {
    for (const folder of ['bin', 'app', 'srv', 'tmp', 'etc']) mkdirSync(join(root, folder));
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
    for (const applet of APPLETS) symlinkSync('busybox', join(root, 'bin', applet));
    copyFileSync(new URL('engine/start.sh', import.meta.url), join(root, 'start.sh'));
    const tar = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 64 << 20 });
    const command = ['--change', 'CMD ["/bin/sh", "/start.sh"]', '--change', 'ENV PATH=/bin'];
    execFileSync(docker, ['import', ...command, '-', IMAGE], { env, input: tar, stdio: ['pipe', 'pipe', 'pipe'] });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
