// Starting a watcher that outlives this job. The runner ends whatever carries its tracking variable
// at the job's end and wipes the action's folder at the next one's start: so the environment is
// cleaned, and the watcher says `ready` once it has all its code in memory.
const path = require('node:path');
const { spawn } = require('node:child_process');
const { refused } = require('./files.js');
const { inherited } = require('./run.js');

const READY_WITHIN_MS = 10000;
// A watcher mostly waits: a small heap, collected early; nothing compiled twice or by other threads, for which more
// of Node would come into memory (7 MiB).
const FLAGS = ['--max-semi-space-size=1', '--optimize-for-size', '--liftoff-only', '--single-threaded'];

function awaitReady(child, resolve) {
  const settle = (reply) => {
    clearTimeout(limit);
    child.removeAllListeners('exit');
    for (const held of [child.stdin, child.stdout, child]) held.unref?.();
    resolve(reply);
  };
  const limit = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  child.on('error', (error) => settle(refused(error)));
  child.on('exit', (code, signal) => settle({ is: 'refused', code: 'EWATCHER', text: String(code ?? signal) }));
  child.stdin.on('error', () => {});
  child.stdout.once('data', () => settle({ is: 'detached', pid: child.pid }));
}

exports.detach = ({ start, drop }) =>
  new Promise((resolve) => {
    const options = { detached: true, cwd: '/', env: inherited(drop), stdio: ['pipe', 'pipe', 'ignore'] };
    const child = spawn(process.execPath, [...FLAGS, path.join(__dirname, 'watcher.js')], options);
    awaitReady(child, resolve);
    child.stdin.end(JSON.stringify(start));
  });
