// A PATH in which some programs do not exist, to run the action on a machine without docker, or
// with one kind of compose only. Folders that hold such a program are replaced by folders of links.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** PATH without these programs; links are made below `folder`. */
export function pathWithout(names, folder, path = process.env.PATH) {
  const parts = [...new Set(path.split(':').filter((it) => it && existsSync(it)).map((it) => realpathSync(it)))];
  return parts.map((part, at) =>
    (names.some((name) => existsSync(join(part, name))) ? mirror(part, join(folder, `path-${at}`), names) : part)).join(':');
}

const shared = new Map();

/** The same, its links shared by all that this process asks for, until it ends: a PATH holds thousands of programs. */
export function sharedPathWithout(names) {
  const key = names.join();
  if (!shared.has(key)) {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'path-'));
    // A run may be another user's.
    chmodSync(folder, 0o755);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    shared.set(key, pathWithout(names, folder));
  }
  return shared.get(key);
}

function mirror(from, to, names) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (!names.includes(name)) symlinkSync(join(from, name), join(to, name));
  }
  return to;
}

/** A folder with the stand-in for `docker`, whose containers are kept in `engine`. */
export function standInFolder(folder, engine) {
  mkdirSync(folder, { recursive: true });
  const script = fileURLToPath(new URL('engine/docker-stand-in.mjs', import.meta.url));
  const text = `#!/bin/sh\nWORLD_ENGINE='${engine}' exec '${process.execPath}' '${script}' "$@"\n`;
  writeFileSync(join(folder, 'docker'), text, { mode: 0o755 });
  return folder;
}
