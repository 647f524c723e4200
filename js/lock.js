// Locks that the kernel frees with their holder. Node cannot call flock(2); util-linux `flock` can,
// on a file of ours that it inherits: the lock belongs to the open file, so it stays with us when
// that program has ended, and with a process that inherited the file when we have.
const fs = require('node:fs');
const { openOurs, refused } = require('./files.js');
const { stopped } = require('./stop.js');

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = fs.constants;
const HELD = 75;
// A peek of somebody's, gone in an instant, must not be taken for a holder.
const SHORTEST_WAIT_MS = 200;
const ours = new Map();

async function flock(fd, args, limit_ms, onStop) {
  // Our environment holds secrets, and flock needs none of it.
  const bare = { env: { PATH: process.env.PATH, LC_ALL: 'C' }, drop: ['*'] };
  const command = { program: 'flock', args: [...args, '-E', String(HELD), '3'], ...bare, cap: 500 };
  const ran = await require('./run.js').run({ ...command, limit_ms }, onStop, fd);
  if (ran.is === 'missing') return { is: 'refused', code: 'ENOFLOCK', text: command.program };
  if (ran.is === 'refused' || ran.exit === 0) return ran;
  if (ran.exit === HELD || ran.timed_out) return { is: 'held', holder: fs.readFileSync(fd, 'utf8') };
  return { is: 'refused', code: 'EFLOCK', text: ran.stderr.trim() || String(ran.exit ?? ran.signal) };
}

async function take({ path, holder, wait_ms }, onStop) {
  const fd = openOurs(path, O_RDWR);
  try {
    const wait = Math.max(wait_ms, SHORTEST_WAIT_MS);
    const ran = await flock(fd, ['--exclusive', '--timeout', String(wait / 1000)], wait + 10000, onStop);
    if (ran.is !== 'ran' || stopped()) return ran;
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.ino !== fs.fstatSync(fd).ino) return null;
    fs.ftruncateSync(fd, 0);
    fs.writeSync(fd, holder, 0);
    fs.fsyncSync(fd);
    ours.set(path, fd);
    return { is: 'locked' };
  } finally {
    if (ours.get(path) !== fd) fs.closeSync(fd);
  }
}

exports.lock = async (command, onStop) => {
  try {
    // Again, when the file was taken away between opening and locking it.
    return (await take(command, onStop)) ?? (await exports.lock(command, onStop));
  } catch (error) {
    return refused(error);
  }
};

exports.unlock = async ({ path }) => {
  const fd = ours.get(path);
  if (!ours.delete(path)) return;
  try { fs.ftruncateSync(fd, 0); } catch {} // The disk may have become read-only: what is free may say who held it.
  // Closing alone would leave it to whoever inherited it and lives on (git's credential daemon).
  await flock(fd, ['--unlock'], 10000, () => {});
  fs.closeSync(fd);
};

exports.peek = async ({ path }) => {
  let fd;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    // A holder writes at once, and an unlock empties: an empty file is nobody's.
    if (fs.fstatSync(fd).size === 0) return { is: 'missing' };
    const ran = await flock(fd, ['--shared', '--nonblock'], 10000, () => {});
    return ran.is === 'ran' ? { is: 'missing' } : ran;
  } catch (error) {
    return error.code === 'ENOENT' ? { is: 'missing' } : refused(error);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
};

// The file of a lock of ours, for a process that must hold it too.
exports.fileOf = (path) => ours.get(path);
