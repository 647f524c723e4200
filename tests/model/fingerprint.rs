//! A situation in 128 bits (FNV-1a): what is explored is remembered by these alone, so that a million
//! situations need no gigabytes. Two that differ could share one with a chance of about 1 in 10^26.

use std::fmt::{self, Write};

use mangetamain_deploy::machine::State;
use mangetamain_deploy::machine::operation::Operation;
use mangetamain_deploy::machine::state::Record;
use mangetamain_deploy::machine::verdict::{Doubt, Verdict};
use mangetamain_deploy::sha::Sha;

use super::situation::Situation;
use super::size::Size;
use crate::story::number;

pub struct Fingerprint(pub u128);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Write for Fingerprint {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.byte(byte));
        Ok(())
    }
}

impl Fingerprint {
    pub fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }

    fn bytes(&mut self, all: impl IntoIterator<Item = u8>) {
        all.into_iter().for_each(|one| self.byte(one));
        self.byte(0xfe);
    }

    fn sha(&mut self, sha: Option<&Sha>) {
        self.byte(sha.map_or(9, |sha| number(sha) as u8));
    }
}

pub fn of(situation: &Situation) -> u128 {
    let mut print = Fingerprint::default();
    seen(&mut print, &situation.state);
    if situation.left.crashes > 0 {
        seen(&mut print, &situation.written);
        for fact in &situation.pending {
            let _ = write!(print, "{:?}", std::mem::discriminant(fact));
        }
    }
    let Size { crashes, mishaps, reruns, hands, promotes, revoked, .. } = situation.left;
    print.bytes([crashes, mishaps, reruns, hands, promotes, revoked]);
    let Situation { pushed, by_hand, in_silence, validated_then, elsewhere, .. } = *situation;
    print.bytes([pushed, by_hand, in_silence, validated_then, elsewhere]);
    print.bytes([situation.went_back, situation.hindered, situation.unsure, situation.proven].map(u8::from));
    for heard in &situation.heard {
        print.bytes([heard.told, heard.newest, heard.word.map_or(2, u8::from), u8::from(heard.expired)]);
    }
    let site = situation.site;
    let place = |one: Option<usize>| one.map_or(9, |one| one as u8);
    print.bytes([place(site.tree), place(site.runs), place(site.files), u8::from(site.fresh), u8::from(site.unsaved)]);
    print.0
}

/// What the machine can see of a state.
fn seen(print: &mut Fingerprint, state: &State) {
    print.sha(state.live.as_ref().map(|live| &live.sha));
    print.bytes([state.is_applied(), state.is_well(), state.has_validated].map(u8::from));
    print.sha(state.left_alone.as_ref());
    print.sha(state.watch.as_ref().map(|watch| &watch.sha));
    print.byte(u8::from(state.with.is_some()));
    for (sha, known) in &state.records {
        print.sha(Some(sha));
        record(print, known);
    }
    print.bytes(state.validated.iter().map(|one| number(&one.sha) as u8));
    if let Some(one) = &state.operation {
        operation(print, one);
    }
    print.byte(0xff);
}

fn record(print: &mut Fingerprint, record: &Record) {
    let (word, attempt) = match &record.ci {
        None => (0, 0),
        Some((verdict, run)) => {
            let word = match verdict {
                Verdict::Success => 1,
                Verdict::Failure(_) => 2,
                Verdict::Inconclusive(Doubt::Expired | Doubt::Unreachable(_)) => 3,
                Verdict::Inconclusive(_) => 4,
            };
            (word, run.as_ref().map_or(0, |run| run.attempt as u8))
        }
    };
    let forward = record.forward.map_or(2, |one| one as u8);
    let quarantine = record.quarantine.map_or(2, |one| one as u8);
    print.bytes([word, attempt, forward, quarantine]);
    print.bytes([record.healthy_at.is_some(), record.broken_at.is_some(), record.undone].map(u8::from));
}

fn operation(print: &mut Fingerprint, one: &Operation) {
    let _ = write!(
        print,
        "{:?}{:?}{:?}",
        one.ask,
        one.fetched,
        one.failed.as_ref().map(|one| (one.step, one.touched, one.blame))
    );
    print.sha(one.from.as_ref());
    print.bytes(one.tried.iter().map(|sha| number(sha) as u8));
    print.bytes(one.done.iter().map(|step| *step as u8));
    let guarded = one.guarded.as_ref().map_or(2, |paths| u8::from(paths.is_empty()));
    let [began, failed_before] = [one.began, one.failed_before].map(|step| step.map_or(99, |step| step as u8));
    let checkup = one
        .checkup
        .as_ref()
        .map_or(2, |seen| u8::from(matches!(seen, mangetamain_deploy::machine::entry::Checkup::Healthy(_))));
    print.bytes([
        guarded,
        began,
        failed_before,
        checkup,
        u8::from(one.resumed),
        u8::from(one.half_done),
        u8::from(one.commanded),
    ]);
}
