// Loaded before the committed bundle (node --require): bends the world for it. CRASH_BEND is a JSON object:
//   clock   so many milliseconds are added to the wall clock
//   words   processes that hold these words ...
//   limit   ... get this limit, in milliseconds, so that what hangs is not waited for in full
//   fill    this file takes all the room of its disk ...
//   write   ... just before this write to it: an append, a file replaced, a lock's name; times of day are NOW in it
//   nth     ... the first of that name, or a later one: messages are written beside the work, in no fixed order
//   user    we are this user, and no longer root
//   log     each reply that shows such a fault is written there, one a line, as JSON: what was refused, and how
//           processes with those words ended
'use strict';
const fs = require('node:fs');
const { dirname } = require('node:path');
const { atDoor, named } = require('./door.cjs');

const { clock = 0, words, limit, fill, write, nth, user, log } = JSON.parse(process.env.CRASH_BEND);
const now = Date.now;
Date.now = () => now() + clock;
// Before we are somebody who may not.
const seen = fs.openSync(log, 'a');
let writes = 0;

if (user) {
  process.setgroups([]);
  process.setgid(user);
  process.setuid(user);
}

function takeAllRoom() {
  for (const size of [65536, 4096, 512, 64, 1]) {
    try {
      for (;;) fs.appendFileSync(fill, Buffer.alloc(size));
    } catch {
      // Smaller parts may still fit.
    }
  }
}

// What is written; a snapshot of the ledger apart from its entries, as nothing depends on it.
const placed = ({ do: act, path, text }) => `${act} ${path}${text?.includes('"fact":{"snapshot":') ? ' (snapshot)' : ''}`;

// Of a reply: what was refused, or how a process ended, and the beginning of what it printed.
function shown(command, { refused, ran }) {
  const what = command.do === 'run' ? named(command) : placed(command);
  if (refused) return { what, code: refused.code };
  return ran && words && `${what} `.includes(words) && { what, signal: ran.signal, isLate: ran.timed_out, said: ran.stdout.slice(0, 60) };
}

const isIn = (path) => fill && path?.startsWith(dirname(fill));

atDoor((perform) => async function bent(core, command) {
  if (words && command.do === 'run' && `${named(command)} `.includes(words)) command.limit_ms = Math.min(command.limit_ms, limit);
  if (['append', 'replace', 'lock'].includes(command.do) && isIn(command.path)) {
    const what = placed(command);
    if (what.replace(/\d{8}T\d{6}Z/, 'NOW') === write && (writes += 1) === nth) takeAllRoom();
    const size = fs.statSync(command.path, { throwIfNoEntry: false })?.size ?? 0;
    fs.writeSync(seen, `${JSON.stringify({ write: what, size, length: command.text?.length })}\n`);
  }
  const reply = await perform.call(this, core, command);
  const sight = shown(command, reply);
  if (sight) fs.writeSync(seen, `${JSON.stringify(sight)}\n`);
  return reply;
});
