//! Operations and targets in plain words, for a person who never saw the
//! catalogue.

use crate::action::visible_line;

/// What happens, by what an operation's name holds; `{part}` is the branch,
/// tag or path, `{place}` the repository. The first that fits counts.
const SENTENCES: &[(&[&str], &str)] = &[
    (
        &["force-push"],
        "Replaces the history of {part} in {place}. Commits that are only there would be lost.",
    ),
    (&["branch", "delete"], "Deletes {part} in {place}."),
    (&["tag", "delete"], "Deletes {part} in {place}."),
    (&["repo", "delete"], "Deletes {place} with everything in it."),
    (&["transfer"], "Gives {place} to another owner."),
    (&["visibility"], "Changes who can see {place}."),
    (&["archive"], "Makes {place} read-only."),
    (&["secret"], "Changes secrets that the workflows of {place} can read."),
    (&["protection"], "Changes the protection of {part} in {place}."),
    (&["workflow"], "Changes what CI runs in {place}, and with which rights: {part}."),
    (&["codeowners"], "Changes who has to review {part} in {place}."),
    (&["merge"], "Merges {part} in {place}."),
    (&["push"], "Pushes to {part} in {place}."),
    (&["reset"], "Throws away uncommitted work in {place}."),
    (&["clean"], "Deletes untracked files in {place}."),
    (&["stash"], "Throws away stashed work in {place}."),
];

/// `Force push` for `git.force-push`.
pub(super) fn title(operation: &str) -> String {
    let name = operation.split_once('.').map_or(operation, |(_, name)| name);
    let text = visible_line(&name.replace(['-', '_', '.'], " "));
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One plain sentence.
pub(super) fn sentence(operation: &str, target: &str) -> String {
    let (place, part) = place(target);
    let part = if part.is_empty() { "it".to_owned() } else { part };
    let fits = |words: &[&str]| words.iter().all(|word| operation.contains(word));
    match SENTENCES.iter().find(|(words, _)| fits(words)) {
        Some((_, text)) => fill(text, &place, &part),
        None => format!("Runs {} on {}.", visible_line(operation), visible_line(target)),
    }
}

/// Repository and part of a target such as `github.com/acme/app#refs/heads/main`.
pub(super) fn place(target: &str) -> (String, String) {
    let (place, part) = target.split_once('#').unwrap_or((target, ""));
    let short = part.strip_prefix("refs/heads/").or_else(|| part.strip_prefix("refs/"));
    (visible_line(place), visible_line(short.unwrap_or(part)))
}

/// Puts the words into the text, in one pass, so that neither can stand for
/// the other's place.
fn fill(text: &str, place: &str, part: &str) -> String {
    let mut out = String::new();
    for piece in text.split_inclusive('}') {
        match piece.split_once('{') {
            Some((before, "place}")) => out.extend([before, place]),
            Some((before, "part}")) => out.extend([before, part]),
            _ => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_read_as_sentences() {
        let target = "github.com/acme/app#refs/heads/main";
        assert_eq!(title("git.force-push"), "Force push");
        assert_eq!(
            sentence("git.force-push", target),
            "Replaces the history of main in github.com/acme/app. Commits that are only there would be lost."
        );
        assert_eq!(sentence("x.y", "{part}#{place}"), "Runs x.y on {part}#{place}.");
        assert_eq!(sentence("a.archive", "{part}"), "Makes {part} read-only.");
    }
}
