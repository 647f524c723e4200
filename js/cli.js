#!/usr/bin/env node
// The operator's command: plain text on a terminal, no workflow commands.
const fs = require('node:fs');
const { stderr, stdout } = require('./out.js');
const { serve, start } = require('./serve.js');

// What takes a line back that the next one is written over: it is cut where a narrow terminal would break it in two.
let back = '';
function write(out, text, end = '\n') {
  out.write(back + (end ? text : `\x1b[?7l${text}\x1b[?7h`) + end);
  back = end ? '' : '\r\x1b[K';
}

const STREAMS = { line: stdout, group: stdout, live: stdout, notice: stderr, warning: stderr };
const say = (level, text) => STREAMS[level] && write(STREAMS[level], text, level === 'live' ? '' : '\n');

const publish = ({ terminal, failure }) =>
  [[stdout, terminal], [stderr, failure]].forEach(([out, text]) => text && write(out, text.replace(/\n$/, '')));
// Where a file of ours leads; `isatty` would load Node's network code.
const place = (fd) => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`); } catch { return ''; } };
serve(start('command', { args: process.argv.slice(2), open: [0, 1].map(place) }), { say, mask() {}, publish });
