// The ledger's facts in plain words; null for what a person need not see.
const NAMES = {
  fetch: 'fetch the commit', checklist: 'checklist', compare: 'compare the two versions', backup: 'backup', prove: 'preprod, once more',
  keep: 'save local changes', reset: 'git reset --hard', command: 'deploy command', restore: 'files from the backup',
  compose: 'compose', check: 'health check',
};
const BECAUSE = { ci: 'since CI failed, instead', person: 'by hand, instead', unhealthy: 'because of the bad health' };
const OVER = { deployed: 'over: live and healthy', 'rolled-back': 'over: rolled back, live and healthy' };
const NOTHING = { compare: 'no guarded path differs', keep: 'there were none' };
const short = (sha) => sha.slice(0, 7);

const WORDS = {
  baseline: ({ sha }) => `first run here: ${short(sha)} was live, the way back until CI validates one`,
  asked: ({ ask }) => (ask.deploy ?? ask.promote
    ? `asked for: ${ask.deploy ? 'deploy' : 'promote'} ${short((ask.deploy ?? ask.promote).sha)}`
    : `asked for: put ${short(ask.rollback.to)} live again, ${BECAUSE[ask.rollback.because] ?? 'instead'} of ${short(ask.rollback.undo)}`),
  fetched: ({ commit, placed, relation }) => `${short(commit.sha)} is ${placed.replace('-', ' the ')}, and ${relation} than what is live`,
  failed: ({ step, why }) => `FAILED: ${NAMES[step]}: ${why.split('\n')[0]}`,
  ended: ({ outcome }) => OVER[outcome] ?? (outcome.refused ? 'over: refused, nothing was touched' : `over: ${JSON.stringify(outcome)}`),
  watching: ({ sha, how }) => `CI of ${short(sha)} is followed by a ${how} watcher`,
  ci: ({ sha, verdict }) => (verdict === 'success'
    ? `CI succeeded: ${short(sha)} is validated, the rollback point from now on`
    : `CI failed: ${short(sha)} is in quarantine (until its CI turns green)`),
};

/** {who, what} for one entry of the ledger, or null. */
export function told({ fact }) {
  const name = typeof fact === 'string' ? fact : Object.keys(fact)[0];
  if (name === 'did') {
    const { step, ms, note } = fact.did;
    return { who: 'step', what: `${NAMES[step].padEnd(25)}${`${ms} ms`.padStart(7)}  ${note || NOTHING[step] || 'done'}` };
  }
  return WORDS[name] ? { who: 'ledger', what: WORDS[name](fact[name]) } : null;
}
