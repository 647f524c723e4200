// Small changes that each break a rule: in `file`, `before` (there exactly once) becomes `after`. Which
// suite notices, and how short its story is, is `run.mjs`'s to find out. What breaks rules 4, 7 and 11
// cannot be written in the machine, which knows no lock, no message and no terminal.
const change = (rule, what, file, before, after) => ({ rule, what, edits: [{ file: `src/${file}`, before, after }] });
const decide = (rule, what, before, after) => change(rule, what, 'machine/decide.rs', before, after);
const apply = (rule, what, before, after) => change(rule, what, 'machine/apply.rs', before, after);
const state = (rule, what, before, after) => change(rule, what, 'machine/state.rs', before, after);
const record = (rule, what, before, after) => change(rule, what, 'machine/record.rs', before, after);
const operation = (rule, what, before, after) => change(rule, what, 'machine/operation.rs', before, after);
const waysBack = (rule, what, before, after) => change(rule, what, 'machine/ways_back.rs', before, after);
const verdict = (rule, what, before, after) => change(rule, what, 'machine/verdict.rs', before, after);

export const changes = [
  decide('1', 'what is on no branch of ours is deployed', `    match operation.fetched {
        Some((Placed::OffBranch, _)) => {`, `    match operation.fetched {
        Some((Placed::OffBranch, _)) if !obey => {`),
  decide('1', 'the work tree is not reset', 'steps.extend([Step::Keep, Step::Reset]);', 'steps.extend([Step::Keep]);'),
  apply('2', 'a late success validates backwards', 'record.forward == Some(Forward::Yes)', 'record.forward.is_some()'),
  apply('2', 'what was never healthy here is validated', 'record.healthy_at.is_some() && record.quarantine', 'record.quarantine'),
  state('2', 'the rollback point names what has failed since', '.find(|validated| !self.is_quarantined(&validated.sha))', '.next()'),
  state('2', 'the baseline is gone back to after something was validated', ' && !self.has_validated', ''),
  decide('3', "CI's word on any SHA undoes the live one", 'state.records.get(&live.sha).and_then(|record| record.ci.as_ref());', 'state.records.values().rev().find_map(|record| record.ci.as_ref());'),
  change('4', 'who waited in vain for the lock goes on without', 'drive.rs', `        Reply::Held { holder } => Err(Failure::Locked {
            environment: with.name.clone(),
            holder: known(&holder),
            waited_ms: with.lock_timeout_ms,
        }),`, '        Reply::Held { .. } => Ok(()),'),
  decide('5', 'what failed is deployed again', 'if obey && state.is_quarantined(sha) {', 'if obey && state.is_quarantined(sha) && operation.resumed {'),
  state('5', 'what failed is a rollback target', '!avoid.contains(sha) && !self.is_quarantined(sha)', '!avoid.contains(sha)'),
  state('5', 'what a person went back from is gone back to first', 'newest().find(|sha| !self.is_undone(sha))', 'newest().next()'),
  waysBack('5', 'what a person went back from is not remembered', 'self.record(undo).undone = true;', 'self.record(undo).undone = false;'),
  waysBack('5', 'a check condemns the baseline', 'if self.is_first_refuge(target) {', 'if self.is_first_refuge(target) && operation.resumed {'),
  waysBack('5', 'one outage condemns the only version that was well', 'undoes_failure || tried.len() > 1', 'tried.len() > 1'),
  operation('5', 'a target that failed is tried again', 'self.tried.push(before.ask.target().clone());', ''),
  apply('5', "a machine's fault quarantines the SHA", 'if operation.spares_version() {', 'if operation.spares_version() && operation.resumed {'),
  operation('5', 'what fails where the way forward did is blamed on the SHA', ' || self.failed_before == Some(fault.step)', ''),
  apply('5', 'a later green run lifts nothing', 'record.quarantine.filter(|_| is_broken)', 'record.quarantine.filter(|_| is_broken || verdict.validates())'),
  apply('5', "that a version broke here takes CI's word on it away", 'record.quarantine.filter(|why| *why == Quarantine::Ci).or(Some(Quarantine::Broken));', 'Some(Quarantine::Broken);'),
  record('5', 'a green re-run that began before a SHA broke lifts that', 'run.attempt > 1 && !is_old &&', 'run.attempt > 1 &&'),
  record('5', 'a green re-run that had spoken before lifts it', ' && !self.ci.as_ref().is_some_and(is_known)', ''),
  decide('6', 'what had touched what is live is dropped after a crash', 'operation.resumed && operation.is_droppable()', 'operation.resumed && !operation.is_automatic()'),
  change('7', 'messages are tried for ever', 'outbox/delivery.rs', 'const TRIES: u32 = 4;', 'const TRIES: u32 = 4_000_000;'),
  operation('8', 'changes made after a crash are not saved', 'Step::Keep | Step::Reset => is_restoring', 'Step::Keep => true,\n            Step::Reset => is_restoring'),
  operation('8', 'what is put back is looked for where it has no place yet', 'Step::Keep | Step::Reset => is_restoring', 'Step::Keep | Step::Reset => false'),
  change('8', 'what was saved before a reset is left to the kernel', 'tools/git.rs', '"core.fsync=all"', '"core.fsync=none"'),
  decide('8', 'nothing is saved before a promote', 'steps.extend(backup.as_ref().map(|_| Step::Backup));', 'steps.extend(backup.as_ref().and(None::<Step>));'),
  decide('8', 'the evidence is not looked at again after the backup', '        steps.push(Step::Prove);\n', ''),
  apply('8', 'a deploy command that was killed counts as never run', 'operation.commanded |= *step == Step::Command;', ''),
  decide('8', 'files of another SHA stay', 'Ask::Promote { .. } if operation.from.as_ref() != Some(to) => Files::Remade,', 'Ask::Promote { .. } if operation.from.is_none() => Files::Remade,'),
  verdict('9', 'cancelled is a failure', 'Verdict::Inconclusive(Doubt::Cancelled)', 'Verdict::Failure(FailureKind::Failed)'),
  verdict('9', 'neutral is a success', 'Verdict::Inconclusive(Doubt::Neutral)', 'Verdict::Success'),
  decide('9', 'silence is a ground whatever the settings say', '&& with.ci.on_timeout == Otherwise::Rollback =>', '&& with.ci.workflow.len() < 1_000 =>'),
  apply('9', 'no answer takes an earlier one back', 'Verdict::Inconclusive(_) if judged => {}', 'Verdict::Inconclusive(_) if judged && run.is_none() => {}'),
  state('9', 'a cancelled attempt has spoken', '.filter(|(verdict, _)| verdict.judges())', '.filter(|_| true)'),
  decide('10', 'what is unhealthy counts as deployed', '        Some(Checkup::Unhealthy(_)) => undo(state, operation, sha),', '        Some(Checkup::Unhealthy(_)) => Decision::End(Outcome::Deployed),'),
  decide('10', 'containers are not started anew', 'if operation.with.compose.is_some() {', 'if operation.with.compose.is_none() {'),
  state('10', 'what is known to be ill is only checked', 'live.is_applied && live.known_by.is_well()', 'live.is_applied'),
  state('10', 'what only the work tree is of counts as at work', 'self.live.as_ref().is_some_and(|live| live.is_applied)', 'self.live.is_some()'),
  change('11', "a log's workflow command is passed on", 'voice.rs', 'clean = clean.replace("##[", "##\\u{200b}[");', ''),
  decide('settles', 'a wait has no end', 'now < watch.until', 'now < watch.until.plus(u64::MAX)'),
  state('settles', 'the oldest validated SHA is gone back to', 'let newest = || self.validated.iter().rev().map(', 'let newest = || self.validated.iter().map('),
];
changes.find((one) => one.rule === '7').edits.push({ file: 'src/queue.rs', before: 'pub const LAST_CALL_MS: u64 = 12_000;', after: 'pub const LAST_CALL_MS: u64 = 12_000_000;' });
