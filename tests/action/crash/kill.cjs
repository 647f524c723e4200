// Loaded before the committed bundle (node --require): ends our own process with SIGKILL at one command
// of the core. CRASH_PLAN is a JSON object:
//   at     which command, counted from 1
//   form   'before' it is performed; 'during': its process has been started, and goes on without us;
//          'torn': half of its text is written, or all but the line's end; 'unnamed': its file is whole, and not
//          yet renamed; 'after': it was performed, and its reply is lost
//   among  which commands count, by name; none: all
//   holding  only commands that hold these words count; none: all
//   log    each command that counts is written there, one a line, when it is asked for
'use strict';
const fs = require('node:fs');
const { atDoor, named } = require('./door.cjs');

const { at, form, among, holding = '', log } = JSON.parse(process.env.CRASH_PLAN);
const die = () => process.kill(process.pid, 'SIGKILL');
let count = 0;

// What a crash in the middle of a file command leaves; each lasts for this command only.
const TORN = {
  append: () => tear('writeFileSync', (write, fd, text) => write(fd, text.slice(0, at % 2 ? text.length / 2 : -1))),
  replace: () => tear('writeFileSync', (write, fd, text) => write(fd, text.slice(0, text.length / 2))),
  lock: () => tear('ftruncateSync', () => {}),
};

function tear(name, part) {
  const whole = fs[name];
  fs[name] = (...args) => {
    part(whole, ...args);
    die();
  };
}

atDoor((perform) => function door(core, command) {
  if ((among && !among.includes(command.do)) || !named(command).includes(holding)) return perform.call(this, core, command);
  count += 1;
  if (log) fs.appendFileSync(log, `${named(command)}\n`);
  const isIt = count === at;
  if (isIt && form === 'before') die();
  if (isIt && form === 'torn') (TORN[command.do] ?? die)();
  if (isIt && form === 'unnamed') tear('renameSync', () => {});
  const reply = perform.call(this, core, command);
  if (isIt && form === 'during') die();
  if (isIt) reply.then(die, die);
  return reply;
});
