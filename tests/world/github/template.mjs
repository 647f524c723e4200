// Builds the objects GitHub sends (run, job, repository, workflow) from template.json, whose
// shape and values come from the npm package @octokit/webhooks-examples 7.6.1 (MIT), examples
// workflow_run/completed and workflow_job/completed. Both the REST stand-in and the event
// payloads use these, so that they cannot disagree.
import { readFileSync } from 'node:fs';

const template = JSON.parse(readFileSync(new URL('template.json', import.meta.url), 'utf8'));

function fill(node, words) {
  if (Array.isArray(node)) return node.map((it) => fill(it, words));
  if (node && typeof node === 'object') {
    return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, fill(v, words)]));
  }
  if (typeof node !== 'string') return node;
  return node.replace(/@(\w+)@/g, (all, word) => words[word] ?? all);
}

/** The words the URLs are made of: `full` is owner/repo, `api` and `html` are base URLs. */
export function place(full, { api = 'https://api.github.com', html = 'https://github.com' } = {}) {
  const [owner, repo] = full.split('/');
  return { full, owner, repo, api, html };
}

/** A user. */
export const userObject = (login, at) => fill(template.user, { ...at, login });

/** The short form of a repository, as it stands in runs. */
export function repositoryObject(at, { isPrivate = false, isFork = false, id = 300029405 } = {}) {
  const owner = userObject(at.owner, at);
  return { ...fill(template.repository, at), owner, id, private: isPrivate, fork: isFork };
}

/** The long form, as `GET /repos/{owner}/{repo}` gives it. */
export function fullRepositoryObject(at, options = {}) {
  const visibility = options.isPrivate ? 'private' : 'public';
  return { ...repositoryObject(at, options), ...fill(template.details, at), visibility };
}

/** A workflow. */
export function workflowObject(run, at) {
  const words = { ...at, workflowId: run.workflowId, path: run.path };
  return { ...fill(template.workflow, words), id: run.workflowId, name: run.name, path: run.path, state: run.state ?? 'active' };
}

/** A run, from the stand-in's own record of it and of one attempt. */
export function runObject(run, attempt, at, options = {}) {
  const words = { ...at, id: run.id, suite: run.id + 1, workflowId: run.workflowId };
  const base = fill(template.run, words);
  const previous = attempt.number > 1 ? `${base.url}/attempts/${attempt.number - 1}` : null;
  const head = run.headRepository ?? at.full;
  const fork = head.toLowerCase() !== at.full.toLowerCase();
  return {
    ...base,
    ...timesOf(run, attempt),
    id: run.id,
    name: run.name,
    path: run.path,
    display_title: run.title,
    event: run.event,
    head_branch: run.branch,
    head_sha: run.sha,
    status: attempt.status,
    conclusion: attempt.conclusion,
    check_suite_id: run.id + 1,
    workflow_id: run.workflowId,
    run_number: run.number,
    run_attempt: attempt.number,
    previous_attempt_url: previous,
    actor: userObject(run.actor, at),
    triggering_actor: userObject(attempt.actor ?? run.actor, at),
    head_commit: commitOf(run),
    repository: repositoryObject(at, options),
    head_repository: fork
      ? repositoryObject(place(head, at), { isFork: true, id: 400040400 })
      : repositoryObject(at, options),
  };
}

const timesOf = (run, attempt) => ({
  created_at: run.createdAt,
  run_started_at: attempt.startedAt,
  updated_at: attempt.updatedAt,
});

const commitOf = (run) => ({
  id: run.sha,
  tree_id: 'c30f6c3377009c4c91c85d1f15deb6f2b7c2eb37',
  message: run.message,
  timestamp: run.createdAt,
  author: { name: run.actor, email: `${run.actor}@users.noreply.github.com` },
  committer: { name: 'GitHub', email: 'noreply@github.com' },
});

/** A job, from the record of it. */
export function jobObject(job, run, attempt, at) {
  const base = fill(template.job, { ...at, id: job.id, run: run.id });
  return {
    ...base,
    id: job.id,
    run_id: run.id,
    run_attempt: attempt.number,
    head_sha: run.sha,
    head_branch: run.branch,
    workflow_name: run.name,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.startedAt,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    steps: job.steps.map(({ log, ...step }) => step),
  };
}
