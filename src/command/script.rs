//! Scripts that git or gh start: inside them `git` is git's own program, never
//! a shim, so what they would do is read from the file.

use super::Classification;
use super::line::{self, Scope};

/// Longest script that is looked at, in bytes.
const MAX_SCRIPT: usize = 64 * 1024;

/// Takes over the operations in the shell script `file`. A person's own shell
/// leads through the shims: there the script is only named.
pub(super) fn classify(file: &str, scope: &Scope, seen: &mut Classification) {
    let mut inside = Classification::default();
    let text = if scope.is_inside() { read(file, scope) } else { None };
    if let Some(text) = text {
        let mut inner = scope.inner();
        inner.lenient = true;
        inner.in_shell = true;
        inner.moved = true;
        line::line(&text, &inner, &mut inside);
    }
    if inside.intents.is_empty() && !scope.lenient {
        seen.unresolved(format!("the program `{file}`"));
    }
    for intent in inside.intents {
        seen.push(intent);
    }
}

/// The script's text; a program in another language has none.
fn read(file: &str, scope: &Scope) -> Option<String> {
    let text = String::from_utf8(scope.lookup.read_file(file)?).ok()?;
    let first = text.lines().next().unwrap_or_default();
    let is_shell = !first.starts_with("#!") || first.contains("sh");
    (is_shell && text.len() <= MAX_SCRIPT && !text.contains('\0')).then_some(text)
}
