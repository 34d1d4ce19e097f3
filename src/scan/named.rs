//! `named = { by = [...], value = "..." }` in a rule: a value without a
//! telling form of its own, which the name of its provider nearby gives away.
//! Shared by `build.rs` and by the loader of rules at run time; how names and
//! values belong together is `lead`'s.

use serde::{Deserialize, Serialize};

/// Bytes after a name that are looked at.
pub const SPAN: usize = 768;
/// Least entropy of such a value, where the rule says nothing.
pub const ENTROPY: f64 = 3.0;

/// Eight, four, four, four and twelve hexadecimal digits.
const UUID: &str = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
/// A key of any form: a UUID, or at least sixteen characters; with slashes only
/// where no path is as long, or padding shows what they are.
const RANDOM: &str = "[A-Za-z0-9_-][A-Za-z0-9_.~-]{14,254}[A-Za-z0-9=_-]|[A-Za-z0-9+/]{20,400}={1,2}|[A-Za-z0-9+/]{40,400}";

/// A value and the names that give it away.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RawNamed {
    /// Names, lower case; `_` stands for any sign between words, or none.
    pub by: Vec<String>,
    /// Pattern of the value, without capturing groups; `uuid` for one of those,
    /// `random` for whatever the rule's `judge` takes for a token.
    pub value: String,
}

impl RawNamed {
    /// The pattern of the value, and that it ends there.
    #[must_use]
    pub fn regex(&self) -> String {
        let value = match self.value.as_str() {
            "uuid" => UUID,
            "random" => RANDOM,
            value => value,
        };
        format!(r"^({value})(?:[^\w+/=-]|$)")
    }

    /// The keywords that it stands for. There are many names whose values may be
    /// anything: they are looked for in their commonest spellings.
    #[must_use]
    pub fn keywords(&self) -> Vec<String> {
        let signs: &[&str] =
            if self.value == "random" { &["", "_", "-"] } else { &["", "_", "-", ".", " "] };
        let spellings = |name: &String| match name.contains('_') {
            true => signs.iter().map(|sign| name.replace('_', sign)).collect(),
            false => vec![name.clone()],
        };
        self.by.iter().flat_map(spellings).collect()
    }

    /// A name that begins with none of the keywords, and is never looked for.
    #[must_use]
    pub fn unreachable(&self, keywords: &[String]) -> Option<&str> {
        let keywords: Vec<String> = keywords.iter().map(|keyword| squeezed(keyword)).collect();
        let reached = |name: &&String| {
            let name = squeezed(name);
            keywords.iter().any(|word| name.starts_with(word) || word.starts_with(&name))
        };
        self.by.iter().find(|name| !reached(name)).map(String::as_str)
    }
}

/// Without the signs between words, and a quote before them.
fn squeezed(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', '.', ' ', '"'], "")
}
