// A past made up: the ledger and the health checks of an environment with so many deployments, entry by
// entry as the action writes them. Ends in the state that is asked for: settled, pending or failed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const shaOf = (number) => (BigInt(number + 1) * 0x9e3779b97f4a7c15f39cc0605cedc8341082276bn).toString(16).padStart(40, '0').slice(-40);

const settings = ({ name, label, folder, url }) => ({
  name, label, 'app-path': '/srv/mangetamain/10_preprod', branch: 'main',
  compose: { file: '/srv/mangetamain/30_docker/docker-compose-preprod.yml', services: [], strategy: 'auto' },
  'deploy-command': [], 'command-limit-ms': 900000, url,
  health: { urls: [url], status: [200], contains: 'Mangetamain', json: null, attempts: 3, 'interval-ms': 10000, 'timeout-ms': 10000, 'grace-ms': 30000 },
  'on-unhealthy': 'rollback', 'guard-paths': [],
  ci: { workflow: 'ci.yml', watch: 'detached', 'delay-ms': 30000, 'interval-ms': 10000, 'timeout-ms': 300000, 'on-timeout': 'keep' },
  'state-folder': folder, 'rollback-point-file': join(folder, 'last-validated-sha.txt'), 'log-folder': '/tmp', 'lock-timeout-ms': 600000,
  'promote-from': 'preprod', freeze: [], backup: { paths: [], folder: join(folder, 'backups'), keep: 10 }, mention: null, locale: 'fr',
});

const SUBJECTS = ['feat: ajouter filtre saison', 'fix: corriger calcul moyenne ratings', 'test: ajouter tests analyse weekend', 'docs: enrichir API visualization', 'feat: tendances par mois', 'fix: tri des recettes par note'];
const AUTHORS = ['Ada Lovelace', 'Grace Hopper', 'Margaret Hamilton', 'Émilie du Châtelet'];

class Ledger {
  constructor(environment) {
    Object.assign(this, { environment, lines: [], run: 8_000_000_000, snapshotted: 0 });
  }

  add(at, fact) {
    this.lines.push(JSON.stringify({ seq: this.lines.length + 1, at: Math.round(at), by: `run ${this.run}.1`, fact }));
  }

  // As every 48 entries: of the state, what makes its size.
  snapshot(at, live, validated) {
    if (this.lines.length - this.snapshotted < 48) return;
    const range = (from) => Array.from({ length: Math.min(60, live) }, (_, back) => from - back).filter((number) => number > 0);
    const commit = (number) => ({ sha: shaOf(number), author: AUTHORS[number % AUTHORS.length], subject: SUBJECTS[number % SUBJECTS.length], committed: at });
    const run = (number) => ({ id: 7_000_000 + number, attempt: 1, url: `https://github.com/org/app/actions/runs/${7_000_000 + number}`, started: at });
    const state = {
      seq: this.lines.length, baseline: shaOf(0), live: { sha: shaOf(live), since: at, known_by: 'deployed and healthy' }, previous: shaOf(live - 1), operation: null,
      records: Object.fromEntries(range(live).map((number) => [shaOf(number), { seq: this.lines.length, commit: commit(number), healthy_at: at, ci: ['success', run(number)], forward: 'yes', quarantine: null }])),
      validated: range(validated).slice(0, 20).reverse().map((number) => ({ sha: shaOf(number), at, run: run(number) })),
      watch: null, left_alone: null, with: this.environment,
      history: range(live).slice(0, 10).map((number) => ({ ask: { deploy: { sha: shaOf(number), force: 'obey' } }, outcome: 'deployed', since: at, at, by: `run ${this.run}.1` })),
    };
    this.add(at, { snapshot: { state } });
    this.snapshotted = this.lines.length;
  }

  // From the request to its end: what happens to a SHA within some 40 s.
  request(at, ask, sha, { health = 'healthy', ended, commit }) {
    this.run += 1;
    this.add(at, { asked: { ask, with: this.environment } });
    if (commit) this.add(at + 900, { fetched: { commit, placed: 'on-branch', relation: 'newer', forward: 'yes' } });
    this.add(at + 1000, { did: { step: 'fetch', ms: 900, note: '' } });
    this.add(at + 1100, { compared: { guarded: [] } });
    this.add(at + 1200, { did: { step: 'compare', ms: 80, note: '' } });
    for (const step of ['keep', 'reset', 'compose']) {
      if (step === 'compose') this.add(at + 1400, { applied: { strategy: 'restart', reason: 'only code changed' } });
      this.add(at + 1500, { began: { step } });
      this.add(at + 4000, { did: { step, ms: 400, note: '' } });
    }
    this.add(at + 30_000, { checked: { health: { [health]: health === 'healthy' ? 'started since' : 'status 500' }, ms: 26_000 } });
    if (ended) this.add(at + 30_100, { ended: { outcome: ended } });
  }

  deploy(at, number, more) {
    const sha = shaOf(number);
    const commit = { sha, author: AUTHORS[number % AUTHORS.length], subject: more.subject ?? SUBJECTS[number % SUBJECTS.length], committed: Math.round(at - 40_000 - (number % 7) * 20_000) };
    this.request(at, { deploy: { sha, force: 'obey' } }, sha, { ended: 'deployed', commit, ...more });
  }

  ci(at, number, verdict) {
    const run = { id: 7_000_000 + number, attempt: 1, url: `https://github.com/org/app/actions/runs/${7_000_000 + number}`, started: Math.round(at - 120_000) };
    this.add(at, { ci: { sha: shaOf(number), verdict, run, forward: 'yes' } });
  }

  back(at, to, undo, because) {
    this.request(at, { rollback: { to: shaOf(to), undo: shaOf(undo), because } }, shaOf(to), { ended: 'rolled-back' });
  }
}

/** The ledger's text: deployments evenly over `span`; one in eleven fails CI, one in seventeen is unhealthy. */
function ledger(environment, { deployments, span, now, end, subject }) {
  const made = new Ledger(environment);
  made.add(now - span - HOUR, { baseline: { sha: shaOf(0) } });
  let good = 0;
  for (let number = 1; number <= deployments; number += 1) {
    const at = now - span + (span * (number - 1)) / deployments + (number % 5) * 1000;
    const isLast = number === deployments;
    const fails = isLast ? end === 'failed' : number % 11 === 0;
    if (!isLast && number % 17 === 0) {
      made.deploy(at, number, { health: 'unhealthy', ended: undefined, subject });
      made.back(at + 31_000, good, number, 'unhealthy');
      continue;
    }
    made.deploy(at, number, { subject: isLast ? subject : undefined });
    made.add(at + 30_200, { watching: { sha: shaOf(number), how: 'detached', until: Math.round(at + 330_000) } });
    if (isLast && end === 'pending') break;
    made.ci(at + 150_000, number, fails ? { failure: 'failed' } : 'success');
    if (fails && end === 'failed' && isLast) break;
    if (fails) made.back(at + 151_000, good, number, 'ci');
    else good = number;
    made.snapshot(Math.round(at + 200_000), good, good);
  }
  return `${made.lines.join('\n')}\n`;
}

/** Eight days of hourly checks of a site: slow at eleven on some days, down for three hours once, a gap of five. */
function health(url, { now, down }) {
  const lines = [];
  for (let hour = 8 * 24; hour >= 0; hour -= 1) {
    const at = now - hour * HOUR - 17 * 60_000;
    if (hour > 60 && hour <= 65) continue;
    const isDown = (hour > 100 && hour <= 103) || (down && hour === 0);
    const slow = hour % 29 === 5 ? 2100 : 0;
    const ms = 180 + ((hour * 7919) % 90) + (hour % 24 > 14 ? 60 : 0) + slow;
    const ill = { at, url, result: 'down', why: 'status 502 instead of 200', since: at };
    lines.push(JSON.stringify(isDown ? ill : { at, url, result: 'up', ms }));
  }
  return `${lines.join('\n')}\n`;
}

/** Writes an environment's past below `state`: {name, label, url, deployments, span, now, end, down, subject}. */
export function writePast(state, { name = 'preprod', label = name.toUpperCase(), url = 'https://mangetamain.example/', deployments = 40, span = 40 * DAY, now = Date.now(), end = 'settled', down = false, subject } = {}) {
  const folder = join(state, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'ledger.jsonl'), ledger(settings({ name, label, folder, url }), { deployments, span, now: now - 20 * 60_000, end, subject }), { mode: 0o600 });
  writeFileSync(join(folder, 'health.jsonl'), health(url, { now, down }), { mode: 0o600 });
}
