// Loaded before the committed bundle (node --require): bends the world for it. CRASH_BEND is a JSON object:
//   clock   so many milliseconds are added to the wall clock
//   words   processes that hold these words ...
//   limit   ... get this limit, in milliseconds, so that what hangs is not waited for in full
//   fill    this file takes all the room of its disk ...
//   at      ... just before this append, counted from 1
//   user    we are this user, and no longer root
'use strict';
const fs = require('node:fs');
const { atDoor, named } = require('./door.cjs');

const { clock = 0, words, limit, fill, at, user } = JSON.parse(process.env.CRASH_BEND);
const now = Date.now;
Date.now = () => now() + clock;
let appends = 0;

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

atDoor((perform) => function bent(core, command) {
  if (words && command.do === 'run' && `${named(command)} `.includes(words)) command.limit_ms = Math.min(command.limit_ms, limit);
  if (fill && command.do === 'append' && (appends += 1) === at) takeAllRoom();
  return perform.call(this, core, command);
});
