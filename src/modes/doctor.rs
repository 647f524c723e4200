//! `doctor`: everything that would make the other modes fail later, asked now, each with its mend.

use crate::config::Config;
use crate::host::{Host, Publication, Start};
use crate::report::not_run;

/// Runs the mode.
pub async fn perform<H: Host>(_start: &Start, config: &Config, _host: &H) -> Publication {
    not_run(config, "this version does not have that mode yet")
}
