// Holds requests and answers against Discord's published description (description.json, made by
// make-description.mjs), and says what it finds as Discord does: a code and a sentence by path.
import { openDescription } from '../described.mjs';

// The documentation trims these before they are counted.
const TRIMMED = new Set(['content', 'title', 'description', 'name', 'value', 'text', 'username']);
const trimmed = (body) =>
  JSON.parse(JSON.stringify(body), (key, value) => (TRIMMED.has(key) && typeof value === 'string' ? value.trim() : value));

let loaded;
/** {asked, sent} -> problems as problemsOf (rules.mjs) has them; {answered} -> texts. `operation` is [path, method]. */
export const loadDescription = () => (loaded ??= load());

async function load() {
  const { paths, errors, badParameters } = await openDescription(new URL('description.json', import.meta.url));
  const described = ([path, method]) => paths[path][method];
  return {
    asked: (operation, values, query) => {
      const bad = described(operation) ? badParameters(described(operation), values, query) : [];
      // Discord takes no notice of a parameter that it does not know.
      return byPath(bad.filter(({ schema }) => schema).flatMap(({ name, value, errors: found }) =>
        found.map((error) => ({ ...error, instancePath: `/${name}`, data: value }))));
    },
    sent: (operation, body) => byPath(errors(`${operation} sent`, described(operation).body, trimmed(body))),
    answered: (operation, status, body) => {
      const { answers } = described(operation) ?? NOTHING;
      const schema = String(status) in answers ? answers[status] : status >= 400 ? answers['4XX'] : undefined;
      if (schema === undefined) return described(operation) ? [`${operation}: status ${status} is not described`] : [];
      if (schema === null) return [];
      // The description has numbers as the codes within `errors`; the documentation, as Discord, has words there.
      const held = status === 400 ? { ...body, errors: undefined } : body;
      return errors(`${operation} ${status}`, schema, held).map((e) => `${operation} ${e.instancePath || '/'} ${e.message}`);
    },
  };
}

const NOTHING = { answers: {} };

// Of what may be null too, what else it may be is what is said; that nothing of several fits says nothing.
function byPath(errors) {
  const telling = errors.filter(({ keyword, params }) => keyword !== 'anyOf' && params.type !== 'null');
  const found = {};
  for (const error of telling.length > 0 ? telling : errors) {
    const at = error.instancePath.slice(1).split('/').filter(Boolean);
    if (error.keyword === 'required') at.push(error.params.missingProperty);
    found[at.join('.') || '_'] ??= problem(error);
  }
  return found;
}

function problem({ keyword, params, message, data }) {
  const [code, text] = (SAID[params.format] ?? SAID[keyword] ?? unsaid)(params, data, message);
  return { code, message: text };
}

const unsaid = (params, data, message) => ['BASE_TYPE_INVALID', message];
const tooLong = ({ limit }) => ['BASE_TYPE_MAX_LENGTH', `Must be ${limit} or fewer in length.`];
const SAID = {
  type: ({ type }) => ['BASE_TYPE_BAD_TYPE', `Must be of type ${[type].flat()[0]}.`],
  required: () => ['BASE_TYPE_REQUIRED', 'This field is required'],
  maxLength: tooLong,
  maxItems: tooLong,
  minLength: ({ limit }) => ['BASE_TYPE_MIN_LENGTH', `Must be ${limit} or more in length.`],
  minimum: ({ limit }) => ['NUMBER_TYPE_MIN', `int value should be greater than or equal to ${limit}.`],
  maximum: ({ limit }) => ['NUMBER_TYPE_MAX', `int value should be less than or equal to ${limit}.`],
  enum: ({ allowedValues }) => ['BASE_TYPE_CHOICES', `Value must be one of {${allowedValues}}.`],
  // The only pattern in it is that of an id.
  pattern: (params, data) => ['NUMBER_TYPE_COERCE', `Value "${data}" is not snowflake.`],
  uri: () => ['URL_TYPE_INVALID_URL', 'Not a well formed URL.'],
  'date-time': (params, data) => ['DATE_TIME_TYPE_PARSE', `Could not parse ${data}. Should be ISO8601.`],
};
