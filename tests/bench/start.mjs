// Cold starts of every mode that comes to its first decision without a network, on each Node; and `status`
// with a long ledger against a short one.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withWorld } from '../world/scenario.mjs';
import { compared, inTurn, node, node24, times, timed } from './table.mjs';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LENGTHS = [1_000, 100_000];

// NODE_EXTRA_CA_CERTS costs every Node up to 90 ms, whatever it runs.
function statusEnv(folder, more) {
  const files = Object.fromEntries(['OUTPUT', 'STEP_SUMMARY'].map((name) => [`GITHUB_${name}`, join(folder, name)]));
  for (const file of Object.values(files)) writeFileSync(file, '');
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  return { ...env, ...files, INPUT_MODE: 'status', 'INPUT_STATE-DIR': join(folder, 'empty'), ...more };
}

// A run of CI that settles nothing: it is a pull request's.
const STRAY = {
  action: 'completed', repository: { full_name: 'octo/app' },
  workflow_run: {
    id: 1, run_attempt: 1, status: 'completed', conclusion: 'success', event: 'pull_request', head_branch: 'main', path: '.github/workflows/ci.yml',
    head_sha: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', head_repository: { full_name: 'octo/app' },
  },
};

/** What each mode is given, up to which decision it comes with that, and how it ends. */
function startsOf(folder) {
  const event = join(folder, 'event.json');
  writeFileSync(event, JSON.stringify(STRAY));
  const place = { INPUT_ENVIRONMENT: 'preprod', 'INPUT_APP-PATH': folder };
  return [
    ['status', 'an empty state', {}],
    ['report', 'jobs that all succeeded', { INPUT_NEEDS: '{"tests":{"result":"success"}}' }],
    ['watch', 'an event that settles nothing', { ...place, GITHUB_EVENT_NAME: 'workflow_run', GITHUB_EVENT_PATH: event, GITHUB_REPOSITORY: 'octo/app' }],
    ['health', 'its plan (`dry-run`)', { ...place, 'INPUT_HEALTH-URL': 'http://127.0.0.1:9/', 'INPUT_DRY-RUN': 'true' }],
    ['deploy', 'inputs that are refused', { INPUT_ENVIRONMENT: 'preprod', INPUT_SHA: 'main' }, 2],
    ['rollback', 'inputs that are refused', { ...place, INPUT_TO: 'main' }, 2],
    ['promote', 'nothing is validated', { ...place, INPUT_ENVIRONMENT: 'prod', 'INPUT_BACKUP-PATHS': 'none', INPUT_CONFIRM: 'DEPLOY' }, 1],
    // Its first decisions are about the programs of the machine, whose own time is none of ours.
    ['doctor', 'its findings on a machine without a program', { PATH: join(folder, 'none'), GITHUB_REPOSITORY: '' }, 1],
  ];
}

export async function coldStart(folder) {
  const nothing = { GITHUB_SHA: '', GITHUB_EVENT_NAME: '', INPUT_TOKEN: '' };
  for (const one of new Set([node24, process.execPath].filter(Boolean))) {
    const major = one === process.execPath ? process.versions.node.split('.')[0] : '24';
    for (const [mode, upTo, given, exit = 0] of startsOf(folder)) {
      const env = statusEnv(folder, { ...nothing, INPUT_MODE: mode, ...given });
      const seen = await inTurn(times(21, 5), () => timed(one, [MAIN], { env, exit }), () => timed(one, ['-e', '0'], { env }));
      compared(`cold start of \`${mode}\`, to ${upTo}, against \`node -e 0\`, Node ${major}`, { ...seen, target: 1.4 });
    }
  }
}

/** Two real ledgers: a short one, and one with a full state and snapshots that the action wrote. */
async function realLedgers() {
  return withWorld({ engine: 'none', running: false }, async (world) => {
    const bare = { watch: 'none', 'discord-webhook': null };
    const deploy = (inputs, sha) => world.runAction({ mode: 'deploy', sha, inputs: { ...bare, ...inputs } });
    while (world.ledger('few').length < 10) await deploy({ environment: 'few' }, world.first);
    rmSync(join(world.vm, '.git/mangetamain-deploy'));
    const snapshots = () => world.ledger('many').filter(({ fact }) => fact.snapshot).length;
    // The state keeps 60 SHAs: by then its snapshots have their full size.
    for (let version = 2; version < times(64, 2) || snapshots() < 2; version += 1) {
      await deploy({ environment: 'many' }, world.release({ version }));
    }
    return { few: world.ledger('few'), many: world.ledger('many') };
  });
}

/**
 * `n` entries as the action writes them: what came between its last two snapshots, over and over,
 * counted on, and at the end everything but the next snapshot: the most that is ever to be read.
 */
function longLedger(many, n) {
  const marks = many.flatMap(({ fact }, at) => (fact.snapshot ? [at] : []));
  const cycle = many.slice(marks.at(-2) + 1, marks.at(-1) + 1);
  const begin = n - cycle.length + 2;
  const lines = [];
  for (let seq = 1; seq <= n; seq += 1) {
    // Turned so that the last line is the one before a snapshot.
    const { fact, ...entry } = cycle[(((seq - begin) % cycle.length) + cycle.length) % cycle.length];
    const counted = fact.snapshot ? { snapshot: { state: { ...fact.snapshot.state, seq: seq - 1 } } } : fact;
    lines.push(JSON.stringify({ ...entry, seq, fact: counted }));
  }
  return { text: `${lines.join('\n')}\n`, every: cycle.length, snapshot: Buffer.byteLength(JSON.stringify(cycle.at(-1))) };
}

export async function ledgers(folder) {
  const { few, many } = await realLedgers();
  const run = (name, text) => {
    const state = join(folder, `state-${name}`);
    mkdirSync(join(state, 'preprod'), { recursive: true });
    writeFileSync(join(state, 'preprod/ledger.jsonl'), text);
    const env = statusEnv(folder, { 'INPUT_STATE-DIR': state, INPUT_ENVIRONMENT: 'preprod' });
    return () => timed(node, [MAIN], { env });
  };
  const short = run('few', `${few.map((entry) => JSON.stringify(entry)).join('\n')}\n`);
  for (const length of LENGTHS) {
    const long = longLedger(many, length);
    const seen = await inTurn(times(21, 5), run(`of-${length}`, long.text), short);
    const size = `${(long.text.length / 1e6).toFixed(1)} MB, a snapshot of ${(long.snapshot / 1000).toFixed(0)} kB every ${long.every} entries`;
    compared(`\`status\` with ${length.toLocaleString('en')} entries in the ledger (${size}) against ${few.length}`, { ...seen, target: 1.5 });
  }
}
