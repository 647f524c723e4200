// The example's own files: its workflows and scripts are sound, its settings are accepted, what it says
// twice agrees, and its hook keeps a push back that CI would refuse. What they do is shown under act.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleFiles } from './example.mjs';
import { STAND_INS } from './example/act.mjs';
import { git } from './git.mjs';
import { actionlint, checkWorkflows, inFolder, ROOT, write, zizmor } from './lint.mjs';

const files = exampleFiles();
const workflows = Object.entries(files).filter(([name]) => name.startsWith('.github/workflows/'));
const laid = (folder) => Object.entries(files).forEach(([name, text]) => write(folder, name, text));
/** The commented variant of cd-preprod.yml, as a workflow. */
const variant = files['.github/workflows/cd-preprod.yml'].split('\n# on:\n')[1].replace(/^# ?/gm, '');
const all = [...workflows, ['.github/workflows/variant.yml', `name: CD Preprod\non:\n${variant}`]];

test('the example has six workflows', () => {
  assert.deepEqual(workflows.map(([name]) => name.split('/').at(-1)), ['cd-preprod.yml', 'cd-prod.yml', 'ci.yml', 'documentation.yml', 'health-check.yml', 'runner-check.yml']);
});

test('the workflows of the example and the commented variant pass actionlint, inputs included', { skip: actionlint ? false : 'actionlint is not here' }, () => {
  checkWorkflows(all);
});

test('the workflows of the example and the commented variant pass zizmor', { skip: zizmor ? false : 'zizmor is not here' }, () => {
  inFolder((folder) => {
    laid(folder);
    for (const [name, text] of all) write(folder, name, text);
    execFileSync(zizmor, ['--offline', '--quiet', '.'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  });
});

test('every action of others is pinned by SHA, and what stands in for it under act knows its inputs', () => {
  for (const [name, text] of all) {
    for (const [, action, reference, inputs] of text.matchAll(/uses: ([^@\s]+)@(\S+).*\n((?: {8}.*\n)*)/g)) {
      if (action === 'org/mangetamain-deploy') continue;
      assert.match(reference, /^[0-9a-f]{40}$/, `${name}: ${action}`);
      if (action === 'actions/checkout') continue;
      const known = readFileSync(join(STAND_INS[action], 'action.yml'), 'utf8');
      for (const [, input] of inputs.matchAll(/(?:with: \{ | {10}|, )([a-z_-]+):/g)) assert.match(known, new RegExp(`^  ${input}: \\{`, 'm'), `${action}: ${input}`);
    }
  }
});

// GitHub's `==`, `!=` and `||` mean the same here.
test("a CI that is started by hand settles what is live as one of a push does, and a pull request's never", () => {
  assert.match(files['.github/workflows/ci.yml'], /^  workflow_dispatch:/m, 'what a message says to run can be run');
  const [, condition] = /^    if: (.*)$/m.exec(files['.github/workflows/cd-preprod.yml']);
  const runs = (event_name, event) => new Function('github', `return ${condition}`)({ event_name, event });
  for (const event of ['push', 'workflow_dispatch']) {
    assert.ok(runs('workflow_run', { workflow_run: { event } }), event);
    assert.ok(runs(event, {}), event);
  }
  for (const event of ['pull_request', 'pull_request_target', 'workflow_run']) assert.ok(!runs('workflow_run', { workflow_run: { event } }), event);
});

/** The window that the example's README proposes instead. */
const [, freeze] = /`(freeze: \[.*?\])`/.exec(files['README.md']);
const CONFIGURATION = '.github/mangetamain-deploy.yml';

for (const [which, text] of Object.entries({ 'as it is': files[CONFIGURATION], 'with the other freeze': files[CONFIGURATION].replace(/freeze: .*/, freeze) })) test(`the configuration file of the example is accepted (${which}), and names both sites`, () => {
  inFolder((folder) => {
    laid(folder);
    write(folder, CONFIGURATION, text);
    const args = [join(ROOT, 'dist/cli.js'), 'status', '--state-dir', join(folder, 'state')];
    const shown = execFileSync(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, encoding: 'utf8' });
    assert.match(shown, /^preprod\n[^]*^prod\n/m);
  });
});

test('the template of pull requests asks for what CI asks for', () => {
  const template = files['.github/pull_request_template.md'];
  const [, least] = /--cov-fail-under=(\d+)/.exec(files['.github/workflows/ci.yml']);
  assert.match(template, new RegExp(`couverture ≥ ${least} %`));
  for (const [, name] of template.matchAll(/`\.?\/?(\d\d_[^` ]+)/g)) assert.ok(Object.keys(files).some((file) => file.startsWith(name)), name);
});

// Rounded there; medians of another day may differ by a half, and what is left of two of them by more.
test('the figures of the example are those of BENCHMARKS', () => {
  const bench = readFileSync(join(ROOT, 'docs/BENCHMARKS.md'), 'utf8');
  const measured = (row, cell) => parseFloat(bench.split('\n').find((line) => line.includes(row)).split('|')[cell].replace(' ms', 'e-3'));
  const shown = (pattern) => parseFloat(pattern.exec(files['README.md'])[1].replace(',', '.'));
  const figures = [
    [/\| ~40 s \| (\S+) s/, '`watch: none`, with Discord', 2], [/dont (\S+) s pour l'action/, 'of which added by us', 3, 3], [/mêmes appels en bash : (\S+) s/, '`watch: none`, with Discord', 3],
    [/\| (\S+) s après le début de l'étape/, 'by event: from process start', 2], [/sauvegarde : (\S+) s pour 2 Gio/, 'a backup of 2.0 GiB', 2], [/`sha256sum` : (\S+) s/, 'a backup of 2.0 GiB', 3],
    [/\| ~7 s \| (\S+) s pour dix/, '`health` of 10 targets', 2],
  ];
  for (const [pattern, row, cell, apart = 1.5] of figures) {
    const [told, seen] = [shown(pattern), measured(row, cell)];
    assert.ok(told > seen / apart && told < seen * apart, `${row}: ${told} s told, ${seen} s measured`);
  }
});

test('run_ci_checks.sh runs the checks of ci.yml', () => {
  const checks = (text) => [...text.matchAll(/\buv run ((?:flake8|black|pydocstyle|mypy|pytest tests)[^\n|]*)/g)].map(([, check]) => check.trim());
  assert.deepEqual(checks(files['70_scripts/run_ci_checks.sh']), checks(files['.github/workflows/ci.yml']));
  assert.equal(checks(files['.github/workflows/ci.yml']).length, 5);
});

test('run_ci_checks.sh says of an empty 20_prod what fills it, and checks it then', () => {
  inFolder((folder) => {
    laid(folder);
    for (const name of Object.keys(files).filter((one) => one.startsWith('70_scripts/'))) chmodSync(join(folder, name), 0o755);
    write(folder, 'bin/uv', UV);
    chmodSync(join(folder, 'bin/uv'), 0o755);
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, CALLS: join(folder, 'calls'), FAULTY: '' };
    const run = (script, ...args) => spawnSync(join(folder, '70_scripts', script), args, { cwd: folder, env, encoding: 'utf8' });
    const empty = run('run_ci_checks.sh', 'prod');
    assert.equal(empty.status, 2, empty.stderr);
    assert.match(empty.stderr, /20_prod est vide dans ce clone: 70_scripts\/deploy_preprod_to_prod\.sh/);
    git(folder, 'init', '-q');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'x');
    assert.equal(run('deploy_preprod_to_prod.sh').status, 0);
    const filled = run('run_ci_checks.sh', 'prod');
    assert.equal(filled.status, 0, filled.stderr);
    assert.match(filled.stdout, /20_prod: tous les contrôles passent/);
  });
});

// A `uv` that finds fault with the file named in FAULTY, and with nothing else.
const UV = '#!/bin/sh\necho "$*" >> "$CALLS"\n[ "$2" != "$FAULTY" ]\n';

test('the pre-push hook keeps a push back that CI would refuse, and lets a good one through', () => {
  inFolder((folder) => {
    const [origin, clone, calls] = ['origin.git', 'clone', 'calls'].map((name) => join(folder, name));
    git(folder, 'init', '-q', '--bare', '-b', 'main', origin);
    git(folder, 'clone', '-q', origin, clone);
    laid(clone);
    for (const name of Object.keys(files).filter((one) => one.startsWith('70_scripts/'))) chmodSync(join(clone, name), 0o755);
    git(clone, 'add', '-A');
    git(clone, 'commit', '-q', '-m', 'x');
    execFileSync('ln', ['-s', '../../70_scripts/pre-push', '.git/hooks/pre-push'], { cwd: clone });
    write(folder, 'bin/uv', UV);
    chmodSync(join(folder, 'bin/uv'), 0o755);
    const push = (faulty) => spawnSync('git', ['push', '-q', 'origin', 'HEAD:main'], {
      cwd: clone, encoding: 'utf8', env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, CALLS: calls, FAULTY: faulty },
    });
    assert.notEqual(push('pytest').status, 0);
    assert.equal(git(origin, 'for-each-ref'), '');
    const good = push('mypy'); // a warning only
    assert.equal(good.status, 0, good.stderr);
    assert.notEqual(git(origin, 'for-each-ref'), '');
    assert.match(readFileSync(calls, 'utf8'), /^run flake8 src tests$/m);
  });
});
