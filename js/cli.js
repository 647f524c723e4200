#!/usr/bin/env node
// The operator's command: plain text on a terminal, no workflow commands.
const { stderr, stdout } = require('./out.js');
const { serve, start } = require('./serve.js');

function say(level, text) {
  if (level === 'end-group') return;
  (level === 'warning' || level === 'error' ? stderr : stdout).write(`${text}\n`);
}

const line = (text) => (text.endsWith('\n') ? text : `${text}\n`);

function publish({ terminal, failure }) {
  if (terminal) stdout.write(line(terminal));
  if (failure) stderr.write(line(failure));
}

serve(start('command', { args: process.argv.slice(2) }), { say, mask() {}, publish });
