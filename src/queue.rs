//! Things that wait to be told to somebody else, in order, beside the work that they tell of: what is put
//! in is taken out by one delivery, which never holds the work up. What is told is for `outbox` and
//! `deployments`.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Poll, Waker};

use futures_util::future::{Either, select};

use crate::host::{Command, Host, Http, Reply};

/// How long what is left may take once the work is over, milliseconds.
pub const LAST_CALL_MS: u64 = 12_000;
/// Time for one request once the run was told to stop, milliseconds: a last word is two of them at most, one after the
/// other, the runner kills it 10 s after that, and what it has started may take 2.5 s to end.
const LAST_WORD_MS: u64 = 2_000;

/// Things that wait.
#[derive(Debug)]
pub struct Queue<T> {
    waiting: RefCell<VecDeque<T>>,
    waker: RefCell<Option<Waker>>,
    closed: Cell<bool>,
    taken: Cell<u32>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let (waiting, waker, closed, taken) = Default::default();
        Self { waiting, waker, closed, taken }
    }
}

impl<T> Queue<T> {
    /// Puts one at the end.
    pub fn add(&self, one: T) {
        self.waiting.borrow_mut().push_back(one);
        self.wake();
    }

    /// The next one; none once the queue is empty and closed.
    pub async fn next(&self) -> Option<T> {
        poll_fn(|context| {
            let next = self.waiting.borrow_mut().pop_front();
            self.taken.set(self.taken.get() + u32::from(next.is_some()));
            if next.is_some() || self.closed.get() {
                return Poll::Ready(next);
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Takes out what comes until the queue is closed, and does nothing with it.
    pub async fn drain(&self) {
        while self.next().await.is_some() {}
    }

    fn close(&self) {
        self.closed.set(true);
        self.wake();
    }

    fn is_unused(&self) -> bool {
        self.waiting.borrow().is_empty() && self.taken.get() == 0
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

/// A request of a run that was told to stop.
#[must_use]
pub fn last_word(request: Http) -> Command {
    Command::LastWord(Http { limit_ms: LAST_WORD_MS, ..request })
}

/// Runs `work` with the delivery of its queue beside it, then gives what is left a bounded time; tells also
/// how many were not delivered within it.
pub async fn alongside<H: Host, Q, T>(
    host: &H,
    queue: &Queue<Q>,
    delivery: Pin<Box<dyn Future<Output = ()> + '_>>,
    work: impl Future<Output = T>,
) -> (T, usize) {
    let mut delivery = delivery;
    let result = match select(pin!(work), &mut delivery).await {
        Either::Left((result, _)) => result,
        // Delivery ends only after the queue is closed, which is done below.
        Either::Right(((), work)) => return (work.await, 0),
    };
    queue.close();
    if queue.is_unused() {
        // Nothing was ever queued: no reason to start a timer.
        return (result, 0);
    }
    let last_call = pin!(host.perform(Command::Sleep { ms: LAST_CALL_MS }));
    match select(delivery, last_call).await {
        Either::Left(_) => (result, 0),
        // Told to stop: what is asked now is refused at once, but for a last word, whose time is short.
        Either::Right((Reply::Cancelled { .. }, delivery)) => {
            delivery.await;
            (result, 0)
        }
        Either::Right(_) => (result, queue.waiting.borrow().len() + 1),
    }
}
