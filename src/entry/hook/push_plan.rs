//! What a push would do, from git's own lines on the hook's standard input:
//! `<local ref> <local id> <remote ref> <remote id>`.

use crate::action::{glob_match, visible_line};
use crate::config::Settings;
use crate::git::{Error as GitError, Oid, Repo};
use crate::term::Failure;

/// What happens to one ref of the remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// It is new.
    Create,
    /// It only grows.
    FastForward,
    /// It loses commits, or the remote's commit isn't here to tell.
    Force,
    /// It goes away.
    Delete,
}

/// One line of the hook's input, understood.
#[derive(Debug, Clone)]
pub struct RefUpdate {
    /// Full name of the remote's ref.
    pub name: String,
    /// What the remote has.
    pub old: Option<Oid>,
    /// What it would have.
    pub new: Option<Oid>,
    /// What happens to it.
    pub update: Update,
    /// Whether it is a protected branch.
    pub protected_branch: bool,
    /// Whether it is the remote's HEAD branch.
    pub default_branch: bool,
    /// Whether it is a protected tag.
    pub protected_tag: bool,
}

impl RefUpdate {
    /// The operation that this update is.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        let tag = self.name.starts_with("refs/tags/");
        match (self.update, tag) {
            (Update::Delete, true) => "git.remote-tag.delete",
            (Update::Delete, false) => "git.remote-branch.delete",
            (Update::Force | Update::FastForward, true) if self.protected_tag => {
                "git.protected-tag.update"
            }
            (Update::Force, _) => "git.force-push",
            (_, false) if self.protected_branch => "git.protected-push",
            _ => "git.push",
        }
    }
}

/// Reads the hook's input.
///
/// # Errors
/// Where a line is not of the form, or the repository can't be read.
pub fn read(
    repo: &Repo,
    remote: &str,
    settings: &Settings,
    input: &[u8],
) -> Result<Vec<RefUpdate>, Failure> {
    let default = default_branch(repo, remote)?;
    let text = String::from_utf8_lossy(input);
    text.lines()
        .filter(|line| !line.is_empty())
        .map(|line| one(repo, settings, default.as_deref(), line))
        .collect()
}

fn one(
    repo: &Repo,
    settings: &Settings,
    default: Option<&str>,
    line: &str,
) -> Result<RefUpdate, Failure> {
    let mut fields = line.rsplitn(4, ' ');
    let (Some(old), Some(name), Some(new), Some(_)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(Failure::environment(format!(
            "git said `{}`, which is not a line of a push",
            visible_line(line)
        )));
    };
    let (Some(old), Some(new)) = (Oid::parse(old), Oid::parse(new)) else {
        return Err(Failure::environment(format!(
            "git said `{}`, which has no object ids",
            visible_line(line)
        )));
    };
    let (old, new) = (Some(old).filter(|id| !id.is_zero()), Some(new).filter(|id| !id.is_zero()));
    let branch = name.strip_prefix("refs/heads/");
    let any =
        |patterns: &[String], name: &str| patterns.iter().any(|pattern| glob_match(pattern, name));
    let default_branch = branch.is_some() && branch == default;
    Ok(RefUpdate {
        name: name.to_owned(),
        update: kind(repo, old, new)?,
        old,
        new,
        default_branch,
        protected_branch: default_branch
            || branch.is_some_and(|branch| any(&settings.protected_branches.value, branch)),
        protected_tag: name
            .strip_prefix("refs/tags/")
            .is_some_and(|tag| any(&settings.protected_tags.value, tag)),
    })
}

fn kind(repo: &Repo, old: Option<Oid>, new: Option<Oid>) -> Result<Update, Failure> {
    match (old, new) {
        (_, None) => Ok(Update::Delete),
        (None, Some(_)) => Ok(Update::Create),
        (Some(old), Some(new)) if old == new => Ok(Update::FastForward),
        (Some(old), Some(_)) if !repo.contains(old)? => Ok(Update::Force),
        (Some(old), Some(new)) => {
            let (Ok(old), Ok(new)) = (repo.commit(old), repo.commit(new)) else {
                return Ok(Update::Force);
            };
            let grows = repo.is_ancestor(old.oid, new.oid)?;
            Ok(if grows { Update::FastForward } else { Update::Force })
        }
    }
}

/// The branch that the remote's HEAD points to, as far as it is known here.
fn default_branch(repo: &Repo, remote: &str) -> Result<Option<String>, Failure> {
    let prefix = format!("refs/remotes/{remote}/");
    let target = match repo.symbolic_target(&format!("{prefix}HEAD")) {
        // A push to a URL or path, whose HEAD nobody knows here.
        Err(GitError::Reference { .. }) => return Ok(None),
        other => other?,
    };
    Ok(target.and_then(|target| target.strip_prefix(&prefix).map(str::to_owned)))
}
