//! The delivery of what waits in an outbox: one after the other, each with a bounded number of tries.

use super::cards::Cards;
use super::saved::Saved;
use super::{Batch, Disposition, Outbox, Stamp, Undelivered, untold};
use crate::host::{Command, Host, Http, Reply};
use crate::queue::{LAST_CALL_MS, last_word};
use crate::session::now;
use crate::time::Millis;
use crate::tools::discord::{self, Message, Posted, Receipt};
use crate::tools::doctor::webhook::{self, WebhookReply};
use crate::tools::secret::Secret;

/// Tries for one message.
const TRIES: u32 = 4;
/// Before the one more try for a message that may have arrived, milliseconds: a short outage is over then.
const UNKNOWN_PAUSE_MS: u64 = 2_000;
/// How long Discord has to say that it is up, milliseconds.
const GLANCE_MS: u64 = 5_000;

pub(super) struct Delivery<'a, H> {
    host: &'a H,
    outbox: &'a Outbox,
    webhook: &'a Secret,
    cards: Cards,
    /// Whether Discord answers, once that was asked.
    is_well: Option<bool>,
}

/// The webhook is gone.
struct Gone;

enum Lost {
    This(Undelivered),
    /// It may be there, and there is newer news.
    Perhaps,
    ForGood,
    Place,
    Stopped,
    Overtaken,
}

/// What makes a message one that is not sent any more.
#[derive(Clone, Copy)]
enum Newer<'a> {
    /// Whatever was told since of that deploy.
    Any(&'a Stamp),
    /// Newer words in the message with this id; none: in any that is edited.
    Edit(&'a Stamp, Option<u64>),
}

impl<'a, H: Host> Delivery<'a, H> {
    /// Nobody else needs the outbox's cards from now on.
    pub fn of(host: &'a H, outbox: &'a Outbox, webhook: &'a Secret) -> Self {
        Self { host, outbox, webhook, cards: outbox.cards.take(), is_well: None }
    }

    /// Sends what comes until the queue is closed and empty.
    pub async fn run(mut self) {
        let mut refused = None;
        while let Some(told) = self.outbox.queue.next().await {
            let is_of_older = told.messages.iter().all(|(_, place)| matches!(place, Disposition::Amends(_)));
            match self.tell(told).await {
                // It mends what is said of an older deploy, and nothing of what was refused before it.
                Ok(_) if is_of_older => {}
                // What is told later says more than what was refused before it.
                Ok(news) => refused = news,
                Err(Gone) => {
                    // Repeated tries on a webhook that is gone get the sender restricted (Discord docs,
                    // rate limits): stop for this run, but keep taking messages out of the queue.
                    self.outbox.queue.drain().await;
                    return;
                }
            }
            // A run may go on for long, or be killed, and another one edit what this one has posted.
            self.cards.write(self.host).await;
            untold::write(self.host, &self.outbox.untold).await;
        }
        // The run was told to stop and is over, and no later one tells what this one knew: its last word.
        if let Some(told) = refused {
            self.outbox.is_stopped.set(true);
            if self.tell(told).await.is_ok() {
                self.cards.write(self.host).await;
            }
        }
    }

    /// Sends what is told at once; gives back what the host refused, as the run was told to stop.
    async fn tell(&mut self, mut told: Batch) -> Result<Option<Batch>, Gone> {
        let outbox = self.outbox;
        if told.is_recalled && !self.is_well().await {
            return Ok(None);
        }
        if let Some(stamp) = &told.stamp {
            self.cards.note(self.host, stamp, &told).await;
        }
        while let Some((message, place)) = told.messages.front() {
            let stamp = told.stamp.as_ref().filter(|_| !(told.is_late && *place == Disposition::Apart));
            let sent = self.send(message, place, stamp).await;
            if *place == Disposition::Apart {
                match sent {
                    Ok(()) | Err(Lost::Perhaps) => outbox.untold.borrow_mut().strike(told.ticket),
                    Err(Lost::This(Undelivered::Unclear)) => outbox.untold.borrow_mut().doubt(told.ticket),
                    Err(_) => {}
                }
            }
            match sent {
                Ok(()) => drop(outbox.sent.borrow_mut().insert(told.ticket)),
                Err(Lost::ForGood) => {
                    outbox.lost.borrow_mut().push(Undelivered::Gone);
                    return Err(Gone);
                }
                Err(Lost::Stopped) => return Ok(Some(told)),
                Err(Lost::Overtaken) if outbox.is_told_late(&mut told) => continue,
                Err(Lost::Perhaps) => outbox.lost.borrow_mut().push(Undelivered::Unclear),
                Err(Lost::This(why)) => outbox.lost.borrow_mut().push(why),
                // Newer words are there already; or the message that should have been edited is not, and a new one is
                // sent in its place.
                Err(Lost::Overtaken | Lost::Place) => {}
            }
            told.messages.pop_front();
        }
        Ok(None)
    }

    /// Whether Discord is up, asked once by reading the webhook, and a no told once: what an earlier run could not tell, and
    /// may be there all the same, is told so many times only, and not into an outage.
    async fn is_well(&mut self) -> bool {
        if let Some(is_well) = self.is_well {
            return is_well;
        }
        let reply = self.host.perform(Command::Http(webhook::ask(self.webhook, GLANCE_MS))).await;
        let is_well = match webhook::told(&reply) {
            // The run was told to stop: that says nothing of Discord.
            _ if matches!(reply, Reply::Cancelled { .. }) => false,
            WebhookReply::Later(_) | WebhookReply::Unreached(_) => {
                self.outbox.lost.borrow_mut().push(Undelivered::Untaken);
                false
            }
            // What forwards to Discord may take a POST and nothing else; and one that is gone says so to that, too.
            WebhookReply::There(_) | WebhookReply::NotAWebhook(_) | WebhookReply::Gone => true,
        };
        self.is_well = Some(is_well);
        is_well
    }

    async fn send(&mut self, message: &Message, place: &Disposition, stamp: Option<&Stamp>) -> Result<(), Lost> {
        if let Some(id) = self.cards.find(self.host, place, now(self.host).await).await {
            match self.edit(id, message, stamp).await {
                Err(Lost::Place) => self.cards.forget(id),
                other => return other,
            }
        }
        let request = |receipt| discord::post(self.webhook, message, receipt);
        match place {
            Disposition::Apart => {
                self.ask(request(Receipt::Waived), discord::posted, stamp.map(Newer::Any)).await?;
            }
            Disposition::Amends(_) => {}
            Disposition::Opens(_) | Disposition::Continues(_) => {
                let newer = stamp.map(|stamp| Newer::Edit(stamp, None));
                let id = self.ask(request(Receipt::Asked), discord::posted, newer).await?;
                if let (Some(id), Some(stamp)) = (id, stamp) {
                    self.cards.keep(id, now(self.host).await, stamp, Saved::of(message));
                }
            }
        }
        Ok(())
    }

    /// Edits a message. Another run's newer words may be sent while these are on their way: they are put right then, also
    /// where nobody can say what became of these.
    async fn edit(&mut self, id: u64, message: &Message, stamp: Option<&Stamp>) -> Result<(), Lost> {
        let newer = stamp.map(|stamp| Newer::Edit(stamp, Some(id)));
        let edited = self.ask(discord::edit(self.webhook, id, message), discord::edited, newer).await;
        if let (Ok(_) | Err(Lost::Overtaken | Lost::This(Undelivered::Unclear)), Some(stamp)) = (&edited, stamp) {
            self.put_right(id, stamp.clone()).await;
        }
        edited.map(drop)
    }

    /// Says in a message what it says by the newest words there are, where these are newer than what is known.
    async fn put_right(&mut self, id: u64, mut known: Stamp) {
        while let Some((mark, text)) = self.cards.newer(self.host, &known, Some(id)).await {
            known.mark = mark;
            let request = discord::edit(self.webhook, id, &text.message());
            // What became of it is for the run whose words these are.
            let _ = self.ask(request, discord::edited, Some(Newer::Edit(&known, Some(id)))).await;
        }
    }

    async fn is_overtaken(&mut self, by: Newer<'_>) -> bool {
        match by {
            Newer::Any(stamp) => self.cards.is_overtaken(self.host, stamp).await,
            Newer::Edit(stamp, id) => self.cards.newer(self.host, stamp, id).await.is_some(),
        }
    }

    /// Sends one request until it is taken, given up, or not to be sent any more; tells the id of the message, where
    /// Discord does.
    async fn ask(
        &mut self,
        request: Http,
        read: fn(&Reply, Millis) -> Posted,
        newer: Option<Newer<'_>>,
    ) -> Result<Option<u64>, Lost> {
        let mut may_be_there = false;
        for attempt in 0..TRIES {
            if let Some(newer) = newer
                && self.is_overtaken(newer).await
            {
                // What is there already, it may be, is not told again as what comes late.
                let is_there = may_be_there && matches!(newer, Newer::Any(_));
                return Err(if is_there { Lost::Perhaps } else { Lost::Overtaken });
            }
            let command = match self.outbox.is_stopped.get() {
                true => last_word(request.clone()),
                false => Command::Http(request.clone()),
            };
            let reply = self.host.perform(command).await;
            if matches!(reply, Reply::Cancelled { .. }) {
                return Err(Lost::Stopped);
            }
            let pause = match read(&reply, now(self.host).await) {
                Posted::Sent { id } => return Ok(id),
                Posted::NoMessage => return Err(Lost::Place),
                Posted::Gone => return Err(Lost::ForGood),
                Posted::Refused { why } => return Err(Lost::This(Undelivered::Refused(why))),
                // It may be in the channel: once too often is better than never, but once only.
                Posted::Unknown if may_be_there => return Err(Lost::This(Undelivered::Unclear)),
                Posted::Unknown => {
                    may_be_there = true;
                    UNKNOWN_PAUSE_MS
                }
                Posted::Later { ms } => ms.max(250 << attempt),
            };
            if pause > LAST_CALL_MS || attempt + 1 == TRIES {
                break;
            }
            let waited = self.host.perform(Command::Sleep { ms: pause }).await;
            match waited {
                Reply::Cancelled { .. } if self.outbox.is_stopped.get() => break,
                Reply::Cancelled { .. } => return Err(Lost::Stopped),
                _ => {}
            }
        }
        Err(Lost::This(Undelivered::Untaken))
    }
}
