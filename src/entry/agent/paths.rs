//! Which file a path really means: `~`, `..` and links resolved, also where the
//! file isn't there yet.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::config::paths;

/// How many dangling links may follow one another.
const LINKS: usize = 16;

/// The ways to read `path`, seen from `base`: as it is written, and where links
/// lead. Both are judged, since whoever checks one may use the other.
#[must_use]
pub fn readings(path: &str, base: &Path) -> Vec<PathBuf> {
    let absolute = base.join(expanded(path));
    let written = normal(&absolute);
    let real = real(&absolute, LINKS);
    if written == real { vec![written] } else { vec![written, real] }
}

fn expanded(path: &str) -> PathBuf {
    let home = ["~", "$HOME", "${HOME}"].iter().find_map(|name| path.strip_prefix(name));
    match (home, paths::home()) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(path),
    }
}

/// Without `.` and `..`, as the words say.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// Where the path leads through all links, also through one to a file that
/// writing would create.
fn real(path: &Path, links: usize) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => {
                out.push(other);
                if let Ok(target) = fs::read_link(&out) {
                    let from = out.parent().map(Path::to_owned).unwrap_or_default();
                    out = match fs::canonicalize(&out) {
                        Ok(found) => found,
                        Err(_) if links > 0 => real(&from.join(target), links - 1),
                        Err(_) => out,
                    };
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_and_dots_lead_to_the_file() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        symlink(root.join("a/b"), root.join("link")).unwrap();
        symlink("nowhere/.env", root.join("notes.txt")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let last = |path: &str| readings(path, &root).pop().unwrap();
        assert_eq!(last("x/../link/../.env"), root.join("a/.env"));
        assert_eq!(readings("link/../.env", &root)[0], root.join(".env"));
        assert_eq!(last("notes.txt"), root.join("nowhere/.env"));
        assert_eq!(last("loop"), root.join("loop"));
        assert_eq!(last("./new/file"), root.join("new/file"));
    }
}
