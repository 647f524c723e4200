// `npm run bench`: figures beside their references, measured in turn in the same run; medians. Not a
// test: it prints what it saw and judges nothing but the ratio against the target.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineState } from './world/engine.mjs';
import { until, withWorld } from './world/scenario.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
const rows = [];
const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];

function row(figure, ours, reference, target, unit = 'ms') {
  const ratio = ours / reference;
  const shown = (value) => `${value.toFixed(1)} ${unit}`;
  rows.push(`| ${figure} | ${shown(ours)} | ${shown(reference)} | ${ratio.toFixed(2)} | ${target} | ${ratio <= target ? 'met' : 'missed'} |`);
}

function timed(program, args, env, cwd) {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, { env, cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - began) / 1e6;
}

/** Two things in turn, n times: their medians. */
function inTurn(n, one, two) {
  const [ones, twos] = [[], []];
  for (let at = 0; at < n; at += 1) {
    ones.push(one(at));
    twos.push(two(at));
  }
  return [median(ones), median(twos)];
}

function statusEnv(folder) {
  const files = Object.fromEntries(['OUTPUT', 'STEP_SUMMARY'].map((name) => [`GITHUB_${name}`, join(folder, name)]));
  for (const file of Object.values(files)) writeFileSync(file, '');
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  return { ...env, ...files, INPUT_MODE: 'status', 'INPUT_STATE-DIR': join(folder, 'state') };
}

function coldStart(folder, node) {
  const env = statusEnv(folder);
  const n = quick ? 9 : 31;
  const main = join(ROOT, 'dist/main.js');
  const [ours, reference] = inTurn(n, () => timed(node, [main], env), () => timed(node, ['-e', '0'], env));
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  row(`cold start of \`mode: status\`, empty state, Node ${version}`, ours, reference, 1.5);
}

/** A ledger of n entries as the action writes it: real entries, snapshots included, counted on. */
function ledgerOf(entries, n) {
  const lines = [];
  for (let seq = 1; seq <= n; seq += 1) {
    const entry = entries[(seq - 1) % entries.length];
    lines.push(JSON.stringify({ ...entry, seq }));
  }
  return `${lines.join('\n')}\n`;
}

function longLedger(folder, entries) {
  const settled = entries.filter(({ fact }) => !fact.watching && !fact.snapshot);
  const env = (n) => {
    const state = join(folder, `state-${n}`);
    mkdirSync(join(state, 'preprod'), { recursive: true });
    writeFileSync(join(state, 'preprod/ledger.jsonl'), n > 10 ? ledgerOf(entries, n) : ledgerOf(settled, n));
    return { ...statusEnv(folder), 'INPUT_STATE-DIR': state, INPUT_ENVIRONMENT: 'preprod', 'INPUT_DRY-RUN': 'true' };
  };
  const [few, many] = [env(10), env(100_000)];
  const run = (of) => () => timed(process.execPath, [join(ROOT, 'dist/main.js')], of);
  const [ours, reference] = inTurn(quick ? 5 : 15, run(many), run(few));
  row('`status`, ledger of 100,000 entries against 10', ours, reference, 1.5);
}

const SCRIPT = `set -e
cd "$VM"; git rev-parse --is-shallow-repository --absolute-git-dir --show-toplevel >/dev/null; git rev-parse --verify HEAD >/dev/null
git config --get remote.origin.url >/dev/null
git fetch --quiet --no-tags origin +refs/heads/main:refs/remotes/origin/main "$SHA"
git rev-parse --verify refs/remotes/origin/main >/dev/null; git merge-base --is-ancestor "$SHA" origin/main; git merge-base --is-ancestor HEAD "$SHA"
git log -1 --format=%H%x00%an%x00%s "$SHA" >/dev/null
git status --porcelain=v2 -z --untracked-files=no >/dev/null; git diff --name-only -z --diff-filter=A HEAD "$SHA" >/dev/null
git diff --name-only -z HEAD "$SHA" >/dev/null; id=$(docker ps -aq --filter "label=com.docker.compose.project.working_dir=$VM")
git reset --hard --quiet "$SHA"; git rev-parse HEAD >/dev/null
docker compose -f docker-compose.yml restart >/dev/null 2>&1
docker inspect "$id" >/dev/null
for i in $(seq 100); do curl -fsS "$URL" >/dev/null 2>&1 && exit 0; sleep 0.05; done; exit 1`;

async function wholeDeploy() {
  await withWorld({ engine: 'real-v2' }, async (world) => {
    Object.assign(world.inputs, { watch: 'none', 'discord-webhook': null });
    let version = 1;
    await world.runAction({ mode: 'deploy', sha: world.release({ version: (version += 1) }) });
    const [ours, theirs] = [[], []];
    for (let at = 0; at < (quick ? 3 : 9); at += 1) {
      const result = await world.runAction({ mode: 'deploy', sha: world.release({ version: (version += 1) }) });
      if (result.outputs.result !== 'deployed') throw new Error(result.stdout);
      ours.push(result.ms);
      const sha = world.release({ version: (version += 1) });
      theirs.push(timed('bash', ['-c', SCRIPT], { ...process.env, ...world.engine.env, VM: world.vm, SHA: sha, URL: world.url }));
    }
    row('a whole deploy against the same commands in a shell script (Compose 2)', median(ours), median(theirs), 1.15);
  });
}

const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const ticks = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((sum, one) => sum + Number(one), 0);

async function watcherAtRest(folder) {
  const { spawn } = await import('node:child_process');
  const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)']);
  let entries = [];
  await withWorld({}, async (world) => {
    const first = world.release({ version: 2 });
    world.github.addRun({ sha: first, status: 'completed', conclusion: 'success' });
    await world.runAction({ mode: 'deploy', sha: first, inputs: { watch: 'inline', 'ci-interval': '100ms' } });
    // Until the action itself has written a snapshot, as every long ledger has them.
    for (let version = 10; !world.ledger().some(({ fact }) => fact.snapshot); version += 1) {
      await world.runAction({ mode: 'deploy', sha: world.release({ version }), inputs: { watch: 'none' } });
    }
    entries = world.ledger();
    const sha = world.release({ version: 3 });
    world.github.addRun({ sha, status: 'in_progress' });
    await world.runAction({ mode: 'deploy', sha, inputs: { watch: 'detached', 'watch-token': world.token, 'ci-interval': '10s' } });
    const [watcher] = await until(() => world.leftovers().length > 0 && world.leftovers(), 'the watcher');
    await new Promise((done) => setTimeout(done, 3000));
    const [cpu, asked] = [ticks(watcher.pid), world.github.requests.length];
    await new Promise((done) => setTimeout(done, quick ? 5000 : 20_000));
    row('resident memory of a watcher at rest against an idle Node', rss(watcher.pid), rss(idle.pid), 1.4, 'MiB');
    rows.push(`| CPU of that watcher, ${quick ? 5 : 20} s | ${(ticks(watcher.pid) - cpu) * 10} ms in ${world.github.requests.length - asked} looks | | | | |`);
  });
  idle.kill();
  longLedger(folder, entries);
}

function sizes() {
  const lines = (folder, fits) => readdirSync(join(ROOT, folder), { recursive: true }).filter(fits)
    .reduce((sum, name) => sum + readFileSync(join(ROOT, folder, name), 'utf8').split('\n').length - 1, 0);
  const dist = readdirSync(join(ROOT, 'dist')).map((name) => statSync(join(ROOT, 'dist', name)).size);
  const wasm = statSync(join(ROOT, 'dist/mangetamain_deploy_bg.wasm')).size;
  rows.push(`| sizes | wasm ${(wasm / 1000).toFixed(0)} kB, dist ${(dist.reduce((a, b) => a + b) / 1000).toFixed(0)} kB, src ${lines('src', (name) => name.endsWith('.rs'))} lines, js ${lines('js', (name) => name.endsWith('.js'))} lines | | | | |`);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mangetamain-deploy/node24/node_modules/node/bin/node');
  const node24 = [process.env.WORLD_NODE24, cache].find((one) => one && existsSync(one));
  for (const node of [process.execPath, node24].filter(Boolean)) coldStart(folder, node);
  if (engineState().v2) await wholeDeploy();
  await watcherAtRest(folder);
  sizes();
  console.log(`\n${cpus().length} cores, ${cpus()[0]?.model}\n\n| figure | ours | reference | ratio | target | |\n| --- | ---: | ---: | ---: | ---: | --- |\n${rows.join('\n')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
