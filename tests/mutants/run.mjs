// `npm run mutants`: breaks each rule in a copy of the sources (`changes.mjs`), and lets the suites that are
// to notice run on it; the simulation, which takes longest, where no other did. Prints the table of which
// did, with the length of the model's story; `--write` puts it into tests/README.md. Arguments beside that
// are rules, to run these only. Fails when a change does not apply or nobody noticed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changes } from './changes.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TREE = join(ROOT, 'target/mutants/tree');
const COPIED = ['src', 'tests', 'examples', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'clippy.toml'];
const SUITES = ['rules::machine', 'rules::verdict', 'rules::state', 'rules::promote', 'rules::anew', 'model'];
const LAST = 'simulation';
const MARK = '<!-- mutants -->';
// What a suite takes unharmed, many times over: a change may make it run for ever.
const LIMIT_MS = 15 * 60_000;

/** One of the suites on the sources as they stand; tells its whole output. */
function test(suite) {
  const env = { ...process.env, CARGO_TARGET_DIR: join(ROOT, 'target/mutants/build'), CARGO_INCREMENTAL: '1', RUST_BACKTRACE: '0' };
  delete env.MANGETAMAIN_MODEL;
  delete env.MANGETAMAIN_SEEDS;
  // A program of cargo's, and in it a module.
  const [program, module] = suite.split('::');
  const args = ['test', '--quiet', '--locked', '--profile', 'mutants', '--test', program, ...(module ? [`${module}::`] : [])];
  const { status, stdout, stderr } = spawnSync('cargo', args, { cwd: TREE, env, encoding: 'utf8', timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 28 });
  const text = `${stdout}\n${stderr}`;
  if (/^error(\[E\d+\])?: /m.test(text) && !/^test result/m.test(text)) throw new Error(`it does not build:\n${text.slice(0, 3000)}`);
  return { passed: status === 0, text };
}

/** What broke, shortest story first, in a few words. */
function told(suite, text) {
  if (suite === 'model') {
    const stories = [...text.matchAll(/model\/explore\.rs:\d+:\d+:\n(.*)\n[\s\S]*?\n {2}= (\d+) steps/g)].map(([, rule, steps]) => ({ rule, steps: Number(steps) }));
    const [shortest] = stories.sort((one, other) => one.steps - other.steps);
    return shortest ? `${shortest.steps} steps: ${shortest.rule}` : 'a good thing is never reached, or the number of situations';
  }
  const names = [...text.matchAll(/^---- (.*) stdout ----$/gm)].map(([, name]) => name.split('::').pop());
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return names.length > 0 ? `\`${names[0]}\`${more}` : 'it never ends';
}

function broken(change) {
  for (const { file, before, after } of change.edits) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    if (text.split(before).length !== 2) throw new Error(`${file} does not hold this exactly once:\n${before}`);
    const now = readFileSync(join(TREE, file), 'utf8');
    writeFileSync(join(TREE, file), now.replace(before, () => after));
  }
  try {
    const noticed = (suites) => suites.map((suite) => ({ suite, ...test(suite) })).filter((one) => !one.passed);
    const soon = noticed(SUITES);
    return soon.length > 0 ? soon : noticed([LAST]);
  } finally {
    for (const { file } of change.edits) writeFileSync(join(TREE, file), readFileSync(join(ROOT, file)));
  }
}

function row(change, noticed) {
  const names = noticed.map(({ suite }) => suite).join(', ');
  const model = noticed.find(({ suite }) => suite === 'model');
  const first = model ?? noticed[0];
  return `| ${change.rule} | ${change.what} | ${names || '**nobody**'} | ${first ? told(first.suite, first.text) : ''} |`;
}

function write(rows) {
  const path = join(ROOT, 'tests/README.md');
  const parts = readFileSync(path, 'utf8').split(MARK);
  if (parts.length !== 3) throw new Error(`tests/README.md must hold ${MARK} twice`);
  writeFileSync(path, [parts[0], `\n${rows.join('\n')}\n`, parts[2]].join(MARK));
}

function main() {
  const asked = process.argv.slice(2);
  const rules = asked.filter((one) => one !== '--write');
  // Each rule once before any a second time.
  const turn = (change) => changes.filter(({ rule }) => rule === change.rule).indexOf(change);
  const all = [...changes].sort((one, other) => turn(one) - turn(other));
  const wanted = all.filter(({ rule }) => rules.length === 0 || rules.includes(rule));
  rmSync(TREE, { recursive: true, force: true });
  mkdirSync(TREE, { recursive: true });
  for (const name of COPIED) cpSync(join(ROOT, name), join(TREE, name), { recursive: true });
  const unharmed = SUITES.filter((suite) => !test(suite).passed);
  if (unharmed.length > 0) throw new Error(`these fail without any change: ${unharmed.join(', ')}`);
  const head = ['| rule | what is changed | noticed by | the shortest story, or the first test |', '| --- | --- | --- | --- |'];
  const rows = new Map();
  let survived = 0;
  for (const change of wanted) {
    const noticed = broken(change);
    survived += noticed.length === 0 ? 1 : 0;
    rows.set(change, row(change, noticed));
    console.log(rows.get(change));
  }
  // It takes longest, and nothing is changed any more: what it noticed was the change, if it passes now.
  if ([...rows.values()].some((text) => text.includes(`| ${LAST} |`)) && !test(LAST).passed) throw new Error(`${LAST} fails without any change`);
  if (asked.includes('--write')) write([...head, ...changes.filter((one) => rows.has(one)).map((one) => rows.get(one))]);
  console.log(`\n${wanted.length - survived} of ${wanted.length} changes were noticed`);
  process.exitCode = survived > 0 ? 1 : 0;
}

main();
