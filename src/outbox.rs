//! Messages on their way: delivered in order beside the deploy, with bounded tries, and never with
//! any effect on it. What a message says is for `messages`; what an answer proves, for
//! `tools::discord`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};

use crate::deployments::Deployments;
use crate::host::{Command, Host, Http, Reply};
use crate::queue::{LAST_CALL_MS, Queue, alongside, last_word};
use crate::session::now;
use crate::sha::Sha;
use crate::time::Millis;
use crate::tools::discord::{self, Message, Posted, Receipt};
use crate::tools::secret::Secret;
use cards::{Card, Cards};
use untold::{Late, Untold};

pub mod cards;
pub mod untold;

/// Tries for one message.
const TRIES: u32 = 4;
/// Before the one more try for a message that may have arrived, milliseconds: a short outage is over then.
const UNKNOWN_PAUSE_MS: u64 = 2_000;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
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

/// Stands for a message that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u32);

/// What is told at once, in one message or more.
#[derive(Debug)]
struct Told {
    ticket: Ticket,
    messages: VecDeque<(Message, Place)>,
}

/// Messages that wait to be sent, and what became of them.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Queue<Told>,
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

    /// Puts a message at the end of the queue.
    pub fn add(&self, message: Message) -> Ticket {
        self.put([(message, Place::Apart)])
    }

    /// Puts what is told at once at the end of the queue, each message with its place.
    pub fn put(&self, messages: impl IntoIterator<Item = (Message, Place)>) -> Ticket {
        let ticket = Ticket(self.tickets.replace(self.tickets.get() + 1));
        self.queue.add(Told { ticket, messages: messages.into_iter().collect() });
        ticket
    }

    /// The same; where Discord does not take the first of them, the next run posts `late`.
    pub fn put_lasting(&self, messages: Vec<(Message, Place)>, late: Late) -> Ticket {
        let ticket = self.put(messages);
        self.untold.borrow_mut().add(ticket, late);
        ticket
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
    let delivery = Box::pin(deliver(host, outbox, webhook));
    let (result, left) = alongside(host, &outbox.queue, delivery, work).await;
    outbox.untold.take().write(host).await;
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
        untold.add(outbox.add(late.message()), late);
    }
    outbox.untold.replace(untold);
}

async fn deliver<H: Host>(host: &H, outbox: &Outbox, webhook: &Secret) {
    // Taken out, so that no borrow is held over an await; nobody else needs them meanwhile.
    let mut cards = outbox.cards.take();
    let mut refused = None;
    while let Some(told) = outbox.queue.next().await {
        let is_of_older = told.messages.iter().all(|(_, place)| matches!(place, Place::Amends(_)));
        match tell((host, outbox), &mut cards, webhook, told).await {
            // It mends what is said of an older deploy, and nothing of what was refused before it.
            Ok(_) if is_of_older => {}
            // What is told later says more than what was refused before it.
            Ok(news) => refused = news,
            Err(Gone) => {
                // Repeated tries on a webhook that is gone get the sender restricted (Discord docs,
                // rate limits): stop for this run, but keep taking messages out of the queue.
                outbox.queue.drain().await;
                return;
            }
        }
        // A run may go on for long, or be killed, and another one edit what this one has posted.
        cards.write(host).await;
    }
    // The run was told to stop and is over, and no later one tells what this one knew: its last word.
    if let Some(told) = refused {
        outbox.is_stopped.set(true);
        if tell((host, outbox), &mut cards, webhook, told).await.is_err() {
            return;
        }
    }
    cards.write(host).await;
}

/// The webhook is gone.
struct Gone;

/// Sends what is told at once; gives back what the host refused, as the run was told to stop.
async fn tell<H: Host>(
    to: (&H, &Outbox),
    cards: &mut Cards,
    webhook: &Secret,
    mut told: Told,
) -> Result<Option<Told>, Gone> {
    let outbox = to.1;
    while let Some((message, place)) = told.messages.front() {
        let sent = send(to, cards, webhook, message, place).await;
        let is_over = matches!(sent, Ok(()) | Err(Lost::This(Undelivered::Refused(_) | Undelivered::Unclear)));
        if is_over && *place == Place::Apart {
            outbox.untold.borrow_mut().strike(told.ticket);
        }
        match sent {
            Ok(()) => drop(outbox.sent.borrow_mut().insert(told.ticket)),
            Err(Lost::ForGood) => {
                outbox.lost.borrow_mut().push(Undelivered::Gone);
                return Err(Gone);
            }
            Err(Lost::Stopped) => return Ok(Some(told)),
            Err(Lost::This(why)) => outbox.lost.borrow_mut().push(why),
            // The message that should have been edited; a new one is sent in its place.
            Err(Lost::Place) => {}
        }
        told.messages.pop_front();
    }
    Ok(None)
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

enum Lost {
    This(Undelivered),
    ForGood,
    Place,
    Stopped,
}

async fn send<H: Host>(
    to @ (host, _): (&H, &Outbox),
    cards: &mut Cards,
    webhook: &Secret,
    message: &Message,
    place: &Place,
) -> Result<(), Lost> {
    if let Place::Continues(sha) | Place::Amends(sha) = place
        && let Some(id) = cards.find(host, sha, now(host).await).await
    {
        match ask(to, discord::edit(webhook, id, message), discord::edited).await {
            Err(Lost::Place) => cards.forget(id),
            other => return other.map(drop),
        }
    }
    match place {
        Place::Apart => ask(to, discord::post(webhook, message, Receipt::Waived), discord::posted).await.map(drop),
        Place::Amends(_) => Ok(()),
        Place::Opens(sha) | Place::Continues(sha) => {
            let id = ask(to, discord::post(webhook, message, Receipt::Asked), discord::posted).await?;
            if let Some(id) = id {
                cards.keep(Card { sha: sha.clone(), id, at: now(host).await });
            }
            Ok(())
        }
    }
}

/// Sends one request until it is taken or given up; tells the id of the message, where Discord does.
async fn ask<H: Host>(
    (host, outbox): (&H, &Outbox),
    request: Http,
    read: fn(&Reply, Millis) -> Posted,
) -> Result<Option<u64>, Lost> {
    let mut may_be_there = false;
    for attempt in 0..TRIES {
        let command = match outbox.is_stopped.get() {
            true => last_word(request.clone()),
            false => Command::Http(request.clone()),
        };
        let reply = host.perform(command).await;
        if matches!(reply, Reply::Cancelled { .. }) {
            return Err(Lost::Stopped);
        }
        let pause = match read(&reply, now(host).await) {
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
        let waited = host.perform(Command::Sleep { ms: pause }).await;
        match waited {
            Reply::Cancelled { .. } if outbox.is_stopped.get() => break,
            Reply::Cancelled { .. } => return Err(Lost::Stopped),
            _ => {}
        }
    }
    Err(Lost::This(Undelivered::Untaken))
}
