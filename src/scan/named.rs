//! `named = { by = [...], value = "..." }` in a rule: a value without a
//! telling form of its own, which the name of its provider nearby gives away.
//! It stands for a regex and keywords, so that each such rule knows all the
//! ways in which people write a setting. Shared by `build.rs` and by the
//! loader of rules at run time.

use serde::{Deserialize, Serialize};

/// Bytes after a name that the expanded pattern may look at.
pub const SPAN: usize = 768;
/// Least entropy of such a value, where the rule says nothing.
pub const ENTROPY: f64 = 3.0;

// Repeats are unbounded where the window of `SPAN` bytes bounds them: patterns
// stay small, and are compiled sooner.

/// Words that say that what follows is a credential.
const WORDS: &str = r"key|token|secret|passw|pwd|auth|cred|bearer|_pat\b|\bpat\b|[_-]sid\b|license|dsn|webhook|\binit\b|\blogin\b";
/// What stands between a name and its value.
const SIGNS: &str = r##"[\s"'`\[\]\\{}()=:><,|/?&]+"##;
/// Words between a name and its value: `value:`, `: String =`, `</key><string>`.
const FILLING: &str =
    "default|type|value|str(?:ing)?|bearer|basic|token|data|key|is|was|final|const";
/// The end of a line that opens a block: `name:`, `[name]`, `"name": {`, `Name({`.
const BLOCK: &str = r##"[\w.-]{0,24}["'`\]]{0,2}[ \t]{0,3}[:=]?>?[ \t]{0,3}[({\[]{0,2}[ \t\r]{0,3}\n(?:[^\n]*\n){0,3}?[^\n]{0,32}?"##;
/// A name that is assigned at once: `name = "`, `Name("`, `name = new Client("`.
const DIRECT: &str = r##"[\w.-]{0,24}["'`\]\\]{0,3}\s*(?:=>|:=|\|\||=|:|,|\()\s*(?:[A-Za-z_][\w.: ]*\(\s*(?:\w+\s*[=:]\s*)?["'`])?["'`\\]{0,2}"##;
/// Eight, four, four, four and twelve hexadecimal digits.
const UUID: &str = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

/// A key of any form: a UUID, or at least sixteen characters.
const RANDOM: &str = "[A-Za-z0-9][A-Za-z0-9_.~-]{14,254}[A-Za-z0-9=_-]|[A-Za-z0-9+/]{40,254}={0,2}";

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
    /// The pattern that it stands for.
    #[must_use]
    pub fn regex(&self) -> String {
        let any = |names: &mut dyn Iterator<Item = &String>| {
            names.map(|name| name.replace('_', "[ _.-]?")).collect::<Vec<_>>().join("|")
        };
        let names = any(&mut self.by.iter());
        let telling = any(&mut self.by.iter().filter(|name| says_credential(name)));
        let telling =
            if telling.is_empty() { telling } else { format!(r"|(?i:{telling})[\w.-]{{0,24}}?") };
        let value = match self.value.as_str() {
            "uuid" => UUID,
            "random" => RANDOM,
            value => value,
        };
        format!(
            r"(?:(?:(?i:{names})(?:{BLOCK}|[^\n]{{0,40}}?)(?i:{WORDS})[\w.-]{{0,24}}?{telling}){SIGNS}(?:(?i:{FILLING}){SIGNS})*|(?i:{names}){DIRECT})({value})(?:[^\w+/=-]|$)"
        )
    }

    /// The keywords that it stands for.
    #[must_use]
    pub fn keywords(&self) -> Vec<String> {
        let spellings = |name: &String| match name.contains('_') {
            true => ["", "_", "-", ".", " "].iter().map(|sign| name.replace('_', sign)).collect(),
            false => vec![name.clone()],
        };
        self.by.iter().flat_map(spellings).collect()
    }
}

/// Whether the name holds one of [`WORDS`] itself.
fn says_credential(name: &str) -> bool {
    WORDS.split('|').any(|word| name.contains(word))
}
