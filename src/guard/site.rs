//! Where a door stands: the repository around it, its settings, its policy,
//! its log, and who is calling.

use std::path::{Path, PathBuf};

use crate::action::{Action, Caller};
use crate::audit::Log;
use crate::command::{OwnPacks, PackError};
use crate::config::{REPOSITORY_FILE, RepositoryFile, Settings, caller, paths};
use crate::git::{Error as GitError, Index, Oid, Repo, TreeEntries};
use crate::policy::{Policy, PolicyError};

/// Largest `.saferun.toml` that is read, in bytes.
const REPOSITORY_FILE_LIMIT: u64 = 1 << 20;

/// Everything that judging needs and that doesn't depend on the action.
pub struct Site {
    /// The repository, where there is one.
    pub repo: Option<Repo>,
    /// The merged settings.
    pub settings: Settings,
    /// The policy that the settings describe.
    pub policy: Policy,
    /// Command packs switched off, and rules of one's own.
    pub packs: OwnPacks,
    /// The log.
    pub log: Log,
    /// Who is calling.
    pub caller: Caller,
}

/// A place that can't be guarded.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A policy rule is wrong.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A rule for commands is wrong.
    #[error(transparent)]
    Packs(#[from] PackError),
    /// The repository can't be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is nowhere to keep the log.
    #[error("there is no home directory to keep the audit log in; set `HOME`")]
    NoHome,
}

impl Site {
    /// The place around `dir`, in a repository or not.
    ///
    /// # Errors
    /// Where the configuration or the repository can't be read.
    pub fn open(dir: &Path) -> Result<Self, SiteError> {
        Self::open_for(dir, caller::detect())
    }

    /// The place around `dir` for a caller who is known.
    ///
    /// # Errors
    /// Where the configuration or the repository can't be read.
    pub fn open_for(dir: &Path, caller: Caller) -> Result<Self, SiteError> {
        match Repo::discover(dir) {
            Ok(repo) => Self::of_repo_for(repo, caller),
            Err(GitError::NotARepository { .. }) => {
                let settings = Settings::load(caller.kind, None)?;
                Self::with(None, settings, Self::log_outside()?, caller)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The place of a repository.
    ///
    /// # Errors
    /// Where the configuration or the repository can't be read.
    pub fn of_repo(repo: Repo) -> Result<Self, SiteError> {
        Self::of_repo_for(repo, caller::detect())
    }

    fn of_repo_for(repo: Repo, caller: Caller) -> Result<Self, SiteError> {
        let file = repository_file(&repo)?;
        let settings = Settings::load(caller.kind, file.as_ref())?;
        let log = Log::at(repository_log(repo.common_dir()));
        Self::with(Some(repo), settings, log, caller)
    }

    /// The log of everything that happens outside of repositories.
    ///
    /// # Errors
    /// Where there is no home directory.
    pub fn log_outside() -> Result<Log, SiteError> {
        Ok(Log::at(paths::state_dir().ok_or(SiteError::NoHome)?.join("audit.jsonl")))
    }

    fn with(
        repo: Option<Repo>,
        settings: Settings,
        log: Log,
        caller: Caller,
    ) -> Result<Self, SiteError> {
        let policy = Policy::from_settings(&settings)?;
        let packs = OwnPacks::from_settings(&settings)?;
        Ok(Self { repo, settings, policy, packs, log, caller })
    }

    /// A file in the root of the commit that is checked out; none where it
    /// isn't committed.
    ///
    /// # Errors
    /// Where the repository can't be read.
    pub fn committed_file(&self, name: &str) -> Result<Option<String>, GitError> {
        self.repo.as_ref().map_or(Ok(None), |repo| committed_file(repo, name))
    }

    /// A file of the index; none where it isn't there.
    ///
    /// # Errors
    /// Where the repository can't be read.
    pub fn staged_file(&self, index: &Index, path: &str) -> Result<Option<String>, GitError> {
        let Some(repo) = &self.repo else { return Ok(None) };
        let Some(entry) = index.get(path.as_bytes()).filter(|entry| entry.is_file()) else {
            return Ok(None);
        };
        let bytes = repo.read_limited(entry.oid, REPOSITORY_FILE_LIMIT)?.data;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// An action of this caller, now.
    #[must_use]
    pub fn action(&self, operation: &str, target: String) -> Action {
        Action {
            operation: operation.to_owned(),
            target,
            caller: self.caller.clone(),
            params: serde_json::Map::new(),
            ticket_id: None,
            at: jiff::Timestamp::now(),
        }
    }
}

/// The log of a repository, shared by its worktrees.
#[must_use]
pub fn repository_log(common_dir: &Path) -> PathBuf {
    common_dir.join("saferun").join("audit.jsonl")
}

/// The version of `.saferun.toml` that guards: the committed one; before there
/// is one, the file in the work tree.
fn repository_file(repo: &Repo) -> Result<Option<RepositoryFile>, GitError> {
    if let Some(text) = committed_file(repo, REPOSITORY_FILE)? {
        let name = format!("HEAD:{REPOSITORY_FILE}");
        return Ok(Some(RepositoryFile { name, committed: true, text }));
    }
    let text = repo.work_tree().and_then(|dir| regular_file(&dir.join(REPOSITORY_FILE)));
    let name = REPOSITORY_FILE.to_owned();
    Ok(text.map(|text| RepositoryFile { name, committed: false, text }))
}

/// The text of a regular file; a link may lead to something that never ends.
fn regular_file(path: &Path) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok()?;
    let readable = found.is_file() && found.len() <= REPOSITORY_FILE_LIMIT;
    readable.then(|| std::fs::read_to_string(path).ok())?
}

fn committed_file(repo: &Repo, name: &str) -> Result<Option<String>, GitError> {
    let Some(head) = repo.head()?.oid() else { return Ok(None) };
    Ok(root_blob(repo, head, name.as_bytes())?
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The content of a file in the root of a commit.
fn root_blob(repo: &Repo, commit: Oid, name: &[u8]) -> Result<Option<Vec<u8>>, GitError> {
    let tree = repo.read(repo.tree_of(commit)?)?;
    let entry = TreeEntries::new(&tree.data, repo.object_format())
        .filter_map(Result::ok)
        .find(|(found, entry)| *found == name && entry.is_file());
    let Some((_, entry)) = entry else { return Ok(None) };
    Ok(Some(repo.read_limited(entry.oid, REPOSITORY_FILE_LIMIT)?.data))
}
