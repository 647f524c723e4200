// Stands in for `crypto` inside @actions/core, which wants a random delimiter only: the kernel gives
// one for nothing, where loading Node's crypto costs 5 to 9 ms.
const fs = require('node:fs');

const KERNEL = '/proc/sys/kernel/random/uuid';

exports.randomUUID = () =>
  fs.existsSync(KERNEL) ? fs.readFileSync(KERNEL, 'utf8').trim() : require('node:crypto').randomUUID();
