// A whole world in one temporary folder: GitHub, Discord, an origin, the VM's work tree with the
// running app, and a runner that runs the committed bundle as a real one does. `withWorld` takes
// it all down again, whatever happens: containers, processes, folders.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appFiles, freePort } from './app.mjs';
import { startDiscord } from './discord.mjs';
import { makeEngine } from './engine/choice.mjs';
import { pushEvent, workflowRunEvent } from './event.mjs';
import { git, makeRepository } from './git.mjs';
import { startGitHub } from './github.mjs';
import { pause } from './http.mjs';
import { declaredInputs, inputVariables } from './runner/inputs.mjs';
import { beginJob, endJob, kill, processes, stepFiles, stepVariables } from './runner/job.mjs';
import { startStep } from './runner/step.mjs';
import { tracer } from './trace.mjs';
import { witness } from './witness.mjs';

// Other texts once they are in a URL, as no token of GitHub's is: so that a look for that form is one. What is not
// ASCII stands in the one that no header ever has.
const [TOKEN, RUNTIME_TOKEN] = ['ghs_world+job/toke=', 'eyJ.world+runtime/jeton=é.sig'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const open = new Set();
// The last net: a test process that ends, or is interrupted, without closing its worlds.
process.once('exit', () => open.forEach((world) => world.wipe()));
const interrupted = () => process.exit(130);

/** Makes a world, hands it to `work`, and takes it down again even when that throws. */
export async function withWorld(options, work) {
  const world = await makeWorld(options);
  try {
    return await work(world);
  } finally {
    await world.close();
  }
}

/**
 * engine: 'real-v1', 'real-v2', 'daemon' (the stand-in), 'stand-in' (the same, one process a call) or 'none'; `app`: options of appFiles (heedsTerm,
 * baked, restart, ...); `files`: more files of the repository; `running: false` leaves the app down; `action`: the folder to run;
 * `traced`: with a trace of all that is started (trace.mjs); `witnessed: false`: without the witness of what is started, which costs each
 * run some milliseconds: for what is measured; `bare: true`: with nothing that has to be installed first.
 */
export async function makeWorld(options = {}) {
  const { engine: kind = 'daemon', validate = false, app = {}, depth, action = ROOT } = options;
  const root = join(realpathSync(tmpdir()), `world-${randomBytes(4).toString('hex')}`);
  mkdirSync(root);
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted).once(signal, interrupted);
  const world = { root, action, traced: options.traced === true, witnessed: options.witnessed !== false, app: { ...app, port: await freePort() }, ...foldersOf(root) };
  open.add(world);
  world.wipe = () => wipe(world);
  try {
    world.github = await startGitHub({ private: options.private === true, validate, token: TOKEN });
    world.discord = await startDiscord({ enforce: options.enforce, validate: options.bare !== true });
    world.engine = makeEngine(kind, root);
    world.repository = makeRepository(join(root, 'git'), { ...appFiles({ version: 1, ...world.app }), ...options.files });
    world.first = world.repository.first;
    world.repository.clone(world.vm, { depth });
    if (options.running !== false) world.engine.up(world.vm);
  } catch (error) {
    await closeWorld(world);
    throw error;
  }
  return Object.assign(world, operations(world));
}

// The work tree's folder name is unique, as Compose names the project after it.
function foldersOf(root) {
  const folders = {
    vm: join(root, `app-${root.slice(-8)}`), stateDir: join(root, 'state'), logDir: join(root, 'log'), home: join(root, 'home'),
  };
  for (const name of ['logDir', 'home']) mkdirSync(folders[name]);
  return folders;
}

function operations(world) {
  world.token = TOKEN;
  world.runtimeToken = RUNTIME_TOKEN;
  world.url = `http://127.0.0.1:${world.app.port}/`;
  world.secrets = [world.token, world.runtimeToken, world.discord.secret];
  world.inputs = defaultInputs(world);
  world.results = [];
  return {
    /** Publishes a new version of the app; gives its SHA. */
    release: ({ version, message = `Version ${version}`, www, files }) =>
      world.repository.publish({ message, files: files ?? appFiles({ ...world.app, version, www }) }),
    /** What stands in the VM's work tree. */
    checkedOut: () => git(world.vm, 'rev-parse', 'HEAD'),
    /** What the app answers now: {status, body}; status 0 when nobody does. */
    live: (path = '/') => live(world.url, path),
    /** Runs a mode as a step; gives its result. */
    runAction: (given) => startAction(world, given).done,
    startAction: (given) => startAction(world, given),
    /** Runs the operator's command; gives its result. */
    runCommand: (args, given) => startCommand(world, args, given).done,
    endJob: () => {
      const killed = world.job ? endJob(world.job) : [];
      world.job = null;
      return killed;
    },
    /** Processes that belong to this world and are no part of the app: watchers, say. */
    leftovers: () => ours(world).filter((it) => !it.command.some((word) => /\/app-server\.mjs$/.test(word))),
    watcherLog: (sha = 'LATEST') => readIfThere(join(world.logDir, `ci-watcher-${sha}.log`)),
    ledger: (environment = 'preprod') => readIfThere(join(world.stateDir, environment, 'ledger.jsonl'))
      .split('\n').filter(Boolean).map((line) => JSON.parse(line)),
    close: () => closeWorld(world),
  };
}

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const defaultInputs = (world) => ({
  environment: 'preprod',
  'app-path': world.vm,
  ...(world.engine.kind === 'none' ? {} : { 'compose-file': join(world.vm, 'docker-compose.yml'), url: world.url }),
  'state-dir': world.stateDir,
  'log-dir': world.logDir,
  'discord-webhook': world.discord.webhookUrl,
  token: world.token,
});

async function live(url, path) {
  try {
    const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } });
    return { status: answer.status, body: (await answer.text()).trim() };
  } catch {
    return { status: 0, body: '' };
  }
}

// What a login shell and the runner's service give to every process; nothing of the test's own.
const machineVariables = (world) => ({
  ...world.engine.env, HOME: world.home, LANG: 'C.UTF-8', USER: 'root', GIT_CONFIG_NOSYSTEM: '1', TMPDIR: world.root,
});

/**
 * Starts a mode: {mode, inputs, env, node, event, sha, file, limit} -> {child, done, cancel}.
 * `inputs` go over the world's own; one that is null is not set. `event`: {name, payload}.
 */
function startAction(world, { mode, inputs = {}, env = {}, node, event, sha, file = 'dist/main.js', limit }) {
  world.job ??= beginJob(world.root, world.action);
  const files = stepFiles(world.job);
  const commit = sha ?? git(world.repository.origin, 'rev-parse', 'main');
  const happened = event ?? { name: 'push', payload: pushEvent({ full: world.github.full, sha: commit }) };
  const variables = stepVariables(world.job, files, {
    full: world.github.full, sha: commit, api: world.github.url, server: 'https://github.com', runId: '8000000001',
    event: happened.name, payload: happened.payload, runtimeToken: world.runtimeToken,
  });
  const declared = declaredInputs(join(world.job.action, 'action.yml'), { 'github.token': world.token });
  const given = inputVariables({ ...declared, ...world.inputs, mode, ...inputs });
  return kept(world, startStep({
    ...starting(world, node), file: join(world.job.action, file), cwd: world.job.workspace, files, limit,
    env: { ...machineVariables(world), ...variables, ...given, ...env },
  }));
}

/** Starts the operator's command with these arguments, outside any job. */
function startCommand(world, args, { env = {}, node, cwd = world.vm, limit } = {}) {
  const file = join(world.action, 'dist/cli.js');
  return kept(world, startStep({ ...starting(world, node), file, args, cwd, limit, env: { ...machineVariables(world), ...env } }));
}

/** A started step, whose result stays with its world: what was said is looked through at the world's end. */
function kept(world, step) {
  step.done.then((result) => world.results.push(result), () => {});
  return step;
}

// What a step is started with, before its file.
function starting(world, node) {
  const wanted = nodeOf(node);
  const [program, ...first] = [...tracer(world), wanted, ...(world.witnessed ? [...sparing(wanted), ...witness(world)] : [])];
  return { node: program, first };
}

// Node 20 compiles what it runs of a module a second time, for more speed that no run is long enough to gain: a quarter
// of a deploy's processor time. The runner's Node 24 takes its time with that, and runs here with no option of V8's.
const sparing = (program) => (majorOf(program) === '20' ? ['--liftoff-only'] : []);
const majorOf = (program) => (program === process.execPath ? process.versions.node.split('.')[0] : program === process.env.WORLD_NODE20 && '20');

// A major version ('24') is looked up in WORLD_NODE24, a path is taken as it is.
function nodeOf(node = process.execPath) {
  if (!/^\d+$/.test(String(node))) return node;
  if (process.versions.node.startsWith(`${node}.`)) return process.execPath;
  const found = process.env[`WORLD_NODE${node}`];
  if (!found) throw new Error(`no Node ${node} here: set WORLD_NODE${node} to its executable`);
  return found;
}

/** The event of CI's end for a SHA, for `event`: {name, payload}. */
export const ciEnded = (world, run, more = {}) =>
  ({ name: 'workflow_run', payload: workflowRunEvent({ full: world.github.full, run, ...more }) });

/** Asks until `holds()` is true, or fails naming `what` after `ms`. */
export async function until(holds, what = 'it', ms = 15_000) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(25)) {
    const seen = await holds();
    if (seen) return seen;
  }
  throw new Error(`waited ${ms} ms in vain for ${what}`);
}

const ours = (world) => processes((it) =>
  [...it.command, ...it.environ].some((word) => word.includes(world.root)));

async function closeWorld(world) {
  await Promise.allSettled([world.github?.close(), world.discord?.close()]);
  wipe(world);
}

// No waiting in here: it also runs while this process ends. The runner's processes go first, so
// that nothing starts a container again behind our back.
function wipe(world) {
  if (!open.delete(world)) return;
  for (const { pid } of ours(world)) kill(pid);
  world.engine?.wipe(world.vm, world.app.port);
  for (const { pid } of ours(world)) kill(pid);
  rmSync(world.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
