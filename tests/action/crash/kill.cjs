// Loaded before the committed bundle (node --require): ends our own process with SIGKILL at one command
// of the core. CRASH_PLAN is a JSON object:
//   at     which command, counted from 1
//   form   'before' it is performed; 'during': its process has been started, and goes on without us;
//          'torn': half of its text is written, or all but the line's end; 'unnamed': its file is whole, and not
//          yet renamed; 'after': it was performed, and its reply is lost
//   among  which commands count, by name; none: all
//   asking  false: what only asks, and changes nothing, does not count
//   holding  only commands that hold these words count; none: all
//   door   'watcher': not the process that it is loaded into is killed, but the watcher that this one starts
//   log    each command that counts is written there, one a line, when it is asked for; at last that it killed
'use strict';
const childProcess = require('node:child_process');
const fs = require('node:fs');
const { basename } = require('node:path');
const { asksOnly, atDoor, named } = require('./door.cjs');

const { at, form, among, asking = true, holding = '', door, log } = JSON.parse(process.env.CRASH_PLAN);
function die() {
  if (log) fs.appendFileSync(log, 'killed\n');
  process.kill(process.pid, 'SIGKILL');
}
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
    fs[name] = whole;
    die();
  };
}

const isWatcher = (file) => basename(file) === 'watcher.js';

/** The watcher that this process starts has this file loaded, as nothing else of ours is handed on to it. */
function handOn() {
  const { spawn } = childProcess;
  childProcess.spawn = (program, args, options) =>
    args.some(isWatcher)
      ? spawn(program, ['--require', __filename, ...args], { ...options, env: { ...options.env, CRASH_PLAN: process.env.CRASH_PLAN } })
      : spawn(program, args, options);
}

if (door === 'watcher' && !isWatcher(process.argv[1])) handOn();
else atDoor((perform) => function killed(core, command) {
  const counts = (!among || among.includes(command.do)) && (asking || !asksOnly(command)) && named(command).includes(holding);
  if (!counts) return perform.call(this, core, command);
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
