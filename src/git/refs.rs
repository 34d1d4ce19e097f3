//! References: loose files, `packed-refs`, symbolic references.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Error, Oid, Repo, Result, plumbing};

/// git's own limit on references to references.
const MAX_LINKS: usize = 5;
/// Directories below `refs/`; deeper ones are not refs anybody made with git.
const MAX_DEPTH: usize = 64;

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch; it has no commit yet where `oid` is none.
    Branch {
        /// Full name: `refs/heads/main`.
        name: String,
        /// Its commit.
        oid: Option<Oid>,
    },
    /// A commit without a branch.
    Detached(Oid),
}

impl Head {
    /// The commit checked out, if there is one yet.
    #[must_use]
    pub fn oid(&self) -> Option<Oid> {
        match self {
            Self::Branch { oid, .. } => *oid,
            Self::Detached(oid) => Some(*oid),
        }
    }

    /// Full name of the branch checked out.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        match self {
            Self::Branch { name, .. } => Some(name),
            Self::Detached(_) => None,
        }
    }
}

/// A reference and the object it ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Full name, invalid UTF-8 replaced.
    pub name: String,
    /// The object, which may be an annotated tag.
    pub oid: Oid,
}

enum Value {
    Object(Oid),
    Symbolic(String),
}

impl Repo {
    /// What this work tree has checked out.
    ///
    /// # Errors
    /// [`Error::Reference`] where `HEAD` says nothing that can be followed.
    pub fn head(&self) -> Result<Head> {
        if self.layout.reftable {
            return plumbing::head(self);
        }
        match self.read_loose("HEAD")? {
            Some(Value::Object(oid)) => Ok(Head::Detached(oid)),
            Some(Value::Symbolic(name)) => {
                let oid = self.resolve(&name)?;
                Ok(Head::Branch { name, oid })
            }
            None => Err(bad("HEAD", "it is not there")),
        }
    }

    /// The object that a full reference name (`HEAD`, `refs/heads/main`) ends
    /// at; none where there is no such reference.
    ///
    /// # Errors
    /// [`Error::Reference`] for content that is no reference, and for more
    /// than five symbolic steps.
    pub fn resolve(&self, name: &str) -> Result<Option<Oid>> {
        if self.layout.reftable {
            return plumbing::resolve(self, name);
        }
        let mut name = name.to_owned();
        for _ in 0..=MAX_LINKS {
            match self.read_loose(&name)? {
                Some(Value::Object(oid)) => return Ok(Some(oid)),
                Some(Value::Symbolic(next)) => name = next,
                None => return Ok(self.packed_refs()?.get(&name).copied()),
            }
        }
        Err(bad(&name, "too many symbolic steps"))
    }

    /// The commit that `name` means to git: a branch, a tag, an abbreviated id,
    /// `HEAD~2`. Asks the real git; none where it means no commit.
    ///
    /// # Errors
    /// [`Error::Plumbing`] where git can't be run.
    pub fn revision(&self, name: &str) -> Result<Option<Oid>> {
        plumbing::resolve(self, &format!("{name}^{{commit}}"))
    }

    /// Where the symbolic reference `name` points, such as
    /// `refs/remotes/origin/HEAD`; none where it is not symbolic.
    ///
    /// # Errors
    /// As [`Repo::resolve`].
    pub fn symbolic_target(&self, name: &str) -> Result<Option<String>> {
        if self.layout.reftable {
            return plumbing::symbolic_target(self, name);
        }
        Ok(match self.read_loose(name)? {
            Some(Value::Symbolic(target)) => Some(target),
            _ => None,
        })
    }

    /// All references whose name begins with `prefix` (`refs/`,
    /// `refs/remotes/origin/`), by name. Symbolic ones that end nowhere and
    /// broken ones are left out, as `git for-each-ref` does.
    ///
    /// # Errors
    /// Errors of reading directories and `packed-refs`.
    pub fn refs(&self, prefix: &str) -> Result<Vec<Ref>> {
        if self.layout.reftable {
            return plumbing::refs(self, prefix);
        }
        let mut found = self.packed_refs()?;
        let mut names = Vec::new();
        list(&self.layout.common_dir, "refs", MAX_DEPTH, &mut names)?;
        if self.layout.git_dir != self.layout.common_dir {
            names.retain(|name| !is_per_worktree(name));
            list(&self.layout.git_dir, "refs", MAX_DEPTH, &mut names)?;
        }
        for name in names.into_iter().filter(|name| name.starts_with(prefix)) {
            match self.resolve(&name) {
                Ok(Some(oid)) => found.insert(name, oid),
                _ => found.remove(&name),
            };
        }
        let wanted = found.into_iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(wanted.map(|(name, oid)| Ref { name, oid }).collect())
    }

    /// The file of `name`, without following it.
    fn read_loose(&self, name: &str) -> Result<Option<Value>> {
        let Some(path) = self.ref_path(name) else {
            return Err(bad(name, "it is not a reference name"));
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(Error::io(path)(error)),
        };
        let text = text.trim_ascii();
        if let Some(target) = text.strip_prefix(b"ref:") {
            let target = String::from_utf8_lossy(target.trim_ascii()).into_owned();
            return Ok(Some(Value::Symbolic(target)));
        }
        let hex = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        match Oid::parse_bytes(hex) {
            Some(oid) => Ok(Some(Value::Object(oid))),
            None => Err(bad(name, "it holds neither an object id nor a reference")),
        }
    }

    fn ref_path(&self, name: &str) -> Option<PathBuf> {
        let safe = !name.is_empty()
            && !name.contains('\0')
            && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        let base =
            if is_per_worktree(name) { &self.layout.git_dir } else { &self.layout.common_dir };
        safe.then(|| base.join(name))
    }

    fn packed_refs(&self) -> Result<BTreeMap<String, Oid>> {
        let path = self.in_common("packed-refs");
        match fs::read(&path) {
            Ok(text) => Ok(parse_packed(&text)),
            Err(error) if is_absent(&error) => Ok(BTreeMap::new()),
            Err(error) => Err(Error::io(path)(error)),
        }
    }
}

/// Lines `<id> <name>`; `#` opens a comment, `^<id>` peels the line above.
fn parse_packed(text: &[u8]) -> BTreeMap<String, Oid> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    lines
        .filter_map(|line| {
            let space = line.iter().position(|byte| *byte == b' ')?;
            let oid = Oid::parse_bytes(line.get(..space)?)?;
            let name = line.get(space + 1..)?.trim_ascii_end();
            Some((String::from_utf8_lossy(name).into_owned(), oid))
        })
        .collect()
}

/// `HEAD` and other names in capitals, bisect, rewritten and worktree refs.
fn is_per_worktree(name: &str) -> bool {
    !name.starts_with("refs/")
        || ["refs/bisect/", "refs/worktree/", "refs/rewritten/"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

fn list(base: &Path, name: &str, depth: usize, out: &mut Vec<String>) -> Result<()> {
    let dir = base.join(name);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => return Err(Error::io(dir)(error)),
    };
    for entry in entries.flatten() {
        let child = format!("{name}/{}", entry.file_name().to_string_lossy());
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && depth > 0 {
            list(base, &child, depth - 1, out)?;
        } else if !is_dir && !has_suffix(&child) {
            out.push(child);
        }
    }
    Ok(())
}

fn has_suffix(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "lock")
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

fn bad(name: &str, reason: &str) -> Error {
    Error::Reference { name: name.to_owned(), reason: reason.to_owned() }
}
