// Who has a file open, and which git processes work below a folder: read from /proc. Processes whose
// files we may not see are passed over.
const fs = require('node:fs');

function orElse(value, act) {
  try {
    return act();
  } catch {
    return value;
  }
}

const target = (path) => orElse('', () => fs.readlinkSync(path));
const names = (folder) => orElse([], () => fs.readdirSync(folder));

exports.processes = (command) => {
  const [file, folder] = [command.file, command.folder].map((path) => orElse(path, () => fs.realpathSync(path)));
  const opens = (at) => names(`${at}/fd`).some((fd) => target(`${at}/fd/${fd}`) === file);
  const worksBelow = (at) => `${target(`${at}/cwd`)}/`.startsWith(`${folder}/`);
  const processes = [];
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    const at = `/proc/${pid}`;
    const name = orElse('', () => fs.readFileSync(`${at}/comm`, 'utf8').trim());
    const found = (name.startsWith('git') && worksBelow(at)) || opens(at);
    if (found && pid !== process.pid) processes.push([pid, name]);
  }
  return { is: 'processes', processes };
};
