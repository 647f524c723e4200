// Proves the rest of the world: its git, its runner (inputs, command files, log, end of job), and
// that a world leaves nothing behind, even when a test in it fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { git } from './git.mjs';
import { readPairs } from './runner/command-files.mjs';
import { declaredInputs } from './runner/inputs.mjs';
import { processes } from './runner/job.mjs';
import { logReader } from './runner/log.mjs';
import { makeWorld, until, withWorld } from './scenario.mjs';

// An action that does what its `mode` says; it stands for ours, which may not be built yet.
const ACTION = `
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const sleeper = (env) => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { env, detached: true, stdio: 'ignore' }).unref();
const modes = {
  show: () => fs.appendFileSync(process.env.GITHUB_OUTPUT, 'seen<<E\\n' + JSON.stringify(process.env) + '\\nE\\n'),
  print: () => console.log('::add-mask::s3cret\\nthe s3cret\\n::error file=a.js::bad%0Athing'),
  detach: () => { sleeper(process.env); const { RUNNER_TRACKING_ID, ...rest } = process.env; sleeper(rest); },
  torn: () => fs.appendFileSync(process.env.GITHUB_OUTPUT, 'a<<E\\nvalue'),
  hold: () => { spawn('sleep', ['7'], { stdio: 'inherit' }).unref(); },
  wait: () => { process.on('SIGINT', () => { console.log('interrupted'); process.exit(1); }); setInterval(() => {}, 1000); console.log('ready'); },
};
modes[process.env.INPUT_MODE]();
`;
const MANIFEST = `name: fake
inputs:
  mode:
    description: what to do
    required: true
  token:
    default: \${{ github.token }}
  dry-run:
    default: 'false'
runs:
  using: node24
`;
let action;
before(() => {
  action = mkdtempSync(join(tmpdir(), 'fake-action-'));
  mkdirSync(join(action, 'dist'));
  writeFileSync(join(action, 'dist/main.js'), ACTION);
  writeFileSync(join(action, 'action.yml'), MANIFEST);
});
after(() => rmSync(action, { recursive: true }));

const bare = { engine: 'none', running: false };
const inWorld = (work) => withWorld({ ...bare, action }, work);

test('an_action_sees_what_the_runner_gives_and_nothing_of_the_test', () => inWorld(async (world) => {
  const { exit, outputs, problems } = await world.runAction({ mode: 'show', inputs: { sha: 'abc' } });
  const env = JSON.parse(outputs.seen);
  assert.deepEqual([exit, problems], [0, []]);
  assert.equal(env['INPUT_DRY-RUN'], 'false');
  assert.equal(env.INPUT_TOKEN, world.token);
  assert.equal(env.INPUT_SHA, 'abc');
  assert.equal(env.GITHUB_SHA, world.first);
  assert.equal(env.GITHUB_API_URL, world.github.url);
  assert.match(env.RUNNER_TRACKING_ID, /^github_/);
  assert.ok(env.GITHUB_ACTION_PATH.includes('_work/_actions'));
  assert.equal(env.NODE_TEST_CONTEXT, undefined);
}));

test('command_files_are_read_as_strictly_as_the_runner_reads_them', () => inWorld(async (world) => {
  assert.match((await world.runAction({ mode: 'torn' })).problems[0], /delimiter not found 'E'/);
  const file = join(world.root, 'pairs');
  const read = (text) => writeFileSync(file, text) ?? readPairs(file);
  assert.deepEqual(read('a=b<<c\nd<<E\n1=2\n\nE\n').values, { a: 'b<<c', d: '1=2\n' });
  for (const bad of ['word\n', '=x\n', 'a<<\nb\n', 'a<<E\nb\n E\n']) assert.equal(read(bad).problems.length, 1, bad);
}));

test('the_log_is_read_as_the_runner_reads_it', () => inWorld(async (world) => {
  const { log, annotations } = await world.runAction({ mode: 'print' });
  assert.match(log, /the \*\*\*/);
  assert.deepEqual(annotations, [{ level: 'error', text: 'bad\nthing', file: 'a.js' }]);
  const reader = logReader();
  for (const line of ['text ::error::no', 'text ##[warning]yes', '::stop-commands::', '::nothing:: ##[warning]yes', '::stop-commands::T', '::error::no', '::T::', '  ::notice::yes']) reader.line(line);
  assert.deepEqual(reader.annotations.map((it) => it.level), ['warning', 'warning', 'notice']);
}));

test('streams_held_by_a_child_cost_five_seconds', () => inWorld(async (world) => {
  const { held, ms } = await world.runAction({ mode: 'hold' });
  assert.ok(held && ms >= 5000 && ms < 6500, `${ms} ms`);
}));

test('a_cancelled_step_gets_sigint_first', () => inWorld(async (world) => {
  const step = world.startAction({ mode: 'wait' });
  await new Promise((done) => step.child.stdout.once('data', done));
  await step.cancel();
  const { exit, stdout } = await step.done;
  assert.deepEqual([exit, stdout], [1, 'ready\ninterrupted\n']);
}));

test('the_end_of_a_job_kills_who_carries_its_id_and_takes_the_action_away', () => inWorld(async (world) => {
  await world.runAction({ mode: 'detach' });
  assert.equal(world.leftovers().length, 2);
  const { action: copy, temp } = world.job;
  assert.equal(world.endJob().length, 1);
  await until(() => world.leftovers().length === 1, 'the killed process to go');
  assert.ok(!existsSync(copy));
  assert.ok(existsSync(temp));
}));

test('a_world_leaves_nothing_behind_even_when_its_test_fails', async () => {
  let root;
  await assert.rejects(withWorld({ engine: 'daemon', action }, async (world) => {
    root = world.root;
    await until(async () => (await world.live()).body === 'version 1', 'the app');
    await world.runAction({ mode: 'detach' });
    throw new Error('a test that fails');
  }), /a test that fails/);
  assert.ok(!existsSync(root));
  await until(() => processes((it) => it.command.some((word) => word.includes(root))).length === 0, 'its processes to end');
});

test('an_interrupted_process_takes_its_worlds_down_too', async () => {
  const script = `const { makeWorld } = await import('${new URL('scenario.mjs', import.meta.url)}');
    const world = await makeWorld({ engine: 'daemon' }); console.log(world.root); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const root = String((await once(child.stdout, 'data'))[0]).trim();
  assert.ok(existsSync(root));
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.ok(!existsSync(root));
});

test('the_git_of_a_world_has_branch_stray_and_rewound_commits', () => inWorld((world) => {
  const { repository, vm } = world;
  const second = world.release({ version: 2 });
  const stray = repository.stray({ files: { 'www/index.html': 'stray' } });
  git(vm, 'fetch', '-q', 'origin', 'main', stray);
  assert.equal(git(vm, 'rev-parse', 'origin/main'), second);
  assert.throws(() => git(vm, 'merge-base', '--is-ancestor', stray, 'origin/main'));
  repository.rewind();
  assert.equal(git(repository.origin, 'rev-parse', 'main'), world.first);
}));

test('a_shallow_work_tree_is_shallow', () => withWorld({ ...bare, depth: 1 }, (world) =>
  assert.equal(git(world.vm, 'rev-parse', '--is-shallow-repository'), 'true')));

test('the_inputs_of_a_manifest_are_read_with_their_defaults', () => {
  assert.deepEqual(declaredInputs(join(action, 'action.yml'), { 'github.token': 'T' }), { mode: '', token: 'T', 'dry-run': 'false' });
});

test('a_world_is_made_and_gone_quickly', async () => {
  const began = Date.now();
  const world = await makeWorld({ engine: 'daemon' });
  await until(async () => (await world.live()).status === 200, 'the app');
  await world.close();
  assert.ok(Date.now() - began < 5000);
});
