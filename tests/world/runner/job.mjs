// One job on a self-hosted runner: the folders under _work, the tracking id that every process of
// the job inherits, the variables a step gets, and the end of the job, where each process that
// still carries the id is killed and the job's folders go.
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['output', 'state', 'env', 'path', 'step_summary'];

/** Begins a job below `root`: `action` is the folder whose action.yml and dist/ are run. */
export function beginJob(root, action) {
  const id = `github_${randomUUID()}`;
  const work = join(root, '_work');
  const job = {
    id,
    action: join(work, '_actions/octo/deploy/v1'),
    temp: join(work, '_temp'),
    workspace: join(work, 'app/app'),
    tools: join(work, '_tool'),
  };
  for (const folder of [join(work, '_actions'), job.temp]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [job.action, job.temp, job.workspace, job.tools]) mkdirSync(folder, { recursive: true });
  for (const name of ['action.yml', 'dist', 'package.json']) {
    if (existsSync(join(action, name))) cpSync(join(action, name), join(job.action, name), { recursive: true });
  }
  return job;
}

/** New command files for one step: {output: path, ...}. */
export function stepFiles(job) {
  const folder = join(job.temp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const step = randomUUID();
  return Object.fromEntries(FILES.map((name) => {
    const file = join(folder, `${name}_${step}`);
    writeFileSync(file, '');
    return [name, file];
  }));
}

/** The variables of a step, without inputs. `context` is {full, sha, event, api, server, payload}. */
export function stepVariables(job, files, context) {
  const [owner, repo] = context.full.split('/');
  const eventFile = join(job.temp, '_github_workflow/event.json');
  mkdirSync(join(job.temp, '_github_workflow'), { recursive: true });
  writeFileSync(eventFile, JSON.stringify(context.payload ?? {}));
  const github = {
    ACTION: 'deploy', ACTION_PATH: job.action, ACTION_REF: 'v1', ACTION_REPOSITORY: 'octo/deploy',
    ACTOR: 'mona', ACTOR_ID: '1', API_URL: context.api, BASE_REF: '', ENV: files.env, EVENT_NAME: context.event,
    EVENT_PATH: eventFile, GRAPHQL_URL: `${context.api}/graphql`, HEAD_REF: '', JOB: 'deploy', OUTPUT: files.output,
    PATH: files.path, REF: 'refs/heads/main', REF_NAME: 'main', REF_PROTECTED: 'false', REF_TYPE: 'branch',
    REPOSITORY: context.full, REPOSITORY_ID: '300029405', REPOSITORY_OWNER: owner, REPOSITORY_OWNER_ID: '1',
    RETENTION_DAYS: '90', RUN_ATTEMPT: '1', RUN_ID: context.runId, RUN_NUMBER: '12',
    SERVER_URL: context.server, SHA: context.sha, STATE: files.state, STEP_SUMMARY: files.step_summary,
    TRIGGERING_ACTOR: 'mona', WORKFLOW: 'CD preprod', WORKSPACE: job.workspace,
    WORKFLOW_REF: `${context.full}/.github/workflows/cd-preprod.yml@refs/heads/main`, WORKFLOW_SHA: context.sha,
  };
  const runner = {
    NAME: 'world', OS: 'Linux', ARCH: 'X64', TEMP: job.temp, TOOL_CACHE: job.tools, ENVIRONMENT: 'self-hosted',
    WORKSPACE: join(job.workspace, '..'), TRACKING_ID: job.id,
  };
  const prefixed = (prefix, values) => Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]);
  return {
    ...Object.fromEntries([...prefixed('GITHUB_', github), ...prefixed('RUNNER_', runner)]),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ACTIONS_RUNTIME_URL: 'http://127.0.0.1:9/runtime/',
    ACTIONS_RUNTIME_TOKEN: context.runtimeToken,
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/results/',
    ACTIONS_CACHE_URL: 'http://127.0.0.1:9/cache/',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/id',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: context.runtimeToken,
  };
}

/** "Complete job": kills every process whose environment carries the id, empties the folders. */
export function endJob(job) {
  const killed = processes((it) => it.environ.includes(`RUNNER_TRACKING_ID=${job.id}`));
  for (const { pid } of killed) kill(pid);
  rmSync(join(job.action, '../../..'), { recursive: true, force: true });
  rmSync(job.temp, { recursive: true, force: true });
  mkdirSync(job.temp, { recursive: true });
  return killed.map(({ pid, name }) => ({ pid, name }));
}

/**
 * Other processes for which `holds({pid, name, command, environ})`; none where /proc is missing. A tracer, which has
 * its program's environment, is none: it ends when what it traces has.
 */
export function processes(holds) {
  if (!existsSync('/proc/self/environ')) return [];
  const pids = readdirSync('/proc').filter((it) => /^\d+$/.test(it)).map(Number);
  return pids.filter((pid) => pid !== process.pid).map(look).filter((it) => it && it.name !== 'strace' && holds(it));
}

function look(pid) {
  const read = (name) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  try {
    return { pid, name: read('comm').trim(), command: read('cmdline').split('\0'), environ: read('environ').split('\0') };
  } catch {
    return null; // ended meanwhile, or somebody else's
  }
}

export function kill(pid, signal = 'SIGKILL') {
  try {
    process.kill(pid, signal);
  } catch {
    // ended meanwhile
  }
}
