// A library that the app has as a submodule, and what is asked of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git, makeRepository } from '../world/git.mjs';

const ALLOWED = ['-c', 'protocol.file.allow=always'];
/** What the library says on the machine. */
export const inLib = (world) => readFileSync(join(world.vm, 'lib/lib.txt'), 'utf8').trim();

/** A library that the app has as its submodule `lib`, in the next release. */
export function withSubmodule(world) {
  // git refuses to fetch a submodule from a path unless the machine allows it.
  writeFileSync(join(world.home, '.gitconfig'), '[protocol "file"]\n\tallow = always\n');
  const lib = makeRepository(join(world.root, 'lib'), { 'lib.txt': 'one\n' });
  world.repository.git(...ALLOWED, 'submodule', '--quiet', 'add', `file://${lib.origin}`, 'lib');
  return lib;
}

/** Has the next release pin this commit of the library. */
export function pin(world, lib, sha) {
  const checkout = join(world.repository.author, 'lib');
  git(checkout, ...ALLOWED, 'fetch', '-q', lib.author, sha);
  git(checkout, 'checkout', '-q', sha);
}
