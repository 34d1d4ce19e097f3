//! The settings that count: layers merged, each value with its origin.
//!
//! Managed file < user's file < repository's file < environment. The
//! repository's file may tighten what a managed or user's file says, never
//! loosen it. For an agent, which chooses its own environment, the same holds
//! of a user's file that the environment names.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::file::{ConfigError, ConfigFile, parse};
use super::{Preset, env, paths};
use crate::action::CallerKind;

/// Branches that are protected unless configured otherwise; the remote's HEAD
/// branch is protected besides.
pub const DEFAULT_PROTECTED_BRANCHES: &[&str] =
    &["main", "master", "develop", "release/*", "production"];
/// How long an approval is waited for unless configured otherwise.
pub const DEFAULT_APPROVAL_TIMEOUT: Duration = Duration::from_secs(300);
/// Longest time that an approval can be waited for: gateways keep no request longer.
const LONGEST_APPROVAL_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);
/// Days that snapshots are kept unless configured otherwise.
pub const DEFAULT_UNDO_KEEP_DAYS: u32 = 30;
/// Length of an audit log's file, in MiB, beyond which a new one is begun
/// unless configured otherwise.
pub const DEFAULT_AUDIT_ROTATE_MB: u32 = 256;
/// The managed file.
pub const MANAGED_FILE: &str = "/etc/saferun/config.toml";
/// The user's file, in the configuration directory.
const USER_FILE: &str = "config.toml";
/// The repository's file.
pub const REPOSITORY_FILE: &str = ".saferun.toml";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A file, by its name.
    File(String),
    /// An environment variable.
    Environment(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built-in default"),
            Self::File(name) => write!(f, "`{name}`"),
            Self::Environment(name) => write!(f, "environment variable `{name}`"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    fn default_of(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

/// All settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Built-in policy to start from.
    pub preset: Setting<Preset>,
    /// Patterns of protected branches.
    pub protected_branches: Setting<Vec<String>>,
    /// Patterns of protected tags.
    pub protected_tags: Setting<Vec<String>>,
    /// Lowest confidence of a finding that blocks.
    pub scan_confidence: Setting<String>,
    /// A rule file besides the built-in rules.
    pub scan_config: Setting<Option<String>>,
    /// How long to wait for an approval.
    pub approval_timeout: Setting<Duration>,
    /// URL of the gateway.
    pub gateway_url: Setting<Option<String>>,
    /// Days that snapshots are kept.
    pub undo_keep_days: Setting<u32>,
    /// Length of an audit log's file, in MiB, beyond which a new one is begun.
    pub audit_rotate_mb: Setting<u32>,
    /// Whether callers of named actions must show a signed token.
    pub require_signed: Setting<bool>,
    /// Command packs and rules that are switched off, by layer.
    pub commands_off: Vec<Setting<Vec<String>>>,
    /// `[[commands.rules]]` of each layer that has some.
    pub command_rules: Vec<Setting<Vec<toml::Value>>>,
    /// `[[policy.rules]]` of each layer that has some.
    pub rules: Vec<Setting<Vec<toml::Value>>>,
}

/// The repository's file: the version already committed, where there is one,
/// guards the repository. One that is not committed may only tighten, the
/// built-in defaults too.
#[derive(Debug, Clone)]
pub struct RepositoryFile {
    /// What to call it in errors: `.saferun.toml`, or `HEAD:.saferun.toml`.
    pub name: String,
    /// Whether it is committed.
    pub committed: bool,
    /// Its text.
    pub text: String,
}

impl Settings {
    /// Reads the managed and the user's file and the environment, and merges
    /// them with the repository's file.
    ///
    /// # Errors
    /// Where a file can't be read or understood.
    pub fn load(
        caller: CallerKind,
        repository: Option<&RepositoryFile>,
    ) -> Result<Self, ConfigError> {
        let mut settings = Self::defaults();
        let managed = read(Path::new(MANAGED_FILE))?;
        let locked = managed.as_ref().map(|(_, file)| file.locked.clone()).unwrap_or_default();
        if let Some((name, file)) = managed {
            settings.apply(file, &name, &[])?;
        }
        let named = user_file();
        let own = match caller {
            CallerKind::Agent => paths::account_config_dir().map(|dir| dir.join(USER_FILE)),
            _ => named.clone(),
        };
        if let Some((name, file)) = own.as_deref().map(read).transpose()?.flatten() {
            settings.apply(file, &name, &locked)?;
        }
        if let Some(path) = named.filter(|path| Some(path) != own.as_ref())
            && let Some((name, file)) = read(&path)?
        {
            settings.tighten(file, &name, false, &locked)?;
        }
        if let Some(RepositoryFile { name, committed, text }) = repository {
            settings.tighten(parse(text, name)?, name, *committed, &locked)?;
        }
        if let Some(url) = env::var(env::SAFERUN_GATEWAY_URL) {
            settings.gateway_url =
                Setting { value: Some(url), origin: Origin::Environment(env::SAFERUN_GATEWAY_URL) };
        }
        Ok(settings)
    }

    fn defaults() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            preset: Setting::default_of(Preset::default()),
            protected_branches: Setting::default_of(owned(DEFAULT_PROTECTED_BRANCHES)),
            protected_tags: Setting::default_of(Vec::new()),
            scan_confidence: Setting::default_of("medium".to_owned()),
            scan_config: Setting::default_of(None),
            approval_timeout: Setting::default_of(DEFAULT_APPROVAL_TIMEOUT),
            gateway_url: Setting::default_of(None),
            undo_keep_days: Setting::default_of(DEFAULT_UNDO_KEEP_DAYS),
            audit_rotate_mb: Setting::default_of(DEFAULT_AUDIT_ROTATE_MB),
            require_signed: Setting::default_of(false),
            commands_off: Vec::new(),
            command_rules: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Puts a file's values over what is there, but for the locked keys.
    fn apply(
        &mut self,
        file: ConfigFile,
        name: &str,
        locked: &[String],
    ) -> Result<(), ConfigError> {
        let free = |key: &str| !locked.iter().any(|lock| lock == key);
        let origin = Origin::File(name.to_owned());
        let set = |slot: &mut Setting<_>, value: Option<_>, key| {
            if let Some(value) = value.filter(|_| free(key)) {
                *slot = Setting { value, origin: origin.clone() };
            }
        };
        set(&mut self.protected_branches, file.git.protected_branches, "git.protected_branches");
        set(&mut self.protected_tags, file.git.protected_tags, "git.protected_tags");
        if let Some(value) = file.preset.filter(|_| free("preset")) {
            self.preset = Setting { value, origin: origin.clone() };
        }
        if let Some(value) = file.scan.confidence.filter(|_| free("scan.confidence")) {
            confidence_rank(&value, name)?;
            self.scan_confidence = Setting { value, origin: origin.clone() };
        }
        if let Some(value) = file.scan.config.filter(|_| free("scan.config")) {
            self.scan_config = Setting { value: Some(value), origin: origin.clone() };
        }
        if let Some(text) = file.approval.timeout.filter(|_| free("approval.timeout")) {
            self.approval_timeout =
                Setting { value: duration(&text, name)?, origin: origin.clone() };
        }
        if let Some(value) = file.gateway.url.filter(|_| free("gateway.url")) {
            self.gateway_url = Setting { value: Some(value), origin: origin.clone() };
        }
        if let Some(value) = file.undo.keep_days.filter(|_| free("undo.keep_days")) {
            self.undo_keep_days = Setting { value, origin: origin.clone() };
        }
        if let Some(value) = file.audit.rotate_mb.filter(|_| free("audit.rotate_mb")) {
            self.audit_rotate_mb = Setting { value, origin: origin.clone() };
        }
        if let Some(value) =
            file.identity.require_signed.filter(|_| free("identity.require_signed"))
        {
            self.require_signed = Setting { value, origin: origin.clone() };
        }
        if !file.commands.disable.is_empty() && free("commands.disable") {
            let value = file.commands.disable;
            self.commands_off.push(Setting { value, origin: origin.clone() });
        }
        if !file.commands.rules.is_empty() {
            let value = file.commands.rules;
            self.command_rules.push(Setting { value, origin: origin.clone() });
        }
        if !file.policy.rules.is_empty() {
            self.rules.push(Setting { value: file.policy.rules, origin });
        }
        Ok(())
    }

    /// Puts the repository's file over what is there, keeping whatever a
    /// managed or user's file (for an uncommitted file, anything) says more
    /// strictly.
    fn tighten(
        &mut self,
        file: ConfigFile,
        name: &str,
        committed: bool,
        locked: &[String],
    ) -> Result<(), ConfigError> {
        let above = self.clone();
        let mut file = file;
        file.commands.disable.clear();
        let binds = |origin: &Origin| !committed || *origin != Origin::Default;
        self.apply(file, name, locked)?;
        if binds(&above.preset.origin) && above.preset.value > self.preset.value {
            self.preset = above.preset;
        }
        if binds(&above.protected_branches.origin) {
            keep_all(&mut self.protected_branches, above.protected_branches);
        }
        if binds(&above.protected_tags.origin) {
            keep_all(&mut self.protected_tags, above.protected_tags);
        }
        let rank = |setting: &Setting<String>| confidence_rank(&setting.value, name);
        if binds(&above.scan_confidence.origin)
            && rank(&above.scan_confidence)? > rank(&self.scan_confidence)?
        {
            self.scan_confidence = above.scan_confidence;
        }
        if above.undo_keep_days.origin != Origin::Default
            && above.undo_keep_days.value > self.undo_keep_days.value
        {
            self.undo_keep_days = above.undo_keep_days;
        }
        if above.require_signed.value {
            self.require_signed = above.require_signed;
        }
        if above.gateway_url.value.is_some() {
            self.gateway_url = above.gateway_url;
        }
        Ok(())
    }

    /// Whether these settings guard everything that `other` guards.
    #[must_use]
    pub fn guard_at_least(&self, other: &Self) -> bool {
        let holds = |own: &Setting<Vec<String>>, all: &Setting<Vec<String>>| {
            all.value.iter().all(|pattern| own.value.contains(pattern))
        };
        let rank =
            |settings: &Self| confidence_rank(&settings.scan_confidence.value, "").unwrap_or(0);
        self.preset.value >= other.preset.value
            && holds(&self.protected_branches, &other.protected_branches)
            && holds(&self.protected_tags, &other.protected_tags)
            && rank(self) >= rank(other)
            && self.require_signed.value >= other.require_signed.value
            && self.rules.len() >= other.rules.len()
            && self.command_rules.len() >= other.command_rules.len()
    }
}

/// Adds the patterns of a layer above that are missing.
fn keep_all(setting: &mut Setting<Vec<String>>, above: Setting<Vec<String>>) {
    let missing = above.value.into_iter().filter(|pattern| !setting.value.contains(pattern));
    let missing: Vec<String> = missing.collect();
    setting.value.extend(missing);
}

fn user_file() -> Option<PathBuf> {
    env::var_os(env::SAFERUN_CONFIG)
        .map(PathBuf::from)
        .or_else(|| paths::config_dir().map(|dir| dir.join(USER_FILE)))
}

/// A file's name and content; none where there is no such file.
fn read(path: &Path) -> Result<Option<(String, ConfigFile)>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let name = path.display().to_string();
            let file = parse(&text, &name)?;
            Ok(Some((name, file)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    }
}

/// How strict a confidence is: `low` blocks most.
fn confidence_rank(value: &str, origin: &str) -> Result<u8, ConfigError> {
    match value {
        "low" => Ok(2),
        "medium" => Ok(1),
        "high" => Ok(0),
        _ => Err(ConfigError::BadValue {
            origin: origin.to_owned(),
            key: "scan.confidence",
            value: value.to_owned(),
            expected: "it can be `high`, `medium` or `low`",
        }),
    }
}

fn duration(text: &str, origin: &str) -> Result<Duration, ConfigError> {
    let parsed = text.parse::<jiff::SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|time| !time.is_zero() && *time <= LONGEST_APPROVAL_TIMEOUT)
        .ok_or_else(|| ConfigError::BadValue {
            origin: origin.to_owned(),
            key: "approval.timeout",
            value: text.to_owned(),
            expected: "it is a time such as `90s`, `5m` or `1h`, at most `24h`",
        })
}
