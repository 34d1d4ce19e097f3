//! The diagnostic log, on standard error. Holds no key, no body, no query.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::config::env;

/// Starts the log at the level that `SAFERUN_LOG` or `SR_LOG_LEVEL` names;
/// warnings and errors otherwise.
pub fn start_log() {
    let level = env::var(env::SAFERUN_LOG).or_else(|| env::var(env::SR_LOG_LEVEL));
    let level = level.unwrap_or_else(|| "warn".to_owned()).to_lowercase();
    let filter = EnvFilter::builder().parse_lossy(level.replace("warning", "warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A log that was started already stays.
    let _ = log.with_ansi(false).try_init();
}
