// What the documents show is what the product accepts: their workflows and configuration files, the
// first lines of messages, the links between them, the picture; and the French pages say what the others do.
// (The README's table of inputs is held by tests/interface.rs, commands by commands.test.mjs, the example's files
// by example-files.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DOCUMENTS, textOf, yamlOf } from './documents.mjs';
import { FRENCH } from './documents-words.mjs';
import { exampleFiles } from './example.mjs';
import { actionlint, checkWorkflows, inFolder, ROOT, write } from './lint.mjs';

const blocks = DOCUMENTS.flatMap(yamlOf);
const isWorkflow = ({ file }) => file.startsWith('.github/workflows/');
/** Those of the example, as blocks. */
const ofExample = Object.entries(exampleFiles()).map(([file, text]) => ({ document: 'examples/mangetamain', file, text })).filter(isWorkflow);

test('every YAML block of the documents names its file', () => {
  assert.equal(blocks.length, DOCUMENTS.flatMap((document) => [...textOf(document).matchAll(/^```yaml$/gm)]).length);
});

test('every workflow of the documents passes actionlint, its inputs included', { skip: actionlint ? false : 'actionlint is not here' }, () => {
  const workflows = blocks.filter(isWorkflow);
  assert.ok(workflows.length >= 8);
  checkWorkflows(workflows.map(({ file, text }, at) => [file.replace('.yml', `-${at}.yml`), text]));
});

test('a workflow that waits for others names them as they are named', () => {
  const shown = [...blocks.filter(isWorkflow), ...ofExample];
  const names = new Set(shown.map(({ text }) => /^name: ([^#\n]*[^#\s])/m.exec(text)?.[1]));
  const waits = shown.flatMap(({ document, text }) => [...text.matchAll(/\bworkflows: \[(.*?)\]/g)].flatMap(([, list]) => list.split(/, */)).map((name) => ({ document, name })));
  assert.ok(waits.length >= 9, String(waits.length));
  assert.deepEqual(waits.filter(({ name }) => !names.has(name)), []);
});

test('the README has a recipe for every mode, and a workflow for every mode that runs in one', () => {
  const readme = textOf('README.md');
  const [, list] = /^const MODES: .*= &\[(.*)\];$/m.exec(textOf('src/settings.rs'));
  const modes = [...list.matchAll(/"(\w+)"/g)].map(([, mode]) => mode);
  assert.equal(modes.length, 8);
  for (const mode of modes) {
    assert.match(readme, new RegExp(`^### ${mode}\\b`, 'm'));
    assert.ok(blocks.some(({ document, text }) => document === 'README.md' && new RegExp(`mode: .*\\b${mode}\\b`).test(text)), mode);
  }
});

test('every configuration file of the documents is accepted', () => {
  const found = blocks.filter(({ file }) => file === '.github/mangetamain-deploy.yml');
  assert.ok(found.length >= 4);
  for (const { file, text } of found) {
    inFolder((folder) => {
      write(folder, file, text);
      const env = { PATH: process.env.PATH, HOME: folder };
      const args = [join(ROOT, 'dist/cli.js'), 'status', '--state-dir', join(folder, 'state')];
      const shown = execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
      assert.match(shown, /^preprod\n/m);
    });
  }
});

/** First lines of messages, as the sources make them: with a label, or of the checking itself, where a number may be counted. */
const words = (who, mark, text) => (who === 'Surveillance'
  ? [`"${mark} Surveillance - ${text}"`, `"${text.replace(/^\d+ /, '')}")`]
  : [`${mark} {label} - ${text.replaceAll(/\b[0-9a-f]{7}\b/g, '{}')}"`, `("${mark}", "${text}")`]);

for (const document of ['README.md', 'README.fr.md']) {
  test(`the first lines of messages in ${document} are those of the product`, () => {
    const shown = [...textOf(document).matchAll(/^(?:.*\| `)?(\S+) (PREPROD|PRODUCTION|Surveillance) - ([^`\n]+)/gm)];
    assert.ok(shown.length >= 21, String(shown.length));
    const unknown = shown.filter(([, mark, who, text]) => !words(who, mark, text).some((one) => FRENCH.includes(one)));
    assert.deepEqual(unknown.map(([line]) => line), []);
  });

  test(`every first line of a message stands in ${document}`, () => {
    const lines = [...FRENCH.matchAll(/"(\S+) (?:\{label\}|Surveillance) - ([^"]+)"/g)].filter(([line]) => !line.includes('{}'));
    assert.ok(lines.length >= 24, String(lines.length));
    const rows = textOf(document).split('\n').filter((line) => line.startsWith('| ')).join('\n');
    assert.deepEqual(lines.filter(([, mark, text]) => !new RegExp(`\`${mark} \\S+ - ${text}\``).test(rows)).map(([line]) => line), []);
  });
}

test('links between the documents lead to a file, and to a heading of it', () => {
  for (const document of DOCUMENTS) {
    for (const [, target, heading] of textOf(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const file = target === '' ? document : join(dirname(document), target);
      assert.ok(existsSync(join(ROOT, file)), `${document}: ${target}`);
      if (heading) assert.ok(headings(textOf(file)).includes(heading), `${document}: ${target}#${heading}`);
    }
  }
});

// As GitHub makes anchors: small letters, no punctuation, dashes for blanks.
const headings = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, words]) =>
  words.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-'));

for (const [document, file] of [['README.md', 'docs/pipeline.svg'], ['README.fr.md', 'docs/pipeline.fr.svg']]) {
  test(`the picture in ${document} needs nothing from outside, has words for those who do not see it, and colours for dark pages`, () => {
    const picture = textOf(file);
    assert.doesNotMatch(picture.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|<script|<image|@import|data:|url\((?!#)/);
    assert.match(picture, /<title id="title">[^<]+<\/title>\n\s*<desc id="desc">[^<]{80,}<\/desc>/);
    assert.match(picture, /@media \(prefers-color-scheme: dark\)/);
    assert.match(textOf(document), new RegExp(`<img src="${file}" [^>]*alt="[^"]{80,}"`));
    assert.equal(picture.replace(/<[^>]*>[^<]*/g, (part) => part.replace(/>.*/s, '>')), textOf('docs/pipeline.svg').replace(/<[^>]*>[^<]*/g, (part) => part.replace(/>.*/s, '>')));
  });
}

test('the page of benchmarks ends with what was tried and did not help', () => {
  assert.ok(textOf('docs/BENCHMARKS.md').endsWith(`\n\n${textOf('tests/bench/tried.md')}`));
});

test('both migration pages have the same parts', () => {
  const parts = (document) => textOf(document).split('\n').filter((line) => /^(\||```|#|\d\.)/.test(line)).map((line) => line.split(' ')[0]);
  assert.deepEqual(parts('docs/MIGRATION.fr.md'), parts('docs/MIGRATION.md'));
});

// What a reader of another language needs to see in another language: comments, descriptions and messages.
const shape = ({ file, text }) => `${file}\n${text.replace(/ *# .*$/gm, '').replace(/description: (?:'[^']*'|[^,}]*)/g, 'description').replace(/TEXT: '.*'/, 'TEXT')}`;

test('the French README has the parts of the other, with the same workflows and files', () => {
  const parts = (document) => textOf(document).split('\n').filter((line) => /^(#|```)/.test(line)).map((line) => line.split(' ')[0]);
  assert.deepEqual(parts('README.fr.md').sort(), parts('README.md').sort());
  assert.deepEqual(yamlOf('README.fr.md').map(shape), yamlOf('README.md').map(shape));
});

test('the French README names the same settings, outputs, results and messages, with the same defaults', () => {
  const cells = (document) => textOf(document).split('\n').filter((line) => line.startsWith('| `')).map((line) => line.slice(2, -2).split(/(?<!\\) \| /));
  const rows = (document) => cells(document).map((row) => (row.length === 4 ? row.slice(0, 3) : row[0].match(/^`[^`]*`/)).join(' | '));
  // Defaults that are said in words.
  const french = { '`environment in capitals`': '`environnement en majuscules`', '`3; promote 5`': '`3 ; promote 5`', '`all`': '`tous`' };
  const wanted = rows('README.md').map((row) => Object.entries(french).reduce((text, [from, to]) => text.replace(from, to), row));
  assert.ok(wanted.length > 90, String(wanted.length));
  assert.deepEqual(rows('README.fr.md'), wanted, 'a row of README.md that README.fr.md has not, or the other way round: translate it there');
});

// What each shelf of ARCHITECTURE.md does not know.
const UNKNOWN = {
  machine: ['host', 'failure', 'ledger', 'messages', 'steps', 'drive', 'session', 'modes', 'outbox', 'voice', 'report'],
  tools: ['failure', 'ledger', 'messages', 'steps', 'drive', 'session', 'modes', 'outbox', 'report'],
  messages: ['ledger', 'steps', 'drive', 'session', 'modes'],
  steps: ['drive', 'modes', 'report'],
};

for (const [shelf, unknown] of Object.entries(UNKNOWN)) {
  test(`\`src/${shelf}\` knows nothing of ${unknown.join(', ')}`, () => {
    const files = execFileSync('git', ['ls-files', `src/${shelf}`, `src/${shelf}.rs`], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    assert.ok(files.length > 4, files.join());
    const uses = files.flatMap((file) => [...textOf(file).matchAll(/\bcrate::(\w+)|\bcrate::\{([^}]*)\}/g)].flatMap(([, one, all]) => (one ? [one] : all.split(',').map((name) => name.trim().split('::')[0]))).map((name) => [file, name]));
    assert.ok(uses.length > 20);
    assert.deepEqual(uses.filter(([, name]) => unknown.includes(name)), []);
  });
}
