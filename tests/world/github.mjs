// A stand-in for GitHub's REST API: the door that checks who asks and how (User-Agent, version,
// token, rate limit, ETag), and the control of what is there. What is answered stands in
// github/answers.mjs. With `validate` each request and each answer is held against GitHub's
// published description; what breaks it is kept in `violations`.
import { createHash } from 'node:crypto';
import { commonFault, control, faultQueue, pause, serve } from './http.mjs';
import { ENDPOINTS, WRITTEN, notFound, route } from './github/answers.mjs';
import { startBlobs } from './github/logs.mjs';
import { latest, runStore } from './github/store.mjs';
import { place, runObject } from './github/template.mjs';
import { loadDescription } from './github/validate.mjs';

const VERSIONS = ['2022-11-28', '2026-03-10'];
const DOCS = 'https://docs.github.com/rest';
const problem = (status, message, headers = {}) =>
  ({ status, headers, body: { message, documentation_url: DOCS, status: String(status) } });

/**
 * Starts the stand-in. `token`: the one that is accepted (or several); `private`: without one
 * the repository is not there; `workflows`: files that exist even while they have no run.
 */
export async function startGitHub(options = {}) {
  const { owner = 'octo', repo = 'app', token = 'ghs_world', workflows = ['ci.yml'] } = options;
  const world = {
    isPrivate: options.private === true,
    tokens: [token].flat(),
    workflows: [...workflows],
    states: {},
    headers: {},
    requests: [],
    violations: [],
    deployments: [],
    mayDeploy: options.mayDeploy !== false,
    etags: options.etags !== false,
    store: runStore(),
    faults: faultQueue(),
    rate: { limit: 5000, remaining: 5000, reset: Math.floor(Date.now() / 1000) + 3600 },
    description: options.validate ? await loadDescription() : null,
  };
  world.blobs = await startBlobs(world.requests);
  const operations = operationsOf(world);
  const server = await serve((request, response) => {
    if (request.path === '/_control') return control(request, operations, () => view(world));
    world.requests.push({ server: 'api', ...request, query: undefined });
    return answer(world, request, response);
  }, options);
  world.at = place(`${owner}/${repo}`, { api: server.url, html: 'https://github.com' });
  world.full = world.at.full.toLowerCase();
  const close = () => Promise.all([server.close(), world.blobs.close()]);
  return {
    ...operations,
    url: server.url,
    blobUrl: world.blobs.url,
    controlUrl: `${server.url}/_control`,
    owner,
    repo,
    full: world.at.full,
    close,
    requests: world.requests,
    violations: world.violations,
    faults: world.faults,
    runs: world.store.runs,
    deployments: world.deployments,
    description: world.description,
  };
}

function operationsOf(world) {
  const { store, faults } = world;
  return {
    addRun: store.addRun,
    setRun: store.setRun,
    rerun: store.rerun,
    runOf: (id) => runObject(store.run(id), latest(store.run(id)), place(world.at.full), world),
    fault: faults.add,
    clearFaults: () => void faults.clear(),
    setTokens: (tokens) => void (world.tokens = [tokens].flat()),
    setPrivate: (isPrivate) => void (world.isPrivate = isPrivate),
    /** Whether the token has `deployments: write`. */
    setMayDeploy: (mayDeploy) => void (world.mayDeploy = mayDeploy),
    /** Takes away a workflow that never ran. */
    removeWorkflow: (file) => void (world.workflows = world.workflows.filter((it) => it !== file)),
    /** A workflow's state: 'active', or how it was switched off. */
    setWorkflow: (file, state) => void (world.states[file] = state),
    /** Headers on every answer, such as `date`. */
    setHeaders: (headers) => void (world.headers = headers),
    setRate: (rate) => void Object.assign(world.rate, rate),
    /** As if it had been asked nothing yet: a world that is put back begins with its whole limit, too. */
    forget() {
      world.requests.length = 0;
      world.rate.remaining = world.rate.limit;
    },
  };
}

const view = ({ requests, violations, store, faults }) =>
  ({ requests, violations, runs: store.runs, faults: faults.queue });

async function answer(world, request, response) {
  const fault = world.faults.next(request);
  if (fault?.kind === 'slow') await pause(fault.ms);
  else if (fault) return spoilt(world, fault, response);
  const refusal = refused(world, request);
  if (refusal) return withRate(world, refusal, 0);
  return honest(world, request);
}

function spoilt(world, fault, response) {
  const reply = commonFault(fault, response) ?? FAULTS[fault.kind]?.(fault, world);
  if (!reply) return problem(500, `the stand-in knows no fault of kind ${fault.kind}`);
  return reply === 'silent' ? null : reply;
}

const retryAfter = ({ retryAfter: seconds }) =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };
const exhausted = (world) => rateHeaders({ ...world.rate, remaining: 0 });
const FAULTS = {
  429: (fault, world) => problem(429, 'API rate limit exceeded', { ...exhausted(world), ...retryAfter(fault) }),
  '403-ratelimit': (fault, world) => problem(403, 'API rate limit exceeded for installation ID 1.', exhausted(world)),
  secondary: (fault, world) => problem(403, 'You have exceeded a secondary rate limit.',
    { ...rateHeaders(world.rate), ...retryAfter(fault) }),
  '403-permission': () => problem(403, 'Resource not accessible by integration',
    { 'x-accepted-github-permissions': 'actions=read' }),
  401: () => problem(401, 'Bad credentials'),
  404: () => notFound(),
};

// In the order in which GitHub's edge, the version check and the login look at a request.
function refused(world, request) {
  const { headers } = request;
  if (!headers['user-agent']) {
    return { status: 403, body: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.' };
  }
  const version = headers['x-github-api-version'];
  if (version && !VERSIONS.includes(version)) return problem(400, `"${version}" is not a valid version.`);
  const given = /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (headers.authorization && !world.tokens.includes(given)) return problem(401, 'Bad credentials');
  if (world.isPrivate && !given && request.path !== '/rate_limit') return notFound();
  if (world.rate.remaining <= 0) return problem(403, 'API rate limit exceeded for user ID 1.');
  const written = request.method === 'POST' && /\/deployments(\/|$)/.test(request.path);
  if (written && !world.mayDeploy) {
    return problem(403, 'Resource not accessible by integration', { 'x-accepted-github-permissions': 'deployments=write' });
  }
  if (request.method !== 'GET' && !written) return notFound();
  return null;
}

function honest(world, request) {
  const found = route(request.path);
  if (!found || !sameRepository(world, found.values)) {
    if (!found) world.violations.push(`no such endpoint: ${request.method} ${request.path}`);
    return withRate(world, notFound(), 1);
  }
  const { pattern, values } = found;
  if (request.method === 'POST') return written(world, request, pattern, values);
  const wrong = world.description?.request(pattern, values, request.query) ?? [];
  if (wrong.length > 0) {
    world.violations.push(...wrong.map((it) => `${request.target}: ${it}`));
    return withRate(world, problem(422, wrong.join('; ')), 1);
  }
  const pageUrl = (page) => {
    const url = new URL(request.target, world.at.api);
    url.searchParams.set('page', page);
    return url.href;
  };
  const reply = ENDPOINTS[pattern]({ ...world, pageUrl }, values, request.query);
  const broken = world.description?.answer(pattern, reply.status ?? 200, reply.body) ?? [];
  world.violations.push(...broken.map((it) => `answer to ${request.target}: ${it}`));
  return pattern === '/rate_limit' ? withRate(world, reply, 0) : cached(world, request, reply);
}

// What is sent and what is answered, held against the description.
function written(world, request, pattern, values) {
  let sent;
  try {
    sent = JSON.parse(request.body);
  } catch {
    return withRate(world, problem(400, 'Problems parsing JSON'), 1);
  }
  const wrong = world.description?.sent(pattern, sent) ?? [];
  world.violations.push(...wrong.map((it) => `${request.target}: ${it}`));
  if (wrong.length > 0 || !WRITTEN[pattern]) return withRate(world, problem(422, wrong.join('; ')), 1);
  const reply = WRITTEN[pattern](world, values, sent);
  const broken = world.description?.answer(pattern, reply.status, reply.body, 'post') ?? [];
  world.violations.push(...broken.map((it) => `answer to ${request.target}: ${it}`));
  return withRate(world, reply, 5);
}

const sameRepository = (world, { owner, repo }) =>
  owner === undefined || `${owner}/${repo}`.toLowerCase() === world.full;

// An answer that did not change costs nothing, but only for somebody who is logged in.
function cached(world, request, reply) {
  if (!world.etags || (reply.status ?? 200) !== 200) return withRate(world, reply, 1);
  const etag = `W/"${createHash('sha256').update(JSON.stringify(reply.body)).digest('hex')}"`;
  const headers = { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  if (request.headers['if-none-match'] !== etag) return withRate(world, { ...reply, headers }, 1);
  return withRate(world, { status: 304, headers }, request.headers.authorization ? 0 : 1);
}

function withRate(world, reply, cost) {
  world.rate.remaining = Math.max(0, world.rate.remaining - cost);
  return { ...reply, headers: { ...rateHeaders(world.rate), ...reply.headers, ...world.headers } };
}

const rateHeaders = ({ limit, remaining, reset }) => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(reset),
  'x-ratelimit-used': String(limit - remaining),
  'x-ratelimit-resource': 'core',
});
