// Runs a step as the runner does: no input, both streams read as a log, and after the process
// has ended at most five seconds of waiting for others that still hold its streams.
import { spawn } from 'node:child_process';
import { readPairs, readSummary } from './command-files.mjs';
import { logReader } from './log.mjs';
import { kill } from './job.mjs';
import { pause } from '../http.mjs';

/** Starts it: {child, done, cancel}. `done` gives the result; `limit` ends a step that hangs; `first` stands before the file. */
export function startStep({ node, first = [], file, args = [], cwd, env, files, limit = 120_000 }) {
  const began = Date.now();
  const child = spawn(node, [...first, file, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end();
  const reader = logReader();
  const streams = { stdout: collect(child.stdout, reader), stderr: collect(child.stderr, reader) };
  const timer = setTimeout(() => child.kill('SIGKILL'), limit);
  const done = finished(child, streams).then(({ exit, signal, held }) => {
    clearTimeout(timer);
    return {
      exit, signal, held, ms: Date.now() - began, stdout: streams.stdout.text(), stderr: streams.stderr.text(),
      log: reader.text(), commands: reader.commands, annotations: reader.annotations, masks: reader.masks,
      ...(files ? published(files) : {}),
    };
  });
  return { child, done, cancel: (waits) => cancel(child, waits) };
}

// A bare CR ends a line for the runner, too.
function collect(stream, reader) {
  let all = '';
  let rest = '';
  stream.setEncoding('utf8').on('data', (part) => {
    all += part;
    const lines = (rest + part).split(/\r\n|\n|\r/);
    rest = lines.pop();
    lines.forEach(reader.line);
  });
  return { text: () => all, flush: () => rest && reader.line(rest) };
}

function finished(child, streams) {
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (exit, signal) => {
      const end = (held) => () => {
        streams.stdout.flush();
        streams.stderr.flush();
        done({ exit, signal, held });
      };
      const timer = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end(true)();
      }, 5000);
      child.once('close', () => clearTimeout(timer) ?? end(false)());
    });
  });
}

function published(files) {
  const output = readPairs(files.output);
  const state = readPairs(files.state);
  const variables = readPairs(files.env);
  const summary = readSummary(files.step_summary);
  return {
    outputs: output.values, state: state.values, variables: variables.values, summary: summary.text,
    problems: [output, state, variables, summary].flatMap((it) => it.problems),
  };
}

/** A cancelled job, with the runner's waits: SIGINT, then SIGTERM, then SIGKILL; to one pid only. */
async function cancel(child, { afterInt = 7500, afterTerm = 2500 } = {}) {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  for (const [signal, ms] of [['SIGINT', afterInt], ['SIGTERM', afterTerm]]) {
    if (gone()) return;
    kill(child.pid, signal);
    for (const until = Date.now() + ms; Date.now() < until && !gone(); ) await pause(20);
  }
  if (!gone()) kill(child.pid);
}
