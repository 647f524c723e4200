// Measuring two things in turn, and the table of what came of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const quick = process.argv.includes('--quick');
/** n of a full run and of a quick one. */
export const times = (full, short) => (quick ? short : full);
export const median = (all) => all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) / 2)];
export const node24 = findNode24();
/** The Node that the runner would use, where it is here. */
export const node = node24 ?? process.execPath;

const rows = [];

function findNode24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mangetamain-deploy/node24/node_modules/node/bin/node');
  return [process.env.WORLD_NODE24, cache].find((one) => one && existsSync(one));
}

const shown = (value, unit) => (typeof value === 'number' ? `${value.toFixed(unit === 'ms' && value >= 100 ? 0 : 1)} ${unit}` : (value ?? ''));

/** Something against its reference, both in `unit`: at most `target` times as much. */
export function compared(figure, { ours, reference, target, unit = 'ms', n }) {
  const ratio = ours / reference;
  push(figure, shown(ours, unit), shown(reference, unit), ratio.toFixed(2), target ? `≤ ${target}` : '', target && ratio <= target, n);
}

/** Something that may be at most `limit`. */
export function limited(figure, { ours, limit, reference, unit = 'ms', n }) {
  push(figure, shown(ours, unit), reference, '', `≤ ${shown(limit, unit)}`, ours <= limit, n);
}

/** Something that is only told. */
export const noted = (figure, ours, reference) => push(figure, ours, reference, '', '', null);

/** Something that could not be measured here. */
export const leftOut = (figure, why) => push(figure, 'not measured', why, '', '', null);

function push(figure, ours, reference = '', ratio, target, isMet, n) {
  const verdict = target === '' ? '' : isMet ? 'met' : 'MISSED';
  rows.push(`| ${figure}${n ? ` (n = ${n})` : ''} | ${ours} | ${reference} | ${ratio} | ${target} | ${verdict} |`);
  process.stderr.write(`  ${figure}: ${ours}${reference ? ` | ${reference}` : ''}${ratio ? ` | ${ratio}` : ''} ${verdict}\n`);
}

export const table = () => ['| figure | ours | reference | ratio | target | verdict |', '| --- | ---: | ---: | ---: | ---: | --- |', ...rows].join('\n');

/** Milliseconds that a program took; it must end with `exit`. */
export function timed(program, args, { env, cwd, exit = 0 } = {}) {
  const began = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(program, args, { env, cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== exit) throw new Error(`${program} ended with ${status ?? error?.message}: ${stderr}`);
  return Number(process.hrtime.bigint() - began) / 1e6;
}

/** Both in turn, n times, each as often first as second: their medians. One warm-up is thrown away. */
export async function inTurn(n, one, two) {
  const [ones, twos] = [[], []];
  for (let at = -1; at < n; at += 1) {
    const pair = at % 2 ? [[one, ones], [two, twos]] : [[two, twos], [one, ones]];
    for (const [measure, into] of pair) {
      const took = await measure();
      if (at >= 0) into.push(took);
    }
  }
  return { ours: median(ones), reference: median(twos), n };
}
