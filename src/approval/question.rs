//! What a person at the terminal is asked.

use crate::action::{CommitLine, Evidence, visible, visible_line};
use crate::audit::Recorded;

/// Lines of a diff or text that are shown; the gateway's page shows all.
const TEXT_LINES: usize = 40;
/// Commits that are shown.
const COMMIT_LINES: usize = 10;

/// A question that can't be answered by habit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What would happen, ready to print: nothing in it moves a terminal.
    pub text: String,
    /// What must be typed to agree.
    pub word: String,
}

impl Question {
    /// The question about a recorded decision.
    #[must_use]
    pub fn about(recorded: &Recorded) -> Self {
        let action = recorded.action();
        let decision = recorded.decision();
        let mut text = String::new();
        let mut line = |label: &str, value: &str| {
            text.push_str(&format!("  {label:<9} {}\n", visible_line(value)));
        };
        line("what", decision.reasons.first().map_or(&action.operation, |reason| &reason.message));
        line("where", &action.target);
        line("who", &action.caller.display());
        line("risk", &format!("{:.1} of 10 ({})", decision.risk, decision.risk_class.as_str()));
        for name in ["remote", "old", "new"] {
            if let Some(value) = action.params.get(name).and_then(|value| value.as_str()) {
                line(name, value);
            }
        }
        for reason in decision.reasons.iter().skip(1) {
            let points =
                if reason.score == 0.0 { String::new() } else { format!("{:+.1}", reason.score) };
            text.push_str(&format!("  {points:>9} {}\n", visible_line(&reason.message)));
        }
        for evidence in &recorded.judged().facts().evidence {
            show(evidence, &mut text);
        }
        Self { text, word: confirmation_word(&action.target) }
    }
}

/// The branch, tag or repository name at the end of a target.
fn confirmation_word(target: &str) -> String {
    let (repository, reference) = target.split_once('#').unwrap_or((target, ""));
    let short =
        ["refs/heads/", "refs/tags/"].iter().find_map(|prefix| reference.strip_prefix(prefix));
    let word = match short {
        Some(name) => name,
        None => repository.trim_end_matches('/').rsplit('/').next().unwrap_or(repository),
    };
    visible_line(word)
}

fn show(evidence: &Evidence, out: &mut String) {
    match evidence {
        Evidence::Commits { title, commits, total } => {
            out.push_str(&format!("\n  {} ({total}):\n", visible_line(title)));
            for CommitLine { id, author, date, subject } in commits.iter().take(COMMIT_LINES) {
                let id = id.get(..10).unwrap_or(id);
                let day = date.get(..10).unwrap_or(date);
                let (author, subject) = (visible_line(author), visible_line(subject));
                out.push_str(&format!("    {id} {day} {author}: {subject}\n"));
            }
            let more = total.saturating_sub(commits.len().min(COMMIT_LINES));
            if more > 0 {
                out.push_str(&format!("    … and {more} more\n"));
            }
        }
        Evidence::Diff { path, text } => show_text(&visible_line(path), text, out),
        Evidence::Text { title, text } => show_text(&visible_line(title), text, out),
    }
}

fn show_text(title: &str, text: &str, out: &mut String) {
    out.push_str(&format!("\n  {title}:\n"));
    for line in visible(text).lines().take(TEXT_LINES) {
        out.push_str(&format!("    {line}\n"));
    }
    let more = text.lines().count().saturating_sub(TEXT_LINES);
    if more > 0 {
        out.push_str(&format!("    … and {more} more lines\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::confirmation_word;

    #[test]
    fn the_word_is_the_branch_or_the_repository() {
        assert_eq!(confirmation_word("github.com/acme/app#refs/heads/release/1"), "release/1");
        assert_eq!(confirmation_word("github.com/acme/app"), "app");
        assert_eq!(confirmation_word("file:///tmp/x/"), "x");
    }
}
