// `npm run bench`: figures beside their references, measured in turn in the same run; medians. Not a
// test: it ends with 0 whenever it could measure, whatever it measured. `--quick`: few rounds. `--only=start,ledgers,
// deploy,backup,health,watcher,page,sizes`: a part of it. `--record`: docs/BENCHMARKS.md is written anew.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeDeploy } from './bench/deploy.mjs';
import { health } from './bench/health.mjs';
import { sizes } from './bench/sizes.mjs';
import { backup } from './bench/backup.mjs';
import { page } from './bench/page.mjs';
import { coldStart, ledgers } from './bench/start.mjs';
import { leftOut, node24, quick, table } from './bench/table.mjs';
import { watcher } from './bench/watcher.mjs';
import { engineState } from './world/engine.mjs';

const PARTS = { start: coldStart, ledgers, deploy: wholeDeploy, backup, health, watcher, page, sizes };
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length).split(',');
const strange = [
  ...process.argv.slice(2).filter((word) => !['--quick', '--record'].includes(word) && !word.startsWith('--only=')),
  ...(only ?? []).filter((name) => !(name in PARTS)),
];
if (strange.length > 0) {
  console.error(`${strange.join(', ')}: not known. --quick, --record, --only=${Object.keys(PARTS).join(',')}`);
  process.exit(2);
}
const load = () => loadavg()[0].toFixed(2);

/** Where and how it was measured, in lines. */
function conditions() {
  const { docker, v2 } = engineState();
  const nodes = `Node ${process.versions.node}${node24 ? ' and 24' : ', no 24 found'}`;
  const how = `${((Date.now() - began) / 1000).toFixed(0)} s${quick ? ', few rounds (`--quick`)' : ''}${only ? `, of the parts ${only.join(', ')} only` : ''}`;
  return [
    `- ${new Date(began).toISOString().slice(0, 16).replace('T', ' ')} UTC, in ${how}`,
    `- ${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, engine ${docker ?? 'none'}, Compose ${v2 ?? 'none'}`,
    `- ${nodes}; load ${before} before, ${load()} after`,
    ...(before > 1.5 ? ['- **The machine was busy before this began**: ratios hold roughly, milliseconds do not.'] : []),
  ];
}

/** What no run measures anew: bench/tried.md, kept by hand. */
const tried = readFileSync(new URL('bench/tried.md', import.meta.url), 'utf8');

/** docs/BENCHMARKS.md. */
const record = (told) => `# Benchmarks

What the last recorded run of \`npm run bench -- --record\` measured; this page is written by it. Each figure stands
beside its reference, measured in turn with it in the same run; medians. The ratio is what to look at:
milliseconds are the machine's.

${told}

${tried}`;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const [began, before] = [Date.now(), load()];
try {
  for (const name of Object.keys(PARTS).filter((one) => !only || only.includes(one))) {
    await PARTS[name](folder).catch((error) => {
      leftOut(`the part \`${name}\``, error.message.split('\n')[0]);
      console.error(error);
      process.exitCode = 1;
    });
  }
  const told = [...conditions(), '', table()].join('\n');
  console.log(`\n${told}`);
  if (process.argv.includes('--record')) writeFileSync(new URL('../docs/BENCHMARKS.md', import.meta.url), record(told));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
