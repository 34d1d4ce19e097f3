//! Lines and argument vectors, from outside and from inside git and gh.

use super::Classification;
use super::invocation::{Piece, Word};
use super::lookup::Lookup;
use super::resolve::{Call, Flow, Resolver};
pub(super) use super::scope::Scope;

/// What a line of shell would do.
#[must_use]
pub fn classify_line(text: &str, lookup: &dyn Lookup) -> Classification {
    let mut seen = Classification::default();
    let mut scope = Scope::top(lookup);
    scope.in_shell = true;
    let script = super::parse::parse(text);
    let mut resolver = Resolver::new(scope, &mut seen);
    resolver.script(&script, &Flow::Inherited);
    super::unwrap::as_typed(&mut resolver, text);
    seen.note_repetition();
    seen
}

/// Classifies every command in `text`, a line inside what `scope` is about.
pub(super) fn line(text: &str, scope: &Scope, seen: &mut Classification) {
    let mut inner = scope.clone();
    inner.in_shell = true;
    Resolver::new(inner, seen).text(text, &Flow::Inherited);
}

/// Classifies one command; a word that begins like an expansion is one where
/// the command has such.
pub(super) fn simple_command(words: &[String], scope: &Scope, seen: &mut Classification) {
    let word = |text: &String| match text.strip_prefix('$') {
        Some(name) if scope.dynamic => Word::of(Piece::Variable(name.to_owned())),
        _ => Word::text(text),
    };
    let call = Call { words: words.iter().map(word).collect(), ..Call::default() };
    Resolver::new(scope.clone(), seen).call(call);
}
