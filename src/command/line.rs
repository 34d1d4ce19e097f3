//! From a line or an argument vector to the git and gh commands in it.
//!
//! Strips assignments and the commonest wrappers, goes into `sh -c` and git's
//! own nested lines, and hands each git or gh command to its room. Everything
//! else in a line is either known to be harmless here or left unknown.

use std::collections::HashMap;

use super::intent::Intent;
use super::invocation::{self, Invocation};
use super::lookup::{Lookup, Place};
use super::shell::{self, Simple, Word};
use super::{Classification, carried, gh, git, packs, script};

/// How deep lines may nest before they count as unreadable.
const MAX_DEPTH: usize = 8;

/// Programs that neither lose anything nor run others, so that an alias may
/// use them beside git.
const HARMLESS: &[&str] = &[
    ":", "[", "[[", "]]", "basename", "break", "case", "cat", "cd", "cut", "date", "dirname", "do",
    "done", "echo", "elif", "else", "esac", "exit", "export", "false", "fi", "for", "function",
    "grep", "head", "if", "jq", "less", "local", "ls", "printf", "pwd", "read", "return", "rg",
    "sed", "set", "shift", "sleep", "sort", "tail", "test", "then", "touch", "tr", "true", "uniq",
    "unset", "wc", "while", "column", "mkdir", "open", "xdg-open", "pbcopy",
];

/// Programs that run the rest of their words.
const WRAPPERS: &[&str] = &[
    "builtin", "command", "do", "doas", "else", "env", "exec", "if", "ionice", "nice", "nohup",
    "setsid", "stdbuf", "sudo", "then", "time", "timeout", "while", "xargs", "until", "elif",
];

/// What surrounds a command.
pub(super) struct Scope<'a> {
    /// Answers from outside.
    pub(super) lookup: &'a dyn Lookup,
    /// Variables assigned in front of the command.
    pub(super) assigned: HashMap<String, String>,
    /// How many lines are around it.
    pub(super) depth: usize,
    /// Aliases that are being expanded.
    pub(super) aliases: Vec<String>,
    /// Values of `$1`, `$2`, … where the line is an alias.
    pub(super) positional: Option<Vec<String>>,
    /// Where the command stands in the outermost line.
    pub(super) span: (usize, usize),
    /// Some words are known only when the line runs.
    pub(super) dynamic: bool,
    /// Programs other than git and gh are no business of this line.
    pub(super) lenient: bool,
    /// The command stands in a line of shell.
    pub(super) in_shell: bool,
    /// That line may have gone to another directory.
    pub(super) moved: bool,
    /// Functions that the line defines; what they run is looked at by itself.
    functions: Vec<String>,
}

impl<'a> Scope<'a> {
    /// For a command as typed.
    pub(super) fn top(lookup: &'a dyn Lookup) -> Self {
        Self {
            lookup,
            assigned: HashMap::new(),
            depth: 0,
            aliases: Vec::new(),
            positional: None,
            span: (0, 0),
            dynamic: false,
            lenient: false,
            in_shell: false,
            moved: false,
            functions: Vec::new(),
        }
    }

    /// For what runs inside this command.
    pub(super) fn inner(&self) -> Self {
        Self {
            lookup: self.lookup,
            assigned: self.assigned.clone(),
            depth: self.depth + 1,
            aliases: self.aliases.clone(),
            positional: self.positional.clone(),
            span: self.span,
            dynamic: self.dynamic,
            lenient: self.lenient,
            in_shell: self.in_shell,
            moved: self.moved,
            functions: self.functions.clone(),
        }
    }

    /// A variable as the command sees it.
    pub(super) fn env(&self, name: &str) -> Option<String> {
        self.assigned.get(name).cloned().or_else(|| self.lookup.env(name))
    }

    /// Puts an operation found in `argv` on record.
    pub(super) fn report(&self, seen: &mut Classification, mut intent: Intent, argv: &[String]) {
        intent.argv = argv.to_vec();
        intent.span = self.span;
        seen.push(intent);
    }

    /// Notes what is known only when it runs. What a person's own shell starts
    /// meets the shims again; what git or gh starts does not.
    pub(super) fn open(&self, seen: &mut Classification, what: String) {
        if self.is_inside() {
            seen.hidden(what);
        } else {
            seen.unresolved(what);
        }
    }

    /// Whether git or gh starts this.
    pub(super) fn is_inside(&self) -> bool {
        self.lenient || !self.aliases.is_empty()
    }

    /// Values of a configuration key.
    pub(super) fn config(&self, place: &Place, key: &str) -> Vec<String> {
        self.lookup.git_config(place, key)
    }
}

/// What a line of shell would do with git and gh.
#[must_use]
pub fn classify_line(text: &str, lookup: &dyn Lookup) -> Classification {
    let mut seen = Classification::default();
    line(text, &Scope::top(lookup), &mut seen);
    seen
}

/// Classifies every command in `text`.
pub(super) fn line(text: &str, scope: &Scope, seen: &mut Classification) {
    if scope.depth > MAX_DEPTH || text.len() > 64 * 1024 {
        return seen.hidden("too many lines inside one another");
    }
    let split = shell::split(text);
    if split.unreadable {
        seen.hidden(format!("cannot read the shell line `{text}`"));
    }
    for nested in &split.nested {
        line(nested, &scope.inner(), seen);
    }
    let functions = functions(text);
    let moved = split.commands.iter().any(moves);
    for simple in &split.commands {
        let mut inner = in_line(simple, scope);
        inner.in_shell = true;
        inner.moved |= moved;
        inner.functions.extend(functions.iter().cloned());
        let words = substitute(&simple.words, scope);
        simple_command(&words, &inner, seen);
    }
}

/// Whether what follows may run in another directory.
fn moves(simple: &Simple) -> bool {
    simple.words.iter().any(|word| {
        matches!(word.text.as_str(), "cd" | "pushd" | "popd" | "-C" | "--chdir" | "chroot")
            || word.text.starts_with("--chdir=")
    })
}

fn in_line<'a>(simple: &Simple, scope: &Scope<'a>) -> Scope<'a> {
    let mut inner = scope.inner();
    if scope.depth == 0 {
        inner.span = simple.span;
    }
    let positional = scope.positional.is_some();
    inner.dynamic |= simple.words.iter().any(|word| {
        word.dynamic && !(positional && (is_all(&word.text) || position(&word.text).is_some()))
    });
    inner
}

/// Names that the line defines as functions: `f() {`.
fn functions(text: &str) -> Vec<String> {
    let named = |(index, _): (usize, &str)| {
        let before = text.get(..index)?;
        let start =
            before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        before.get(start..).filter(|name| !name.is_empty()).map(str::to_owned)
    };
    text.match_indices("()").filter_map(named).collect()
}

/// Puts an alias's arguments in place of `$1` and `$@`.
fn substitute(words: &[Word], scope: &Scope) -> Vec<String> {
    let mut out = Vec::with_capacity(words.len());
    for word in words {
        match (&scope.positional, word.dynamic) {
            (Some(values), true) if is_all(&word.text) => out.extend(values.iter().cloned()),
            (Some(values), true) => match position(&word.text) {
                Some(number) => out.extend(values.get(number.saturating_sub(1)).cloned()),
                None => out.push(word.text.clone()),
            },
            _ => out.push(word.text.clone()),
        }
    }
    out
}

fn is_all(text: &str) -> bool {
    text == "$@" || text == "$*"
}

/// The number in `$3` or `${3:-x}`.
fn position(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("${").or_else(|| text.strip_prefix('$'))?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let rest = digits.get(end..)?;
    (rest.is_empty() || rest.ends_with('}')).then(|| digits.get(..end)?.parse().ok()).flatten()
}

/// Classifies one command: assignments, wrappers, then the program itself.
pub(super) fn simple_command(words: &[String], scope: &Scope, seen: &mut Classification) {
    let mut scope = scope.inner();
    scope.depth = scope.depth.saturating_sub(1);
    let mut rest = words.to_vec();
    while let Some(first) = rest.first().cloned() {
        if let Some((name, value)) = assignment(&first) {
            scope.assigned.insert(name.to_owned(), value.to_owned());
            rest.remove(0);
        } else if WRAPPERS.contains(&base_name(&first)) {
            let wrapper = base_name(&first);
            if let Some(text) = split_string(wrapper, &rest) {
                return line(&text, &scope.inner(), seen);
            }
            rest = after_wrapper(wrapper, rest.get(1..).unwrap_or_default()).to_vec();
            if wrapper == "xargs" {
                scope.dynamic = true;
                rest.push("$_".to_owned());
            }
        } else {
            return program(&first, &rest, &scope, seen);
        }
    }
}

/// The line in `env -S LINE`.
fn split_string(wrapper: &str, words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| word == "-S" || word == "--split-string");
    let attached = words.iter().find_map(|word| word.strip_prefix("--split-string="));
    let text = attached.map(str::to_owned).or_else(|| words.get(at? + 1).cloned());
    text.filter(|_| wrapper == "env")
}

fn program(first: &str, words: &[String], scope: &Scope, seen: &mut Classification) {
    match base_name(first) {
        "git" => git::command(words, scope, seen),
        "gh" => gh::command(words, scope, seen),
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" => shell_program(words, scope, seen),
        "eval" => line(&words.get(1..).unwrap_or_default().join(" "), &scope.inner(), seen),
        // `git-push` in git's own directory of programs is `git push`.
        name if name.strip_prefix("git-").is_some_and(|sub| !sub.is_empty()) => {
            let mut direct = vec!["git".to_owned(), name.trim_start_matches("git-").to_owned()];
            direct.extend(words.iter().skip(1).cloned());
            git::command(&direct, scope, seen);
        }
        name if HARMLESS.contains(&name) => {}
        name if scope.functions.iter().any(|function| function == name) => {}
        name if name.starts_with(['$', '`']) => {
            scope.open(seen, format!("`{name}` is known only when it runs"));
        }
        "." | "source" => {
            if let Some(file) = words.get(1) {
                script::classify(file, scope, seen);
            }
        }
        _ if first.contains('/') && scope.is_inside() => script::classify(first, scope, seen),
        name => {
            carried::classify(name, words, scope, seen);
            let invocation = Invocation {
                words: words.iter().map(invocation::Word::text).collect(),
                span: scope.span,
                ..Invocation::default()
            };
            for intent in packs::judge(&invocation, scope.lookup) {
                scope.report(seen, intent, words);
            }
            if !scope.lenient {
                seen.unresolved(format!("`{name}` is not a git or gh command"));
            }
        }
    }
}

/// `sh -c LINE`; a script file or standard input stays unknown.
fn shell_program(words: &[String], scope: &Scope, seen: &mut Classification) {
    let flag = words
        .iter()
        .skip(1)
        .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
    match flag.and_then(|at| words.get(at + 2)) {
        Some(text) => line(text, &scope.inner(), seen),
        None => match words.iter().skip(1).find(|word| !word.starts_with(['-', '$', '`'])) {
            Some(file) => script::classify(file, scope, seen),
            None => scope.open(seen, "a shell that reads its commands from elsewhere".to_owned()),
        },
    }
}

/// Skips a wrapper's own options and operands.
fn after_wrapper<'w>(wrapper: &str, words: &'w [String]) -> &'w [String] {
    let with_value: &[&str] = match wrapper {
        "sudo" | "doas" => &["-u", "-g", "-h", "-p", "-C", "-D", "-r", "-t"],
        "env" => &["-u", "-C", "-S"],
        "nice" => &["-n"],
        "timeout" => &["-s", "-k"],
        "xargs" => &["-n", "-I", "-P", "-L", "-d", "-a", "-E", "-s"],
        "stdbuf" => &["-i", "-o", "-e"],
        "exec" => &["-a"],
        _ => &[],
    };
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    at += usize::from(wrapper == "timeout");
    words.get(at..).unwrap_or_default()
}

fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named.then_some((name, value))
}

/// The program's name without its directory and Windows' ending.
fn base_name(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or(program);
    name.strip_suffix(".exe").unwrap_or(name)
}
