// The example's own world: examples/mangetamain as the repository, GitHub and Discord as stand-ins, and
// the VM set up by the commands of the example's README, with both sites in real containers. What has to
// differ on a test machine (ports, addresses, image, folders, waits) is replaced in the copy, by name.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './app.mjs';
import { startDiscord } from './discord.mjs';
import { makeEngine } from './engine/choice.mjs';
import { ensurePythonImage } from './example/python-image.mjs';
import { git, makeRepository } from './git.mjs';
import { startGitHub } from './github.mjs';
import { kill, processes } from './runner/job.mjs';
import { until } from './scenario.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const EXAMPLE = join(ROOT, 'examples/mangetamain');

/** Makes the world, hands it to `work`, and takes it down again even when that throws. */
export async function withExample(work) {
  const root = join(realpathSync(tmpdir()), `example-${randomBytes(4).toString('hex')}`);
  const world = { root, home: join(root, 'home'), stateDir: join(root, 'state'), logDir: join(root, 'log'), token: 'ghs_example+job/token', traced: true };
  for (const folder of [world.home, world.logDir]) mkdirSync(folder, { recursive: true });
  try {
    world.github = await startGitHub({ token: world.token });
    world.discord = await startDiscord();
    world.engine = makeEngine('real-v2', root);
    // Both compose files are in folders of one name: here as on a VM, one project with two services.
    world.env = { ...process.env, ...world.engine.env, HOME: world.home, COMPOSE_PROJECT_NAME: root.split('/').at(-1) };
    const ports = { preprod: await freePort(), prod: await freePort() };
    world.urls = { preprod: `http://127.0.0.1:${ports.preprod}/`, prod: `http://127.0.0.1:${ports.prod}/` };
    world.files = adapted(exampleFiles(), { ...world, ports, image: ensurePythonImage(world.env) });
    world.repository = makeRepository(join(root, 'git'), world.files);
    setUp(world);
    Object.assign(world, { secrets: [world.token, world.discord.secret], results: [] }, operations(world));
    for (const site of ['preprod', 'prod']) await until(async () => (await world.page(site)).status === 200, site);
    return await work(world);
  } finally {
    await Promise.allSettled([world.github?.close(), world.discord?.close()]);
    wipe(world);
  }
}

/** The files of the example, by name: those that git knows or would add. */
export function exampleFiles() {
  const listed = execFileSync('git', ['-C', EXAMPLE, 'ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
  const names = listed.split('\n').filter((name) => name && existsSync(join(EXAMPLE, name)));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(EXAMPLE, name), 'utf8')]));
}

function adapted(files, { urls, ports, image, stateDir, logDir }) {
  const changes = {
    '.github/mangetamain-deploy.yml': [
      ['https://mangetamain.example.org/', urls.preprod],
      ['https://backtothefuturekitchen.example.org/', urls.prod],
      ['defaults:\n', `defaults:\n  state-dir: ${stateDir}\n  log-dir: ${logDir}\n`],
      ['    interval: 10s\n', '    interval: 200ms\n    grace: 4s\n'],
      ['    timeout: 5m\n', '    timeout: 30s\n    interval: 200ms\n    delay: 1s\n'],
      // Whether a test passes must not depend on the day of the week.
      [/^ {4}freeze: .*\n/m, ''],
    ],
    '30_docker/docker-compose-preprod.yml': [['python:3.13-slim', image], [':8500:', `:${ports.preprod}:`]],
    '30_docker/docker-compose-prod.yml': [['python:3.13-slim', image], [':8501:', `:${ports.prod}:`]],
  };
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, replaced(name, text, changes[name] ?? [])]));
}

function replaced(name, text, changes) {
  return changes.reduce((now, [from, to]) => {
    const next = now.replace(from, to);
    if (next === now) throw new Error(`${name} of the example no longer holds ${from}: mend the test's copy`);
    return next;
  }, text);
}

// Modes of files are no text: what is a program in the example is one in the copy.
function markPrograms({ repository }) {
  const programs = Object.keys(exampleFiles()).filter((name) => statSync(join(EXAMPLE, name)).mode & 0o100);
  repository.git('update-index', '--chmod=+x', ...programs);
  repository.git('checkout', '-q', '--', '.');
  repository.git('commit', '-q', '--amend', '--no-edit');
  repository.git('checkout-index', '-q', '-f', '-a');
  repository.push('HEAD:main', { force: true });
  repository.first = repository.revParse();
}

/** The block of the example's README that sets up the VM, carried out here. */
function setUp(world) {
  markPrograms(world);
  const [, block] = /^```bash\n# Sur la VM[^\n]*\n([^]*?)^```$/m.exec(readFileSync(join(EXAMPLE, 'README.md'), 'utf8'));
  const lines = block.replaceAll(/git@\S+/g, `file://${world.repository.origin}`).split('\n');
  const script = lines.filter((line) => !line.startsWith('sudo ')).join('\n');
  execFileSync('sh', ['-euc', script], { env: world.env, cwd: world.home, stdio: 'pipe' });
}

function operations(world) {
  const clones = { preprod: join(world.home, 'mangetamain'), prod: join(world.home, 'mangetamain-prod') };
  return {
    clones,
    /** Processes that belong to this world. */
    leftovers: () => ours(world),
    /** Pushes a change of these files to main; gives its SHA. */
    push: (message, files = {}) => world.repository.publish({ message, files }),
    checkedOut: (site) => git(clones[site], 'rev-parse', 'HEAD'),
    /** What people see on a site: {status, body}; status 0 when nobody answers. */
    page: (site, path = '') => page(new URL(path, world.urls[site])),
    /** `docker compose` on a site's compose file. */
    compose: (site, ...args) => world.engine.compose.call(null, clones[site], '-p', world.env.COMPOSE_PROJECT_NAME, '-f', `30_docker/docker-compose-${site}.yml`, ...args),
    point: (environment) => {
      const file = join(world.stateDir, environment, 'last-validated-sha.txt');
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
    },
  };
}

async function page(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return { status: 0, body: '' };
  }
}

const ours = (world) => processes((it) => [...it.command, ...it.environ].some((word) => word.includes(world.root)));

function wipe(world) {
  for (const { pid } of ours(world)) kill(pid);
  world.engine?.wipe(world.root, 0);
  rmSync(world.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
