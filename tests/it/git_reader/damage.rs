//! Damaged repositories: an error that names the culprit, never a panic.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use saferun::git::{Error, Oid};

use super::{Sandbox, oids};

fn loose_path(sandbox: &Sandbox, oid: Oid) -> PathBuf {
    let hex = oid.to_string();
    sandbox.root.join(".git/objects").join(&hex[..2]).join(&hex[2..])
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    let mut data = fs::read(path).unwrap();
    change(&mut data);
    fs::write(path, data).unwrap();
}

fn pack_file(sandbox: &Sandbox, extension: &str) -> PathBuf {
    let dir = fs::read_dir(sandbox.root.join(".git/objects/pack")).unwrap();
    let mut paths = dir.map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|found| found == extension)).unwrap()
}

#[test]
fn a_missing_object_is_named() {
    let sandbox = Sandbox::with_history("sha1");
    let oid = sandbox.oid("HEAD:d0/e0");
    fs::remove_file(loose_path(&sandbox, oid)).unwrap();
    let repo = sandbox.repo();
    assert!(matches!(repo.read(oid).unwrap_err(), Error::Missing { oid: found } if found == oid));
    assert!(!repo.contains(oid).unwrap());
    assert!(repo.staged().unwrap().is_empty(), "an unchanged directory is not read");
    let error = repo.tree_changes(None, Some(sandbox.oid("HEAD"))).unwrap_err();
    assert!(error.is_missing(), "{error}");
}

#[test]
fn any_flipped_bit_of_a_loose_object_is_an_error() {
    let sandbox = Sandbox::with_history("sha1");
    let oid = sandbox.oid("HEAD:d0/e0/f0.txt");
    let path = loose_path(&sandbox, oid);
    let (whole, content) = (fs::read(&path).unwrap(), sandbox.repo().read(oid).unwrap());
    for bit in 0..whole.len() * 8 {
        rewrite(&path, |data| data[bit / 8] ^= 1 << (bit % 8));
        match sandbox.repo().read(oid) {
            Err(Error::Corrupt { path: named, .. }) => assert_eq!(named, path),
            // Some bits of a zlib header mean nothing.
            Ok(object) => assert_eq!(object, content, "bit {bit}"),
            Err(error) => panic!("bit {bit}: {error}"),
        }
        fs::write(&path, &whole).unwrap();
    }
    rewrite(&path, |data| data.truncate(20));
    assert!(matches!(sandbox.repo().read(oid), Err(Error::Corrupt { .. })));
    rewrite(&path, Vec::clear);
    assert!(matches!(sandbox.repo().read(oid), Err(Error::Corrupt { .. })));
}

#[test]
fn a_truncated_or_scrambled_pack_is_an_error() {
    for extension in ["pack", "idx"] {
        let sandbox = Sandbox::with_history("sha1");
        let objects =
            sandbox.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
        sandbox.git(&["gc", "-q"]);
        let path = pack_file(&sandbox, extension);
        let whole = fs::read(&path).unwrap();
        for length in [whole.len() / 2, 40, 3, 0] {
            rewrite(&path, |data| data.truncate(length));
            let repo = sandbox.repo();
            let read: Vec<_> = oids(&objects).into_iter().map(|oid| repo.read(oid)).collect();
            assert!(read.iter().any(Result::is_err), "{extension} of {length} bytes");
            fs::write(&path, &whole).unwrap();
        }
        for at in (0..whole.len()).step_by(7) {
            rewrite(&path, |data| data[at] ^= 0x55);
            let repo = sandbox.repo();
            for oid in oids(&objects) {
                let _ = (repo.read(oid), repo.size(oid));
            }
            fs::write(&path, &whole).unwrap();
        }
    }
}

#[test]
fn a_damaged_index_is_an_error_or_another_index_but_no_panic() {
    let sandbox = Sandbox::with_history("sha1");
    let path = sandbox.root.join(".git/index");
    let whole = fs::read(&path).unwrap();
    rewrite(&path, |data| data.truncate(200));
    let error = sandbox.repo().staged().unwrap_err();
    assert!(matches!(&error, Error::Corrupt { path: named, .. } if *named == path), "{error}");
    for at in (0..whole.len()).step_by(3) {
        fs::write(&path, &whole).unwrap();
        rewrite(&path, |data| data[at] ^= 0x81);
        let _ = sandbox.repo().staged();
    }
}

#[test]
fn a_broken_head_is_an_error() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.write(".git/refs/heads/main", "nonsense\n");
    let error = sandbox.repo().staged().unwrap_err();
    assert!(matches!(error, Error::Reference { .. }), "{error}");
}

#[test]
fn directories_nested_without_end_are_an_error_and_no_overflow() {
    for (levels, fine) in [(250, true), (1500, false)] {
        let sandbox = Sandbox::with_history("sha1");
        let path = "a/".repeat(levels) + "file";
        let entry = format!("100644,{},{path}", sandbox.oid("HEAD:top"));
        sandbox.git(&["update-index", "--add", "--cacheinfo", &entry]);
        assert_eq!(sandbox.repo().staged().is_ok(), fine, "{levels} levels staged");
        let tree = sandbox.git(&["write-tree"]);
        let changes = sandbox.repo().tree_changes(None, Oid::parse(&tree));
        assert_eq!(changes.is_ok(), fine, "{levels} levels in a tree");
    }
}
