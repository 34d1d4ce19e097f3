//! A unified diff as coloured lines.

use crate::action::{visible, visible_line};

/// Most lines of one diff that are shown.
const LINES: usize = 3_000;
/// Most characters of one line that are shown.
const COLUMNS: usize = 4_000;

/// The diff of one file.
pub(super) struct DiffFile {
    pub(super) path: String,
    pub(super) lines: Vec<DiffLine>,
    pub(super) added: usize,
    pub(super) removed: usize,
    /// Lines that are not shown.
    pub(super) more: usize,
}

/// One line; `class` is its name in the style sheet.
pub(super) struct DiffLine {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// Reads unified diff text; the file header is left out, the path stands above.
pub(super) fn read(path: &str, text: &str) -> DiffFile {
    let mut inside = false;
    let mut file =
        DiffFile { path: visible_line(path), lines: Vec::new(), added: 0, removed: 0, more: 0 };
    for line in text.split('\n') {
        inside |= line.starts_with("@@");
        let class = match line.as_bytes().first() {
            _ if !inside && is_header(line) => continue,
            Some(b'@') => "hunk",
            Some(b'+') => "add",
            Some(b'-') => "del",
            _ => "same",
        };
        file.added += usize::from(class == "add");
        file.removed += usize::from(class == "del");
        if file.lines.len() < LINES {
            file.lines.push(DiffLine { class, text: shortened(line) });
        } else {
            file.more += 1;
        }
    }
    if file.lines.last().is_some_and(|line| line.text.is_empty()) {
        file.lines.pop();
    }
    file
}

fn is_header(line: &str) -> bool {
    const HEADERS: [&str; 6] = ["--- ", "+++ ", "diff ", "index ", "new file", "deleted file"];
    line.is_empty() || HEADERS.iter().any(|header| line.starts_with(header))
}

fn shortened(line: &str) -> String {
    let length = line.chars().count();
    if length <= COLUMNS {
        return visible(line).into_owned();
    }
    let start: String = line.chars().take(COLUMNS).collect();
    format!("{} … {} more characters are not shown", visible(&start), length - COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_only_the_file_header_is_left_out() {
        let diff = read("a.yml", "--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n--- x\n+++ y\n z\n");
        let classes: Vec<_> = diff.lines.iter().map(|line| line.class).collect();
        assert_eq!(classes, ["hunk", "del", "add", "same"]);
        assert_eq!((diff.added, diff.removed, diff.more), (1, 1, 0));
        let bare = read("a", "+one\n-two");
        assert_eq!((bare.added, bare.removed), (1, 1));
    }
}
