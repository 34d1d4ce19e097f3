//! `cmd /c LINE` and `powershell -Command LINE`: lines in which a backslash is
//! part of a path.

use crate::command::invocation::Word;
use crate::command::resolve::{Call, Flow, Resolver, base64};

/// Looks at what a Windows shell runs.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    let words = call.arguments();
    resolver.emit(call);
    let mut line: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let text = word.to_string();
        let lower = text.to_ascii_lowercase();
        let option = lower.starts_with(if name == "cmd" { "/" } else { "-" });
        if name == "cmd" && (lower == "/c" || lower == "/k")
            || (name != "cmd" && is_prefix(&lower, "-command", 2))
        {
            line.extend(words.get(at..).unwrap_or_default().iter().map(Word::to_string));
            break;
        } else if name != "cmd" && is_prefix(&lower, "-encodedcommand", 2) {
            let decoded = words.get(at).and_then(|word| base64(word.literal()?));
            line.extend(decoded.map(|bytes| utf16(&bytes)));
            break;
        } else if !option {
            line.push(text);
        } else if name != "cmd" && takes_value(&lower) {
            at += 1;
        }
    }
    if let Some(input) = call.input.literal() {
        line.extend(input.lines().map(|line| format!("{line} ;")));
    }
    resolver.behind(name.to_owned(), |resolver| {
        for words in commands(&line.join(" ")) {
            resolver.call(call.with(words.into_iter().map(Word::text).collect()));
        }
    });
    Flow::Unknown(format!("output of {name}"))
}

/// Commands of Windows' shells that a line begins with.
const COMMANDS: &[&str] = &[
    "remove-item",
    "ri",
    "del",
    "erase",
    "rd",
    "rmdir",
    "move-item",
    "clear-content",
    "copy-item",
    "set-content",
    "out-file",
    "format",
    "reg",
    "cmd",
    "cmd.exe",
    "powershell",
    "powershell.exe",
    "pwsh",
    "iex",
    "invoke-expression",
    "robocopy",
    "attrib",
    "takeown",
    "icacls",
];

/// Looks at a line as a person on Windows would have typed it, where it looks
/// so: a shell elsewhere reads its backslashes in another way.
pub(in crate::command) fn as_typed(resolver: &mut Resolver, line: &str) {
    let first = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let evaluates = matches!(first.as_str(), "iex" | "invoke-expression");
    if !evaluates && !(line.contains('\\') && (COMMANDS.contains(&first.as_str()) || drive(line))) {
        return;
    }
    let words = ["powershell", "-Command", line].map(Word::text).to_vec();
    resolver.call(Call { words, ..Call::default() });
}

/// Whether a path with a drive (`C:\\`) is named.
fn drive(line: &str) -> bool {
    line.match_indices(":\\").any(|(at, _)| {
        let mut before = line.get(..at).unwrap_or_default().chars().rev();
        before.next().is_some_and(|letter| letter.is_ascii_alphabetic())
            && before.next().is_none_or(|letter| !letter.is_alphanumeric())
    })
}

/// Whether `text` is a beginning of `option`, as PowerShell takes them.
fn is_prefix(text: &str, option: &str, least: usize) -> bool {
    text.len() >= least && option.starts_with(text) && text != "-e"
        || text == option
        || (text == "-e" && option == "-encodedcommand")
}

fn takes_value(option: &str) -> bool {
    [
        "-executionpolicy",
        "-ep",
        "-ex",
        "-windowstyle",
        "-w",
        "-version",
        "-inputformat",
        "-outputformat",
    ]
    .contains(&option)
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .filter_map(|pair| Some(u16::from_le_bytes([*pair.first()?, *pair.get(1)?])))
        .collect();
    String::from_utf16_lossy(&units)
}

/// A line's commands: split at `;`, `&`, `|`, braces and parentheses; double
/// quotes keep words together, single ones in PowerShell too.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars().chain([';']) {
        match (character, quote) {
            (_, Some(open)) if open == character => quote = None,
            (_, Some(_)) => word.push(character),
            ('"' | '\'', None) => quote = Some(character),
            (_, None) => {
                let ends = ";&|\n{}()".contains(character);
                if !ends && !character.is_whitespace() {
                    word.push(character);
                    continue;
                }
                if let Some(command) = found.last_mut().filter(|_| !word.is_empty()) {
                    command.push(std::mem::take(&mut word));
                }
                if ends && found.last().is_some_and(|command| !command.is_empty()) {
                    found.push(Vec::new());
                }
            }
        }
    }
    found.retain(|command| !command.is_empty());
    found.truncate(64);
    found
}
