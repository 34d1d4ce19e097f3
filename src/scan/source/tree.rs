//! Files and directories.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use super::super::{Error, Result, Scanner};
use super::{Scanned, WHOLE};

/// Which files of a tree.
#[derive(Debug, Clone, Copy, Default)]
pub struct Walk {
    /// Also what `.gitignore` leaves out.
    pub ignored_too: bool,
}

/// Scans files and directories on all cores. Symbolic links in directories are
/// not followed, and what is no regular file is left out there. `seen` is
/// called after every file.
///
/// # Errors
/// [`Error::Io`] where a path given does not exist.
pub fn tree(
    scanner: &Scanner,
    paths: &[PathBuf],
    walk: Walk,
    seen: &(dyn Fn() + Sync),
) -> Result<Scanned> {
    let mut all = Scanned::default();
    let mut directories = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(Error::io(path))?.file_type();
        if kind.is_dir() {
            directories.push(path);
        } else if kind.is_file() {
            seen();
            all.add(one(scanner, path, &mut Vec::new()));
        } else {
            let path = path.display();
            all.unread.push(format!("`{path}` is no file; `--stdin` reads what comes from it"));
        }
    }
    all.add(below(scanner, &directories, walk, seen));
    all.findings.sort_by(|a, b| {
        (&a.file, a.start_line, a.start_column).cmp(&(&b.file, b.start_line, b.start_column))
    });
    all.unread.sort();
    Ok(all)
}

fn below(
    scanner: &Scanner,
    directories: &[&PathBuf],
    walk: Walk,
    seen: &(dyn Fn() + Sync),
) -> Scanned {
    let Some((first, rest)) = directories.split_first() else { return Scanned::default() };
    let mut builder = WalkBuilder::new(first);
    rest.iter().for_each(|path| {
        builder.add(path);
    });
    builder
        .standard_filters(false)
        .git_ignore(!walk.ignored_too)
        .git_exclude(!walk.ignored_too)
        .git_global(!walk.ignored_too)
        .ignore(!walk.ignored_too)
        .parents(!walk.ignored_too)
        .follow_links(false)
        .threads(std::thread::available_parallelism().map_or(1, |count| count.get().min(8)))
        .filter_entry(|entry| entry.file_name() != ".git");
    let found = Mutex::new(Scanned::default());
    builder.build_parallel().run(|| {
        let mut held = Vec::new();
        let found = &found;
        Box::new(move |entry| {
            let outcome = match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    seen();
                    one(scanner, entry.path(), &mut held)
                }
                Ok(_) => return WalkState::Continue,
                Err(error) => Scanned { unread: vec![error.to_string()], ..Scanned::default() },
            };
            if let Ok(mut all) = found.lock() {
                all.add(outcome);
            }
            WalkState::Continue
        })
    });
    found.into_inner().unwrap_or_default()
}

impl Scanned {
    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.files += other.files;
        self.bytes += other.bytes;
        self.unread.extend(other.unread);
        self.warnings.extend(other.warnings);
    }
}

/// One file. What can't be read keeps nothing from the others; what is gone by
/// now holds nothing any more.
fn one(scanner: &Scanner, path: &Path, held: &mut Vec<u8>) -> Scanned {
    let shown = path.strip_prefix(".").unwrap_or(path);
    let name = shown.as_os_str().as_encoded_bytes();
    match read(scanner, path, name, held) {
        Ok((findings, bytes)) => Scanned { findings, bytes, files: 1, ..Scanned::default() },
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Scanned::default(),
        Err(error) => Scanned { unread: vec![error.to_string()], ..Scanned::default() },
    }
}

/// Reads into `text`, which is used again.
fn read(
    scanner: &Scanner,
    path: &Path,
    name: &[u8],
    text: &mut Vec<u8>,
) -> Result<(Vec<super::Finding>, u64)> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    let size = file.metadata().map_err(Error::io(path))?.len();
    if size > WHOLE {
        // A file that is written to meanwhile would not end.
        return scanner.scan_reader(file.take(size), name);
    }
    text.clear();
    text.reserve(usize::try_from(size).unwrap_or(0) + 1);
    file.by_ref().take(WHOLE).read_to_end(text).map_err(Error::io(path))?;
    Ok((scanner.scan(text, name), text.len() as u64))
}
