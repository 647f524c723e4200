// A backup of many files against `cp -a` and `sha256sum` of the same: how long, and how much memory our
// own process takes. Everything else of a promote (git, compose, health) is little beside it, and is
// in the time of ours.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProduction, candidate, productionInputs } from '../action/production.mjs';
import { compared, inTurn, limited, node, quick, times } from './table.mjs';

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

/**
 * What a person would type: a copy, and the sums of what was copied. Nothing that was copied is removed before all is
 * measured: ext4 passes over each inode that was freed in the last minutes when it looks for a free one
 * (`recently_deleted` in fs/ext4/ialloc.c), so that after 100,000 removed files the same `cp` takes 5 to 60 s.
 */
function byHand(from, to) {
  // What was written before must not be waited for in this time, nor in ours.
  execFileSync('sync');
  const began = Date.now();
  execFileSync('cp', ['-a', from, to]);
  execFileSync('sh', ['-c', 'find . -type f -exec sha256sum -- {} + > ../sums'], { cwd: to });
  return (Date.now() - began) / 1000;
}

export async function backup() {
  return withProduction({ engine: 'none', running: false }, async (world) => {
    const tree = join(world.root, 'tree');
    makeTree(tree);
    const peaks = [];
    const kept = join(world.root, 'kept');
    mkdirSync(kept);
    let version = 1;
    let copies = 0;
    const ours = async () => {
      const sha = await candidate(world, (version += 1));
      const { took, peak } = await measured(world, sha, tree);
      peaks.push(peak);
      renameSync(world.prod.backups, join(kept, `backups${version}`));
      return took;
    };
    const theirs = () => byHand(tree, join(kept, `copy${(copies += 1)}`));
    const seen = await inTurn(times(3, 2), ours, theirs);
    const size = `${(BYTES / 2 ** 30).toFixed(1)} GiB in ${FILES.toLocaleString('en')} files`;
    compared(`a backup of ${size}, compared and on the disk, against \`cp -a\` and \`sha256sum\``, { ...seen, target: 1.5, unit: 's' });
    limited('  the most memory that our process takes for it', { ours: Math.max(...peaks), limit: 150, unit: 'MiB' });
    // A world is looked through for secrets at its end, and this is too much to be read.
    for (const much of [tree, kept]) rmSync(much, { recursive: true });
  });
}

/** The time of a promote's backup as its log tells it, and the most memory that the action took, MiB. */
async function measured(world, sha, tree) {
  const file = join(world.root, 'peak');
  writeFileSync(`${file}.cjs`, `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));\n`);
  const inputs = { ...productionInputs(world), 'compose-file': null, url: null, 'backup-paths': tree, 'discord-webhook': null };
  execFileSync('sync');
  const result = await world.runAction({ mode: 'promote', sha, node, inputs, env: { NODE_OPTIONS: `--require ${file}.cjs` }, limit: 3_600_000 });
  if (result.outputs.result !== 'deployed') throw new Error(result.stdout + result.stderr);
  const [, minutes, seconds, short, unit] = /^backup: (?:(\d+) min (\d+) s|([\d.]+) (ms|s)) /m.exec(result.log);
  const took = minutes ? Number(minutes) * 60 + Number(seconds) : Number(short) / (unit === 'ms' ? 1000 : 1);
  return { took, peak: Number(readFileSync(file, 'utf8')) / 1024 };
}
