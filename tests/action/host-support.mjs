// What the tests of the shim share: a host, a folder of its own for each test file, and the doors, built
// with core.cjs in the place of the core.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { bundle, root } from '../../js/build.mjs';

const { createHost } = createRequire(import.meta.url)('../../js/host.js');
const host = createHost(
  () => {},
  () => {},
);
export const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'host-'));
export const dist = path.join(temporary, 'dist');
export const at = (name) => path.join(temporary, name);

/** A reply as the core reads it, back in the shim's own words: its name beside what it holds. */
export function named(reply) {
  if (typeof reply === 'string') return { is: reply };
  const [[is, held]] = Object.entries(reply);
  return { is, ...held };
}

export const perform = async (command) => named(await host.perform(command));
export const RUN = { do: 'run', args: [], env: {}, drop: [], limit_ms: 20000, cap: 1000 };
export const sh = (script, more) => perform({ ...RUN, program: 'sh', args: ['-c', script], ...more });

after(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** Asks again until the answer is a true one: for what the system does in its own time. */
export async function until(ask) {
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    const seen = await ask();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never true: ${ask}`);
}

export const text = (name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8') : '');

export function alive(pid) {
  try {
    // A zombie has ended.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

export const lines = (...commands) => commands.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');

export function door(file, { commands = [], env = {}, flags = [] }) {
  const script = lines(...commands);
  const args = file === 'cli.js' ? script.split('\n') : [];
  const inputs = file === 'main.js' ? { INPUT_SCRIPT: script } : {};
  const child = spawn(process.execPath, [...flags, path.join(dist, file), ...args], {
    env: { ...process.env, GITHUB_OUTPUT: '', GITHUB_STEP_SUMMARY: '', ...inputs, ...env },
  });
  const seen = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (seen.stdout += chunk));
  child.stderr.on('data', (chunk) => (seen.stderr += chunk));
  seen.ended = once(child, 'close').then(([code]) => Object.assign(seen, { code }));
  return seen;
}

/** Builds the doors once, with core.cjs in the place of the core. */
export const buildDoors = () => before(() => bundle(dist, path.join(root, 'tests/action/core.cjs')));
