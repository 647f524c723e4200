// What a release is made with: the steps of release.yml, run here as they stand on a copy of the sources, with a
// `gh` that writes down what it is asked; and what the marketplace wants of action.yml.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { git } from './git.mjs';
import { inFolder, ROOT } from './lint.mjs';

const workflow = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
/** The shell text of a step, by its name. */
const stepOf = (name) => new RegExp(`- name: ${name}\\n[^]*?run: \\|\\n((?: {10}.*\\n)+)`).exec(workflow)[1].replace(/^ {10}/gm, '');
const CHECK = stepOf('The tag is on main, is the version of the sources, and has its notes');
const TESTED = stepOf('The tests of this commit have passed on main');
const PUBLISH = stepOf('Publish the notes, then move the major tag');
const SHA = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A `gh` for which there is no release yet. */
const NEW = 'case "$*" in "release view"*) exit 1;; esac';

/**
 * Runs a step as the runner does, in a clone of the sources at this version with this line in the changelog, where
 * these tags stand; `aside`: on another branch than main.
 */
function step(script, { tag, version = '1.2.3', heading = '## [1.2.3] - 2026-12-01', gh = NEW, tags = [tag], aside = false }) {
  return inFolder((folder) => {
    for (const name of ['package.json', 'Cargo.toml', 'CHANGELOG.md']) cpSync(join(ROOT, name), join(folder, name));
    const change = (name, from, to) => writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').replace(from, to));
    change('package.json', /"version": ".*"/, `"version": "${version}"`);
    change('Cargo.toml', /^version = ".*"/m, `version = "${version}"`);
    change('CHANGELOG.md', /^## \[.*$/m, heading);
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'x');
    git(folder, 'update-ref', 'refs/remotes/origin/main', 'HEAD');
    if (aside) git(folder, 'commit', '-q', '--allow-empty', '-m', 'y');
    for (const one of tags) git(folder, 'tag', one);
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

test('a tag of a commit that is not on main is not released', () => {
  const { status, said } = step(CHECK, { tag: 'v1.2.3', aside: true });
  assert.equal(status, 1, said);
  assert.match(said, /v1\.2\.3 is not on main/);
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

test('a tag whose sources disagree about their version is not released', () => {
  const { status, said } = step(`sed -i 's/^version = .*/version = "9.9.9"/' Cargo.toml\n${CHECK}`, { tag: 'v1.2.3' });
  assert.equal(status, 1, said);
  assert.match(said, /Cargo\.toml has another version than package\.json, 1\.2\.3/);
});

test('a tag whose commit has not passed its tests on main is not released', () => {
  const asked = `run list --workflow check.yml --branch main --commit ${SHA} --status success --json databaseId --jq length`;
  const passed = step(TESTED, { tag: 'v1.2.3', gh: 'echo 1' });
  assert.deepEqual([passed.status, passed.calls], [0, [asked]], passed.said);
  const failed = step(TESTED, { tag: 'v1.2.3', gh: 'echo 0' });
  assert.equal(failed.status, 1);
  assert.match(failed.said, /::error::check\.yml has not passed on 4b825dc/);
  assert.equal(step(TESTED, { tag: 'v1.2.3', gh: 'exit 1' }).status, 1, 'who cannot ask does not release');
});

const [PATCH, POST] = ['PATCH repos/org/app/git/refs/tags/v1', 'POST repos/org/app/git/refs'];

const VIEW = (tag) => `release view ${tag}`;
const CREATE = (tag, ...options) => [`release create ${tag} --verify-tag --title ${tag} --notes-file notes.md`, ...options].join(' ');
const MOVE = `api --silent --method ${PATCH} -f sha=${SHA} -F force=true`;

test('the major tag is moved after the release is published, and made where there is none', () => {
  const moved = step(PUBLISH, { tag: 'v1.2.3', tags: ['v1', 'v1.2.2', 'v1.2.3', 'v1.3.0-rc.1'] });
  assert.deepEqual([moved.status, moved.calls], [0, [VIEW('v1.2.3'), CREATE('v1.2.3'), MOVE]]);
  const made = step(PUBLISH, { tag: 'v1.2.3', gh: `${NEW}\ncase "$*" in *PATCH*) exit 1;; esac` });
  assert.deepEqual([made.status, made.calls.at(-1)], [0, `api --silent --method ${POST} -f ref=refs/tags/v1 -f sha=${SHA}`]);
});

for (const [what, tag, tags, options] of [
  ['a pre-release is published as one', 'v1.3.0-rc.1', ['v1.2.3'], ['--prerelease', '--latest=false']],
  ['a pre-release of a new major version is published as one', 'v2.0.0-rc.1', ['v1.2.3'], ['--prerelease', '--latest=false']],
  ['a fix of an older version is published, not as the latest', 'v1.2.4', ['v1.10.0', 'v1.9.0'], ['--latest=false']],
]) {
  test(`${what}, and the major tag stays where it is`, () => {
    const { status, calls, said } = step(PUBLISH, { tag, tags: [tag, ...tags] });
    assert.deepEqual([status, calls], [0, [VIEW(tag), CREATE(tag, ...options)]], said);
    assert.match(said, new RegExp(`::notice::v\\d stays where it is: ${tag} is not the newest of it`));
  });
}

test('a fix of an older major version moves its own tag, and is not the latest release', () => {
  const { calls } = step(PUBLISH, { tag: 'v1.2.4', tags: ['v1.2.3', 'v1.2.4', 'v2.0.0'] });
  assert.deepEqual(calls, [VIEW('v1.2.4'), CREATE('v1.2.4', '--latest=false'), MOVE]);
});

test('a release that was published when its run broke off is not published twice, and the major tag moves', () => {
  const { status, calls } = step(PUBLISH, { tag: 'v1.2.3', gh: 'exit 0' });
  assert.deepEqual([status, calls], [0, [VIEW('v1.2.3'), MOVE]]);
});

test('a release that cannot be published leaves the major tag where it is', () => {
  const { status, calls } = step(PUBLISH, { tag: 'v1.2.3', gh: 'exit 1' });
  assert.deepEqual([status, calls], [1, [VIEW('v1.2.3'), CREATE('v1.2.3')]]);
});

test('only the job that runs nobody else\'s code may write, and it comes after the comparison of dist/', () => {
  const [build, publish] = workflow.split(/^ {2}publish:$/m);
  assert.match(workflow, /^permissions: \{\}$/m);
  assert.match(build, /run: npm run check:dist/);
  assert.doesNotMatch(build, /: write/);
  assert.match(publish, /^ {4}needs: build$/m);
  assert.match(publish, /attest-build-provenance@[0-9a-f]{40} [^]*subject-path: dist\/\*[^]*gh release create/);
  assert.ok(publish.indexOf('gh run list') < publish.indexOf('attest-build-provenance'), 'nothing is vouched for untested');
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
