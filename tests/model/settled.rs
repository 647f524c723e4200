//! What holds when nothing is left to do: no request is under way, every wait has an end, what stands on
//! the machine is what the ledger says, and, once CI has said all it has to say, what is live is what it
//! should be.

use mangetamain_deploy::environment::Otherwise;
use mangetamain_deploy::machine::{Decision, decide};

use super::rules::is_by_hand;
use super::situation::{Moment, Situation, bit};
use super::size::With;
use crate::story::sha;

pub fn broken(moment: &Moment) -> Option<&'static str> {
    let after = moment.after;
    if let Decision::Wait(sha, until) = &moment.then {
        let is_live = after.state.live.as_ref().is_some_and(|live| live.sha == *sha);
        let is_over = !matches!(decide(&after.state, *until), Decision::Wait(..));
        if !is_live || !is_over {
            return Some("every wait is for what is live, and has an end");
        }
    }
    if moment.rests() { at_rest(after).or_else(|| closed(after)) } else { None }
}

fn at_rest(after: &Situation) -> Option<&'static str> {
    let live = after.live()?;
    if after.state.operation.is_some() {
        return Some("rule 6: at rest no request is under way");
    }
    let site = after.site;
    if !after.unsure && (site.tree, site.runs) != (Some(live), Some(live)) {
        return Some("rule 6: at rest, what stands on the machine is what the ledger says");
    }
    let word = after.heard[live].word;
    let by_hand = is_by_hand(after, live);
    let somewhere = after.state.rollback_target(std::slice::from_ref(&sha(live))).is_some();
    if word == Some(false) && somewhere && !by_hand && !after.hindered {
        return Some("at rest, a SHA whose CI failed is live only where a person asked, or there is nowhere to go");
    }
    let known = after.state.validated.iter().any(|one| one.sha == sha(live));
    let newest = after.state.validated.last().is_none_or(|last| last.sha < sha(live));
    let well = after.state.records.get(&sha(live)).is_some_and(|record| record.healthy_at.is_some());
    (word == Some(true) && well && newest && !known && after.by_hand == 0 && !after.state.is_quarantined(&sha(live)))
        .then_some("at rest, a deployed SHA whose CI succeeded is validated")
}

/// Whether all that was expected has come, nobody meddled, nothing stood in a rollback's way and no incident
/// ended with nowhere to go: what is live stays then, whatever CI says later of others (rule 5).
pub fn is_closed(after: &Situation) -> bool {
    let all = (1..=after.left.pushes).all(|one| after.pushed & bit(one) != 0 && after.heard[one].word.is_some());
    let is_quiet = after.by_hand == 0 && !after.hindered && !after.unsure;
    let kept = after.state.with.as_ref().is_some_and(|with| with.on_unhealthy == Otherwise::Keep);
    all && is_quiet && !kept && after.left.with != With::Production
}

/// The closing property: what is live is a push whose CI said yes, or what the machine went back to; and
/// that is the newest SHA that was validated by then.
fn closed(after: &Situation) -> Option<&'static str> {
    let live = after.live().filter(|_| is_closed(after))?;
    let elsewhere = after.state.rollback_target(std::slice::from_ref(&sha(live)));
    if after.state.is_quarantined(&sha(live)) {
        return elsewhere.map(|_| "in the end, what failed is live only where there is nothing to go back to");
    }
    let said = after.heard[live].word;
    if live > 0 && said != Some(true) {
        return Some("in the end, what is live has CI's yes, or is the baseline");
    }
    let newer = after.usable() & after.validated_then & !(bit(live + 1) - 1);
    (after.went_back && newer != 0).then_some("in the end, what is live is the newest SHA validated when it went live")
}
