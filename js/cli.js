#!/usr/bin/env node
// The operator's command: plain text on a terminal, no workflow commands.
const { stderr, stdout } = require('./out.js');
const { serve, start } = require('./serve.js');

function say(level, text) {
  if (level === 'end-group') return;
  (level === 'warning' || level === 'error' ? stderr : stdout).write(`${text}\n`);
}

function publish({ terminal, failure }) {
  if (terminal) stdout.write(terminal.replace(/\n?$/, '\n'));
  if (failure) stderr.write(failure.replace(/\n?$/, '\n'));
}

serve(start('command', { args: process.argv.slice(2) }), { say, mask() {}, publish });
