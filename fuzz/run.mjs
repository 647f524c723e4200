// Runs fuzz targets one after the other, so many executions each, and says how many there were:
// `node fuzz/run.mjs [executions] [target ...]`. The inputs kept in corpus/ are read, never written: what
// is found on the way goes to found/, and an input that breaks something to artifacts/, both ignored by git.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FUZZ = fileURLToPath(new URL('.', import.meta.url));
const [executions = '600000', ...chosen] = process.argv.slice(2);
const targets = chosen.length > 0 ? chosen : readdirSync(join(FUZZ, 'corpus')).sort();

/** Builds all of them; on a stable compiler, which libFuzzer's hooks need this leave for. */
function build() {
  const env = { ...process.env, RUSTC_BOOTSTRAP: '1' };
  execFileSync('cargo', ['fuzz', 'build', '--sanitizer', 'none'], { cwd: FUZZ, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const host = /^host: (.*)$/m.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
  return join(FUZZ, 'target', host, 'release');
}

function run(folder, target) {
  const [found, artifacts] = ['found', 'artifacts'].map((name) => join(FUZZ, name, target));
  for (const made of [found, artifacts]) mkdirSync(made, { recursive: true });
  const limits = [`-runs=${executions}`, '-timeout=10', '-rss_limit_mb=1024', '-max_len=8192'];
  const args = [...limits, '-print_final_stats=1', '-verbosity=0', `-artifact_prefix=${artifacts}/`, found, join(FUZZ, 'corpus', target)];
  const began = Date.now();
  const { status, stderr } = spawnSync(join(folder, target), args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const count = Number(/number_of_executed_units: (\d+)/.exec(stderr)?.[1] ?? 0);
  const seconds = Math.max(1, Math.round((Date.now() - began) / 1000));
  console.log(`${target.padEnd(14)} ${String(count).padStart(10)} executions ${String(seconds).padStart(6)} s ${status === 0 ? '' : `BROKEN:\n${stderr.slice(-4000)}`}`);
  return { count, broken: status !== 0 };
}

const folder = build();
const results = targets.map((target) => run(folder, target));
console.log(`${results.reduce((sum, { count }) => sum + count, 0)} executions in all`);
process.exit(results.some(({ broken }) => broken) ? 1 : 0);
