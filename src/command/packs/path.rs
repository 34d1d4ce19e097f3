//! What kind of file a path names.
//!
//! A path is brought into one form (home as `~`, no `.` and `..`, lower case,
//! forward slashes), then sorted into classes: where it lies, by the rules
//! below; what it is, by the patterns of `rules/commands/paths.toml`.

use super::schema::Text;
use super::tables::CLASSES;
use crate::action::glob_match;

/// A path in its usual form, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    path: String,
    location: &'static str,
}

impl Place {
    /// Where `path` lies, which is relative to `directory`.
    pub(super) fn of(path: &str, directory: Option<&str>) -> Self {
        if path.is_empty() {
            return Self { path: String::new(), location: "none" };
        }
        let path = usual(path, directory);
        let location = location(&path);
        Self { path, location }
    }

    /// Whether the path is of one of the classes in `names`.
    pub(super) fn is_any(&self, names: &str) -> bool {
        names.split_ascii_whitespace().any(|name| self.is(name))
    }

    fn is(&self, name: &str) -> bool {
        let fits = |patterns: &[Text]| patterns.iter().any(|pattern| fits(pattern, &self.path));
        self.location == name
            || name == "any"
            || CLASSES
                .iter()
                .find(|class| class.name == name)
                .is_some_and(|class| fits(&class.patterns) && !fits(&class.except))
    }
}

/// The usual form: `/`, `/etc`, `~`, `~/x`, `.`, `src/x`, `..`, `../x`,
/// `${name}/x`, `$(…)`.
fn usual(path: &str, directory: Option<&str>) -> String {
    let mut path = path.trim_end_matches('\r').replace('\\', "/").to_ascii_lowercase();
    for (from, to) in ALIKE {
        if path.contains(from) {
            path = path.replace(from, to);
        }
    }
    if let Some(drive) = drive(&path) {
        path = format!("/{drive}");
    }
    let relative = !path.starts_with(['/', '~', '$']);
    if let Some(directory) = directory.filter(|directory| relative && !directory.is_empty()) {
        return usual(&format!("{directory}/{path}"), None);
    }
    home(&lexical(&path))
}

/// Other names of the same.
const ALIKE: &[(&str, &str)] = &[
    ("${home}", "~"),
    ("${pwd}", "."),
    ("$(pwd)", "."),
    ("$env:userprofile", "~"),
    ("${env:userprofile}", "~"),
    ("%userprofile%", "~"),
    ("%systemroot%", "/windows"),
    ("${tmpdir}", "/tmp"),
    ("${runner_temp}", "/tmp"),
    ("$env:temp", "/tmp"),
    ("%temp%", "/tmp"),
    ("$(git rev-parse --show-toplevel)", "."),
];

/// What follows `c:` (nothing stands for its root).
fn drive(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(|c: char| c.is_ascii_lowercase())?.strip_prefix(':')?;
    Some(rest.trim_start_matches('/'))
}

/// Takes `.`, `..`, doubled slashes and patterns that fit everything out of a
/// path; everything in a directory counts as the directory.
fn lexical(path: &str) -> String {
    let start = if path.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"~") => parts = vec!["~", "..", ""],
                Some(&last) if last != ".." => drop(parts.pop()),
                _ if start.is_empty() => parts.push(".."),
                _ => {}
            },
            _ => parts.push(part),
        }
    }
    while parts.last().is_some_and(|part| is_everything(part)) {
        parts.pop();
    }
    let variable = path.starts_with('$') && parts.len() == 1 && path.contains("}/");
    match (start, parts.join("/")) {
        (_, rest) if variable => format!("{rest}/"),
        ("", rest) if rest.is_empty() => ".".to_owned(),
        ("", rest) if rest.starts_with("~/..") => "/home".to_owned(),
        (start, rest) => format!("{start}{rest}"),
    }
}

/// `*`, `.*`, `**`, `{*,.*}`, `.[!.]*`: whatever there is.
fn is_everything(part: &str) -> bool {
    part.contains('*') && !part.contains("${") && part.chars().all(|c| "*.?{},[]!^".contains(c))
}

/// `/home/ada/x`, `/users/ada/x`, `/root/x` and `~ada/x` as `~/x`.
fn home(path: &str) -> String {
    let path = path.strip_prefix("/private").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    if let Some(rest) = path.strip_prefix("/root")
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return format!("~{rest}");
    }
    let named = ["/home/", "/users/", "~"].iter().find_map(|start| path.strip_prefix(start));
    match named {
        Some(rest) if !rest.is_empty() => {
            let below = rest.split_once('/').map_or("", |(_, below)| below);
            if below.is_empty() { "~".to_owned() } else { format!("~/{below}") }
        }
        _ => path.to_owned(),
    }
}

/// Directories of the system; what lies in them is part of it.
const SYSTEM: &[&str] = &[
    "bin",
    "boot",
    "dev",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "opt",
    "proc",
    "run",
    "sbin",
    "srv",
    "sys",
    "usr",
    "var",
    "home",
    "users",
    "system",
    "library",
    "applications",
    "windows",
    "program files",
    "program files (x86)",
    "programdata",
    "mnt",
    "media",
    "volumes",
    "lost+found",
    "nix",
    "snap",
    "cores",
    "private",
];

/// Directories of the system that people keep their own work in.
const SHARED: &[&str] = &["mnt", "media", "volumes", "srv", "opt", "home", "users", "run"];

/// Whatever lies there is soon gone anyway.
const TEMPORARY: &[&str] = &[
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/var/folders",
    "/windows/temp",
    "/var/cache",
    "/var/lib/apt/lists",
    "/dev/null",
    "/dev/stdout",
    "/dev/stderr",
    "/dev/tty",
    "/dev/fd",
    "/run/user",
];

fn location(path: &str) -> &'static str {
    if let Some(rest) = path.strip_prefix('$') {
        return dynamic(rest);
    }
    let terminal = path.starts_with("/dev/tty") || path.starts_with("/dev/cu.");
    if terminal || TEMPORARY.iter().any(|dir| under(path, dir)) {
        return "temp";
    }
    match path {
        "/" => return "root",
        "~" => return "home",
        "." => return "cwd",
        ".." => return "parent",
        _ => {}
    }
    if let Some(rest) = path.strip_prefix("~/") {
        return if rest.contains('/') { "outside" } else { "home-top" };
    }
    if let Some(rest) = path.strip_prefix('/') {
        let mut parts = rest.split('/');
        let first = parts.next().unwrap_or_default();
        let depth = parts.clone().count();
        return match () {
            () if first.contains(['*', '?', '[', '{']) => "root",
            () if !SYSTEM.contains(&first) => "outside",
            () if depth == 0 => "system-top",
            () if SHARED.contains(&first) => "outside",
            () if depth == 1 || (depth == 2 && first == "usr") => "system-top",
            () => "system",
        };
    }
    match path.strip_prefix("../") {
        Some(rest) if rest.split('/').all(|part| part == "..") => "parent",
        Some(_) => "outside",
        None => "inside",
    }
}

/// A path that begins with what is known only when it runs. A variable's name
/// may say what it is for; where everything in it goes, an empty one leaves the
/// root.
fn dynamic(rest: &str) -> &'static str {
    const TEMPORARY: &[&str] =
        &["tmp", "temp", "cache", "build", "dist", "scratch", "work", "stage", "sandbox"];
    if rest.starts_with("(mktemp") {
        return "temp";
    }
    let Some(variable) = rest.strip_prefix('{') else { return "unknown" };
    let (name, after) = variable.split_once('}').unwrap_or((variable, ""));
    if TEMPORARY.iter().any(|word| name.contains(word)) || name == "out" {
        return "temp";
    }
    let guarded = name.contains(":?") || name.contains(":-");
    if after.starts_with('/') && !guarded { "nameless" } else { "unknown" }
}

fn under(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path in its usual form fits a pattern of the table: from the root
/// or home with all below it (`/etc`, `~/.aws`), some directories anywhere
/// (`.github/workflows`), any part (`node_modules`), or, with a `:` in front,
/// the last part (`:*.pem`).
fn fits(pattern: &str, path: &str) -> bool {
    if let Some(name) = pattern.strip_prefix(':') {
        let last = path.rsplit('/').next().unwrap_or(path);
        return if name.contains(['*', '[']) { glob_match(name, last) } else { name == last };
    }
    if pattern.starts_with(['/', '~']) {
        return if pattern.contains('*') {
            glob_match(pattern, path)
        } else {
            under(path, pattern)
        };
    }
    if pattern.contains('/') {
        return path.match_indices(pattern).any(|(at, _)| {
            let before = path.get(..at).unwrap_or_default();
            let after = path.get(at + pattern.len()..).unwrap_or_default();
            (before.is_empty() || before.ends_with('/'))
                && (after.is_empty() || after.starts_with('/') || pattern.ends_with('/'))
        });
    }
    let names = |part: &str| match pattern.contains('*') {
        true => glob_match(pattern, part),
        false => part == pattern || (part.ends_with('*') && part.trim_end_matches('*') == pattern),
    };
    path.split('/').any(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_place_is_the_same() {
        for (class, paths) in [
            ("root", "/ /* // /. /.. /tmp/.. /etc/../ C:\\ c:/ /{*,.*} /[a-z]*"),
            ("home", "~ ~/ ~/* ${HOME} ${HOME}/* /home/ada /Users/ada/ /root ~ada %USERPROFILE%"),
            (
                "system-top",
                "/etc /etc/ /etc/* /usr /usr/bin /var/lib /home ~/.. C:\\Windows /usr/local/bin",
            ),
            ("cwd", ". ./ * ./* .* ./.[!.]* src/.. ${PWD} $(pwd)"),
            ("parent", ".. ../.. ../* src/../.."),
            ("temp", "/tmp/x /var/tmp/y ${TMPDIR}/x $(mktemp) /private/tmp/z /dev/null ${tmp_dir}"),
            ("unknown", "${DIR} $(list) ${DIR:?}/x"),
            ("nameless", "${DIR}/ ${DIR}/* ${STEAMROOT}/x"),
            ("outside", "/data/x ~/work/old ../other /mnt/disk/x"),
            (
                "build",
                "node_modules ./target a/dist/b /home/ada/app/node_modules x/__pycache__ build*",
            ),
            (
                "credential",
                "~/.ssh/id_rsa .env config/.env.production ~/.aws/credentials x.pem /etc/shadow",
            ),
            ("workflow", ".github/workflows/ci.yml ./.github/workflows .gitlab-ci.yml"),
        ] {
            for path in paths.split(' ') {
                assert!(
                    Place::of(path, None).is(class),
                    "{path} is no {class}: {:?}",
                    usual(path, None)
                );
            }
        }
        for path in [".env.example", "~/.ssh/id_rsa.pub", "src/env.rs"] {
            assert!(!Place::of(path, None).is("credential"), "{path}");
        }
    }

    #[test]
    fn a_relative_path_is_where_the_line_went() {
        let class = |path: &str, dir: &str, class: &str| Place::of(path, Some(dir)).is(class);
        assert!(class("*", "/", "root") && class("*", "~", "home") && class("x", "/tmp", "temp"));
        assert!(class("*", "app/node_modules", "build") && class("../*", "src", "cwd"));
    }
}
