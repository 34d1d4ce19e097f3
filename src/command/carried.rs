//! git and gh carried by another program: `find -exec git …`, `watch git …`,
//! `awk 'BEGIN { system("git …") }'`.

use super::Classification;
use super::line::{self, Scope};
use super::pack::{GH, GIT, HARMLESS};

/// Programs whose arguments hold code, so that a command may stand inside a
/// word. Elsewhere a word that mentions git is only a word.
const INTERPRETERS: &[&str] = &[
    "awk",
    "bun",
    "deno",
    "expect",
    "find",
    "flock",
    "fzf",
    "gawk",
    "lua",
    "mawk",
    "node",
    "osascript",
    "parallel",
    "perl",
    "php",
    "python",
    "python2",
    "python3",
    "ruby",
    "runuser",
    "screen",
    "script",
    "ssh",
    "su",
    "tclsh",
    "tmux",
    "watch",
    "entr",
    "fish",
    "pwsh",
];

/// Classifies what `words`, the command line of `name`, carries.
pub(super) fn classify(name: &str, words: &[String], scope: &Scope, seen: &mut Classification) {
    let arguments = words.get(1..).unwrap_or_default();
    if let Some(at) = arguments.windows(2).position(is_command) {
        return line::simple_command(arguments.get(at..).unwrap_or_default(), scope, seen);
    }
    if !INTERPRETERS.contains(&name) {
        return;
    }
    let mut inside = Classification::default();
    let mut inner = scope.inner();
    inner.lenient = true;
    for text in arguments.iter().filter_map(|word| command_inside(word)) {
        line::line(text, &inner, &mut inside);
    }
    for intent in inside.intents {
        seen.push(intent);
    }
}

/// `git` or `gh` in front of something that is a command of theirs.
fn is_command(words: &[String]) -> bool {
    let [program, next] = words else { return false };
    let begins = |name: &String| name.split(' ').next() == Some(next.as_str());
    match program.rsplit('/').next() {
        Some("git") => {
            next.starts_with("-c")
                || next.starts_with("-C")
                || next.starts_with("--")
                || HARMLESS.git.contains(next)
                || GIT.groups.contains_key(next)
                || GIT.commands.contains_key(next)
        }
        Some("gh") => HARMLESS.gh.iter().any(begins) || GH.commands.keys().any(begins),
        _ => false,
    }
}

/// From the first `git ` or `gh ` in `word` to where the string around it ends.
fn command_inside(word: &str) -> Option<&str> {
    let stands_alone = |at: usize| {
        let before = word.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
    };
    let starts = ["git ", "gh "].iter().flat_map(|name| word.match_indices(name));
    let start = starts.map(|(at, _)| at).filter(|at| stands_alone(*at)).min()?;
    word.get(start..)?.split(['"', '\'', '`', ')', '}', '\n']).next()
}
