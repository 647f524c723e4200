//! What a run tells people, through Discord, and in the log in the same words.

use super::Session;
use crate::environment::Style;
use crate::host::Host;
use crate::machine::Because;
use crate::messages::{self, Notice, NoticeKind};
use crate::outbox::saved::Saved;
use crate::outbox::untold::Late;
use crate::outbox::{self, Revision, Stamp};
use crate::settings::Mode;
use crate::time::Millis;
use crate::tools::discord::Message;

impl<H: Host> Session<'_, H> {
    /// Tells people through Discord, and the log in the same words.
    pub async fn tell(&self, mut notice: Notice) {
        self.sign(&mut notice);
        let settings = self.settings();
        self.voice.close().await;
        self.say(messages::log_text(&notice, &settings, self.config.manner.locale)).await;
        if notice.digest.is_some() {
            self.digest.replace(notice.digest.clone());
        }
        match self.config.secrets.webhook.is_none() {
            true => self.is_untold.set(true),
            false => self.send(&notice).await,
        }
    }

    /// Who asked for it, and what they passed over.
    fn sign(&self, notice: &mut Notice) {
        // What another run has begun, somebody else has asked for.
        let has_ended = || self.ledger.state.history.last().is_some_and(|ended| ended.by == self.config.origin.run());
        let is_asked = match (&notice.kind, self.config.mode) {
            (NoticeKind::RolledBack { because: Because::Person, .. }, Mode::Rollback) => has_ended(),
            (NoticeKind::Promoting { .. }, Mode::Promote) => true,
            _ => false,
        };
        if is_asked {
            let is_github = ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"].iter().any(|name| self.env.contains_key(*name));
            let at = if is_github { "@" } else { "" };
            notice.asked_by = format!("{at}{}", self.config.origin.actor);
        }
        notice.forced = notice.forced.map(|passed| passed.or(self.passed.get()));
    }

    /// Sends what a notice is told in; what somebody has to hear of is told late rather than never.
    async fn send(&self, notice: &Notice) {
        let at = self.now().await;
        let stamp = messages::card::is_of_its_story(notice).then(|| self.stamp(notice, at));
        let told = self.worded(notice);
        match self.late(notice, &told, at) {
            Some(late) => drop(self.outbox.put_lasting(told, stamp, late)),
            None => drop(self.outbox.put(told, stamp)),
        }
    }

    /// Leaves what somebody has to hear of to the next run, should this one be killed before it has told it.
    pub async fn remember(&self, notice: &Notice) {
        let at = self.now().await;
        if self.config.secrets.webhook.is_some()
            && let Some(late) = self.late(notice, &self.worded(notice), at)
        {
            let process = Some(self.config.origin.pid);
            self.outbox.remember(self.host, Late { process, ..late }).await;
        }
    }

    fn worded(&self, notice: &Notice) -> Vec<(Message, outbox::Disposition)> {
        let settings = self.settings();
        match settings.style {
            Style::Text => vec![(messages::discord(notice, &settings, self.voice), outbox::Disposition::Apart)],
            Style::Embed => messages::card::messages(notice, &settings, self.voice),
        }
    }

    fn late(&self, notice: &Notice, told: &[(Message, outbox::Disposition)], at: Millis) -> Option<Late> {
        let is_lasting = notice.has_to_be_heard() && !notice.is_followed;
        let (message, _) = told.first().filter(|(_, place)| is_lasting && *place == outbox::Disposition::Apart)?;
        let text = Saved::of(message).with_line(&messages::late(at, self.settings().locale));
        Some(Late { at, text, unclear: 0, process: None })
    }

    fn stamp(&self, notice: &Notice, at: Millis) -> Stamp {
        Stamp { of: notice.of.clone(), mark: Revision { seq: self.ledger.state.seq, at } }
    }

    /// Mends what Discord's message says of an older deploy, where that is one that is edited: no news to anybody.
    pub async fn amend(&self, notice: &Notice) {
        let settings = self.settings();
        if self.config.secrets.webhook.is_some() && settings.style == Style::Embed {
            let told = messages::card::messages(notice, &settings, self.voice);
            self.outbox.put(told, Some(self.stamp(notice, self.now().await)));
        }
    }
}
