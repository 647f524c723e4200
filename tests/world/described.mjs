// What both stand-ins do with a published description: `paths` and `components` of a description.json,
// read and compiled. Needs ajv, loaded only when somebody asks for validation, because the demo runs
// without any dependency.
import { readFileSync } from 'node:fs';

/** {paths, errors(key, schema, value) -> those of ajv, badParameters(operation, values, query) -> [{where, name, value, schema, errors}]}. */
export async function openDescription(file) {
  const { default: Ajv } = await import('ajv');
  const { paths, components } = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false, verbose: true, formats: FORMATS });
  const texts = new Ajv({ strict: false, coerceTypes: true, formats: FORMATS });
  const compiled = new Map();
  const run = (by, key, schema, value) => {
    if (!compiled.has(key)) compiled.set(key, by.compile({ ...schema, components }));
    const check = compiled.get(key);
    return check(value) ? [] : check.errors;
  };
  const text = (schema, value) => run(texts, schema, { type: 'object', properties: { value: schema } }, { value });
  return {
    paths,
    errors: (key, schema, value) => run(ajv, key, schema, value),
    badParameters: (operation, values, query) => badParameters(text, operation, values, query),
  };
}

function badParameters(text, operation, values, query) {
  const known = new Map(operation.parameters.map((it) => [`${it.in} ${it.name}`, it.schema]));
  const given = [
    ...Object.entries(values).map(([name, value]) => ['path', name, value]),
    ...[...query].map(([name, value]) => ['query', name, value]),
  ];
  return given.flatMap(([where, name, value]) => {
    const schema = known.get(`${where} ${name}`);
    const errors = schema ? text(schema, value) : [];
    if (schema && errors.length === 0) return [];
    return [{ where, name, value, schema, errors }];
  });
}

// An address that was not given is the empty text: the description's own default for it.
const isUri = (text) => text === '' || URL.canParse(text.replace(/\{[^}]*\}/g, ''));
const FORMATS = {
  'date-time': (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: isUri,
  'uri-template': isUri,
  email: /@/,
  int64: true,
  binary: true,
};
