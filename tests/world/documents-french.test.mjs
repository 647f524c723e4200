// The French pages: words in code are those of the English page, or words that the product says in French; and
// an error that it says in French stands in the table of errors in French, too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, textOf } from './documents.mjs';
import { isSaid } from './documents-words.mjs';

const PAGES = { 'README.fr.md': 'README.md', 'docs/MIGRATION.fr.md': 'docs/MIGRATION.md' };
/** Values for the reader to put in, which have French names. */
const NAMED = ['--html FICHIER', 'clé=valeur'];
/** Held by documents-screens. */
const LIVE = /^En ligne maintenant : /;

test('a phrase of the product is told from one that is not', () => {
  for (const phrase of ["... n'est pas sur origin/main : rien n'a été changé", 'le jeton n\'a pas ce droit']) assert.ok(isSaid(phrase), phrase);
  for (const phrase of ["... n'est pas sur origin/main: rien n'a été changé", 'Live now: 33df0d6...', 'compose : { file : x }', 'app-path : ~/x']) assert.ok(!isSaid(phrase), phrase);
});

for (const [french, english] of Object.entries(PAGES)) test(`words in code in ${french} are those of ${english}, or of the product`, () => {
  const there = new Set(codeOf(english));
  const wrong = codeOf(french).filter((code) => !there.has(code) && !NAMED.includes(code) && !LIVE.test(code) && !isSaid(code));
  assert.deepEqual(wrong, []);
});

test('no code of the French pages has a blank that does not break', () => {
  for (const document of [...Object.keys(PAGES), 'examples/mangetamain/README.md']) {
    const blocks = [...textOf(document).matchAll(/^( *)```[^]*?^\1```$|^ {4}.*$/gm)].map(([block]) => block);
    assert.deepEqual([...codeOf(document), ...blocks].filter((code) => /[\u00a0\u202f]/.test(code)), [], document);
  }
});

/** Rows of the log alone: what does not end a run is not said in French. The words of git and of a shell are theirs. */
const IN_THE_LOG = /dubious|No such device|SIGTERM|orphans|Surveillance|remembered|no links|settles nothing|webhook|no watcher|moved by hand|going on|set aside/;

test('every error of the table of errors has its French words, and they are those of the product', () => {
  const [, table] = /^## Dépannage\n([^]*?)^## /m.exec(textOf('README.fr.md'));
  const rows = [...table.matchAll(/^\| (`.*?`(?: \(\d+\))?)(?: \/ (`+)(.*?)\2)? \| /gm)];
  assert.ok(rows.length >= 35, String(rows.length));
  for (const [row, log, , said] of rows) {
    if (IN_THE_LOG.test(log)) assert.equal(said, undefined, row);
    else assert.ok(said && isSaid(said), row);
  }
});
