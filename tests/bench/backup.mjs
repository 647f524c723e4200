// A backup of many files against `cp -a` and `sha256sum` of the same: how long, and how much memory our
// own process takes. Everything else of a promote (git, compose, health) is little beside it, and is
// in the time of ours.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProduction, candidate, productionInputs } from '../action/production.mjs';
import { compared, limited, median, node, quick, times } from './table.mjs';

const FILES = quick ? 5_000 : 100_000;
const BYTES = (quick ? 100 : 2048) * 1024 * 1024;
const FOLDERS = 500;

/** Files of an even size, with content that differs, in folders of a few levels. */
function makeTree(at) {
  const size = Math.floor(BYTES / FILES);
  const content = Buffer.alloc(size);
  for (let fill = 0; fill < size; fill += 4) content.writeUInt32LE((fill * 2654435761) >>> 0, Math.min(fill, size - 4));
  for (let folder = 0; folder < FOLDERS; folder += 1) mkdirSync(join(at, `d${folder % 20}`, `e${folder}`), { recursive: true });
  for (let file = 0; file < FILES; file += 1) {
    content.writeUInt32LE(file, 0);
    const folder = file % FOLDERS;
    writeFileSync(join(at, `d${folder % 20}`, `e${folder}`, `f${file}`), content);
  }
}

const seconds = (began) => (Date.now() - began) / 1000;

/** What a person would type: a copy, and the sums of what was copied. */
function byHand(from, to) {
  rmSync(to, { recursive: true, force: true });
  execFileSync('sync');
  const began = Date.now();
  execFileSync('cp', ['-a', from, to]);
  execFileSync('sh', ['-c', 'find . -type f -exec sha256sum -- {} + > ../sums'], { cwd: to });
  return seconds(began);
}

export async function backup() {
  return withProduction({ engine: 'none', running: false }, async (world) => {
    const tree = join(world.root, 'tree');
    makeTree(tree);
    const bare = { 'compose-file': null, url: null, 'backup-paths': tree, 'discord-webhook': null };
    const [took, peaks, hands] = [[], [], []];
    for (let round = 0; round < times(3, 1); round += 1) {
      const sha = await candidate(world, round + 2);
      hands.push(byHand(tree, join(world.root, 'copy')));
      rmSync(join(world.root, 'copy'), { recursive: true });
      const file = join(world.root, 'peak.cjs');
      writeFileSync(file, `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(`${file}.kib`)}, String(process.resourceUsage().maxRSS)));\n`);
      // What was written before must not be waited for in our time.
      execFileSync('sync');
      const result = await world.runAction({ mode: 'promote', sha, node, inputs: { ...productionInputs(world), ...bare }, env: { NODE_OPTIONS: `--require ${file}` }, limit: 3_600_000 });
      if (result.outputs.result !== 'deployed') throw new Error(result.stdout + result.stderr);
      const ms = /^backup: (?:(\d+) min (\d+) s|([\d.]+) (ms|s)) /m.exec(result.log);
      took.push(ms[1] ? Number(ms[1]) * 60 + Number(ms[2]) : Number(ms[3]) / (ms[4] === 'ms' ? 1000 : 1));
      peaks.push(Number(execFileSync('cat', [`${file}.kib`], { encoding: 'utf8' })) / 1024);
    }
    const size = `${(BYTES / 2 ** 30).toFixed(1)} GiB in ${FILES.toLocaleString('en')} files`;
    compared(`a backup of ${size}, compared and on the disk, against \`cp -a\` and \`sha256sum\``, { ours: median(took), reference: median(hands), target: 1.5, unit: 's', n: took.length });
    limited('  the most memory that our process takes for it', { ours: Math.max(...peaks), limit: 150, unit: 'MiB' });
  });
}
