//! Which program is the real one behind a shim of the same name.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::config::env;

/// Where programs usually are, for a `PATH` that holds nothing but shims.
const WELL_KNOWN: &[&str] =
    &["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

/// The first real program called `name` on `PATH`, else in the usual places.
#[must_use]
pub fn real_program(name: &str) -> Option<PathBuf> {
    let mut directories = env::search_path();
    directories.extend(WELL_KNOWN.iter().map(PathBuf::from));
    find_program(name, &directories, env::own_program().as_deref())
}

/// The first program called `name` in `directories` that is not the program in
/// the file `own`. Directories that are not absolute do not count: a
/// repository could put a program there.
#[must_use]
pub fn find_program(name: &str, directories: &[PathBuf], own: Option<&Path>) -> Option<PathBuf> {
    let own = own.and_then(|file| fs::metadata(file).ok());
    directories.iter().filter(|directory| directory.is_absolute()).find_map(|directory| {
        let file = directory.join(name);
        is_real(&file, own.as_ref()).then_some(file)
    })
}

/// An executable file that is neither this program nor another saferun.
fn is_real(file: &Path, own: Option<&Metadata>) -> bool {
    let Ok(metadata) = fs::metadata(file) else { return false };
    let executable = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    let same = own.is_some_and(|own| own.dev() == metadata.dev() && own.ino() == metadata.ino());
    executable && !same && !leads_to_saferun(file)
}

fn leads_to_saferun(file: &Path) -> bool {
    let target = fs::symlink_metadata(file).ok().filter(Metadata::is_symlink);
    target.and_then(|_| fs::canonicalize(file).ok()).is_some_and(|target| {
        target.file_name().is_some_and(|name| name.to_string_lossy().starts_with("saferun"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_over_saferun_itself() {
        let root = tempfile::tempdir().unwrap();
        let place = |name: &str| {
            let directory = root.path().join(name);
            fs::create_dir_all(&directory).unwrap();
            directory
        };
        let program = |file: &Path| {
            fs::write(file, "#!/bin/sh\n").unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let (own, other, real) = (place("own"), place("other"), place("real"));
        program(&own.join("saferun-own"));
        program(&other.join("saferun-2"));
        std::os::unix::fs::symlink(own.join("saferun-own"), own.join("git")).unwrap();
        std::os::unix::fs::symlink(other.join("saferun-2"), other.join("git")).unwrap();
        fs::create_dir(place("directory").join("git")).unwrap();
        fs::write(place("plain").join("git"), "no program").unwrap();
        let path =
            ["own", "other", "directory", "plain", "real"].map(|name| root.path().join(name));
        let own_file = own.join("saferun-own");
        let found = || find_program("git", &path, Some(&own_file));
        assert_eq!(found(), None);
        program(&real.join("git"));
        assert_eq!(found(), Some(real.join("git")));
        assert_eq!(find_program("git", &[PathBuf::from(".")], None), None);
    }
}
