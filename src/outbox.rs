//! Messages on their way: delivered in order beside the deploy, with bounded tries, and never with
//! any effect on it. What a message says is for `messages`; what an answer proves, for
//! `tools::discord`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};

use crate::deployments::Deployments;
use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::queue::{LAST_CALL_MS, Queue, alongside};
use crate::session::now;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::discord::Message;
use crate::tools::secret::Secret;
use cards::Cards;
use delivery::Delivery;
use untold::{Late, Untold};

pub mod cards;
mod delivery;
pub mod saved;
pub mod untold;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// It stands for itself.
    Apart,
    /// It is new, and later ones about the deploy of this SHA edit it.
    Opens(Sha),
    /// It takes the place of the message about the deploy of this SHA; where there is none, or it is too old,
    /// it opens one.
    Continues(Sha),
    /// The same, and nothing is sent where there is none.
    Amends(Sha),
}

/// Where a message stands in the story of a deploy. Several runs tell of one (its own, the one that follows its CI, a
/// rollback by hand): of two messages the one that knows more is the newer, whichever Discord takes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// What was deployed.
    pub of: Sha,
    /// What it knows.
    pub mark: Revision,
}

/// What a message knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The number of the ledger's newest entry then.
    pub seq: u64,
    /// When it was composed.
    pub at: Millis,
}

impl Revision {
    /// A ledger may begin anew, and a clock be set back: newer is what is so by both.
    #[must_use]
    pub fn is_after(self, other: Self) -> bool {
        self.seq > other.seq && self.at >= other.at
    }
}

/// Stands for a message that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u32);

/// What is told at once, in one message or more.
#[derive(Debug)]
struct Batch {
    ticket: Ticket,
    messages: VecDeque<(Message, Disposition)>,
    stamp: Option<Stamp>,
    /// The first of them comes late, and says so: nothing overtakes it any more.
    is_late: bool,
    /// An earlier run could not tell it.
    is_recalled: bool,
}

/// Messages that wait to be sent, and what became of them.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Queue<Batch>,
    tickets: Cell<u32>,
    cards: RefCell<Cards>,
    untold: RefCell<Untold>,
    /// Deploys on their way to GitHub's page of deployments.
    pub deployments: Deployments,
    sent: RefCell<BTreeSet<Ticket>>,
    lost: RefCell<Vec<Undelivered>>,
    /// The run was told to stop: what is sent now is its last word.
    is_stopped: Cell<bool>,
}

impl Outbox {
    /// An outbox that remembers in the one file which message tells of which deploy, and in the other what Discord did
    /// not take.
    #[must_use]
    pub fn remembering(cards: String, untold: String) -> Self {
        let (cards, untold) = (RefCell::new(Cards::at(cards)), RefCell::new(Untold::at(untold)));
        Self { cards, untold, ..Self::default() }
    }

    /// Puts a message that tells of no deploy at the end of the queue.
    pub fn add(&self, message: Message) -> Ticket {
        self.queued([(message, Disposition::Apart)].into(), None)
    }

    /// Puts what is told of a deploy at once at the end of the queue, each message with its place. With a stamp, what a
    /// newer message has overtaken meanwhile is not sent.
    pub fn put(&self, messages: Vec<(Message, Disposition)>, stamp: Option<Stamp>) -> Ticket {
        self.queued(messages.into(), stamp)
    }

    /// The same; where Discord does not take the first of them, the next run posts `late`, and where a newer message
    /// has overtaken it, this one does.
    pub fn put_lasting(&self, messages: Vec<(Message, Disposition)>, stamp: Option<Stamp>, late: Late) -> Ticket {
        let ticket = self.put(messages, stamp);
        self.untold.borrow_mut().add(ticket, late);
        ticket
    }

    /// Writes down now what this run is about to tell, and where it is killed the next one tells.
    pub async fn remember<H: Host>(&self, host: &H, late: Late) {
        self.untold.borrow_mut().announce(late);
        untold::write(host, &self.untold).await;
    }

    fn queued(&self, messages: VecDeque<(Message, Disposition)>, stamp: Option<Stamp>) -> Ticket {
        self.batched(messages, stamp, false)
    }

    /// Puts what an earlier run could not tell at the end of the queue.
    fn again(&self, message: Message) -> Ticket {
        self.batched([(message, Disposition::Apart)].into(), None, true)
    }

    fn batched(&self, messages: VecDeque<(Message, Disposition)>, stamp: Option<Stamp>, is_recalled: bool) -> Ticket {
        let ticket = Ticket(self.tickets.replace(self.tickets.get() + 1));
        self.queue.add(Batch { ticket, messages, stamp, is_late: false, is_recalled });
        ticket
    }

    /// Whether the first of these, which newer news has overtaken, is told all the same, with its time: what somebody had
    /// to hear of is.
    fn is_told_late(&self, told: &mut Batch) -> bool {
        let late = self.untold.borrow().of(told.ticket);
        let first = told.messages.front_mut().filter(|(_, place)| *place == Disposition::Apart);
        let (Some((message, _)), Some(late)) = (first, late) else {
            return false;
        };
        *message = Message { ring: message.ring, ..late.message() };
        !std::mem::replace(&mut told.is_late, true)
    }

    /// Whether anything was put in.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.tickets.get() > 0
    }

    /// What was lost, and why.
    #[must_use]
    pub fn lost(&self) -> Vec<Undelivered> {
        self.lost.borrow().clone()
    }

    /// Whether this message arrived, by Discord's own word.
    #[must_use]
    pub fn is_sent(&self, ticket: Ticket) -> bool {
        self.sent.borrow().contains(&ticket)
    }
}

/// Runs `work` with its messages delivered beside it, then gives the last ones a bounded time.
pub async fn beside<H: Host, T>(
    host: &H,
    outbox: &Outbox,
    webhook: Option<&Secret>,
    work: impl Future<Output = T>,
) -> T {
    let Some(webhook) = webhook else {
        return work.await;
    };
    recall(host, outbox).await;
    let delivery = Box::pin(Delivery::of(host, outbox, webhook).run());
    let (result, left) = alongside(host, &outbox.queue, delivery, work).await;
    untold::write(host, &outbox.untold).await;
    if left > 0 {
        outbox.lost.borrow_mut().push(Undelivered::Late { count: left, within_ms: LAST_CALL_MS });
    }
    result
}

/// Puts first what earlier runs could not tell.
async fn recall<H: Host>(host: &H, outbox: &Outbox) {
    // Taken out, so that no borrow is held over an await.
    let mut untold = outbox.untold.take();
    for late in untold.recall(host, now(host).await).await {
        untold.add(outbox.again(late.text.message()), late);
    }
    outbox.untold.replace(untold);
}

/// Why a message did not arrive, as data; the words stand in `messages::log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// The webhook is gone (404 or 401).
    Gone,
    /// So many were left when the time after the run's end was up.
    Late {
        /// Messages.
        count: usize,
        /// The time, milliseconds.
        within_ms: u64,
    },
    /// Discord refused it, in these words.
    Refused(String),
    /// No clear answer, twice; it may have arrived.
    Unclear,
    /// Discord did not take it, several times.
    Untaken,
}
