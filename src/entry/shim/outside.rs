//! Answers the classifier's questions from the machine, each only when asked.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::gh_config;
use crate::command::{Lookup, OwnPacks, Place};
use crate::config::env;
use crate::git::Repo;

/// Largest file that is read as a command's input, in bytes.
const MAX_INPUT: u64 = 1 << 20;

type Opened = Option<(Place, Option<Rc<Repo>>)>;

/// The environment, the repository, gh's configuration.
pub struct Outside {
    real: PathBuf,
    opened: RefCell<Opened>,
    packs: OwnPacks,
}

impl Outside {
    /// For the current directory; `real` is the real git.
    #[must_use]
    pub fn new(real: &Path) -> Self {
        Self { real: real.to_owned(), opened: RefCell::default(), packs: OwnPacks::default() }
    }

    /// With what the configuration says about command packs.
    #[must_use]
    pub fn with_packs(self, packs: &OwnPacks) -> Self {
        Self { packs: packs.clone(), ..self }
    }

    /// The repository at `place`, opened once.
    pub(super) fn repo(&self, place: &Place) -> Option<Rc<Repo>> {
        let mut opened = self.opened.borrow_mut();
        if let Some((_, repo)) = opened.as_ref().filter(|(known, _)| known == place) {
            return repo.clone();
        }
        let repo = Repo::discover(&start(place)).ok().map(Rc::new);
        *opened = Some((place.clone(), repo.clone()));
        repo
    }

    /// Asks the real git where there is no repository, or none that can be
    /// read: the user's aliases are valid there too. Likewise where the command
    /// line takes configuration from files.
    #[expect(clippy::disallowed_methods, reason = "the shim asks the real git")]
    fn ask(&self, place: &Place, key: &str) -> Vec<String> {
        let mut git = std::process::Command::new(&self.real);
        for directory in &place.directories {
            git.arg("-C").arg(directory);
        }
        git.args(place.git_dir.iter().map(|path| format!("--git-dir={path}")));
        for include in &place.includes {
            git.arg("-c").arg(include);
        }
        let output = git.args(["config", "--get-all", key]).output();
        let text = output.map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }
}

/// Where a git command looks for its repository.
#[must_use]
pub fn start(place: &Place) -> PathBuf {
    let mut start = directory(place);
    start.extend(&place.git_dir);
    fs::canonicalize(&start).unwrap_or(start)
}

/// Whether the repository found from [`start`] may not be the one that git
/// takes: `--git-dir` goes before the variable, and the reader knows only this.
#[must_use]
pub fn is_doubtful(place: &Place) -> bool {
    place.git_dir.is_some() && env::var_os("GIT_DIR").is_some()
}

/// The directory that several `-C` lead to.
fn directory(place: &Place) -> PathBuf {
    let mut path = PathBuf::from(".");
    path.extend(&place.directories);
    path
}

impl Lookup for Outside {
    fn env(&self, name: &str) -> Option<String> {
        env::var(name)
    }

    fn git_config(&self, place: &Place, key: &str) -> Vec<String> {
        let repo = self.repo(place);
        match repo.as_ref().and_then(|repo| repo.config().ok()) {
            Some(config) if place.includes.is_empty() => {
                config.get_all(key).into_iter().map(str::to_owned).collect()
            }
            _ => self.ask(place, key),
        }
    }

    fn current_branch(&self, place: &Place) -> Option<String> {
        let head = self.repo(place)?.head().ok()?;
        head.branch()?.strip_prefix("refs/heads/").map(str::to_owned)
    }

    fn ref_exists(&self, place: &Place, name: &str) -> bool {
        self.repo(place).and_then(|repo| repo.resolve(name).ok()).flatten().is_some()
    }

    fn path_exists(&self, place: &Place, path: &str) -> bool {
        fs::symlink_metadata(directory(place).join(path)).is_ok()
    }

    fn own_packs(&self) -> Option<&OwnPacks> {
        Some(&self.packs)
    }

    fn gh_alias(&self, name: &str) -> Option<String> {
        gh_config::alias(name)
    }

    fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        // git starts the lines of aliases in the root of the work tree.
        let root = || {
            let repo = self.repo(&Place::default())?;
            Some(repo.work_tree()?.join(path))
        };
        let here = PathBuf::from(path);
        let path = if here.exists() { here } else { root()? };
        let metadata = fs::metadata(&path).ok()?;
        (metadata.is_file() && metadata.len() <= MAX_INPUT).then(|| fs::read(path).ok()).flatten()
    }
}
