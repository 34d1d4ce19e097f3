//! git's own configuration, as git would read it.
//!
//! In: the system's, the user's, the repository's and the work tree's files,
//! with their includes, and the environment's overrides. Out: [`GitConfig`],
//! every value in the order git read it; the last one wins. Never here:
//! writing.

mod glob;
mod include;
mod layers;
mod parse;

pub(super) use include::expand_home;
pub(super) use layers::Place;
pub(super) use layers::{everything, local_layers};
pub(super) use parse::parse;

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Section, in lower case: `remote`.
    pub section: String,
    /// Subsection, as written: `origin`.
    pub subsection: Option<String>,
    /// Name, in lower case: `url`.
    pub name: String,
    /// The value; `None` where the line has no `=`, which means true.
    pub value: Option<String>,
}

/// Assignments in the order they were read. Invalid UTF-8 is replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitConfig {
    entries: Vec<ConfigEntry>,
}

impl GitConfig {
    /// The last value of `key` (`core.bare`, `remote.origin.url`); a line
    /// without `=` reads as `true`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.matching(key).next_back()
    }

    /// All values of `key`, oldest first.
    #[must_use]
    pub fn get_all(&self, key: &str) -> Vec<&str> {
        self.matching(key).collect()
    }

    /// The last value of `key` as git reads truth values; `None` where unset
    /// or where git would refuse it.
    #[must_use]
    pub fn get_bool(&self, key: &str) -> Option<bool> {
        let value = self.get(key)?.to_ascii_lowercase();
        match value.as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" | "" => Some(false),
            number => number.parse::<i64>().ok().map(|number| number != 0),
        }
    }

    /// Every assignment, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &ConfigEntry> {
        self.entries.iter()
    }

    /// Every assignment of `[section]` and `[section "…"]`, oldest first.
    pub fn section<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a ConfigEntry> {
        self.entries.iter().filter(move |entry| entry.section.eq_ignore_ascii_case(section))
    }

    fn matching<'a, 'k>(
        &'a self,
        key: &'k str,
    ) -> impl DoubleEndedIterator<Item = &'a str> + use<'a, 'k> {
        let wanted = split_key(key);
        self.entries.iter().filter_map(move |entry| {
            let (section, subsection, name) = wanted?;
            (entry.section.eq_ignore_ascii_case(section)
                && entry.subsection.as_deref() == subsection
                && entry.name.eq_ignore_ascii_case(name))
            .then(|| entry.value.as_deref().unwrap_or("true"))
        })
    }

    pub(super) fn from_entries(entries: Vec<ConfigEntry>) -> Self {
        Self { entries }
    }
}

/// `remote.a.b.url` is section `remote`, subsection `a.b`, name `url`.
fn split_key(key: &str) -> Option<(&str, Option<&str>, &str)> {
    let (section, rest) = key.split_once('.')?;
    Some(match rest.rsplit_once('.') {
        Some((subsection, name)) => (section, Some(subsection), name),
        None => (section, None, rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_matched_without_case_but_for_the_subsection() {
        let text = "[Core]\nBare\n[remote \"A.b\"]\nurl=1\nURL=2\n[x]\nn = 0\n";
        let config = GitConfig::from_entries(parse(text.as_bytes(), "f").unwrap());
        assert_eq!(config.get("core.bare"), Some("true"));
        assert_eq!(config.get_bool("CORE.BARE"), Some(true));
        assert_eq!(config.get_all("remote.A.b.url"), ["1", "2"]);
        assert_eq!(config.get("remote.a.b.url"), None);
        assert_eq!(config.get_bool("x.n"), Some(false));
        assert_eq!(config.get("nodots"), None);
        assert_eq!(config.section("remote").count(), 2);
    }
}
