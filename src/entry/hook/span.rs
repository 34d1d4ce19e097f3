//! What a push sends that the remote doesn't have yet.

use super::push_plan::RefUpdate;
use crate::exec::remote_objects;
use crate::git::{Oid, Repo};
use crate::term::Failure;

/// The commits of a push: reachable from `tips` and not from `hidden`.
pub struct Span {
    /// What is sent.
    pub tips: Vec<Oid>,
    /// What the remote has.
    pub hidden: Vec<Oid>,
}

impl Span {
    /// The span of `updates` to `remote`, which is found at `url`.
    ///
    /// What git says of the updated refs comes from the remote. Remote-tracking
    /// refs don't: anybody here can make one up, and with it hide commits. So
    /// where they would hide any, the remote itself is asked.
    ///
    /// # Errors
    /// Where the repository can't be read.
    pub fn of(
        repo: &Repo,
        remote: &str,
        url: &str,
        updates: &[RefUpdate],
    ) -> Result<Self, Failure> {
        let tips: Vec<Oid> = updates.iter().filter_map(|update| update.new).collect();
        let mut hidden = here(repo, updates.iter().filter_map(|update| update.old))?;
        let appears = updates.iter().any(|update| update.new.is_some() && update.old.is_none());
        if !tips.is_empty() && (appears || tracking_hides(repo, remote, &tips, &hidden)?) {
            let place = repo.work_tree().unwrap_or(repo.git_dir());
            // Where the remote doesn't say what it has, all counts as new to it.
            let ids = remote_objects(place, url).unwrap_or_default();
            hidden.extend(here(repo, ids.iter().filter_map(|id| Oid::parse(id)))?);
        }
        Ok(Self { tips, hidden })
    }
}

fn here(repo: &Repo, ids: impl Iterator<Item = Oid>) -> Result<Vec<Oid>, Failure> {
    let mut found = Vec::new();
    for id in ids {
        if repo.contains(id)? {
            found.push(id);
        }
    }
    Ok(found)
}

/// Whether remote-tracking refs would hide commits that `hidden` doesn't.
fn tracking_hides(
    repo: &Repo,
    remote: &str,
    tips: &[Oid],
    hidden: &[Oid],
) -> Result<bool, Failure> {
    let tracking = repo.refs(&format!("refs/remotes/{remote}/"))?;
    let mut with_tracking = hidden.to_vec();
    with_tracking.extend(tracking.into_iter().map(|reference| reference.oid));
    let without = repo.walk(tips, hidden)?.commits.len();
    Ok(without != repo.walk(tips, &with_tracking)?.commits.len())
}
