//! What was chosen and why, in English; `fr::choice` says the same.

use crate::environment::Watch;
use crate::messages::Ground;

/// Who follows CI.
pub fn follower(how: Watch) -> &'static str {
    match how {
        Watch::Detached => "by a watcher that outlives the job",
        Watch::Event => "by the workflow_run trigger",
        _ => "in the job",
    }
}

/// Why that one follows it.
pub fn ground(why: Ground) -> &'static str {
    match why {
        Ground::Set => "watch: as set",
        Ground::Tokenless => "watch: detached, without a token of its own",
        Ground::Trigger => "this workflow has a workflow_run trigger",
        Ground::Token => "watch-token outlives the job",
        Ground::Public => "the repository is public: CI can be read without a token",
        Ground::Nothing => "no token here outlives the job, and no workflow_run trigger was found",
    }
}
