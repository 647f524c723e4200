// `mode: status`: a cold start on an empty state, and a long ledger against a short one.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withWorld } from '../world/scenario.mjs';
import { compared, inTurn, node, node24, times, timed } from './table.mjs';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const LONG = 100_000;

// NODE_EXTRA_CA_CERTS costs every Node up to 90 ms, whatever it runs.
function statusEnv(folder, more) {
  const files = Object.fromEntries(['OUTPUT', 'STEP_SUMMARY'].map((name) => [`GITHUB_${name}`, join(folder, name)]));
  for (const file of Object.values(files)) writeFileSync(file, '');
  const { NODE_EXTRA_CA_CERTS, ...env } = process.env;
  return { ...env, ...files, INPUT_MODE: 'status', 'INPUT_STATE-DIR': join(folder, 'empty'), ...more };
}

export async function coldStart(folder) {
  const env = statusEnv(folder);
  for (const one of new Set([node24, process.execPath].filter(Boolean))) {
    const major = one === process.execPath ? process.versions.node.split('.')[0] : '24';
    const seen = await inTurn(times(41, 9), () => timed(one, [MAIN], { env }), () => timed(one, ['-e', '0'], { env }));
    compared(`cold start of \`mode: status\`, empty state, against \`node -e 0\`, Node ${major}`, { ...seen, target: 1.5 });
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
  const long = longLedger(many, LONG);
  const texts = { few: `${few.map((entry) => JSON.stringify(entry)).join('\n')}\n`, many: long.text };
  const run = (name) => {
    const state = join(folder, `state-${name}`);
    mkdirSync(join(state, 'preprod'), { recursive: true });
    writeFileSync(join(state, 'preprod/ledger.jsonl'), texts[name]);
    const env = statusEnv(folder, { 'INPUT_STATE-DIR': state, INPUT_ENVIRONMENT: 'preprod' });
    return () => timed(node, [MAIN], { env });
  };
  const seen = await inTurn(times(21, 5), run('many'), run('few'));
  const size = `${(long.text.length / 1e6).toFixed(0)} MB, a snapshot of ${(long.snapshot / 1000).toFixed(0)} kB every ${long.every} entries`;
  compared(`\`status\` with ${LONG.toLocaleString('en')} entries in the ledger (${size}) against ${few.length}`, { ...seen, target: 1.5 });
}
