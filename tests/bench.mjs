// `npm run bench`: figures beside their references, measured in turn in the same run; medians. Not a
// test: it ends with 0 whenever it could measure, whatever it measured. `--quick`: few rounds. `--only=start,ledgers,
// deploy,backup,health,watcher,sizes`: a part of it.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeDeploy } from './bench/deploy.mjs';
import { health } from './bench/health.mjs';
import { sizes } from './bench/sizes.mjs';
import { backup } from './bench/backup.mjs';
import { coldStart, ledgers } from './bench/start.mjs';
import { leftOut, node24, quick, table } from './bench/table.mjs';
import { watcher } from './bench/watcher.mjs';
import { engineState } from './world/engine.mjs';

const PARTS = { start: coldStart, ledgers, deploy: wholeDeploy, backup, health, watcher, sizes };
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length).split(',');
const load = () => loadavg()[0].toFixed(2);

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
  const { docker, v2 } = engineState();
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, engine ${docker ?? 'none'}, Compose ${v2 ?? 'none'}`;
  console.log(`\n${machine}\nNode ${process.versions.node}${node24 ? ' and 24' : ', no 24 found'}; load ${before} before, ${load()} after; ${((Date.now() - began) / 1000).toFixed(0)} s${quick ? ', quick' : ''}\n`);
  if (before > 1.5) console.log('The machine was busy before this began: ratios hold roughly, milliseconds do not.\n');
  console.log(table());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
