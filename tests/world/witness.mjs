// What the processes that a world's runs started were given. Every run, but for those that are measured, has a witness (witness.cjs) loaded
// before it; what those processes start themselves is seen where a world is traced (trace.mjs).
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WATCH = fileURLToPath(new URL('witness.cjs', import.meta.url));
const fileOf = (world) => join(world.root, 'started.jsonl');

/** Node's arguments that load the witness of this world. */
export function witness(world) {
  const preload = join(world.root, 'witness.cjs');
  if (!existsSync(preload)) {
    const call = `require(${JSON.stringify(WATCH)}).watch(${JSON.stringify(fileOf(world))});\n`;
    for (const [file, text] of [[preload, call], [fileOf(world), '']]) writeFileSync(file, text);
    // A run may be another user's.
    chmodSync(fileOf(world), 0o666);
  }
  return ['--require', preload];
}

/** From here on, nothing was started. */
export const forgetStarted = (world) => existsSync(fileOf(world)) && writeFileSync(fileOf(world), '');

// A run that is killed in the middle of its line has started nothing: it writes before it starts.
function told(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** [{args, env}] of what was started, the first first; the program is the first argument. */
export const started = (world) => (existsSync(fileOf(world)) ? readFileSync(fileOf(world), 'utf8') : '')
  .split('\n').filter(Boolean).flatMap(told);
