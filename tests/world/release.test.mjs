// What a release is made with: the steps of release.yml, run here as they stand on a copy of the sources, with a
// `gh` that writes down what it is asked; and what the marketplace wants of action.yml.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inFolder, ROOT } from './lint.mjs';

const workflow = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
/** The shell text of a step, by its name. */
const stepOf = (name) => new RegExp(`- name: ${name}\\n[^]*?run: \\|\\n((?: {10}.*\\n)+)`).exec(workflow)[1].replace(/^ {10}/gm, '');
const CHECK = stepOf('The tag is the version of the sources, and has its notes');
const PUBLISH = stepOf('Publish the notes, then move the major tag');
const SHA = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Runs a step as the runner does, in a copy of the sources at this version with this line in the changelog. */
function step(script, { tag, version = '1.2.3', heading = '## [1.2.3] - 2026-12-01', gh = 'exit 0' }) {
  return inFolder((folder) => {
    for (const name of ['package.json', 'Cargo.toml', 'CHANGELOG.md']) cpSync(join(ROOT, name), join(folder, name));
    const change = (name, from, to) => writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').replace(from, to));
    change('package.json', /"version": ".*"/, `"version": "${version}"`);
    change('Cargo.toml', /^version = ".*"/m, `version = "${version}"`);
    change('CHANGELOG.md', /^## \[.*$/m, heading);
    const log = join(folder, 'calls');
    writeFileSync(join(folder, 'gh'), `#!/bin/bash\necho "$*" >> '${log}'\n${gh}\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, TAG: tag, GITHUB_REPOSITORY: 'org/app', GITHUB_SHA: SHA, GH_TOKEN: 'x' };
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: folder, env, encoding: 'utf8' });
    const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
    return { status, said: `${stdout}${stderr}`, notes: read('notes.md'), calls: read('calls').split('\n').filter(Boolean) };
  });
}

test('a tag that is the version of the sources is released with its part of the changelog', () => {
  const { status, notes, said } = step(CHECK, { tag: 'v1.2.3' });
  assert.equal(status, 0, said);
  assert.match(notes, /^### Added\n\n- /m);
  assert.doesNotMatch(notes, /^## /m);
});

for (const [what, given, words] of [
  ['of another version', { tag: 'v1.2.4' }, /the tag is v1\.2\.4, package\.json says 1\.2\.3/],
  ['without notes', { tag: 'v1.2.3', heading: '## [1.2.2] - 2026-11-01' }, /says nothing about 1\.2\.3/],
  ['whose notes are called unreleased', { tag: 'v1.2.3', heading: '## [1.2.3] - Unreleased' }, /give it its date/],
]) {
  test(`a tag ${what} is not released`, () => {
    const { status, said } = step(CHECK, given);
    assert.equal(status, 1, said);
    assert.match(said, words);
  });
}

const [PATCH, POST] = ['PATCH repos/org/app/git/refs/tags/v1', 'POST repos/org/app/git/refs'];

test('the major tag is moved after the release is published, and made where there is none', () => {
  const moved = step(PUBLISH, { tag: 'v1.2.3' });
  assert.deepEqual([moved.status, moved.calls], [0, [
    'release create v1.2.3 --verify-tag --title v1.2.3 --notes-file notes.md', `api --silent --method ${PATCH} -f sha=${SHA} -F force=true`,
  ]]);
  const made = step(PUBLISH, { tag: 'v1.2.3', gh: 'case "$*" in *PATCH*) exit 1;; esac' });
  assert.deepEqual([made.status, made.calls.at(-1)], [0, `api --silent --method ${POST} -f ref=refs/tags/v1 -f sha=${SHA}`]);
});

test('a release that cannot be published leaves the major tag where it is', () => {
  const { status, calls } = step(PUBLISH, { tag: 'v1.2.3', gh: 'exit 1' });
  assert.deepEqual([status, calls.length], [1, 1]);
});

test('only the job that runs nobody else\'s code may write, and it comes after the comparison of dist/', () => {
  const [build, publish] = workflow.split(/^ {2}publish:$/m);
  assert.match(workflow, /^permissions: \{\}$/m);
  assert.match(build, /run: npm run check:dist/);
  assert.doesNotMatch(build, /: write/);
  assert.match(publish, /^ {4}needs: build$/m);
  assert.match(publish, /attest-build-provenance@[0-9a-f]{40} [^]*subject-path: dist\/\*[^]*gh release create/);
  assert.doesNotMatch(publish, /npm (ci|install|run)|setup-node/);
  const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(([, name]) => name);
  assert.ok(uses.length >= 4 && uses.every((name) => /@[0-9a-f]{40}$/.test(name)), uses.join('\n'));
});

test('the marketplace takes action.yml: a short description, an icon and a colour that it has', () => {
  const action = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  const [, description] = /^description: '(.*)'$/m.exec(action);
  assert.ok(description.length > 40 && description.length < 125, `${description.length} letters`);
  assert.match(action, /^branding:\n {2}icon: rotate-ccw\n {2}color: (white|black|yellow|blue|green|orange|red|purple|gray-dark)$/m);
});
