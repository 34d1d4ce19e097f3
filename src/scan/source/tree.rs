//! Files and directories.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::{WalkBuilder, WalkState};

use super::super::{Error, Result, Scanner};
use super::{Scanned, WHOLE};

/// Which files of a tree.
#[derive(Debug, Clone, Copy, Default)]
pub struct Walk {
    /// Also what `.gitignore` leaves out.
    pub ignored_too: bool,
}

/// Scans files and directories on all cores. Symbolic links are not followed;
/// what is no regular file is left out. `seen` is called after every file.
///
/// # Errors
/// [`Error::Io`] where a path given does not exist.
pub fn tree(
    scanner: &Scanner,
    paths: &[PathBuf],
    walk: Walk,
    seen: &(dyn Fn() + Sync),
) -> Result<Scanned> {
    let Some((first, rest)) = paths.split_first() else { return Ok(Scanned::default()) };
    for path in paths {
        fs::symlink_metadata(path).map_err(Error::io(path))?;
    }
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
    let files = AtomicUsize::new(0);
    builder.build_parallel().run(|| {
        let mut held = Vec::new();
        let (found, files) = (&found, &files);
        Box::new(move |entry| {
            let outcome = match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    seen();
                    files.fetch_add(1, Ordering::Relaxed);
                    one(scanner, entry.path(), &mut held)
                }
                Ok(_) => return WalkState::Continue,
                Err(error) => Scanned { warnings: vec![error.to_string()], ..Scanned::default() },
            };
            if let Ok(mut all) = found.lock() {
                all.bytes += outcome.bytes;
                all.findings.extend(outcome.findings);
                all.warnings.extend(outcome.warnings);
            }
            WalkState::Continue
        })
    });
    let mut all = found.into_inner().unwrap_or_default();
    all.files = files.into_inner();
    all.findings.sort_by(|a, b| {
        (&a.file, a.start_line, a.start_column).cmp(&(&b.file, b.start_line, b.start_column))
    });
    all.warnings.sort();
    Ok(all)
}

/// One file; what can't be read is a warning, not a failure of the others.
fn one(scanner: &Scanner, path: &Path, held: &mut Vec<u8>) -> Scanned {
    let shown = path.strip_prefix(".").unwrap_or(path);
    let name = shown.as_os_str().as_encoded_bytes();
    match read(scanner, path, name, held) {
        Ok((findings, bytes)) => Scanned { findings, bytes, ..Scanned::default() },
        Err(error) => Scanned { warnings: vec![error.to_string()], ..Scanned::default() },
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
        return scanner.scan_reader(file, name);
    }
    text.clear();
    text.reserve(usize::try_from(size).unwrap_or(0) + 1);
    file.by_ref().take(WHOLE).read_to_end(text).map_err(Error::io(path))?;
    Ok((scanner.scan(text, name), text.len() as u64))
}
