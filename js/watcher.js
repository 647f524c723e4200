// The detached watcher: its start comes by pipe, and nothing is printed: the core keeps its own log.
// After `ready`, the folder that this file came from may go.
const fs = require('node:fs');
const { serve } = require('./serve.js');

function ready() {
  fs.writeSync(1, 'ready\n');
  // Both numbers stay taken, or the next files opened would get them.
  for (const fd of [0, 1]) fs.closeSync(fd);
  for (const flags of ['r', 'w']) fs.openSync('/dev/null', flags);
}

const start = { ...JSON.parse(fs.readFileSync(0, 'utf8')), door: 'watcher', pid: process.pid };
try {
  // The runner makes its steps the first to go when memory runs short, and children inherit that.
  fs.writeFileSync('/proc/self/oom_score_adj', '0');
} catch {}
if (require('./http.js').usesProxy()) require('./proxy.js');
require('../pkg/mangetamain_deploy.js');
ready();
serve(start, { say() {}, mask() {}, publish() {} });
