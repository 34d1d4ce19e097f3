//! Command packs: `rules/commands/*.toml`, the part of the recognition that is
//! data. The notation is explained at the head of those files.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::options::{self, Parsed, Style};
use crate::records::document;

/// Commands that need no second look; a small file of its own, so that the
/// packs are read only for what does.
pub(super) static HARMLESS: LazyLock<Harmless> = LazyLock::new(|| document!("harmless"));
/// What git's commands do.
pub(super) static GIT: LazyLock<Pack> = LazyLock::new(|| document!("git"));
/// What gh's commands do.
pub(super) static GH: LazyLock<Pack> = LazyLock::new(|| document!("gh"));
/// What GitHub's API calls do, whoever makes them.
pub(super) static GITHUB_API: LazyLock<ApiPack> = LazyLock::new(|| document!("github_api"));

/// Commands that lose nothing whatever their options.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Harmless {
    pub(super) git: HashSet<String>,
    pub(super) gh: HashSet<String>,
}

/// One program's commands.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    #[serde(default)]
    pub(super) runs_hooks: Vec<String>,
    #[serde(default)]
    pub(super) groups: HashMap<String, String>,
    pub(super) commands: HashMap<String, Command>,
    pub(super) rules: Vec<Rule>,
    #[serde(default)]
    pub(super) config: Vec<ConfigKey>,
}

/// One command's options.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    pub(super) options: String,
}

/// When a command carries out an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) command: String,
    #[serde(default)]
    pub(super) any: Vec<String>,
    #[serde(default)]
    pub(super) all: Vec<String>,
    #[serde(default)]
    pub(super) none: Vec<String>,
    #[serde(default)]
    pub(super) operands: usize,
    pub(super) operation: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) redirect: String,
    pub(super) target: Option<String>,
    #[serde(default)]
    pub(super) signal: String,
}

impl Rule {
    /// Whether the rule's conditions hold for these arguments.
    pub(super) fn holds(&self, parsed: &Parsed) -> bool {
        parsed.operands.len() >= self.operands
            && (self.any.is_empty() || self.any.iter().any(|what| parsed.has(what)))
            && self.all.iter().all(|what| parsed.has(what))
            && !self.none.iter().any(|what| parsed.has(what))
    }
}

/// A git configuration key that switches hooks off or starts a program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigKey {
    key: String,
    pub(super) operation: String,
    pub(super) message: String,
    #[serde(default)]
    safe: Vec<String>,
    #[serde(default)]
    only: String,
    #[serde(default)]
    pub(super) hides_hooks: bool,
}

impl ConfigKey {
    /// Whether setting `key` (any case) to `value` is what this entry is about.
    pub(super) fn is_about(&self, key: &str, value: &str) -> bool {
        self.names(key) && value.starts_with(&self.only) && !self.is_safe(value)
    }

    /// Whether this entry is about `key`.
    pub(super) fn names(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        match self.key.split_once('*') {
            None => key == self.key,
            Some((start, end)) => {
                key.len() > start.len() + end.len() && key.starts_with(start) && key.ends_with(end)
            }
        }
    }

    fn is_safe(&self, value: &str) -> bool {
        let value = value.trim();
        let plain = !value.contains(['|', ';', '&', '`', '$', '>', '<', '\n'])
            && !["ProxyCommand", "LocalCommand"].iter().any(|option| value.contains(option));
        plain
            && self.safe.iter().any(|safe| {
                value.strip_prefix(safe.as_str()).is_some_and(|rest| {
                    rest.is_empty() || (rest.starts_with(' ') && !safe.is_empty())
                })
            })
    }
}

/// GitHub's API.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiPack {
    pub(super) rest: Vec<Endpoint>,
    pub(super) graphql: Vec<Mutation>,
}

/// A REST call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) methods: Vec<String>,
    pub(super) path: String,
    #[serde(default)]
    pub(super) field: String,
    #[serde(default)]
    pub(super) value: String,
    #[serde(default)]
    pub(super) target: String,
    pub(super) operation: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) signal: String,
}

/// A GraphQL mutation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mutation {
    pub(super) field: String,
    #[serde(default)]
    pub(super) contains: String,
    pub(super) operation: String,
    pub(super) message: String,
}

impl Pack {
    /// Reads `args` as the options of `command`; unknown options pass.
    pub(super) fn parse(&self, command: &str, style: Style, args: &[String]) -> Parsed {
        let spec = self.commands.get(command).map_or("", |command| command.options.as_str());
        options::parse(spec, style, args)
    }

    /// The rules for `command`.
    pub(super) fn rules_for<'a>(&'a self, command: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.command == command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_are_readable() {
        for text in [
            include_str!("../../rules/commands/git.toml"),
            include_str!("../../rules/commands/gh.toml"),
        ] {
            toml::from_str::<Pack>(text).unwrap();
        }
        toml::from_str::<Harmless>(include_str!("../../rules/commands/harmless.toml")).unwrap();
        toml::from_str::<ApiPack>(include_str!("../../rules/commands/github_api.toml")).unwrap();
    }

    #[test]
    fn a_safe_value_stays_safe_only_on_its_own() {
        let about =
            |key: &str, value: &str| GIT.config.iter().any(|entry| entry.is_about(key, value));
        assert!(!about("core.sshCommand", "ssh -i ~/.ssh/id_work"));
        assert!(about("core.sshCommand", "ssh -o ProxyCommand=sh"));
        assert!(about("CORE.PAGER", "less; rm -rf ."));
        assert!(about("core.hooksPath", "/dev/null") && about("core.HOOKSPATH", ""));
        assert!(about("filter.x.clean", "sh -c x") && !about("filter.lfs.clean", "git-lfs clean"));
    }
}
