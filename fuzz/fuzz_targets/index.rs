//! The readers of git's files: index, pack index, loose object, packed refs,
//! configuration. The first byte says which.
#![no_main]

use std::cell::OnceCell;
use std::fs;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use saferun::git::{Oid, Repo};
use tempfile::TempDir;

const LOOSE: &str = "1111111111111111111111111111111111111111";
const FILES: &[&str] = &[
    "index",
    "objects/pack/pack-a.idx",
    "objects/11/11111111111111111111111111111111111111",
    "packed-refs",
    "config",
    "HEAD",
    "shallow",
];

fn repository() -> TempDir {
    let dir = TempDir::new().expect("a directory");
    let git = dir.path().join(".git");
    for name in ["objects/pack", "objects/11", "refs/heads"] {
        fs::create_dir_all(git.join(name)).expect("a directory");
    }
    dir
}

fn whole(git: &Path) {
    for name in FILES {
        let _ = fs::remove_file(git.join(name));
    }
    fs::write(git.join("objects/pack/pack-a.pack"), b"PACK\0\0\0\x02\0\0\0\0").expect("a file");
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
    fs::write(git.join("config"), "[core]\nrepositoryformatversion = 0\n").expect("a file");
}

fuzz_target!(|data: &[u8]| {
    thread_local!(static PLACE: OnceCell<TempDir> = const { OnceCell::new() });
    PLACE.with(|place| {
        let dir = place.get_or_init(repository);
        let git = dir.path().join(".git");
        let Some((first, content)) = data.split_first() else { return };
        whole(&git);
        fs::write(git.join(FILES[usize::from(*first) % FILES.len()]), content).expect("a file");
        let Ok(repo) = Repo::discover(dir.path()) else { return };
        let oid = Oid::parse(LOOSE).expect("40 digits");
        let _ = (repo.index().map(|index| index.len()), repo.staged());
        let _ = (repo.read(oid), repo.size(oid), repo.contains(oid), repo.forests().is_ok());
        let _ = (repo.head(), repo.refs("refs/"), repo.walk(&[oid], &[]));
    });
});
