// The inputs as the runner hands them over: every input that action.yml declares arrives as
// INPUT_NAME, its default when the workflow says nothing; blanks become underscores, hyphens stay.
import { existsSync, readFileSync } from 'node:fs';

/** {name: default} of the inputs that an action.yml declares; `words` fills in expressions. */
export function declaredInputs(file, words = {}) {
  if (!existsSync(file)) return {};
  const found = {};
  let inside = false;
  let name = null;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (/^\S/.test(line)) inside = /^inputs:\s*$/.test(line);
    if (!inside) continue;
    const key = /^ {2}([\w-]+):\s*$/.exec(line);
    if (key) found[(name = key[1])] = '';
    const given = /^ {4}default:\s*(.*)$/.exec(line);
    if (given && name) found[name] = filled(unquoted(given[1].trim()), words);
  }
  return found;
}

const unquoted = (text) => (/^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text);
const filled = (text, words) => text.replace(/\$\{\{\s*([\w.]+)\s*\}\}/g, (all, word) => words[word] ?? '');

/** {INPUT_NAME: value}. */
export const inputVariables = (inputs) => Object.fromEntries(
  Object.entries(inputs).filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, String(value)]),
);
