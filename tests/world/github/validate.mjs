// Holds requests and answers against GitHub's published description (description.json, made by
// make-description.mjs). Needs ajv, loaded only when somebody asks for validation, because the
// demo runs without any dependency.
import { readFileSync } from 'node:fs';

/** {request(path, values, query), sent(path, body), answer(path, status, body), schema(name, value)} -> problems. */
export async function loadDescription() {
  const { default: Ajv } = await import('ajv');
  const text = readFileSync(new URL('description.json', import.meta.url), 'utf8');
  const { paths, components } = JSON.parse(text);
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false, formats: FORMATS });
  const texts = new Ajv({ strict: false, coerceTypes: true, formats: FORMATS });
  const compiled = new Map();
  const check = (key, schema, value) => {
    if (!compiled.has(key)) compiled.set(key, ajv.compile({ ...schema, components }));
    const run = compiled.get(key);
    return run(value) ? [] : run.errors.map((e) => `${key} ${e.instancePath || '/'} ${e.message}`);
  };
  return {
    schema: (name, value) => check(name, { $ref: `#/components/schemas/${name}` }, value),
    request: (path, values, query) => requestProblems(texts, paths[path], values, query),
    sent: (path, body) => check(`${path} sent`, paths[path].post?.body ?? false, body),
    answer: (path, status, body, method = 'get') => {
      const described = (method === 'post' ? paths[path].post : paths[path]).answers[status];
      const schema = described === undefined && status >= 400 ? BASIC_ERROR : described;
      if (schema === undefined) return [`${path}: status ${status} is not described`];
      return schema === null ? [] : check(`${method} ${path} ${status}`, schema, body);
    },
  };
}

// An address that was not given is the empty text: the description's own default for it.
const isUri = (text) => text === '' || URL.canParse(text.replace(/\{[^}]*\}/g, ''));
const BASIC_ERROR = { $ref: '#/components/schemas/basic-error' };
const FORMATS = {
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: isUri,
  'uri-template': isUri,
  email: /@/,
  int64: true,
  binary: true,
};

function requestProblems(ajv, operation, values, query) {
  const known = new Map(operation.parameters.map((it) => [`${it.in} ${it.name}`, it.schema]));
  const given = [
    ...Object.entries(values).map(([name, value]) => ['path', name, value]),
    ...[...query].map(([name, value]) => ['query', name, value]),
  ];
  return given.flatMap(([where, name, value]) => {
    const schema = known.get(`${where} ${name}`);
    if (!schema) return [`unknown ${where} parameter ${name}`];
    const holder = { type: 'object', properties: { value: schema } };
    // A date range ("2026-01-01..2026-02-01") is documented in prose only; the type says date-time.
    if (name === 'created') return [];
    return ajv.validate(holder, { value }) ? [] : [`${where} parameter ${name}: ${ajv.errorsText()}`];
  });
}
