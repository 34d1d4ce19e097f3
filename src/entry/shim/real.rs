//! Which program is the real one.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Tool;
use crate::config::env;
use crate::term::Failure;

/// Where programs usually are, for a `PATH` that holds nothing but shims.
const WELL_KNOWN: &[&str] =
    &["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

/// The first real program on `PATH`, else in the usual places.
pub(super) fn on_this_machine(tool: Tool) -> Result<PathBuf, Failure> {
    let mut directories = env::search_path();
    directories.extend(WELL_KNOWN.iter().map(PathBuf::from));
    find(tool, &directories, env::own_program().as_deref())
}

/// The first program named like `tool` in `directories` that is not the program
/// in the file `own`. Directories that are not absolute do not count: a
/// repository could put a program there.
///
/// # Errors
/// Exit 4 where there is none.
pub fn find(tool: Tool, directories: &[PathBuf], own: Option<&Path>) -> Result<PathBuf, Failure> {
    let own = own.and_then(|file| fs::metadata(file).ok());
    let found =
        directories.iter().filter(|directory| directory.is_absolute()).find_map(|directory| {
            let file = directory.join(tool.name());
            is_real(&file, own.as_ref()).then_some(file)
        });
    found.ok_or_else(|| {
        let message = format!("there is no `{}` on `PATH` behind saferun's shim", tool.name());
        Failure::environment(message)
            .hint(format!("install {0}, or put its directory on `PATH`", tool.name()))
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
    use crate::term::Exit;

    #[test]
    fn passes_over_saferun_itself_and_says_when_there_is_none() {
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
        let found = || find(Tool::Git, &path, Some(&own_file));
        let failure = found().unwrap_err();
        assert_eq!((failure.exit, failure.hint.is_some()), (Exit::Environment, true));
        program(&real.join("git"));
        assert_eq!(found().unwrap(), real.join("git"));
        assert!(find(Tool::Git, &[PathBuf::from(".")], None).is_err());
    }
}
