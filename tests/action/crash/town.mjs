// One world that is put back to where a scenario begins, again and again: folders copied, containers as
// they were, stand-ins emptied. Runs any command in it, killed by a plan or not.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appFiles, composeFile, freePort } from '../../world/app.mjs';
import { startResidentEngine } from '../../world/engine/resident.mjs';
import { pushEvent } from '../../world/event.mjs';
import { git } from '../../world/git.mjs';
import { makeWorld, until } from '../../world/scenario.mjs';
import { lookedThrough, noLeakSoFar } from '../secrecy.mjs';

const preload = (name) => fileURLToPath(new URL(name, import.meta.url));
const QUICK = {
  'ci-interval': '20ms', 'ci-delay': '500ms', 'ci-timeout': '20s', 'health-interval': '10ms', 'health-attempts': '2',
  'health-grace': '0s', 'health-contains': 'version', 'lock-timeout': '30s',
};

/**
 * The versions of every world, oldest first; CI of `bad` fails, `sick` is not healthy, and the newest,
 * `newer`, is what another push brings.
 */
export const VERSIONS = {
  first: { www: {} },
  good: { www: {} },
  next: { www: { 'added.txt': 'added\n' } },
  bad: { environment: { LEVEL: '2' }, ci: 'failure' },
  sick: { www: { 'index.html': 'broken\n' } },
  newer: {},
};

/** A world with every version published, and CI's answers to them. */
export async function makeTown() {
  const world = lookedThrough(await makeWorld({ engine: 'none' }));
  world.engine = await startResidentEngine(world.root, world.engine.env.PATH);
  Object.assign(world.inputs, QUICK, { 'compose-file': join(world.vm, 'docker-compose.yml'), url: world.url });
  await world.engine.up(world.inputs['compose-file']);
  const preprod = { environment: 'preprod', vm: world.vm, url: world.url, inputs: {} };
  const town = { world, shas: { first: world.first }, runs: {}, places: { preprod } };
  for (const [name, { ci = 'success', www, environment }] of Object.entries(VERSIONS)) {
    if (name !== 'first') {
      const files = appFiles({ ...world.app, version: name, www, environment });
      town.shas[name] = world.release({ message: `Version ${name}`, files });
    }
    town.runs[name] = world.github.addRun({ sha: town.shas[name], status: 'completed', conclusion: ci });
  }
  return Object.assign(town, operations(town));
}

/** What the app says in this version. */
export const saidBy = (name) => (VERSIONS[name].www?.['index.html'] ?? `version ${name === 'first' ? 1 : name}\n`).trim();

function operations(town) {
  const { world } = town;
  const [log, seen] = ['commands', 'seen'].map((name) => join(world.root, name));
  const linesOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);
  return {
    nameOf: (sha) => Object.keys(town.shas).find((name) => town.shas[name] === sha) ?? sha,
    /** The commands that were counted in the last run with a plan. */
    counted: () => linesOf(log),
    /** What a bend has shown of its fault in the last run that had one (bend.cjs). */
    seen: () => linesOf(seen).map((line) => JSON.parse(line)),
    /** Runs {mode, name, inputs, event} as a step: killed by a `plan` (kill.cjs), in a world that a `bend` changes (bend.cjs). */
    async perform(command, plan, { bend, env = {}, node } = {}) {
      for (const file of [log, ...(bend ? [seen] : [])]) rmSync(file, { force: true });
      const { mode, name, event, place = 'preprod' } = command;
      const sha = town.shas[name];
      const preloads = [plan && preload('kill.cjs'), bend && preload('bend.cjs')].filter(Boolean);
      const given = preloads.length === 0 ? {} : {
        NODE_OPTIONS: preloads.map((file) => `--require ${file}`).join(' '),
        CRASH_PLAN: JSON.stringify({ ...plan, log }),
        CRASH_BEND: JSON.stringify({ ...bend, log: seen }),
      };
      const happened = event
        ? event(world, { sha, conclusion: VERSIONS[name].ci ?? 'success' }, { id: town.runs[name] })
        : { name: 'push', payload: pushEvent({ full: world.github.full, sha }) };
      const inputs = { ...town.places[place].inputs, ...inputsOf(town, command.inputs) };
      return world.runAction({ mode, sha, env: { ...given, ...env }, event: happened, inputs, node });
    },
    keep: () => keep(town),
    putBack: () => putBack(town),
  };
}

/**
 * Production beside preprod, live with the first version: a clone and a compose file of its own, and files
 * that git does not look after, which its script replaces.
 */
export async function addProduction(town) {
  const { world } = town;
  const [vm, folder] = ['prod', 'production'].map((name) => join(world.root, `${name}-${world.root.slice(-8)}`));
  const [docker, files] = ['docker', 'files'].map((name) => join(folder, name));
  const port = await freePort();
  world.repository.clone(vm);
  git(vm, 'reset', '--quiet', '--hard', town.shas.first);
  for (const made of [docker, files]) mkdirSync(made, { recursive: true });
  const compose = join(docker, 'docker-compose.yml');
  writeFileSync(compose, composeFile({ port }).replace('./www:', `../../${basename(vm)}/www:`));
  writeFileSync(join(files, 'settings.txt'), 'of first\n');
  writeFileSync(join(files, 'only-old'), '');
  await world.engine.up(compose);
  const url = `http://127.0.0.1:${port}/`;
  const script = `echo "of $DEPLOY_SHA" > ${files}/settings.txt; rm -f ${files}/only-old; touch ${files}/only-new`;
  const inputs = {
    environment: 'prod', 'app-path': vm, 'compose-file': compose, url, 'backup-paths': files, confirm: 'DEPLOY', 'deploy-command': `sh\n-c\n${script}`,
  };
  town.places.prod = { environment: 'prod', vm, url, inputs, files, folder };
}

function inputsOf(town, given = {}) {
  const inputs = typeof given === 'function' ? given(town) : given;
  const value = (it) => (typeof it === 'function' ? it(town.world.url) : it);
  return Object.fromEntries(Object.entries(inputs).map(([name, it]) => [name, value(it)]));
}

const folders = ({ world, places }) => [world.vm, world.stateDir, world.logDir, ...(places.prod ? [places.prod.vm, places.prod.folder] : [])];
const keptAt = (world, folder) => join(world.root, 'kept', basename(folder));
const copy = (from, to) => execFileSync('cp', ['-a', from, to], { stdio: 'pipe' });

/** From here on, `putBack` comes back to here. */
function keep(town) {
  const { world } = town;
  mkdirSync(join(world.root, 'kept'), { recursive: true });
  for (const folder of folders(town)) if (existsSync(folder)) copy(folder, keptAt(world, folder));
  town.containers = world.engine.kept();
}

async function putBack(town) {
  const { world } = town;
  await until(() => world.leftovers().length === 0, 'what was killed to leave nothing at work');
  // Before anything is removed: what a killed run left lies here yet.
  noLeakSoFar(world);
  for (const folder of folders(town)) {
    rmSync(folder, { recursive: true, force: true });
    if (existsSync(keptAt(world, folder))) copy(keptAt(world, folder), folder);
  }
  await world.engine.putBack(town.containers);
  world.github.forget();
  world.discord.forget();
  world.engine.forget();
}
