// A file system of a test's own, mounted where it says, for those who may mount.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';

const mountable = process.getuid?.() === 0 && canMount();
/** What a test that mounts is given: it is left out, by name, where that is not allowed. */
export const needsMounts = { skip: mountable ? false : 'needs root and leave to mount' };

function canMount() {
  const at = `/tmp/mount-probe-${process.pid}`;
  mkdirSync(at);
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', at]).status === 0;
  if (isMounted) spawnSync('umount', [at]);
  rmSync(at, { recursive: true });
  return isMounted;
}

/** Mounts an empty tmpfs with these options (`size=3m`) at a folder while `work` runs. */
export async function mounted(at, options, work) {
  mkdirSync(at, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]);
  try {
    return await work();
  } finally {
    spawnSync('umount', ['--lazy', at]);
  }
}
