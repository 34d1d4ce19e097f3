//! Refspecs of a push.

/// One refspec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refspec {
    /// Begins with `+`.
    pub(super) force: bool,
    /// Left side; empty for a deletion.
    pub(super) source: String,
    /// Right side, as typed; the left one where there is no colon.
    pub(super) destination: String,
    /// Only `:` or `+:`: every branch that both sides have.
    pub(super) matching: bool,
}

impl Refspec {
    /// Reads `+src:dst`, `:dst`, `src`, `:`.
    pub(super) fn parse(text: &str) -> Self {
        let (force, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let (source, destination) = text.split_once(':').unwrap_or((text, text));
        Self {
            force,
            source: source.to_owned(),
            destination: if destination.is_empty() { source } else { destination }.to_owned(),
            matching: text == ":",
        }
    }

    /// Whether it deletes.
    pub(super) fn deletes(&self) -> bool {
        self.source.is_empty() && !self.matching
    }
}

/// Full name of what a push calls `name`; `is_tag` answers for a short name.
pub(super) fn full_name(name: &str, is_tag: impl Fn(&str) -> bool) -> String {
    if name.starts_with("refs/") {
        name.to_owned()
    } else if name.starts_with("heads/") || name.starts_with("tags/") {
        format!("refs/{name}")
    } else if is_tag(name) {
        format!("refs/tags/{name}")
    } else {
        format!("refs/heads/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_refspec() {
        let forced = Refspec::parse("+HEAD:main");
        assert!(forced.force && forced.destination == "main" && !forced.deletes());
        assert!(Refspec::parse(":main").deletes() && Refspec::parse("+:main").deletes());
        assert!(Refspec::parse("+:").matching && !Refspec::parse(":").deletes());
        assert_eq!(Refspec::parse("main").destination, "main");
        assert_eq!(full_name("tags/v1", |_| false), "refs/tags/v1");
        assert_eq!(full_name("v1", |_| true), "refs/tags/v1");
    }
}
