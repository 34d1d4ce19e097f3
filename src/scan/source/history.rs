//! The whole history of a repository, damaged ones too.

use std::collections::HashSet;

use super::super::{Result, Scanner};
use super::Scanned;
use super::commits::{single, walked};
use crate::git::{Kind, Oid, Repo};

/// Secrets that any reference leads to: branches, tags, remotes' branches,
/// stashes, notes. With `all`, those that nothing leads to any more as well:
/// what reflogs hold, what was amended away, what was staged and never
/// committed. What can't be read is a warning.
///
/// # Errors
/// [`super::super::Error::Git`] where references or pack indexes can't be read.
pub fn history(repo: &Repo, scanner: &Scanner, all: bool) -> Result<Scanned> {
    let mut tips: Vec<Oid> = repo.head()?.oid().into_iter().collect();
    tips.extend(repo.refs("refs/")?.into_iter().map(|reference| reference.oid));
    let (mut loose, mut warnings) = (Vec::new(), Vec::new());
    if all {
        let mut ids: Vec<Oid> = repo.object_ids()?.into_iter().collect();
        ids.sort_unstable();
        for oid in ids {
            match repo.size(oid) {
                Ok((Kind::Commit | Kind::Tag, _)) => tips.push(oid),
                Ok((Kind::Blob, _)) => loose.push(oid),
                Ok((Kind::Tree, _)) => {}
                Err(error) => warnings.push(format!("{error}; it was not scanned")),
            }
        }
    }
    let mut known = HashSet::new();
    tips.retain(|oid| known.insert(*oid));
    let (found, unreadable) = repo.walk_readable(&tips)?;
    warnings.extend(unreadable.iter().map(|error| format!("{error}; its history was not scanned")));
    let mut seen = HashSet::new();
    let mut scanned = walked(repo, scanner, &found, &mut seen)?;
    for oid in loose {
        let name = oid.to_string();
        if let Err(error) = single(repo, scanner, oid, name.as_bytes(), &mut scanned, &mut seen) {
            warnings.push(format!("{error}; it was not scanned"));
        }
    }
    scanned.warnings.extend(warnings);
    Ok(scanned)
}
