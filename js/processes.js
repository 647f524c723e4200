// Who has a file open, and which git processes work below a folder, from /proc; what we may not see is passed over.
const fs = require('node:fs');

const orElse = (value, act) => { try { return act(); } catch { return value; } };

const target = (path) => orElse('', () => fs.readlinkSync(path));
const names = (folder) => orElse([], () => fs.readdirSync(folder));
const nameOf = (pid) => orElse('', () => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim());

exports.processes = (command) => {
  const [file, folder] = [command.file, command.folder].map((path) => orElse(path, () => fs.realpathSync(path)));
  const opens = (pid) => names(`/proc/${pid}/fd`).some((fd) => target(`/proc/${pid}/fd/${fd}`) === file);
  const worksBelow = (pid) => `${target(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`);
  const others = names('/proc').map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const named = others.map((pid) => [pid, nameOf(pid)]);
  return { is: 'processes', processes: named.filter(([pid, name]) => (name.startsWith('git') && worksBelow(pid)) || opens(pid)) };
};
