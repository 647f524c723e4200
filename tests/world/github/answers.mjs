// The REST endpoints the stand-in serves: for each path of the description, what it answers from
// the store. Filters and paging as the real API does them: an empty head_sha filters nothing, an
// abbreviated one finds nothing. No authentication and no faults here; see ../github.mjs.
import { fullRepositoryObject, jobObject, runObject, workflowObject } from './template.mjs';
import { listDeployments, listStatuses, makeDeployment, tellStatus } from './deployments.mjs';
import { latest } from './store.mjs';

const REPO = '/repos/{owner}/{repo}';
const RUN = `${REPO}/actions/runs/{run_id}`;

const lost = { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' } };
export const notFound = () => structuredClone(lost);

/** Path of the description -> (world, path values, query) -> {status?, headers?, body}. */
export const ENDPOINTS = {
  [REPO]: ({ at, isPrivate }) => ({ body: fullRepositoryObject(at, { isPrivate }) }),
  [`${REPO}/actions/runs`]: (world, values, query) => runList(world, world.store.runs, query),
  [`${REPO}/actions/workflows`]: (world, values, query) =>
    paged(world, 'workflows', allWorkflows(world), (it) => workflowObject(it, world.at), query),
  [`${REPO}/actions/workflows/{workflow_id}`]: (world, { workflow_id }) => {
    const found = allWorkflows(world).find((it) => isCalled(it, workflow_id));
    return found ? { body: workflowObject(found, world.at) } : notFound();
  },
  [`${REPO}/actions/workflows/{workflow_id}/runs`]: (world, { workflow_id }, query) => {
    const runs = ofWorkflow(world, workflow_id);
    const known = runs.length > 0 || world.workflows.includes(workflow_id);
    return known ? runList(world, runs, query) : notFound();
  },
  [RUN]: (world, { run_id }) => oneRun(world, world.store.run(run_id)),
  [`${RUN}/attempts/{attempt_number}`]: (world, { run_id, attempt_number }) =>
    oneRun(world, world.store.run(run_id), Number(attempt_number)),
  [`${RUN}/attempts/{attempt_number}/jobs`]: (world, { run_id, attempt_number }, query) => {
    const run = world.store.run(run_id);
    const attempt = run?.attempts[Number(attempt_number) - 1];
    return attempt ? jobList(world, run, [attempt], query) : notFound();
  },
  [`${RUN}/jobs`]: (world, { run_id }, query) => {
    const run = world.store.run(run_id);
    if (!run) return notFound();
    return jobList(world, run, query.get('filter') === 'all' ? run.attempts : [latest(run)], query);
  },
  [`${REPO}/actions/jobs/{job_id}`]: ({ store, at }, { job_id }) => {
    const found = store.job(job_id);
    return found ? { body: jobObject(found.job, found.run, found.attempt, at) } : notFound();
  },
  [`${REPO}/actions/jobs/{job_id}/logs`]: ({ store, blobs }, { job_id }) => {
    const text = store.job(job_id)?.job.log;
    if (typeof text !== 'string') return notFound();
    return { status: 302, headers: { location: blobs.link(text), 'content-type': 'text/html;charset=utf-8' } };
  },
  [`${REPO}/deployments`]: listDeployments,
  [`${REPO}/deployments/{deployment_id}/statuses`]: listStatuses,
  '/rate_limit': ({ rate }) => ({ body: rateLimit(rate) }),
};

/** What is written, path -> (world, path values, what was sent) -> {status, body}. */
export const WRITTEN = {
  [`${REPO}/deployments`]: makeDeployment,
  [`${REPO}/deployments/{deployment_id}/statuses`]: tellStatus,
};

/** The description's path that a request path belongs to, with its values; null when none. */
export function route(path) {
  const parts = path.split('/');
  for (const pattern of Object.keys(ENDPOINTS)) {
    const values = match(pattern.split('/'), parts);
    if (values) return { pattern, values };
  }
  return null;
}

function match(pattern, parts) {
  if (pattern.length !== parts.length) return null;
  const values = {};
  for (const [at, word] of pattern.entries()) {
    const name = /^\{(\w+)\}$/.exec(word)?.[1];
    if (name && parts[at] !== '') values[name] = decodeURIComponent(parts[at]);
    else if (word !== parts[at]) return null;
  }
  return values;
}

const isCalled = (it, id) => it.workflow === id || it.path === id || String(it.workflowId) === id;
const ofWorkflow = ({ store }, id) => store.runs.filter((run) => isCalled(run, id));

// Those that have run, and those that only exist; `states` tells which are switched off.
function allWorkflows({ store, workflows, states }) {
  const known = new Map(workflows.map((file, at) =>
    [file, { workflow: file, workflowId: at + 1, path: `.github/workflows/${file}`, name: file === 'ci.yml' ? 'CI' : file }]));
  for (const run of store.runs) known.set(run.workflow, run);
  return [...known.values()].map((it) => ({ ...it, state: states[it.workflow] ?? 'active' }));
}

function oneRun({ at, isPrivate }, run, number) {
  const attempt = run && (number === undefined ? latest(run) : run.attempts[number - 1]);
  return attempt ? { body: runObject(run, attempt, at, { isPrivate }) } : notFound();
}

// `status` means the status or the conclusion; a filter that is empty is no filter.
const FILTERS = {
  head_sha: (run, value) => run.sha === value,
  branch: (run, value) => run.branch === value,
  event: (run, value) => run.event === value,
  status: (run, value) => [latest(run).status, latest(run).conclusion].includes(value),
  actor: (run, value) => run.actor === value,
  check_suite_id: (run, value) => String(run.id + 1) === value,
};

function runList(world, runs, query) {
  const kept = runs.filter((run) => Object.entries(FILTERS).every(([name, holds]) => {
    const value = query.get(name);
    return !value || holds(run, value);
  }));
  const newestFirst = kept.toReversed();
  const show = (run) => runObject(run, latest(run), world.at, { isPrivate: world.isPrivate });
  return paged(world, 'workflow_runs', newestFirst, show, query);
}

function jobList(world, run, attempts, query) {
  const jobs = attempts.flatMap((attempt) => attempt.jobs.map((job) => ({ job, attempt })));
  return paged(world, 'jobs', jobs, ({ job, attempt }) => jobObject(job, run, attempt, world.at), query);
}

function paged(world, key, items, show, query) {
  const size = Math.min(Math.max(Number(query.get('per_page') || 30), 1), 100);
  const page = Math.max(Number(query.get('page') || 1), 1);
  const body = { total_count: items.length, [key]: items.slice((page - 1) * size, page * size).map(show) };
  const last = Math.ceil(items.length / size);
  const rels = { prev: page - 1, next: page + 1, last, first: 1 };
  const useful = Object.entries(rels).filter(([rel, to]) =>
    ['next', 'last'].includes(rel) ? page < last : to >= 1 && page > 1);
  const link = useful.map(([rel, to]) => `<${world.pageUrl(to)}>; rel="${rel}"`).join(', ');
  return { headers: link ? { link } : {}, body };
}

function rateLimit(rate) {
  const core = { limit: rate.limit, used: rate.limit - rate.remaining, remaining: rate.remaining, reset: rate.reset };
  return { resources: { core, search: { ...core, limit: 30, used: 0, remaining: 30 } }, rate: core };
}
