// What the README shows is what the product accepts: its workflows, its configuration file, the
// links between the documents, the first lines of its messages. (Its table of inputs is held by tests/interface.rs.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'tests/README.md'];
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```yaml\n# (\S+)\n([^]*?)^```$/gm)].map(([, file, text]) => ({ file, text }));

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mangetamain-deploy/venv/bin/actionlint');
const places = [process.env.MANGETAMAIN_ACTIONLINT, cache, ...(process.env.PATH ?? '').split(':').map((folder) => join(folder, 'actionlint'))];
const actionlint = places.find((place) => place && existsSync(place));

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder, file, text) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

test('every YAML block of the README names its file', () => {
  assert.equal(blocks.length, [...readme.matchAll(/^```yaml$/gm)].length);
});

test('every workflow of the README passes actionlint, its inputs included', { skip: actionlint ? false : 'actionlint is not here' }, () => {
  const workflows = blocks.filter(({ file }) => file.startsWith('.github/workflows/'));
  assert.ok(workflows.length >= 4);
  inFolder((folder) => {
    execFileSync('git', ['init', '-q', folder]);
    cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'));
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/main.js'), '');
    // As a local action, so that actionlint knows its inputs.
    const local = workflows.map(({ file, text }, at) => [file.replace('.yml', `-${at}.yml`), text.replace(/uses: org\/\S+/g, 'uses: ./')]);
    for (const [file, text] of local) write(folder, file, text);
    execFileSync(actionlint, local.map(([file]) => file), { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  });
});

test('the configuration file of the README is accepted', () => {
  const found = blocks.filter(({ file }) => file === '.github/mangetamain-deploy.yml');
  assert.ok(found.length > 0);
  for (const { file, text } of found) {
    inFolder((folder) => {
      write(folder, file, text);
      const env = { PATH: process.env.PATH, HOME: folder };
      const args = [join(ROOT, 'dist/cli.js'), 'status', '--state-dir', join(folder, 'state')];
      const shown = execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
      assert.match(shown, /^preprod\n/);
    });
  }
});

test('the first lines of messages in the README are those of the product', () => {
  const files = readdirSync(join(ROOT, 'src/messages/fr')).map((name) => `fr/${name}`);
  const french = ['fr.rs', ...files].map((file) => readFileSync(join(ROOT, 'src/messages', file), 'utf8')).join('\n');
  const shown = [...readme.matchAll(/^(?:.*\| `)?(\S+) PREPROD - ([^`\n]+)/gm)].map(([, sign, words]) => `${sign} {label} - ${words}"`);
  assert.ok(shown.length >= 14, String(shown.length));
  assert.deepEqual(shown.filter((line) => !french.includes(line)), []);
});

test('links between the documents lead to a file', () => {
  for (const document of DOCUMENTS) {
    const text = readFileSync(join(ROOT, document), 'utf8');
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(ROOT, dirname(document), target)), `${document}: ${target}`);
    }
  }
});
