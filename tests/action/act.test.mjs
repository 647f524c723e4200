// A workflow with `uses: ./` under a real runner (act), against real git, the compose stand-in or a
// real engine, and stand-ins for GitHub and Discord: a push deploys and its CI settles it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ciFails, ci, inWorld, headlines, point, serves, validated } from './support.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ACT = process.env.MANGETAMAIN_ACT ?? 'act';

function workflow(world, sha) {
  const inputs = { ...world.inputs, mode: 'deploy', watch: 'inline', sha };
  const lines = Object.entries(inputs).map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`);
  return [
    'on: push', 'jobs:', '  preprod:', '    runs-on: self-hosted',
    '    steps:', '      - uses: actions/checkout@v5', '      - id: deploy', '        uses: ./', '        env:',
    `          GITHUB_API_URL: ${world.github.url}`, `          GITHUB_REPOSITORY: ${world.github.full}`,
    '        with:', ...lines,
    '      - if: always()', `        run: echo "\${{ steps.deploy.outputs.result }}" > ${world.root}/result`, '',
  ].join('\n');
}

/** Runs the workflow on a checkout that holds the action itself; gives what act printed. */
function act(world, sha) {
  const folder = join(world.root, `checkout-${sha.slice(0, 7)}`);
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'));
  writeFileSync(join(folder, '.github/workflows/cd.yml'), workflow(world, sha));
  for (const args of [['init', '-q', '-b', 'main'], ['add', '-A'], ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'x'], ['remote', 'add', 'origin', 'https://github.com/octo/app']]) {
    execFileSync('git', args, { cwd: folder });
  }
  const env = { ...process.env, ...world.engine.env, HOME: world.home, XDG_CACHE_HOME: join(world.home, '.cache') };
  return new Promise((done) => {
    const child = spawn(ACT, ['push', '-P', 'self-hosted=-self-hosted', '-s', `GITHUB_TOKEN=${world.token}`], { cwd: folder, env });
    let text = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (part) => (text += part));
    child.on('close', (exit) => done({ exit, text }));
  });
}

test('under a real runner, a push goes live and its CI validates it', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const { exit, text } = await act(world, sha);
  assert.equal(exit, 0, text);
  await serves(world, 2);
  assert.equal(point(world), sha, text);
}));

test('under a real runner, a failing CI is rolled back and the job is red', () => inWorld({}, async (world) => {
  await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const { exit, text } = await act(world, bad);
  assert.notEqual(exit, 0, text);
  await serves(world, 2);
  assert.match(headlines(world).at(-1), /ROLLBACK AUTOMATIQUE/, text);
}));
