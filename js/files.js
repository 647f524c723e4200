// Files. What is written has reached the disk when the answer is given: the file's content, and for
// a name that comes or goes its folder too. An act that answers nothing was done.
const fs = require('node:fs');
const { basename, dirname, join } = require('node:path');

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

exports.refused = (error) => ({ is: 'refused', code: error.code ?? 'EINVAL', text: error.message });

const answering = (act, missing = null) => (command) => {
  try {
    return act(command);
  } catch (error) {
    return error.code === missing ? { is: 'missing' } : exports.refused(error);
  }
};

function using(fd, act) {
  try {
    return act(fd);
  } finally {
    fs.closeSync(fd);
  }
}

const syncFolder = (path) => using(fs.openSync(path, O_RDONLY), fs.fsyncSync);

function writeWhole(fd, text) {
  fs.writeFileSync(fd, text);
  fs.fsyncSync(fd);
}

function readPart(fd, cap, keep) {
  const { size } = fs.fstatSync(fd);
  const from = keep === 'tail' ? Math.max(0, size - cap) : 0;
  // Files of /proc say that they have no bytes.
  const buffer = Buffer.alloc(Math.min(cap, Math.max(size - from, 65536)));
  let held = 0;
  for (let got = -1; got !== 0 && held < buffer.length; held += got) {
    got = fs.readSync(fd, buffer, held, buffer.length - held, from + held);
  }
  return { is: 'text', text: buffer.toString('utf8', 0, held), size };
}

// O_NONBLOCK: a named pipe without anybody at its other end must not hold us up.
exports.read = answering(({ path, cap, keep }) =>
  using(fs.openSync(path, O_RDONLY | O_NONBLOCK), (fd) => readPart(fd, cap, keep)), 'ENOENT');

// Nobody has planted it: it belongs to us, to root, or to whom its folder belongs to.
const isOurs = (path, { uid }) => [process.geteuid(), 0, fs.statSync(dirname(path)).uid].includes(uid);

// A file to write to that is no link, nor somebody's file under a second name of its (a hard link).
exports.openOurs = (path, flags) => {
  const fd = fs.openSync(path, flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const seen = fs.fstatSync(fd);
  if (seen.isFile() && seen.nlink < 2 && isOurs(path, seen)) return fd;
  fs.closeSync(fd);
  throw Object.assign(new Error(path), { code: 'ENOTOURS' });
};

exports.append = answering(({ path, text }) => {
  const created = fs.lstatSync(path, { throwIfNoEntry: false }) === undefined;
  using(exports.openOurs(path, O_WRONLY | O_APPEND), (fd) => writeWhole(fd, text));
  if (created) syncFolder(dirname(path));
});

function replaceBy(path, make) {
  const temporary = `${path}.${process.pid}.tmp`;
  fs.rmSync(temporary, { force: true });
  // What a process left that was killed in here; where we may not, it stays.
  for (const name of fs.readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.`))) {
    const [, pid] = /\.(\d+)\.tmp$/.exec(name) ?? [];
    if (pid && !fs.existsSync(`/proc/${pid}`)) answering(fs.rmSync)(join(dirname(path), name));
  }
  try {
    make(temporary);
    fs.renameSync(temporary, path);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

exports.replace = answering(({ path, text }) =>
  replaceBy(path, (temporary) => using(fs.openSync(temporary, 'wx', 0o600), (fd) => writeWhole(fd, text))),
);

exports.link = answering(({ path, target }) => replaceBy(path, (temporary) => fs.symlinkSync(target, temporary)));

exports.folder = answering(({ path }) => {
  // Node's own `recursive` never ends where a folder takes no other one (/proc).
  const above = !fs.existsSync(dirname(path)) && exports.folder({ path: dirname(path) });
  const refused = above || answering(() => fs.mkdirSync(path, 0o700))();
  if (!refused) syncFolder(dirname(path));
  else if (refused.code !== 'EEXIST' || !fs.statSync(path).isDirectory()) return refused;
  if ([fs.lstatSync(path), fs.statSync(path)].some((seen) => !isOurs(path, seen))) throw Object.assign(new Error(path), { code: 'EFOREIGN' });
});

exports.remove = answering(({ path }) => {
  fs.unlinkSync(path);
  syncFolder(dirname(path));
}, 'ENOENT');

exports.list = answering(({ path }) => ({ is: 'names', names: fs.readdirSync(path).sort() }), 'ENOENT');

const KINDS = { isFile: 'file', isDirectory: 'folder', isSymbolicLink: 'link' };
const kindOf = (seen) => KINDS[Object.keys(KINDS).find((is) => seen[is]())] ?? 'other';

function statOf(path) {
  try {
    const seen = fs.lstatSync(path);
    return { size: seen.size, modified_ms: Math.max(0, Math.floor(seen.mtimeMs)), kind: kindOf(seen), mode: seen.mode & 0o777 };
  } catch (error) {
    // Something that we may not look at is not nothing.
    return ['ENOENT', 'ENOTDIR'].includes(error.code) ? null : { size: 0, modified_ms: 0, kind: 'other', mode: 0 };
  }
}

exports.stat = ({ paths }) => ({ is: 'stats', stats: paths.map(statOf) });
