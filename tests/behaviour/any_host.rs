//! The shipped `run` on a host of any kind. The compiler makes all of the product anew for each type of host that
//! it is given, and takes half a minute: here it is given one.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use mangetamain_deploy::host::{Command, Host, Publication, Reply, Start};

/// What any host does, behind a pointer.
pub trait AnyHost {
    fn answer(&self, command: Command) -> LocalBoxFuture<'_, Reply>;
}

impl<H: Host> AnyHost for H {
    fn answer(&self, command: Command) -> LocalBoxFuture<'_, Reply> {
        self.perform(command).boxed_local()
    }
}

struct Behind<'a>(&'a dyn AnyHost);

impl Host for Behind<'_> {
    fn perform(&self, command: Command) -> impl Future<Output = Reply> {
        self.0.answer(command)
    }
}

/// One run, from raw text to what is published of it.
pub async fn run(start: Start, host: &dyn AnyHost) -> Publication {
    mangetamain_deploy::run(start, &Behind(host)).await
}
