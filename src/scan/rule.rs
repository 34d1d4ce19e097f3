//! A secret rule, whether compiled in or loaded at run time.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

pub use super::assign::Sort;
pub use super::lead::Named;
pub use super::run::Runs;

/// Text of a rule: static for the built-in ones.
pub type Text = Cow<'static, str>;
/// List of a rule: static for the built-in ones.
pub type List<T> = Cow<'static, [T]>;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Worth a look; shown on request.
    Low,
    /// Blocks: it looks like a secret where secrets stand.
    Medium,
    /// Blocks: the format alone says what it is.
    High,
}

impl Confidence {
    /// One step less sure.
    #[must_use]
    pub fn lower(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// How a candidate is judged once the regex matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judge {
    /// The provider's format speaks for itself; entropy only where given.
    Format,
    /// A random-looking value that something names a token or key.
    Token,
    /// A value that something names a password: may be short and word-like.
    Password,
    /// A value that stands where only a password can: may be a word.
    Chosen,
}

/// What a candidate carries to prove itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// The last six characters are the base62 CRC-32 of those after the prefix.
    Crc,
    /// A JSON Web Token: its header is base64url JSON with `alg` or `typ`.
    Jwt,
    /// Base64 of `user:password`.
    Basic,
}

/// What part of a finding an allowlist's regexes look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The secret.
    Secret,
    /// The whole match.
    Match,
    /// The whole line.
    Line,
}

/// What is let through, of one rule or of all.
#[derive(Debug, Clone)]
pub struct Allowlist {
    /// Every kind of condition given must hold; else one is enough.
    pub all: bool,
    /// Commit ids.
    pub commits: List<Text>,
    /// Patterns of paths.
    pub paths: List<Text>,
    /// What `regexes` look at.
    pub target: Target,
    /// Patterns of the target.
    pub regexes: List<Text>,
    /// Words in the secret, in any case.
    pub stopwords: List<Text>,
    /// Rules it is for; all when empty.
    pub rules: List<Text>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name, unique.
    pub id: Text,
    /// What it finds.
    pub description: Text,
    /// Pattern over bytes, without Unicode classes; empty where the path decides.
    pub regex: Text,
    /// Names that give the value away; `regex` is the value's alone then.
    pub named: Option<Named>,
    /// What stands in a row in every match of it.
    pub runs: Runs,
    /// Instead of a pattern: assignments to names of this sort, read by hand.
    pub assigns: Option<Sort>,
    /// Pattern that the file's path must match.
    pub path: Option<Text>,
    /// Literals of which one must stand near, in any case.
    pub keywords: List<Text>,
    /// Literals of which every one must stand near too, as written.
    pub also: List<Text>,
    /// Words that may not stand in the name before the secret.
    pub unless: List<Text>,
    /// Rules whose findings near one of this rule are parts of it.
    pub parts: List<Text>,
    /// Least entropy of the secret, bits a character; 0 for none.
    pub entropy: f64,
    /// Group that is the secret; 0 means the first that matched.
    pub secret_group: usize,
    /// Labels; the family first.
    pub tags: List<Text>,
    /// What is let through.
    pub allowlists: List<Allowlist>,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// How a candidate is judged.
    pub judge: Judge,
    /// What a candidate carries to prove itself.
    pub checksum: Option<Checksum>,
    /// Bytes after a keyword that the regex may look at; 0 means its line.
    pub span: usize,
    /// Name in `[REDACTED:NAME]`.
    pub redact_as: Option<Text>,
    /// Used for redaction only.
    pub redact_only: bool,
    /// Where or how to revoke such a secret.
    pub rotate: Text,
    /// Texts that it must find, in the notation of [`super::sample`].
    pub examples: List<Text>,
    /// Texts in which it must find nothing.
    pub counterexamples: List<Text>,
}

impl Rule {
    /// The path and the text of a sample. Rules without keywords look at
    /// certain files: their samples begin with a line that names one.
    #[must_use]
    pub fn placed<'a>(&self, sample: &'a str) -> (&'a str, &'a str) {
        let in_file = self.keywords.is_empty() && self.path.is_some();
        sample.split_once('\n').filter(|_| in_file).unwrap_or(("", sample))
    }

    /// The name that redaction writes.
    #[must_use]
    pub fn redaction_name(&self) -> Cow<'_, str> {
        match &self.redact_as {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(self.id.to_uppercase().replace('-', "_")),
        }
    }
}

/// The rules that are compiled in.
pub mod builtin {
    use std::borrow::Cow;
    use std::sync::LazyLock;

    use super::Rule;
    use crate::records::{self, Records};
    use crate::scan::config;
    use crate::scan::prefilter::{Entry, Keyword, Prefilter};

    include!(concat!(env!("OUT_DIR"), "/rules.rs"));

    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| IDS.split('\n').collect());

    /// The name of a rule, without reading the rule.
    #[must_use]
    pub fn id(number: usize) -> &'static str {
        NAMES.get(number).copied().unwrap_or_default()
    }

    /// The number of the rule of this name.
    #[must_use]
    pub fn number(id: &str) -> Option<usize> {
        NAMES.iter().position(|known| *known == id)
    }

    fn read_rule(bytes: &[u8]) -> Option<Rule> {
        let (raw, runs) = records::read(bytes)?;
        Some(Rule { runs, ..config::convert(raw, None).ok()? })
    }
}
