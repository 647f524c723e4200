// GitHub's deployments, as the stand-in keeps and answers them: made, told how they stand, and made
// inactive by GitHub itself when a later one of the same environment succeeds, unless end users work there.
import { userObject } from './template.mjs';

const lost = { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' } };
const iso = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** GET /repos/{owner}/{repo}/deployments, newest first. */
export function listDeployments({ deployments, at }, values, query) {
  const wanted = deployments.filter((one) => ['environment', 'ref', 'sha', 'task'].every((key) => !query.get(key) || one[key] === query.get(key)));
  return { body: wanted.toReversed().slice(0, Number(query.get('per_page') || 30)).map((one) => shown(one, at)) };
}

/** POST /repos/{owner}/{repo}/deployments; one that would be merged or wait for checks is refused. */
export function makeDeployment({ deployments, at }, values, sent) {
  if (sent.auto_merge !== false) return { status: 202, body: { message: 'Auto-merged main into the ref on deployment.' } };
  if (sent.required_contexts?.length !== 0) {
    return { status: 409, body: { message: 'Conflict: Commit status checks failed.', documentation_url: 'https://docs.github.com/rest' } };
  }
  const one = {
    id: 42_000 + deployments.length, ref: sent.ref, sha: sent.ref, task: sent.task ?? 'deploy', environment: sent.environment ?? 'production',
    description: sent.description ?? null, payload: sent.payload ?? '', at: iso(), statuses: [],
    production_environment: sent.production_environment ?? (sent.environment ?? 'production') === 'production',
  };
  deployments.push(one);
  return { status: 201, body: shown(one, at) };
}

/** GET .../deployments/{deployment_id}/statuses, newest first. */
export function listStatuses({ deployments, at }, { deployment_id }) {
  const one = deployments.find(({ id }) => id === Number(deployment_id));
  return one ? { body: one.statuses.toReversed().map((it) => status(one, it, at)) } : structuredClone(lost);
}

/** POST .../deployments/{deployment_id}/statuses. */
export function tellStatus({ deployments, at }, { deployment_id }, sent) {
  const one = deployments.find(({ id }) => id === Number(deployment_id));
  if (!one) return structuredClone(lost);
  if ((sent.description ?? '').length > 140) return { status: 422, body: { message: 'description is too long (maximum is 140 characters)' } };
  if (sent.state === 'success' && sent.auto_inactive !== false) {
    const replaced = deployments.filter((it) => it !== one && it.environment === one.environment && !it.production_environment && it.statuses.at(-1)?.state === 'success');
    for (const it of replaced) it.statuses.push({ state: 'inactive', at: iso() });
  }
  one.statuses.push({ ...sent, at: iso() });
  return { status: 201, body: status(one, one.statuses.at(-1), at) };
}

const repository = (at) => `${at.api}/repos/${at.full}`;

function shown(one, at) {
  const url = `${repository(at)}/deployments/${one.id}`;
  const { id, ref, sha, task, environment, description, payload, production_environment } = one;
  return {
    id, node_id: `DE_${id}`, url, ref, sha, task, environment, original_environment: environment, description, payload,
    creator: userObject('github-actions[bot]', at), created_at: one.at, updated_at: one.statuses.at(-1)?.at ?? one.at,
    statuses_url: `${url}/statuses`, repository_url: repository(at), transient_environment: false, production_environment,
  };
}

function status(one, { state, log_url = '', environment_url = '', description = '', at: when }, at) {
  const deployment = `${repository(at)}/deployments/${one.id}`;
  const id = one.id * 10 + one.statuses.findIndex((it) => it.state === state);
  return {
    id, node_id: `DES_${id}`, url: `${deployment}/statuses/${id}`, state, description, environment: one.environment,
    target_url: log_url, log_url, environment_url, creator: userObject('github-actions[bot]', at),
    created_at: when, updated_at: when, deployment_url: deployment, repository_url: repository(at),
  };
}
