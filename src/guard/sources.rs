//! The files that a policy is made of.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::policy::{Problem, SourceFile};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;
/// Endings of the files that are read from a directory.
const ENDINGS: [&str; 3] = ["yaml", "yml", "toml"];

/// The files of a directory that can be read as YAML or TOML, by name, without
/// those of directories below; or the one file that `path` is.
///
/// # Errors
/// Everything that can't be read.
pub fn sources(path: &Path) -> Result<Vec<SourceFile>, Vec<Problem>> {
    let failed = |path: &Path, error: &io::Error| {
        Problem::new(&path.display().to_string(), 0, format!("cannot be read: {error}"))
    };
    if !fs::metadata(path).map_err(|error| vec![failed(path, &error)])?.is_dir() {
        return read(path).map(|file| vec![file]).map_err(|error| vec![failed(path, &error)]);
    }
    let entries = fs::read_dir(path).map_err(|error| vec![failed(path, &error)])?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        })
        .collect();
    paths.sort();
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match read(&path) {
            Ok(file) => files.push(file),
            Err(error) => problems.push(failed(&path, &error)),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn read(path: &Path) -> io::Result<SourceFile> {
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    if found.len() > LARGEST {
        return Err(io::Error::other(format!("it has more than {LARGEST} bytes")));
    }
    Ok(SourceFile { name: path.display().to_string(), text: fs::read_to_string(path)? })
}
