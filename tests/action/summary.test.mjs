// The job's summary and the log of a run, as the runner takes them: what is live first, a chart that
// Mermaid reads, the phases, what was chosen and why, and what failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartsIn } from '../world/mermaid.mjs';
import { ci, ciFails, deploy, inWorld, validated } from './support.mjs';

const rows = (summary, head) => {
  const table = summary.split('\n\n').find((part) => part.startsWith(`| ${head} |`)) ?? '';
  return table.split('\n').slice(2).filter(Boolean).map((row) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
};

test('a summary begins with what is live and whether that is good, and draws the phases', () => inWorld({ inputs: { watch: 'auto', locale: 'en' } }, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const { summary, outputs } = await world.runAction({ mode: 'deploy', sha });
  assert.equal(summary.split('\n')[0], `### ✅ PREPROD - Live: \`${sha.slice(0, 7)}\` (⏳ not validated) · Last validated: -`, outputs.result);
  const [chart] = await chartsIn(summary);
  assert.deepEqual([chart.type, chart.section], ['gantt', 'PREPROD']);
  const phases = rows(summary, 'Step | Time | Processes');
  assert.deepEqual(chart.tasks.map(({ name }) => name), phases.slice(0, -1).map(([name, time]) => `${name} ${time}`));
  assert.ok(chart.tasks.every(({ from, to, failed }) => from < to && !failed));
  for (const [name, , processes] of phases.filter(([name]) => ['fetch', 'reset', 'compose'].includes(name))) assert.ok(Number(processes) > 0, name);
  const chosen = rows(summary, 'Setting | Choice | Why');
  assert.deepEqual(chosen.map(([setting]) => setting), ['`compose-strategy`', '`watch`']);
  assert.ok(chosen.every(([, choice, why]) => choice && why), String(chosen));
}));

test('hostile names of environments and commits do not break the chart or the tables', () => inWorld({ inputs: { label: 'x:y;#z v1.2,crit | ``` %%{init}%% @everyone' } }, async (world) => {
  const sha = world.release({ version: 2, message: 'a | b ``` ::error:: <img src=x>' });
  ciFails(world, sha, { jobs: [{ name: '``` | <b>', conclusion: 'failure', steps: [{ name: '#;:', conclusion: 'failure' }], log: 'Error: ``` <script>\n' }] });
  const { summary, problems } = await deploy(world, sha);
  const [chart, ...others] = await chartsIn(summary);
  assert.deepEqual([others, chart.section, problems], [[], 'xyz v1.2,crit   init everyone', []]);
  assert.equal(summary.split('\n').filter((line) => line.startsWith('```')).length % 2, 0, summary);
  assert.ok(!/<img|<b>/.test(summary.replace(/^```$[^]*?^```$/gm, '').replaceAll('\\', '\\ ')), summary);
}));

test('the summary of a rollback has the reason first, then the failing jobs, the commits and the chart', () => inWorld({}, async (world) => {
  const good = await validated(world);
  const bad = world.release({ version: 3 });
  ciFails(world, bad);
  const { summary, log } = await deploy(world, bad);
  const short = bad.slice(0, 7);
  assert.match(summary, new RegExp(`^### ❌ PREPROD - En ligne : \`${good.slice(0, 7)}\` \\(✅ validé\\)`));
  const order = ['**Pourquoi**', 'Pourquoi le CI a échoué', `- ${short} Mona - Version 3`, '[tests › pytest](https://github.com/', 'E       assert 1 == 2', '```mermaid', '| Étape |'];
  assert.deepEqual(order.map((part) => summary.indexOf(part)), order.map((part) => summary.indexOf(part)).toSorted((a, b) => a - b), summary);
  assert.ok(order.every((part) => summary.includes(part)), summary);
  assert.match(log, /Commits depuis le dernier validé: 1/);
}));

test('the log folds each phase with its lines, and nothing that counts', () => inWorld({}, async (world) => {
  const sha = world.release({ version: 2 });
  ci(world, sha, 'success');
  const { stdout } = await deploy(world, sha);
  const groups = [...stdout.matchAll(/^::group::(.*)\n([^]*?)^::endgroup::$/gm)];
  assert.deepEqual(groups.map(([, title]) => title).filter((title) => title === 'compose'), ['compose'], stdout);
  assert.ok(groups.every(([, , lines]) => lines.trim() !== '' && !/PREPROD|^::/m.test(lines)), stdout);
}));
