//! What is inside a command: wrappers, shells, interpreters, build tools.
//!
//! In: a command with its words known. What it runs is looked at in its place
//! or besides it; what runs nothing else is a leaf and goes to the rules.
//! Which options of which program lead where is data
//! (`rules/commands/wrappers.toml`, `code.toml`).

mod code;
mod each;
mod edit;
mod schedule;
mod shells;
mod table;
mod tasks;
mod windows;
mod wrapped;

pub(in crate::command) use shells::{line, script};
pub(in crate::command) use table::TABLE;
pub(in crate::command) use windows::as_typed;
pub(in crate::command) use wrapped::joined;

use super::invocation::Word;
use super::resolve::{Call, Flow, Resolver};

/// Looks into a command.
pub(in crate::command) fn command(resolver: &mut Resolver, name: &str, call: Call) -> Flow {
    let typed = call.words.first().map(ToString::to_string).unwrap_or_default();
    match name {
        _ if shells::is_shell(name) => shells::run(resolver, name, &call),
        "find" | "gfind" => each::find(resolver, &call),
        "fd" | "fdfind" => each::fd(resolver, &call),
        "xargs" | "gxargs" | "parallel" => each::input(resolver, name, &call),
        "sed" | "gsed" | "ex" | "vi" | "vim" | "nvim" | "ed" | "emacs" => {
            edit::run(resolver, name, &call)
        }
        "bun" if code::is_code(&call) => code::run(resolver, name, &call),
        "make" | "gmake" | "just" | "task" | "npm" | "pnpm" | "yarn" | "bun" | "composer"
        | "rake"
            if tasks::run(resolver, name, &call) =>
        {
            resolver.leaf(name, &call)
        }
        "cmd" | "powershell" | "pwsh" => windows::run(resolver, name, &call),
        "busybox" | "toybox" if call.words.len() > 1 => {
            let rest = call.arguments().to_vec();
            resolver.call(Call { words: rest, ..call })
        }
        "at" | "batch" | "crontab" => schedule::run(resolver, name, &call),
        "command" | "type" if names_only(&call) => {
            let name = call.words.last().cloned().unwrap_or_default();
            resolver.emit(&call);
            Flow::Known(name)
        }
        "go" if call.words.get(1).and_then(Word::literal) != Some("run") => {
            resolver.leaf(name, &call)
        }
        _ if code::is_interpreter(name) => code::run(resolver, name, &call),
        _ => match wrapped::run(resolver, name, &call) {
            Some(flow) => flow,
            None if typed.contains('/') || resolver.shell.file(&typed).is_some() => {
                shells::program(resolver, name, &call)
            }
            None => resolver.leaf(name, &call),
        },
    }
}

/// `command -v NAME` only says where a program is.
fn names_only(call: &Call) -> bool {
    call.words
        .get(1)
        .is_some_and(|word| matches!(word.literal(), Some("-v" | "-V" | "-p" | "-P" | "-a")))
        && !(call.words.len() > 2
            && call.words.get(1).is_some_and(|word| word.literal() == Some("-p"))
            && call.words.first().is_some_and(|word| word.literal() == Some("command")))
}

/// Whether the output of a line is one that tools tell their users to run.
pub(in crate::command) fn is_trusted(line: &str) -> bool {
    let plain = !line.contains(['|', ';', '&', '`', '$', '>', '<', '\n']);
    plain
        && TABLE.trusted.iter().any(|trusted| {
            line.trim()
                .strip_prefix(trusted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
}
