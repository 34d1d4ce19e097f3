//! Lines that run later: `at`, `batch`, `crontab`.

use crate::command::invocation::Word;
use crate::command::resolve::{Call, Flow, Resolver, operands};

/// Looks at the lines that are put off.
pub(super) fn run(resolver: &mut Resolver, name: &str, call: &Call) -> Flow {
    resolver.emit(call);
    if name != "crontab" {
        let file = call.arguments().windows(2).find_map(|pair| match pair {
            [flag, file] if flag.literal() == Some("-f") => Some(file.clone()),
            _ => None,
        });
        let from = file.map_or(call.input.clone(), |file| resolver.content(&file));
        let from = Call { input: from, words: vec![Word::text("sh")], ..call.clone() };
        resolver.behind(name.to_owned(), |resolver| super::shells::input(resolver, &from));
        return Flow::nothing();
    }
    let options = call.arguments().iter().any(|word| matches!(word.literal(), Some("-l" | "-r")));
    let file = operands(call.arguments()).next().filter(|file| file.literal() != Some("-"));
    let table = match file {
        Some(file) => resolver.content(file),
        None => call.input.clone(),
    };
    if let Some(text) = table.literal().filter(|_| !options) {
        let lines: Vec<String> = text.lines().filter_map(command_in).collect();
        resolver.behind("cron".to_owned(), |resolver| {
            for line in lines.iter().take(64) {
                resolver.text(line, &Flow::nothing());
            }
        });
    }
    Flow::nothing()
}

/// What a line of a crontab runs: it stands behind five fields, or a name.
fn command_in(line: &str) -> Option<String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    for _ in 0..fields {
        rest = rest.split_once([' ', '\t'])?.1.trim_start();
    }
    Some(rest.to_owned())
}
