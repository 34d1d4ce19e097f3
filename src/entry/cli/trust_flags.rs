//! The flags of every command that signs or verifies tokens: which keys count,
//! whose tokens, and for whom.

use std::fmt;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::action::CallerKind;
use crate::config::{caller, env};
use crate::identity::{Authority, KeySet, KeyStore, LONGEST_LIFE, Profile};
use crate::term::{Exit, Failure, Printer};

/// Which keys count, whose tokens, and for whom.
#[derive(Debug, Args)]
pub(super) struct TrustFlags {
    /// Key that signs and verifies: a JSON Web Key, a shared secret, or @PATH of a file
    /// with one [default: $SAFERUN_SIGNING_KEY, else the account's own keys]
    #[arg(long, value_name = "KEY")]
    signing_key: Option<KeyText>,
    /// Who makes tokens [default: agent-safe for a shared secret, saferun for other keys]
    #[arg(long)]
    issuer: Option<String>,
    /// For whom tokens are; without it, one that is for somebody doesn't count
    #[arg(long)]
    audience: Option<String>,
}

/// What a new token says, and who signs it.
#[derive(Debug, Args)]
pub(super) struct TokenFlags {
    /// Roles that it gives; where it is delegated, of the delegator's
    #[arg(long, alias = "role", value_name = "ROLE,…", value_delimiter = ',')]
    roles: Vec<String>,
    /// Groups that it gives; where it is delegated, of the delegator's
    #[arg(long, alias = "group", value_name = "GROUP,…", value_delimiter = ',')]
    groups: Vec<String>,
    /// How long it is good for, in seconds or such as `15m` [default: 1h, or as long as the
    /// delegator's]
    #[arg(long, value_parser = life)]
    pub(super) ttl: Option<SignedDuration>,
    /// How often can be delegated in all [default: 5, or as the delegator's]
    #[arg(long, value_name = "N")]
    pub(super) max_depth: Option<usize>,
    #[command(flatten)]
    pub(super) trust: TrustFlags,
    /// Print one JSON document
    #[arg(long, alias = "json-output")]
    pub(super) json: bool,
}

impl TokenFlags {
    /// The profile of whoever gets the token.
    pub(super) fn profile(&self, id: &str, name: &str) -> Profile {
        Profile {
            agent_id: id.to_owned(),
            agent_name: name.to_owned(),
            roles: names(&self.roles),
            groups: names(&self.groups),
        }
    }
}

/// What somebody gave as a key; printed nowhere.
#[derive(Clone)]
struct KeyText(String);

impl From<String> for KeyText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText")
    }
}

impl TrustFlags {
    /// The keys that were given, or those of the account; none where there are
    /// neither.
    pub(super) fn authority(&self, printer: &Printer) -> Result<Option<Authority>, Failure> {
        let keys = match self.given()? {
            Some(keys) => Some(keys),
            None => match KeyStore::of_account() {
                Some(store) => store.key_set(Timestamp::now())?,
                None => None,
            },
        };
        if keys.as_ref().is_some_and(|keys| keys.keys().iter().any(|key| key.is_weak())) {
            printer.warn("the shared secret has fewer than 32 bytes and can be guessed");
        }
        Ok(keys.map(|keys| self.of(keys)))
    }

    /// Whether whoever runs this has the key in hand.
    pub(super) fn holds_key(&self) -> bool {
        self.signing_key.is_some() || env::var(env::SAFERUN_SIGNING_KEY).is_some()
    }

    /// The same, where there must be keys.
    pub(super) fn some_authority(&self, printer: &Printer) -> Result<Authority, Failure> {
        self.authority(printer)?.ok_or_else(|| {
            Failure::usage("there is no signing key").hint(
                "give `--signing-key @FILE`, set `SAFERUN_SIGNING_KEY`, or make one with `saferun identity create`",
            )
        })
    }

    /// The keys to make somebody out of nothing with: an agent has to show a
    /// key, for with its account's own it could become whoever it likes. A
    /// person's account gets its first key here.
    pub(super) fn founding_authority(&self, printer: &Printer) -> Result<Authority, Failure> {
        if self.holds_key() {
            return self.some_authority(printer);
        }
        let store = own_store()?;
        Ok(self.of(store.create(Timestamp::now())?))
    }

    fn given(&self) -> Result<Option<KeySet>, Failure> {
        let keys = match (&self.signing_key, env::var(env::SAFERUN_SIGNING_KEY)) {
            (Some(KeyText(text)), _) => Some(KeySet::given(text, "`--signing-key`")?),
            (None, Some(text)) => Some(KeySet::given(&text, "`SAFERUN_SIGNING_KEY`")?),
            (None, None) => None,
        };
        Ok(keys)
    }

    fn of(&self, keys: KeySet) -> Authority {
        Authority::new(keys).issued_by(self.issuer.clone()).meant_for(self.audience.clone())
    }
}

/// The key store of the account, for people.
pub(super) fn own_store() -> Result<KeyStore, Failure> {
    if caller::detect().kind == CallerKind::Agent {
        let refused = "an agent can't sign with, or change, the keys of its account";
        return Err(Failure::new(Exit::Blocked, refused)
            .hint("run this in a terminal of your own, or give a key with `--signing-key`"));
    }
    KeyStore::of_account().ok_or_else(|| {
        Failure::environment("there is no home directory to keep keys in; set `HOME`")
    })
}

/// A time that a token lives: seconds, or such as `15m`, `8h`.
fn life(text: &str) -> Result<SignedDuration, String> {
    let seconds = text.parse::<i64>().ok().map(SignedDuration::from_secs);
    seconds
        .or_else(|| text.parse().ok())
        .filter(|life| *life >= SignedDuration::from_secs(1) && *life <= LONGEST_LIFE)
        .ok_or_else(|| "it is a time such as `900`, `15m` or `8h`, at most 30 days".to_owned())
}

/// Names of roles or groups, without white space around them.
fn names(given: &[String]) -> Vec<String> {
    given.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}
