//! The rule schema as it is written in TOML: gitleaks' own, plus what ours
//! adds. Shared by `build.rs` and by the loader of rules at run time.
//!
//! Source of the format: the configuration section of gitleaks' manual.

use serde::{Deserialize, Serialize};

use super::named::{self, RawNamed};

/// A whole file: `.gitleaks.toml`, or one of `rules/secrets/`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawFile {
    /// Name for people; not used.
    #[serde(default)]
    pub title: Option<String>,
    /// Oldest gitleaks that reads it; not used.
    #[serde(default)]
    pub min_version: Option<String>,
    /// What the file builds on.
    #[serde(default)]
    pub extend: RawExtend,
    /// Allowlist over all rules, older spelling.
    #[serde(default)]
    pub allowlist: Option<RawAllowlist>,
    /// Allowlists over all rules.
    #[serde(default)]
    pub allowlists: Vec<RawAllowlist>,
    /// The rules.
    #[serde(default)]
    pub rules: Vec<RawRule>,
}

/// What a file builds on.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawExtend {
    /// Take the built-in rules too.
    #[serde(default)]
    pub use_default: bool,
    /// Another file to read first, relative to the working directory.
    #[serde(default)]
    pub path: Option<String>,
    /// Ids of rules to leave out.
    #[serde(default)]
    pub disabled_rules: Vec<String>,
}

/// One rule.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawRule {
    /// Name, unique.
    pub id: String,
    /// What it finds.
    #[serde(default)]
    pub description: String,
    /// Pattern; may be missing where `path` alone decides.
    #[serde(default)]
    pub regex: String,
    /// A value that a name nearby gives away, instead of `regex`.
    #[serde(default)]
    pub named: Option<RawNamed>,
    /// Instead of a pattern: assignments to names that speak of a `password`,
    /// a `token` or a `salt`, in any language.
    #[serde(default)]
    pub assigns: Option<String>,
    /// Pattern that the file's path must match.
    #[serde(default)]
    pub path: Option<String>,
    /// Literals of which one must stand in the text, in any case.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Literals of which every one must stand near too, as written; saves
    /// looking where a keyword is common.
    #[serde(default)]
    pub also: Vec<String>,
    /// Words, lower case, of which none may stand in the name before the
    /// secret: they name a public half.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Ids of rules whose findings near one of this rule belong to it: a key's
    /// id, which then is no finding of its own.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Least Shannon entropy of the secret, bits a character.
    #[serde(default)]
    pub entropy: Option<f64>,
    /// Group of the regex that is the secret; 0 means the first that matched.
    #[serde(default)]
    pub secret_group: usize,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Allowlist of this rule, older spelling.
    #[serde(default)]
    pub allowlist: Option<RawAllowlist>,
    /// Allowlists of this rule.
    #[serde(default)]
    pub allowlists: Vec<RawAllowlist>,
    /// Found but not reported on its own.
    #[serde(default)]
    pub skip_report: bool,
    /// `high`, `medium` or `low`.
    #[serde(default)]
    pub confidence: Option<String>,
    /// Texts that it must find (see the module `sample` for their notation).
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts in which it must find nothing.
    #[serde(default)]
    pub counterexamples: Vec<String>,
    /// Where or how to revoke such a secret.
    #[serde(default)]
    pub rotate: String,
    /// How a candidate is judged: `format` (default), `token`, `password` or
    /// `chosen` (a word too, where only a password can stand).
    #[serde(default)]
    pub judge: Option<String>,
    /// What the candidate carries to prove itself: `crc`, `jwt` or `basic`.
    #[serde(default)]
    pub checksum: Option<String>,
    /// Bytes after a keyword that the regex may look at; 0 means its line.
    #[serde(default)]
    pub span: usize,
    /// Name in `[REDACTED:NAME]`; the upper-cased id without it.
    #[serde(default)]
    pub redact_as: Option<String>,
    /// Used for redaction only: too eager for a scan.
    #[serde(default)]
    pub redact_only: bool,
}

impl RawRule {
    /// Whether it says no more of a rule than what to let through.
    #[must_use]
    pub fn only_allows(&self) -> bool {
        let finds = !self.regex.is_empty() || self.path.is_some() || self.named.is_some();
        !finds && (self.allowlist.is_some() || !self.allowlists.is_empty())
    }

    /// Writes out what `named` stands for; what the rule itself says stays.
    ///
    /// # Errors
    /// A rule that has a `regex` too, or a name that no keyword leads to.
    pub fn write_out(&mut self) -> Result<(), String> {
        let Some(named) = &self.named else { return Ok(()) };
        let (id, regex) = (&self.id, named.regex());
        if !self.regex.is_empty() && self.regex != regex {
            return Err(format!("rule `{id}` has both `regex` and `named`"));
        }
        self.regex = regex;
        if self.keywords.is_empty() {
            self.keywords = named.keywords();
        }
        if let Some(name) = named.unreachable(&self.keywords) {
            return Err(format!(
                "rule `{id}`: the name `{name}` begins with none of the keywords and would never be found"
            ));
        }
        self.entropy.get_or_insert(named::ENTROPY);
        self.span = self.span.max(named::SPAN);
        Ok(())
    }
}

/// What is let through.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RawAllowlist {
    /// Why.
    #[serde(default)]
    pub description: String,
    /// `OR` (default) or `AND`.
    #[serde(default)]
    pub condition: Option<String>,
    /// Commit ids.
    #[serde(default)]
    pub commits: Vec<String>,
    /// Patterns of paths.
    #[serde(default)]
    pub paths: Vec<String>,
    /// `secret` (default), `match` or `line`.
    #[serde(default)]
    pub regex_target: Option<String>,
    /// Patterns of the target.
    #[serde(default)]
    pub regexes: Vec<String>,
    /// Words in the secret.
    #[serde(default)]
    pub stopwords: Vec<String>,
    /// Rules that a global allowlist is for; all without it.
    #[serde(default)]
    pub target_rules: Vec<String>,
}
