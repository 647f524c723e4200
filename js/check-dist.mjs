// Is dist/ what src/ and js/ build to, byte for byte? Names each file that is not.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const dist = join(root, 'dist');
const fresh = mkdtempSync(join(tmpdir(), 'dist-'));

function verdict(name) {
  const [committed, built] = [join(dist, name), join(fresh, name)];
  if (!existsSync(committed)) return 'missing';
  if (!existsSync(built)) return 'no longer built';
  return readFileSync(committed).equals(readFileSync(built)) ? null : 'stale';
}

try {
  await build(fresh);
  const names = [...new Set([dist, fresh].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])))].sort();
  const bad = names.map((name) => [name, verdict(name)]).filter(([, seen]) => seen);
  for (const [name, seen] of bad) console.error(`dist/${name}: ${seen}`);
  console.log(bad.length ? 'dist/ is not what the sources build to: npm run build, and commit dist/' : `dist/ is current: ${names.length} files`);
  process.exitCode = bad.length ? 1 : 0;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
