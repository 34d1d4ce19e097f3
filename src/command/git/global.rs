//! git's options before the command's name.

use std::collections::HashMap;

use crate::command::Place;

/// A git command line up to the command's name.
#[derive(Debug, Default)]
pub(super) struct Invocation {
    pub(super) place: Place,
    /// `-c key=value`, in order; a bare key means `true`.
    pub(super) config: Vec<(String, String)>,
    /// `--config-env key=VARIABLE`, in order.
    pub(super) config_env: Vec<(String, String)>,
    /// Value of `--exec-path`, where git takes its programs from.
    pub(super) exec_path: Option<String>,
    /// The command and its arguments; empty where git only prints something.
    pub(super) rest: Vec<String>,
    /// How many words of the input come before `rest`.
    pub(super) global_words: usize,
}

/// How many of the words after `git` are global options.
#[must_use]
pub fn global_words(words: &[String]) -> usize {
    parse(words).global_words
}

/// Where the global options among the words after `git` say that it works.
#[must_use]
pub fn place(words: &[String]) -> Place {
    parse(words).place
}

/// Reads the words after `git`.
pub(super) fn parse(words: &[String]) -> Invocation {
    let mut invocation = Invocation::default();
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let takes_next = attached.is_none() && takes_value(name);
        at += 1;
        let value = if takes_next {
            at += 1;
            words.get(at - 1).cloned()
        } else {
            attached
        };
        match name {
            "-h" | "--help" | "-v" | "--version" | "--html-path" | "--man-path" | "--info-path" => {
                return invocation;
            }
            "--exec-path" if value.is_none() => return invocation,
            _ => invocation.option(name, value.unwrap_or_default()),
        }
    }
    invocation.global_words = at.min(words.len());
    invocation.rest = words.get(at..).unwrap_or_default().to_vec();
    invocation
}

fn takes_value(name: &str) -> bool {
    matches!(
        name,
        "-C" | "-c"
            | "--git-dir"
            | "--work-tree"
            | "--namespace"
            | "--config-env"
            | "--super-prefix"
            | "--attr-source"
            | "--list-cmds"
    )
}

impl Invocation {
    fn option(&mut self, name: &str, value: String) {
        let pair = |text: &str, bare: &str| {
            let (key, value) = text.split_once('=').unwrap_or((text, bare));
            (key.to_owned(), value.to_owned())
        };
        match name {
            "-C" => self.place.directories.push(value),
            "-c" => self.config.push(pair(&value, "true")),
            "--config-env" => self.config_env.push(pair(&value, "")),
            "--git-dir" => self.place.git_dir = Some(value),
            "--work-tree" => self.place.work_tree = Some(value),
            "--exec-path" => self.exec_path = Some(value),
            _ => {}
        }
    }

    /// What variables in front of the command say where options don't.
    pub(super) fn place_from(&mut self, assigned: &HashMap<String, String>) {
        let place = &mut self.place;
        place.git_dir = place.git_dir.take().or_else(|| assigned.get("GIT_DIR").cloned());
        let work_tree = || assigned.get("GIT_WORK_TREE").cloned();
        place.work_tree = place.work_tree.take().or_else(work_tree);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_before_the_command() {
        let line = "-C a -c core.x=1 --git-dir=g -p --work-tree w -c flag push -c no";
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let invocation = parse(&words);
        assert_eq!(invocation.rest, ["push", "-c", "no"]);
        assert_eq!(invocation.place.directories, ["a"]);
        assert_eq!(invocation.place.git_dir.as_deref(), Some("g"));
        assert_eq!(invocation.place.work_tree.as_deref(), Some("w"));
        assert_eq!(invocation.config.last().unwrap(), &("flag".to_owned(), "true".to_owned()));
        assert!(parse(&["--version".to_owned(), "push".to_owned()]).rest.is_empty());
    }
}
