//! What differs between two commits: two steps of a deploy want to know it, and it never changes.

use std::rc::Rc;

use crate::failure::Failure;
use crate::failure::reason::Attempt;
use crate::host::Host;
use crate::session::Session;
use crate::sha::Sha;
use crate::tools::git::{Differences, Git, ProcessError, differences_told};

/// The answer for the commits that were asked about last.
#[derive(Debug)]
pub struct Cached {
    from: Sha,
    to: Sha,
    told: Rc<Differences>,
}

/// What differs between two commits of the site's repository; asked where it was not asked just before.
pub async fn between<H: Host>(
    session: &Session<'_, H>,
    git: &Git,
    from: &Sha,
    to: &Sha,
    attempt: &Attempt,
) -> Result<Result<Rc<Differences>, ProcessError>, Failure> {
    if let Some(known) = session.differences.borrow().as_ref().filter(|known| known.from == *from && known.to == *to) {
        return Ok(Ok(Rc::clone(&known.told)));
    }
    let told = differences_told(&session.run(git.differences(from, to), attempt).await?).map(Rc::new);
    if let Ok(told) = &told {
        let asked = Cached { from: from.clone(), to: to.clone(), told: Rc::clone(told) };
        session.differences.replace(Some(asked));
    }
    Ok(told)
}
