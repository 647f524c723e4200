// The detached watcher: its start comes by pipe, and nothing is printed: the core keeps its own log, and
// the last words go there too. After `ready`, the folder that this file came from may go.
const fs = require('node:fs');
const { serve } = require('./serve.js');

const start = { ...JSON.parse(fs.readFileSync(0, 'utf8')), door: 'watcher', pid: process.pid };
try {
  // The runner makes its steps the first to go when memory runs short, and children inherit that.
  fs.writeFileSync('/proc/self/oom_score_adj', '0');
} catch {}
if (require('./http.js').usesProxy()) require('./proxy.js');
require('../pkg/mangetamain_deploy.js');
fs.writeSync(1, 'ready\n');
// Both numbers stay taken, or the next files opened would get them.
['r', 'w'].forEach((flags, fd) => { fs.closeSync(fd); fs.openSync('/dev/null', flags); });
const masked = [];
const publish = ({ failure }) => {
  const text = masked.reduce((seen, value) => seen.replaceAll(value, '***'), failure ?? '');
  if (text) require('./files.js').append({ path: start.log, text: `${text}\n` });
};
serve(start, { say() {}, mask: (values) => void masked.push(...values), publish });
