// Who has a file open, and which git processes work below a folder, from /proc; what we may not see is passed over.
const fs = require('node:fs');

const orElse = (value, act) => { try { return act(); } catch { return value; } };

// Where a link leads, or why that is not told.
const target = (path) => { try { return fs.readlinkSync(path); } catch ({ code }) { return code; } };
const names = (folder) => orElse([], () => fs.readdirSync(folder));
const nameOf = (pid) => orElse('', () => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
const ownerOf = (path) => orElse(NaN, () => fs.statSync(path).uid);

exports.processes = (command) => {
  const [file, folder] = [command.file, command.folder].map((path) => orElse(path, () => fs.realpathSync(path)));
  const opens = (pid) => names(`/proc/${pid}/fd`).some((fd) => target(`/proc/${pid}/fd/${fd}`) === file);
  // Where another user's git works is hidden from us: when the file is that user's, it may be there.
  const worksAt = (cwd, pid) => (cwd === 'EACCES' ? ownerOf(`/proc/${pid}`) === ownerOf(file) : `${cwd}/`.startsWith(`${folder}/`));
  const others = names('/proc').map(Number).filter((pid) => pid > 0 && pid !== process.pid).map((pid) => [pid, nameOf(pid)]);
  const mayWork = ([pid, name]) => name.startsWith('git') && worksAt(target(`/proc/${pid}/cwd`), pid);
  return { is: 'processes', processes: others.filter((one) => mayWork(one) || opens(one[0])) };
};
