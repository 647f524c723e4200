// Loaded before the committed bundle, by a file of the world's (node --require): writes down what each process
// that ours starts is given, arguments and environment, one JSON object a line. It decides nothing.
'use strict';
const childProcess = require('node:child_process');
const fs = require('node:fs');

/** From here on, what is started is written to this file. */
exports.watch = (file) => {
  const { spawn } = childProcess;
  childProcess.spawn = (program, args, options) => {
    const env = Object.entries(options.env ?? process.env).map(([name, value]) => `${name}=${value}`);
    // Begins on a line of its own: what was written before may have been cut off by a SIGKILL.
    fs.appendFileSync(file, `\n${JSON.stringify({ args: [program, ...args], env })}\n`);
    return spawn(program, args, options);
  };
};
