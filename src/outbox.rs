//! Messages on their way: delivered in order beside the deploy, with bounded tries, and never with
//! any effect on it. What a message says is for `messages`; what an answer proves, for
//! `tools::discord`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};

use futures_util::future::{Either, select};

use crate::host::{Command, Host, Reply};
use crate::time::Millis;
use crate::tools::discord::{self, Message, Posted, Receipt};
use crate::tools::secret::Secret;

/// Tries for one message.
const TRIES: u32 = 4;
/// Before the one more try for a message that may have arrived, milliseconds: a short outage is over then.
const UNKNOWN_PAUSE_MS: u64 = 2_000;
/// How long the messages that are left may take once the work is over, milliseconds.
const LAST_CALL_MS: u64 = 12_000;

/// Messages that wait to be sent, and what became of them.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: RefCell<VecDeque<Message>>,
    waker: RefCell<Option<Waker>>,
    closed: Cell<bool>,
    taken: Cell<u32>,
    sent: Cell<u32>,
    lost: RefCell<Vec<String>>,
}

impl Outbox {
    /// Puts a message at the end of the queue.
    pub fn add(&self, message: Message) {
        self.queue.borrow_mut().push_back(message);
        self.wake();
    }

    /// What was lost, and why, each one line.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        self.lost.borrow().clone()
    }

    /// How many messages were sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sent.get()
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// The next message, or none once the queue is empty and closed.
    async fn next(&self) -> Option<Message> {
        poll_fn(|context| {
            let message = self.queue.borrow_mut().pop_front();
            self.taken.set(self.taken.get() + u32::from(message.is_some()));
            if message.is_some() || self.closed.get() {
                return Poll::Ready(message);
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
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
    let mut delivery = pin!(deliver(host, outbox, webhook));
    let result = match select(pin!(work), &mut delivery).await {
        Either::Left((result, _)) => result,
        // Delivery ends only after the queue is closed, which is done below.
        Either::Right(((), work)) => work.await,
    };
    outbox.closed.set(true);
    outbox.wake();
    if outbox.queue.borrow().is_empty() && outbox.taken.get() == 0 {
        // Nothing was ever queued: no reason to start a timer.
        return result;
    }
    let last_call = pin!(host.perform(Command::Sleep { ms: LAST_CALL_MS }));
    if let Either::Right(_) = select(delivery, last_call).await {
        let left = outbox.queue.borrow().len() + 1;
        outbox.lost.borrow_mut().push(format!("{left} not delivered within {} s", LAST_CALL_MS / 1000));
    }
    result
}

async fn deliver<H: Host>(host: &H, outbox: &Outbox, webhook: &Secret) {
    while let Some(message) = outbox.next().await {
        match send(host, webhook, &message).await {
            Ok(()) => outbox.sent.set(outbox.sent.get() + 1),
            Err(Lost::ForGood(why)) => {
                outbox.lost.borrow_mut().push(why);
                outbox.queue.borrow_mut().clear();
                // Repeated tries on a webhook that is gone get the sender restricted (Discord docs,
                // rate limits): stop for this run, but keep taking messages out of the queue.
                while outbox.next().await.is_some() {}
                return;
            }
            Err(Lost::This(why)) => outbox.lost.borrow_mut().push(why),
        }
    }
}

enum Lost {
    This(String),
    ForGood(String),
}

async fn send<H: Host>(host: &H, webhook: &Secret, message: &Message) -> Result<(), Lost> {
    let (mut why, mut may_be_there) = (String::new(), false);
    for attempt in 0..TRIES {
        let reply = host.perform(Command::Http(discord::post(webhook, message, Receipt::Waived))).await;
        let now = match host.perform(Command::Clock).await {
            Reply::Clock { ms } => ms,
            _ => Millis(0),
        };
        let pause = match discord::posted(&reply, now) {
            Posted::Sent { .. } => return Ok(()),
            Posted::Gone => {
                return Err(Lost::ForGood("the webhook is gone (404 or 401): make a new one".to_owned()));
            }
            Posted::Refused { why } => return Err(Lost::This(why)),
            // It may be in the channel: once too often is better than never, but once only.
            Posted::Unknown if may_be_there => {
                return Err(Lost::This("no clear answer, twice; it may have arrived".to_owned()));
            }
            Posted::Unknown => {
                may_be_there = true;
                UNKNOWN_PAUSE_MS
            }
            Posted::Later { ms } => ms.max(250 << attempt),
        };
        why = "Discord did not take it, several times".to_owned();
        if pause > LAST_CALL_MS || attempt + 1 == TRIES {
            break;
        }
        if matches!(host.perform(Command::Sleep { ms: pause }).await, Reply::Cancelled { .. }) {
            break;
        }
    }
    Err(Lost::This(why))
}
