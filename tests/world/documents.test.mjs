// What the documents show is what the product accepts: their workflows and configuration files, the
// options of their commands, the first lines of messages, the links between them, the picture.
// (The README's table of inputs is held by tests/interface.rs, the example's files by example-files.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { actionlint, checkWorkflows, inFolder, ROOT, write } from './lint.mjs';

const SHOWN = ['README.md', 'docs/MIGRATION.md', 'docs/MIGRATION.fr.md'];
const DOCUMENTS = [...SHOWN, 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'tests/README.md', 'examples/mangetamain/README.md'];
const textOf = (document) => readFileSync(join(ROOT, document), 'utf8');
const blocks = SHOWN.flatMap((document) =>
  [...textOf(document).matchAll(/^```yaml\n# (\S+)\n([^]*?)^```$/gm)].map(([, file, text]) => ({ document, file, text })));
const inputs = [...textOf('action.yml').split(/^outputs:/m)[0].matchAll(/^ {2}([a-z-]+):$/gm)].map(([, name]) => name);

test('every YAML block of the documents names its file', () => {
  assert.equal(blocks.length, SHOWN.flatMap((document) => [...textOf(document).matchAll(/^```yaml$/gm)]).length);
});

test('every workflow of the documents passes actionlint, its inputs included', { skip: actionlint ? false : 'actionlint is not here' }, () => {
  const workflows = blocks.filter(({ file }) => file.startsWith('.github/workflows/'));
  assert.ok(workflows.length >= 8);
  checkWorkflows(workflows.map(({ file, text }, at) => [file.replace('.yml', `-${at}.yml`), text]));
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

test('every option of a command in the documents exists', () => {
  const commands = DOCUMENTS.flatMap((document) => textOf(document).match(/mangetamain-deploy(?: \\\n|[^\n`#])*--[a-z](?:\\\n|[^\n`#])*/g) ?? []);
  assert.ok(commands.length >= 6, commands.join('\n'));
  const options = commands.flatMap((command) => [...command.matchAll(/ --([a-z-]+)/g)].map(([, name]) => name));
  assert.deepEqual(options.filter((name) => name !== 'help' && !inputs.includes(name)), []);
});

test('the first lines of messages in the README are those of the product', () => {
  const sources = readdirSync(join(ROOT, 'src/messages/fr'), { recursive: true }).filter((name) => name.endsWith('.rs'));
  const french = [textOf('src/messages/fr.rs'), ...sources.map((name) => textOf(`src/messages/fr/${name}`))].join('\n');
  const words = (mark, text) => [`${mark} {label} - ${text}"`, `("${mark}", "${text}")`];
  const shown = [...textOf('README.md').matchAll(/^(?:.*\| `)?(\S+) (?:PREPROD|PRODUCTION) - ([^`\n]+)/gm)];
  assert.ok(shown.length >= 18, String(shown.length));
  const unknown = shown.filter(([, mark, text]) => !words(mark, text).some((one) => french.includes(one)));
  assert.deepEqual(unknown.map(([line]) => line), []);
});

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

test('the picture needs nothing from outside, has words for those who do not see it, and colours for dark pages', () => {
  const picture = textOf('docs/pipeline.svg');
  assert.doesNotMatch(picture.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|<script|<image|@import|data:|url\((?!#)/);
  assert.match(picture, /<title id="title">[^<]+<\/title>\n\s*<desc id="desc">[^<]{80,}<\/desc>/);
  assert.match(picture, /@media \(prefers-color-scheme: dark\)/);
  assert.match(textOf('README.md'), /<img src="docs\/pipeline\.svg" [^>]*alt="[^"]{80,}"/);
});

test('both migration pages have the same parts', () => {
  const parts = (document) => textOf(document).split('\n').filter((line) => /^(\||```|#|\d\.)/.test(line)).map((line) => line.split(' ')[0]);
  assert.deepEqual(parts('docs/MIGRATION.fr.md'), parts('docs/MIGRATION.md'));
});
