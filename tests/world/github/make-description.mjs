// Cuts the part of GitHub's published API description that the stand-in serves out of the npm
// package @octokit/openapi (395 MB unpacked, so not a dependency) into description.json, as JSON
// Schema that ajv reads. Run by hand when the package moves on:
//   npm i --prefix /tmp/openapi @octokit/openapi@23.0.2
//   node tests/world/github/make-description.mjs /tmp/openapi/node_modules/@octokit/openapi
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REPO = '/repos/{owner}/{repo}';
const RUN = `${REPO}/actions/runs/{run_id}`;
const PATHS = [
  REPO,
  `${REPO}/actions/runs`,
  `${REPO}/actions/workflows`,
  `${REPO}/actions/workflows/{workflow_id}`,
  `${REPO}/actions/workflows/{workflow_id}/runs`,
  RUN,
  `${RUN}/attempts/{attempt_number}`,
  `${RUN}/attempts/{attempt_number}/jobs`,
  `${RUN}/jobs`,
  `${REPO}/actions/jobs/{job_id}`,
  `${REPO}/actions/jobs/{job_id}/logs`,
  `${REPO}/deployments`,
  `${REPO}/deployments/{deployment_id}/statuses`,
  '/rate_limit',
];

const folder = process.argv[2];
const full = JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8'));
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const schemas = {};

const find = (ref) => ref.slice(2).split('/').reduce((at, key) => at[key], full);
const resolved = (node) => (node.$ref ? find(node.$ref) : node);

// Drops prose and examples, turns `nullable` into JSON Schema, and collects what is referred to.
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (node === null || typeof node !== 'object') return node;
  if (node.$ref) collect(node.$ref);
  const kept = Object.entries(node).filter(([key, value]) => !isProse(key, value));
  const result = Object.fromEntries(kept.map(([key, value]) => [key, plain(value)]));
  return node.nullable === true ? orNull(result) : result;
}

// A property may itself be called `description`; then its value is an object.
const isProse = (key, value) =>
  ['example', 'examples', 'x-github', 'nullable', 'deprecated'].includes(key) ||
  (['description', 'title'].includes(key) && typeof value === 'string');

const orNull = (schema) => ({ anyOf: [schema, { type: 'null' }] });

function collect(ref) {
  const name = ref.split('/').pop();
  if (schemas[name]) return;
  schemas[name] = {};
  schemas[name] = plain(find(ref));
}

// What is written to: the schema of what is sent beside that of what is answered.
const WRITTEN = [`${REPO}/deployments`, `${REPO}/deployments/{deployment_id}/statuses`];

function operation(path, method = 'get') {
  const { parameters = [], responses, requestBody } = full.paths[path][method];
  return {
    ...(requestBody && { body: plain(requestBody.content['application/json'].schema) }),
    parameters: parameters.map(resolved).map((it) => plain({
      name: it.name, in: it.in, required: it.required === true, schema: it.schema,
    })),
    answers: Object.fromEntries(Object.entries(responses).map(([status, answer]) => [
      status, plain(resolved(answer).content?.['application/json']?.schema ?? null),
    ])),
  };
}

const paths = Object.fromEntries(PATHS.map((path) => [path, operation(path)]));
for (const path of WRITTEN) paths[path].post = operation(path, 'post');
for (const name of ['basic-error', 'webhook-workflow-run-completed']) {
  collect(`#/components/schemas/${name}`);
}
const source = `@octokit/openapi ${version}, generated/api.github.com.json (MIT), cut and converted`;
const text = JSON.stringify({ source, paths, components: { schemas } }, null, 1);
writeFileSync(new URL('description.json', import.meta.url), `${text}\n`);
