//! What a person allowed once: one file an action, named by the action's
//! digest, good for some minutes, gone when it is used.
//!
//! A command that was let through so may meet a hook on its way, which asks
//! about the same in its own words (a push with its commits). For that, once
//! and only for hooks, [`Once::carry_over`] leaves word of operation and target.
//!
//! Each file carries a message authentication code under a key of the person's
//! account, so that writing such a file takes reading that key first, which the
//! agents' hooks stop and record. An agent under the same account that gets
//! around its hook can read what the person can read: then only a gateway
//! elsewhere keeps approvals out of its reach.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::action::{Action, Digest, to_canonical_json};
use crate::config::{paths, private_file};

/// The key's file, in the configuration directory.
const KEY_FILE: &str = "allow-once.key";
/// The directory of the grants, in the state directory.
const GRANTS: &str = "allow-once";
/// How long what was let through has until its hooks ask.
const CARRIES: Duration = Duration::from_secs(120);
/// Largest grant that is read, in bytes.
const LARGEST: u64 = 4096;

/// The grants of this account.
#[derive(Debug, Clone)]
pub struct Once {
    grants: PathBuf,
    key: PathBuf,
    /// Asked by a hook about what a command does that was let through.
    by_hook: bool,
}

/// One grant, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    action_digest: Digest,
    by: String,
    expires_at: Timestamp,
    mac: Digest,
}

impl Once {
    /// The grants of this account; none without a home directory. Where the
    /// account's own home (which no variable moves) holds a key, that one counts.
    #[must_use]
    pub fn of_account() -> Option<Self> {
        let pinned = paths::account_config_dir().map(|dir| dir.join(KEY_FILE));
        let key = pinned
            .filter(|path| path.exists())
            .or_else(|| paths::config_dir().map(|dir| dir.join(KEY_FILE)))?;
        Some(Self { grants: paths::state_dir()?.join(GRANTS), key, by_hook: false })
    }

    /// What is left of them for hooks.
    #[must_use]
    pub fn of_hooks() -> Option<Self> {
        Self::of_account().map(|once| Self { by_hook: true, ..once })
    }

    /// Lets the hooks of a command that `by` has let through have its action.
    ///
    /// # Errors
    /// Where the grant can't be written.
    pub fn carry_over(&self, action: &Action, by: &str) -> io::Result<()> {
        self.allow(carried(action), by, CARRIES).map(drop)
    }

    fn digest(&self, action: &Action) -> Digest {
        if self.by_hook { carried(action) } else { action.digest() }
    }

    /// Allows the action with this digest once, for `lasting`, in the name of
    /// `by`; returns when it ends. The caller has made sure that a person asks.
    ///
    /// # Errors
    /// Where the key or the grant can't be written.
    pub fn allow(&self, digest: Digest, by: &str, lasting: Duration) -> io::Result<Timestamp> {
        let key = match self.read_key() {
            Some(key) => key,
            None => self.make_key()?,
        };
        let seconds = i64::try_from(lasting.as_secs()).unwrap_or(0);
        let ends = Timestamp::now().as_second().saturating_add(seconds);
        let expires_at = Timestamp::from_second(ends).map_err(io::Error::other)?;
        let mac = mac(&key, &digest, by, expires_at).ok_or(io::ErrorKind::InvalidData)?;
        let stored = Stored { action_digest: digest, by: by.to_owned(), expires_at, mac };
        let text = serde_json::to_string(&stored)?;
        private_file::write(&self.file(&digest), &text).map(|()| expires_at)
    }

    /// Whether the action may pass once.
    #[must_use]
    pub fn holds(&self, action: &Action) -> bool {
        let digest = self.digest(action);
        self.valid(&self.file(&digest), &digest).is_some()
    }

    /// Uses the leave for the action up and says whose it is. Of several
    /// processes that try, one succeeds.
    #[must_use]
    pub fn take(&self, action: &Action) -> Option<String> {
        let digest = self.digest(action);
        let mine = self.grants.join(format!("{digest}.{}", std::process::id()));
        fs::rename(self.file(&digest), &mine).ok()?;
        let stored = self.valid(&mine, &digest);
        // What can't be removed must not be used a second time.
        fs::remove_file(&mine).ok()?;
        stored.map(|stored| stored.by)
    }

    fn file(&self, digest: &Digest) -> PathBuf {
        self.grants.join(format!("{digest}.json"))
    }

    fn valid(&self, file: &Path, digest: &Digest) -> Option<Stored> {
        let metadata = fs::symlink_metadata(file).ok()?;
        if !metadata.is_file() || metadata.mode() & 0o077 != 0 || metadata.len() > LARGEST {
            return None;
        }
        let stored: Stored = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        let wanted = mac(&self.read_key()?, digest, &stored.by, stored.expires_at)?;
        let genuine = bool::from(wanted.as_bytes().ct_eq(stored.mac.as_bytes()));
        let current = stored.action_digest == *digest && stored.expires_at > Timestamp::now();
        (genuine && current).then_some(stored)
    }

    fn read_key(&self) -> Option<Digest> {
        let private = fs::symlink_metadata(&self.key).ok()?.mode() & 0o077 == 0;
        let text = fs::read_to_string(&self.key).ok().filter(|_| private)?;
        Digest::from_hex(text.trim())
    }

    fn make_key(&self) -> io::Result<Digest> {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let key = Digest::of(&random);
        private_file::write(&self.key, &format!("{key}\n")).map(|()| key)
    }
}

/// Names an action by what a hook can tell of it as well.
fn carried(action: &Action) -> Digest {
    let caller = action.caller.kind.as_str();
    Digest::of(
        to_canonical_json(&json!(["carried", action.operation, action.target, caller])).as_bytes(),
    )
}

/// HMAC-SHA256 over everything that a grant says.
fn mac(key: &Digest, digest: &Digest, by: &str, expires_at: Timestamp) -> Option<Digest> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(format!("allow-once 1\n{digest}\n{}\n{by}", expires_at.as_second()).as_bytes());
    let bytes = mac.finalize().into_bytes();
    Digest::from_hex(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::caller;

    fn action(command: &str) -> Action {
        Action {
            operation: "git.force-push".into(),
            target: "local".into(),
            caller: caller::agent("codex"),
            params: serde_json::Map::from_iter([("command".to_owned(), command.into())]),
            ticket_id: None,
            at: Timestamp::now(),
        }
    }

    fn stage() -> (tempfile::TempDir, Once) {
        let root = tempfile::tempdir().unwrap();
        let once = Once {
            grants: root.path().join("grants"),
            key: root.path().join("key"),
            by_hook: false,
        };
        (root, once)
    }

    #[test]
    fn what_is_carried_over_is_for_hooks_and_once() {
        let (_root, once) = stage();
        let hook = Once { by_hook: true, ..once.clone() };
        once.carry_over(&action("git push -f"), "ada").unwrap();
        let other = Action { target: "elsewhere".into(), ..action("git push -f") };
        assert!(!once.holds(&action("git push -f")) && !hook.holds(&other));
        assert_eq!(hook.take(&action("as the hook tells it")).as_deref(), Some("ada"));
        assert!(hook.take(&action("as the hook tells it")).is_none());
    }

    #[test]
    fn a_grant_is_for_one_action_and_one_use() {
        let (_root, once) = stage();
        let minutes = Duration::from_secs(600);
        once.allow(action("a").digest(), "ada@laptop", minutes).unwrap();
        assert!(!once.holds(&action("b")) && once.take(&action("b")).is_none());
        assert!(once.holds(&action("a")));
        assert_eq!(once.take(&action("a")).as_deref(), Some("ada@laptop"));
        assert!(!once.holds(&action("a")) && once.take(&action("a")).is_none());
    }

    #[test]
    fn a_grant_ends_and_a_forged_one_is_none() {
        let (_root, once) = stage();
        once.allow(action("a").digest(), "ada", Duration::ZERO).unwrap();
        assert!(once.take(&action("a")).is_none());
        once.allow(action("a").digest(), "ada", Duration::from_secs(60)).unwrap();
        let path = once.file(&action("a").digest());
        let text = fs::read_to_string(&path).unwrap();
        private_file::write(&path, &text.replace("ada", "eve")).unwrap();
        assert!(!once.holds(&action("a")));
        private_file::write(&path, &text).unwrap();
        fs::rename(&path, once.file(&action("b").digest())).unwrap();
        assert!(!once.holds(&action("b")) && !once.holds(&action("a")));
    }
}
