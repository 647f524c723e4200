// What our processes start, and what those start in turn, however it is started: a world that is traced has
// strace before each of its runs. A process of ours is node with a file of the committed bundle.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { found } from './lint.mjs';

const STRACE = found('strace');
const FLAGS = [
  '-D', '-f', '--seccomp-bpf', '-q', '-v', '-s', '65536', '-e', 'trace=execve,execveat,clone,clone3,fork,vfork', '-e', 'signal=none',
];
const works = STRACE && spawnSync(STRACE, [...FLAGS, '-o', '/dev/null', 'true']).status === 0;
/** Why nothing can be traced here, or false. */
export const noTrace = works ? false : 'strace is not here, or may trace nothing (apt-get install strace): what grandchildren are given is not seen';

const folderOf = (world) => join(world.root, 'traces');

/**
 * What stands before a program of a traced world; nothing where nothing can be traced. The program keeps its pid,
 * its signals and its exit code (-D). The tracer lives as long as any descendant, closes its first two streams and
 * no other: so it is given the errors' stream as its first, and who reads the errors does not wait for it. By bash:
 * dash drops variables with a hyphen in their names, as inputs have.
 */
export function tracer(world) {
  if (!world.traced || noTrace) return [];
  mkdirSync(folderOf(world), { recursive: true });
  const file = join(folderOf(world), randomBytes(4).toString('hex'));
  const bash = (redirected) => ['/bin/bash', '-c', `exec "$@" ${redirected}`, 'bash'];
  return [...bash('0<&2 2>/dev/null'), STRACE, ...FLAGS, '-o', file, ...bash('2>&0 </dev/null')];
}

/** [{args, env, asks}] of every process below ours; `asks`: it is our git that asks the remote, or below that. */
export function traced(world) {
  const files = existsSync(folderOf(world)) ? readdirSync(folderOf(world)) : [];
  return files.flatMap((name) => below(readFileSync(join(folderOf(world), name), 'latin1')));
}

const STRING = String.raw`"([^"\\]*(?:\\.[^"\\]*)*)"`;
const LIST = String.raw`\[((?:"[^"\\]*(?:\\.[^"\\]*)*"(?:, )?)*)\]`;
const EXEC = new RegExp(String.raw`^execve(?:at)?\((?:\w+, )?${STRING}, ${LIST}, ${LIST}`);
const UNREAD = /^execve(?:at)?\(0x.*<unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. execve(?:at)? resumed>.* = 0(?: |$)/;
const CHARACTERS = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };
const character = (whole, code) => CHARACTERS[code] ?? (/\d/.test(code) ? String.fromCharCode(parseInt(code, 8)) : code);
const plain = (text) => Buffer.from(text.replace(/\\([0-7]{1,3}|.)/g, character), 'latin1').toString();
const strings = (list) => [...list.matchAll(new RegExp(STRING, 'g'))].map(([, text]) => plain(text));

/** The programs that a trace has, the first first: [{process, program, args, env}]. A process is {parent}. */
function programs(trace) {
  const [living, strays, unread, found] = [new Map(), new Map(), new Set(), []];
  const at = (pid) => living.get(pid) ?? living.set(pid, {}).get(pid);
  // A child can have begun, and ended, before its parent's call returns.
  const born = (parent, pid) => {
    const known = [living.get(pid), strays.get(pid)].find((one) => one && !one.parent);
    if (known) known.parent = at(parent);
    else living.set(pid, { parent: at(parent) });
  };
  const ended = (pid) => {
    strays.set(pid, living.get(pid));
    living.delete(pid);
    unread.delete(pid);
  };
  for (const line of trace.split('\n').slice(0, -1)) {
    const [, pid, event] = /^(\d+) +(.*)$/.exec(line);
    const child = /^(?:<\.\.\. )?(?:clone3?|v?fork)\b.* = (\d+)(?: |$)/.exec(event)?.[1];
    if (child) born(pid, child);
    if (/^\+\+\+ (?:exited|killed|superseded)/.test(event)) ended(pid);
    // Killed as it called: there is nothing to be read of it, and nothing was started.
    if (UNREAD.test(event)) unread.add(pid);
    if (RESUMED.test(event) && unread.has(pid)) throw new Error(`a program was started of which the trace tells nothing: process ${pid}`);
    if (!/^execve/.test(event) || / = -1 /.test(event) || UNREAD.test(event)) continue;
    const parts = EXEC.exec(event);
    if (!parts) throw new Error(`a line of the trace is not understood: ${event.slice(0, 300)}`);
    found.push({ process: at(pid), program: plain(parts[1]), args: strings(parts[2]), env: strings(parts[3]) });
  }
  return found;
}

const OURS = /\/dist\/(main|cli|watcher)\.js$/;
const isOurs = ({ program, args }) => /\/node$/.test(program) && args.some((word) => OURS.test(word));

/** Whether these are the words of a git that asks the remote. */
export const asksRemote = ([program, ...args]) => program === 'git' && args.some((word) => ['fetch', 'submodule', 'ls-remote'].includes(word));

const CHILD = { ours: 'below', below: 'below', asks: 'asks' };
const kind = (process) => process && (process.kind ?? CHILD[kind(process.parent)]);

function below(trace) {
  return programs(trace).flatMap(({ process, program, args, env }) => {
    const before = kind(process);
    if (isOurs({ program, args })) process.kind = 'ours';
    else if (before === 'below' && asksRemote(args)) process.kind = 'asks';
    return before === 'below' || before === 'asks' ? [{ args, env, asks: process.kind === 'asks' || before === 'asks' }] : [];
  });
}
