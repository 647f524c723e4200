// Reads GITHUB_OUTPUT, GITHUB_ENV and GITHUB_STATE as strictly as the runner does
// (FileCommandManager.cs): a file it cannot read whole fails the step. Also checks the summary's
// size limit. Gives what was set, and what is wrong.
import { existsSync, readFileSync, statSync } from 'node:fs';

const SUMMARY_LIMIT = 1024 * 1024;

/** {values, problems} of one file of pairs. */
export function readPairs(file) {
  const values = {};
  const problems = [];
  if (!existsSync(file)) return { values, problems: ['the file is gone'] };
  // On Linux only LF splits lines; a CR stays in the value.
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    if (lines[at] === '') continue;
    const { name, value, next, problem } = readPair(lines, at);
    if (problem) return { values, problems: [problem] };
    values[name] = value;
    at = next;
  }
  return { values, problems };
}

// The earlier of `=` and `<<` decides what kind of line it is.
function readPair(lines, at) {
  const line = lines[at];
  const equals = line.indexOf('=');
  const heredoc = line.indexOf('<<');
  if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
    const name = line.slice(0, equals);
    return name ? { name, value: line.slice(equals + 1), next: at } : { problem: `no name: ${line}` };
  }
  if (heredoc < 0) return { problem: `Invalid format '${line}'` };
  const name = line.slice(0, heredoc);
  const mark = line.slice(heredoc + 2);
  if (!name || !mark) return { problem: `Invalid format '${line}'. Name and delimiter must not be empty` };
  const end = lines.indexOf(mark, at + 1);
  if (end < 0) return { problem: `Invalid value. Matching delimiter not found '${mark}'` };
  return { name, value: lines.slice(at + 1, end).join('\n'), next: end };
}

/** {text, problems} of the summary file: one that is too large is dropped whole. */
export function readSummary(file) {
  if (!existsSync(file)) return { text: '', problems: [] };
  if (statSync(file).size > SUMMARY_LIMIT) return { text: '', problems: ['the summary is larger than 1 MiB'] };
  return { text: readFileSync(file, 'utf8'), problems: [] };
}
