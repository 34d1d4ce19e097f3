//! Operations and targets in plain words, for a person who never saw the
//! catalogue.

use crate::action::visible_line;
use crate::policy::Catalogue;

/// What happens where the catalogue's title says too little, by what an
/// operation's name holds; `{part}` is the branch, tag or path, `{place}` the
/// repository. The first that fits counts.
const SENTENCES: &[(&str, &str)] = &[
    (
        "force-push",
        "Replaces the history of {part} in {place}. Commits that are only there would be lost.",
    ),
    ("repo.delete", "Deletes {place} with everything in it."),
    ("actions.secret", "Changes secrets that the workflows of {place} can read."),
    ("workflow.update", "Changes what CI runs in {place}, and with which rights: {part}."),
];

/// `Force push` for `git.force-push`: the catalogue's title, or else the name.
pub(super) fn title(operation: &str) -> String {
    let name = || operation.split_once('.').map_or(operation, |(_, name)| name);
    let text = Catalogue::builtin(operation).map_or_else(
        || visible_line(&name().replace(['-', '_', '.'], " ")),
        |known| known.title.clone(),
    );
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One plain sentence.
pub(super) fn sentence(operation: &str, target: &str) -> String {
    let (place, part) = place(target);
    let known = SENTENCES.iter().find(|(name, _)| operation.contains(name));
    if let Some((_, text)) = known {
        return fill(text, &place, if part.is_empty() { "it" } else { &part });
    }
    if Catalogue::builtin(operation).is_none() {
        return format!("Runs {} on {}.", visible_line(operation), visible_line(target));
    }
    let what = title(operation);
    if part.is_empty() {
        format!("{what}: {place}.")
    } else {
        format!("{what}: {part} in {place}.")
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
        assert_eq!(title("github.repo.archive"), "Archive a repository");
        assert_eq!(sentence("github.repo.archive", "{part}"), "Archive a repository: {part}.");
        assert_eq!(
            sentence("git.remote-branch.delete", target),
            "Delete a branch of the remote: main in github.com/acme/app."
        );
        assert_eq!(sentence("x.repo.delete", "{part}"), "Deletes {part} with everything in it.");
    }
}
