// The linters of workflows, where this machine has them, and how files are laid out for them: our own
// action as a local one, and others by their major version, so that actionlint knows their inputs.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOOLS = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mangetamain-deploy/venv/bin');

/** Where a program of the tests' own is, if this machine has it: named, in the tools' folder, or in PATH. */
export function found(name) {
  const folders = [TOOLS, ...(process.env.PATH ?? '').split(':')];
  const named = process.env[`MANGETAMAIN_${name.toUpperCase()}`];
  return [named, ...folders.map((folder) => join(folder, name))].find((place) => place && existsSync(place));
}

export const actionlint = found('actionlint');
export const zizmor = found('zizmor');

/** A folder for `work`, gone afterwards. */
export function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function write(folder, file, text) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** Fails with actionlint's words where one of these [file, text] is not as it should be. */
export function checkWorkflows(workflows) {
  inFolder((folder) => {
    execFileSync('git', ['init', '-q', folder]);
    cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'));
    write(folder, 'dist/main.js', '');
    for (const [file, text] of workflows) {
      write(folder, file, text.replace(/uses: org\/\S+/g, 'uses: ./').replace(/@[0-9a-f]{40} # (v\d+)/g, '@$1 # '));
    }
    execFileSync(actionlint, workflows.map(([file]) => file), { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  });
}
