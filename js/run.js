// Processes. Not through @actions/exec: it gives no handle on its child, so no limit, no signal, no
// process group and no inherited file.
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const { Kept } = require('./tail.js');
const { timer } = require('./stop.js');

const [GRACE_AFTER_LIMIT_MS, GRACE_AFTER_STOP_MS] = [5000, 2000];
// A grandchild may hold the pipes open for ever.
const PIPES_AFTER_EXIT_MS = 500;

const matches = (name) => (item) => (item.endsWith('*') ? name.startsWith(item.slice(0, -1)) : name === item);
const environments = {};

// Our environment, without what `drop` names (picked once for each: 3 ms of a deploy), with what `set` adds.
exports.inherited = (drop, set) => {
  environments[drop] ??= Object.fromEntries(Object.entries(process.env).filter(([name]) => !drop.some(matches(name))));
  return { ...environments[drop], ...set };
};

function notStarted({ code = 'EINVAL', message, syscall }, { program, folder }) {
  if (code !== 'ENOENT' || syscall === 'open') return { is: 'refused', code, text: `${program}: ${message}` };
  if (!folder || fs.existsSync(folder)) return { is: 'missing' };
  return { is: 'refused', code: 'ENOFOLDER', text: folder };
}

// Ends a group kindly, and after the grace not; once its leader has ended, at once.
function ending(child) {
  let kill;
  const signal = (name) => {
    try { process.kill(-child.pid, name); } catch {} // The whole group has ended, or is another user's.
  };
  const begin = (grace) => {
    if (kill) return;
    signal('SIGTERM');
    // What is not ours to signal (sudo's), or what a dead disk holds, may live on: it is waited for no longer.
    kill = setTimeout(() => [signal('SIGKILL'), child.emit('exit')], grace);
  };
  const finish = () => {
    clearTimeout(kill);
    if (kill) signal('SIGKILL');
  };
  return { begin, finish };
}

function follow(child, { cap, limit_ms }, onStop, resolve) {
  const began = process.uptime();
  const kept = [child.stdout, child.stderr].map((pipe) => {
    const part = new Kept(cap, 'tail');
    pipe?.on('data', (chunk) => part.add(chunk));
    return part;
  });
  const group = ending(child);
  let timed_out = false;
  const limit = timer(limit_ms, () => {
    timed_out = true;
    group.begin(GRACE_AFTER_LIMIT_MS);
  });
  onStop(() => group.begin(GRACE_AFTER_STOP_MS));
  const close = () => {
    group.finish();
    child.stdout?.destroy();
    child.stderr.destroy();
    const [stdout, stderr] = kept.map((part) => part.text());
    const ms = Math.round((process.uptime() - began) * 1000);
    resolve({ is: 'ran', exit: child.exitCode, signal: child.signalCode, timed_out, stdout, stderr, ms });
  };
  child.on('exit', () => {
    clearTimeout(limit);
    const pipes = setTimeout(close, PIPES_AFTER_EXIT_MS);
    child.on('close', () => clearTimeout(pipes)).on('close', close);
  });
}

// `file`: a file descriptor of ours that the process inherits as its number 3. `into`: a new file that
// takes what it prints.
exports.run = (command, onStop, file) =>
  new Promise((resolve) => {
    const { program, args, folder, env, drop } = command;
    const refuse = (error) => resolve(notStarted(error, command));
    try {
      const out = command.into === undefined ? 'pipe' : fs.openSync(command.into, 'wx', 0o600);
      const stdio = ['ignore', out, 'pipe', ...(file === undefined ? [] : [file])];
      const options = { cwd: folder ?? undefined, env: exports.inherited(drop, env), detached: true, stdio };
      const child = spawn(program, args, options).on('error', refuse);
      if (out !== 'pipe') fs.closeSync(out);
      if (child.pid !== undefined) follow(child, command, onStop, resolve);
      // It runs, whatever becomes of its note: /proc may hide another user's (hidepid, and sudo).
      try {
        if (child.pid && command.noted_in) require('./files.js').append({ path: command.noted_in, text: fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8') });
      } catch {}
    } catch (error) {
      refuse(error);
    }
  });
