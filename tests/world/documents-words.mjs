// The French texts of the product, and whether words of a document are theirs.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from './documents.mjs';
import { ROOT } from './lint.mjs';

const sources = ['src/messages/fr.rs', ...readdirSync(join(ROOT, 'src/messages/fr'), { recursive: true })
  .filter((name) => name.endsWith('.rs')).map((name) => `src/messages/fr/${name}`)];
/** Their sources. */
export const FRENCH = sources.map(textOf).join('\n').replace(/^\s*\/\/.*$/gm, '');
/** The texts between quotes, each as its words. */
const texts = [...FRENCH.matchAll(/"((?:[^"\\]|\\[^])*)"/g)]
  .map(([, text]) => text.replace(/\\\n\s*|\\n/g, ' ').replaceAll('\\"', '"').split(/\s+/).filter(Boolean));

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** What a word of a text may be, where values are put into it. */
const hole = (word) => (/\{[^}]*\}/.test(word) ? new RegExp(`^${word.split(/\{[^}]*\}/).map(escaped).join('.*')}$`) : null);

/** How many of these words stand in a text from `at` on, values left aside; -1: they do not fit. */
function fitting(words, text, at) {
  if (words.length === 0) return 0;
  if (at === text.length) return -1;
  const filled = hole(text[at]);
  // The sentence may go on where the words end.
  const wanted = words.length === 1 ? text[at].replace(/[.,]$/, '') : text[at];
  if (!filled) return words[0] === wanted ? one(fitting(words.slice(1), text, at + 1)) : -1;
  const lengths = words.map((_, index) => index + 1).filter((length) => filled.test(words.slice(0, length).join(' ')));
  return Math.max(-1, ...lengths.map((length) => fitting(words.slice(length), text, at + 1)));
}

const one = (found) => (found < 0 ? -1 : found + 1);

/** Whether these words are said by the product in French; `...` stands for what is left out. */
export function isSaid(phrase) {
  const parts = phrase.split('...').map((part) => part.split(/\s+/).filter(Boolean)).filter((words) => words.length > 0);
  return parts.every((words) => texts.some((text) => text.some((_, at) => fitting(words, text, at) >= words.length / 2)));
}
