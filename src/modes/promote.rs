//! `promote`: production, by hand. Confirm, check, back up, deploy a validated SHA, restore on failure.

use crate::failure::Failure;
use crate::host::Host;
use crate::report::{Done, Word};
use crate::session::Session;

/// Runs the mode.
pub async fn perform<H: Host>(_session: &mut Session<'_, H>) -> Result<Done, Failure> {
    Ok(Done { word: Word::Failed, sha: None, failure: Some("this version does not have that mode yet".to_owned()) })
}
