//! Patches as tools take them: the `*** Begin Patch` form of Codex, and unified
//! diffs.

use super::shape::Act;

/// First line of a patch in Codex's form.
pub const BEGIN: &str = "*** Begin Patch";

/// Whether `text` holds a patch.
#[must_use]
pub fn is_patch(text: &str) -> bool {
    text.contains(BEGIN) || (text.contains("\n+++ ") && text.contains("--- "))
}

/// The files that a patch changes, with the lines that come and go. A line of
/// context counts as gone: it stands in the file already.
#[must_use]
pub fn acts(text: &str) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for line in text.lines() {
        if let Some(act) = heading(line) {
            acts.push(act);
        } else if let Some(path) = line.strip_prefix("*** Move to: ") {
            // The text that is added goes with the file.
            let (added, removed) = match acts.last() {
                Some(Act::Write { added, removed, .. }) => (added.clone(), removed.clone()),
                _ => Default::default(),
            };
            acts.push(Act::Write { path: path.trim().to_owned(), added, removed });
        } else if line.starts_with("*** End") {
            // The end of the patch, or of the file.
        } else if let Some(Act::Write { added, removed, .. }) = acts.last_mut() {
            let into = if line.starts_with('+') { added } else { removed };
            into.push_str(line.get(1..).unwrap_or_default());
            into.push('\n');
        }
    }
    acts
}

/// The file that a heading starts to talk about.
fn heading(line: &str) -> Option<Act> {
    let write = |path: &str| {
        let path = path.split('\t').next().unwrap_or_default().trim().to_owned();
        Act::Write { path, added: String::new(), removed: String::new() }
    };
    for prefix in ["*** Add File: ", "*** Update File: "] {
        if let Some(path) = line.strip_prefix(prefix) {
            return Some(write(path));
        }
    }
    if let Some(path) = line.strip_prefix("*** Delete File: ") {
        return Some(Act::Delete { path: path.trim().to_owned() });
    }
    let path = line.strip_prefix("+++ ")?;
    let path = path.strip_prefix("b/").unwrap_or(path);
    (path.trim() != "/dev/null").then(|| write(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_lines_of_a_patch() {
        let text = "*** Begin Patch\n*** Update File: a.txt\n*** Move to: b.txt\n@@\n same\n-old\n+new\n\
                    *** Delete File: c.txt\n*** Add File: d.txt\n+only\n*** End Patch\n";
        let write = |path: &str, added: &str, removed: &str| Act::Write {
            path: path.to_owned(),
            added: added.to_owned(),
            removed: removed.to_owned(),
        };
        let [a, b, c, d] = acts(text).try_into().unwrap();
        assert_eq!(a, write("a.txt", "", ""));
        assert_eq!(b, write("b.txt", "new\n", "@\nsame\nold\n"));
        assert_eq!(c, Act::Delete { path: "c.txt".to_owned() });
        assert!(
            matches!(d, Act::Write { path, added, .. } if path == "d.txt" && added == "only\n")
        );
    }

    #[test]
    fn a_unified_diff_is_one_too() {
        let text = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n";
        assert!(is_patch(text));
        assert!(matches!(acts(text).as_slice(), [Act::Write { path, added, .. }]
            if path == "x.py" && added == "new\n"));
    }
}
