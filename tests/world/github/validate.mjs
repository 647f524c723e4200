// Holds requests and answers against GitHub's published description (description.json, made by
// make-description.mjs).
import { openDescription } from '../described.mjs';

const BASIC_ERROR = { $ref: '#/components/schemas/basic-error' };

/** {request(path, values, query), sent(path, body), answer(path, status, body), schema(name, value)} -> problems. */
export async function loadDescription() {
  const { paths, errors, badParameters } = await openDescription(new URL('description.json', import.meta.url));
  const check = (key, schema, value) =>
    errors(key, schema, value).map((e) => `${key} ${e.instancePath || '/'} ${e.message}`);
  return {
    schema: (name, value) => check(name, { $ref: `#/components/schemas/${name}` }, value),
    request: (path, values, query) => badParameters(paths[path], values, query).flatMap(inWords),
    sent: (path, body) => check(`${path} sent`, paths[path].post?.body ?? false, body),
    answer: (path, status, body, method = 'get') => {
      const described = (method === 'post' ? paths[path].post : paths[path]).answers[status];
      const schema = described === undefined && status >= 400 ? BASIC_ERROR : described;
      if (schema === undefined) return [`${path}: status ${status} is not described`];
      return schema === null ? [] : check(`${method} ${path} ${status}`, schema, body);
    },
  };
}

function inWords({ where, name, schema, errors }) {
  if (!schema) return [`unknown ${where} parameter ${name}`];
  // A date range ("2026-01-01..2026-02-01") is documented in prose only; the type says date-time.
  return name === 'created' ? [] : errors.map((e) => `${where} parameter ${name}: ${e.message}`);
}
