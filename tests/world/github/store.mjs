// What the stand-in for GitHub remembers: runs, their attempts, jobs, steps and logs. No HTTP
// here. A run keeps its id and SHA over re-runs; each attempt has its own status and jobs.
import { buildLog } from './logs.mjs';

const JOB_CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'];
const RUNS_WITHOUT_JOBS = ['queued', 'requested', 'pending', 'waiting'];

/** An empty memory. */
export function runStore() {
  const runs = [];
  let last = 9_000_000_000; // larger than 32 bits, as GitHub's ids are today
  const nextId = () => (last += 7);
  const store = {
    runs,
    addRun: (given) => addRun(runs, nextId, given),
    setRun: (id, patch) => setRun(store.run(id), nextId, patch),
    rerun: (id, patch = {}) => rerun(store.run(id), nextId, patch),
    run: (id) => runs.find((run) => run.id === Number(id)),
    job: (id) => findJob(runs, Number(id)),
  };
  return store;
}

/** The attempt that counts now. */
export const latest = (run) => run.attempts.at(-1);

const iso = (ms = Date.now()) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function addRun(runs, nextId, given) {
  const workflow = given.workflow ?? 'ci.yml';
  const known = runs.find((run) => run.workflow === workflow);
  const run = {
    id: nextId(),
    workflow,
    workflowId: known?.workflowId ?? nextId(),
    number: runs.filter((it) => it.workflow === workflow).length + 1,
    sha: given.sha,
    path: given.path ?? `.github/workflows/${workflow}`,
    name: given.name ?? 'CI',
    event: given.event ?? 'push',
    branch: given.branch === undefined ? 'main' : given.branch,
    headRepository: given.headRepository,
    actor: given.actor ?? 'mona',
    message: given.message ?? 'A change',
    title: given.title ?? given.message ?? 'A change',
    createdAt: iso(given.createdAt),
    attempts: [],
  };
  const number = given.attempt ?? 1;
  for (let n = 1; n < number; n += 1) addAttempt(run, nextId, { conclusion: 'failure' });
  addAttempt(run, nextId, given);
  runs.push(run);
  return run.id;
}

function addAttempt(run, nextId, { status, conclusion = null, jobs, actor }) {
  const attempt = { number: run.attempts.length + 1, startedAt: iso(), actor };
  run.attempts.push(attempt);
  patchAttempt(attempt, nextId, { status: status ?? 'queued', conclusion, jobs });
  if (conclusion && !status) attempt.status = 'completed';
}

function setRun(run, nextId, patch) {
  if (!run) throw new Error('no such run');
  const { status, conclusion, jobs, ...rest } = patch;
  Object.assign(run, rest);
  patchAttempt(latest(run), nextId, { status, conclusion, jobs });
  return run.id;
}

function rerun(run, nextId, patch) {
  if (!run) throw new Error('no such run');
  addAttempt(run, nextId, patch);
  return latest(run).number;
}

// A conclusion completes a run; any other status takes the conclusion away again.
function patchAttempt(attempt, nextId, { status, conclusion, jobs }) {
  if (conclusion) Object.assign(attempt, { status: 'completed', conclusion });
  else if (status) Object.assign(attempt, { status, conclusion: null });
  attempt.updatedAt = iso();
  if (jobs) attempt.given = jobs;
  attempt.jobs = jobsOf(attempt, nextId);
}

// Without jobs given there is one, `tests`, that does what the run does.
function jobsOf(attempt, nextId) {
  const { status, conclusion } = attempt;
  if (!attempt.given && RUNS_WITHOUT_JOBS.includes(status)) return [];
  if (!attempt.given && conclusion && !JOB_CONCLUSIONS.includes(conclusion)) return [];
  const given = attempt.given ?? [{ name: 'tests', conclusion }];
  return given.map((job, at) => jobRecord(job, attempt, attempt.jobs?.[at]?.id ?? nextId()));
}

function jobRecord(job, attempt, id) {
  const started = Date.parse(attempt.startedAt);
  const conclusion = job.conclusion ?? null;
  const status = job.status ?? (conclusion ? 'completed' : 'in_progress');
  const steps = (job.steps ?? defaultSteps(conclusion)).map((step, at) => ({
    name: step.name,
    status: step.status ?? (step.conclusion ? 'completed' : 'in_progress'),
    conclusion: step.conclusion ?? null,
    number: at + 1,
    started_at: step.started_at ?? iso(started + at * 10_000),
    completed_at: step.completed_at ?? (step.conclusion ? iso(started + (at + 1) * 10_000) : null),
    log: step.log,
  }));
  const startedAt = job.started_at ?? iso(started);
  const completedAt = job.completed_at ?? (conclusion ? (steps.at(-1)?.completed_at ?? startedAt) : null);
  const record = { id, name: job.name, status, conclusion, steps, startedAt, completedAt };
  record.log = status === 'completed' && conclusion !== 'skipped' ? buildLog(job, record) : null;
  return record;
}

const defaultSteps = (conclusion) =>
  conclusion === 'skipped' ? [] : [
    { name: 'Set up job', conclusion: 'success' },
    { name: 'Run tests', conclusion, log: conclusion === 'failure' ? 'assert 1 == 2' : 'ok' },
  ];

function findJob(runs, id) {
  for (const run of runs) {
    for (const attempt of run.attempts) {
      const job = attempt.jobs.find((it) => it.id === id);
      if (job) return { run, attempt, job };
    }
  }
  return null;
}
