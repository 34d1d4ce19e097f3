//! The whole history of a repository, damaged ones too.

use foldhash::{HashSet, HashSetExt as _};

use super::super::{Result, Scanner};
use super::batch::Batch;
use super::commits::{message, missing};
use super::fate::Fates;
use super::survey::Survey;
use super::{Scanned, staged};
use crate::git::{self, Forest, Kind, Lineage, Met, Oid, Origins, Repo, Walked, unfold, work};

/// Name of the "file" that a finding in an annotated tag's text stands in.
const TAG: &[u8] = b"TAG_MSG";

/// Secrets that any reference leads to: branches, tags, remotes' branches,
/// stashes, notes. With `all`, those that nothing leads to any more as well:
/// what reflogs hold, what was amended away, what was staged and never
/// committed. What can't be read is noted, and the rest goes on.
///
/// # Errors
/// [`super::super::Error::Git`] where references or pack indexes can't be read.
pub fn history(repo: &Repo, scanner: &Scanner, all: bool) -> Result<Scanned> {
    let mut history = History::new(repo, scanner, all);
    let walked = if all {
        history.plant(repo.forests())?;
        history.walk()?
    } else {
        let (forests, walked) = work::both(|| repo.forests(), || history.walk());
        history.plant(forests)?;
        walked?
    };
    let origins = repo.origins(&history.lineage);
    let blobs = history.blobs(&origins);
    // What was walked need not be held while blobs are scanned.
    history.forests = Vec::new();
    let (traced, others) = blobs.into_iter().partition(|oid| origins.of(*oid).is_some());
    history.scan(&origins, traced)?;
    for oid in walked.not_commits {
        history.target(oid);
    }
    history.scan(&origins, others)?;
    // Nor need all blobs while findings are followed.
    drop(origins);
    history.seen = HashSet::new();
    history.scanned.settle(scanner);
    let fates = Fates::new(repo, &history.lineage, repo.head()?.oid());
    fates.tell(&mut history.scanned.findings);
    Ok(history.scanned)
}

struct History<'a> {
    repo: &'a Repo,
    scanner: &'a Scanner,
    all: bool,
    forests: Vec<Forest>,
    lineage: Vec<Lineage>,
    /// Blobs that were looked at.
    seen: HashSet<Oid>,
    scanned: Scanned,
}

impl<'a> History<'a> {
    fn new(repo: &'a Repo, scanner: &'a Scanner, all: bool) -> Self {
        let (forests, lineage, seen, scanned) = Default::default();
        Self { repo, scanner, all, forests, lineage, seen, scanned }
    }

    fn plant(&mut self, forests: git::Result<Vec<git::Result<Forest>>>) -> Result<()> {
        for forest in forests? {
            match forest {
                Ok(forest) => self.forests.push(forest),
                Err(error) => {
                    self.scanned.warnings.push(format!("{error}; it is read object by object"));
                }
            }
        }
        Ok(())
    }

    fn unread(&mut self, error: &dyn std::fmt::Display, what: &str) {
        self.scanned.unread.push(format!("{error}; {what} was not scanned"));
    }

    /// Where the walk begins.
    fn tips(&mut self) -> Result<Vec<Oid>> {
        let mut tips: Vec<Oid> = self.repo.head()?.oid().into_iter().collect();
        tips.extend(self.repo.refs("refs/")?.into_iter().map(|reference| reference.oid));
        if self.all {
            let kinds = [Kind::Commit, Kind::Tag];
            tips.extend(
                self.forests.iter().flat_map(|forest| {
                    kinds.into_iter().flat_map(|kind| forest.of_kind(Some(kind)))
                }),
            );
            for oid in self.repo.loose_ids() {
                match self.repo.size(oid) {
                    Ok((Kind::Commit | Kind::Tag, _)) => tips.push(oid),
                    Ok(_) => {}
                    Err(error) => self.unread(&error, "it"),
                }
            }
        }
        let mut known = HashSet::new();
        tips.retain(|oid| known.insert(*oid));
        Ok(tips)
    }

    /// Meets every commit and tag, and scans their messages.
    fn walk(&mut self) -> Result<Walked> {
        let tips = self.tips()?;
        let (mut messages, mut lineage) = (Scanned::default(), Vec::new());
        let (scanner, repo) = (self.scanner, self.repo);
        let mut tags = HashSet::new();
        let (walked, unreadable) = repo.walk_readable(&tips, &mut |met| match met {
            Met::Commit(commit) => {
                message(scanner, commit, &mut messages);
                let parents = repo.followed_parents(commit).to_vec();
                lineage.push(Lineage { oid: commit.oid, tree: commit.tree, parents });
            }
            Met::Tag(oid, text) if tags.insert(oid) => {
                messages.bytes += text.len() as u64;
                messages.findings.extend(scanner.scan(text, TAG));
            }
            Met::Tag(..) => {}
        })?;
        for error in &unreadable {
            self.unread(error, "its history");
        }
        self.scanned.unread.extend(walked.missing.iter().map(missing));
        self.scanned.bytes += messages.bytes;
        messages.findings.reverse();
        self.scanned.findings.extend(messages.findings);
        let order: std::collections::HashMap<Oid, usize> =
            walked.commits.iter().enumerate().map(|(at, oid)| (*oid, at)).collect();
        lineage.sort_by_key(|commit: &Lineage| order.get(&commit.oid).copied());
        self.lineage = lineage;
        Ok(walked)
    }

    /// The blobs that have to be scanned.
    fn blobs(&mut self, origins: &Origins) -> Vec<Oid> {
        for error in &origins.unreadable {
            self.unread(error, "what only it holds");
        }
        // What can't be traced is not told from what nothing refers to.
        let all = self.all || !origins.unreadable.is_empty();
        let mut blobs = Vec::new();
        if self.scanner.is_local() {
            let survey = Survey::new(self.scanner, origins, all);
            self.forests.iter().for_each(|forest| unfold(forest, Kind::Blob, &survey));
            let leads = survey.leads();
            self.scanned.files += leads.seen.len();
            self.scanned.bytes += leads.bytes;
            self.scanned.unread.extend(leads.unread);
            self.seen = leads.seen;
            blobs.extend(leads.blobs);
            let named = |path| !self.scanner.path_findings(origins.path(path)).is_empty();
            let named = origins.blobs().filter(|(_, origin)| named(origin.path));
            blobs.extend(named.map(|(oid, _)| oid));
            blobs.sort_unstable();
            blobs.dedup();
        }
        let others = origins.blobs().map(|(oid, _)| oid);
        blobs.extend(others.filter(|oid| !self.seen.contains(oid)));
        if all {
            let packed = self.forests.iter().flat_map(|forest| forest.of_kind(Some(Kind::Blob)));
            let loose = self.repo.loose_ids();
            let loose = loose
                .into_iter()
                .filter(|oid| self.repo.size(*oid).is_ok_and(|(kind, _)| kind == Kind::Blob));
            let others = packed.chain(loose).filter(|oid| !self.seen.contains(oid));
            blobs.extend(others.filter(|oid| origins.of(*oid).is_none()));
        }
        blobs
    }

    /// Scans blobs as a whole, those of the oldest commits first.
    fn scan(&mut self, origins: &Origins, blobs: Vec<Oid>) -> Result<()> {
        let mut blobs: Vec<_> = blobs.into_iter().map(|oid| (origins.of(oid), oid)).collect();
        blobs.sort_by_key(|(origin, oid)| {
            let place = origin.map(|origin| (origin.commit, origin.path));
            let path = place.map(|(_, path)| origins.path(path));
            (place.is_none(), std::cmp::Reverse(place.map(|(commit, _)| commit)), path, *oid)
        });
        let mut batch = Batch::default();
        for (origin, oid) in blobs {
            if batch.is_full() {
                std::mem::take(&mut batch).scan(self.repo, self.scanner, &mut self.scanned)?;
            }
            match origin {
                Some(origin) => {
                    let commit = self.lineage.get(origin.commit as usize);
                    batch.add(commit.map(|commit| commit.oid), oid, origins.path(origin.path));
                }
                None => batch.add(None, oid, oid.to_string().as_bytes()),
            }
        }
        batch.scan(self.repo, self.scanner, &mut self.scanned)
    }

    /// A tree or blob that a reference or tag names without a commit.
    fn target(&mut self, oid: Oid) {
        if let Err(error) = self.try_target(oid) {
            self.unread(&error, "it");
        }
    }

    fn try_target(&mut self, oid: Oid) -> Result<()> {
        let (kind, _) = self.repo.size(oid)?;
        let mut batch = Batch::default();
        if kind == Kind::Blob {
            if self.seen.insert(oid) {
                batch.add(None, oid, oid.to_string().as_bytes());
            }
        } else {
            let tree = self.repo.tree_of(oid)?;
            for change in self.repo.tree_changes(None, Some(tree))? {
                let Some(new) = staged::content(&change) else { continue };
                if self.seen.insert(new.oid) {
                    batch.add(None, new.oid, &change.path);
                }
            }
        }
        batch.scan(self.repo, self.scanner, &mut self.scanned)
    }
}
