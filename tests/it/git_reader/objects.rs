//! Objects and references, loose and packed, borrowed and fetched.

use saferun::git::{Error, Kind, Oid, Repo};

use super::{Sandbox, git};

/// Reads every object that git lists and compares it with `git cat-file`.
fn assert_objects_as_git(sandbox: &Sandbox) -> usize {
    let list = "--batch-check=%(objectname) %(objecttype) %(objectsize)";
    let listed = sandbox.git(&["cat-file", "--batch-all-objects", list]);
    let repo = sandbox.repo();
    for line in listed.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [id, kind, size] = words[..] else { panic!("{line}") };
        let (oid, size) = (Oid::parse(id).unwrap(), size.parse::<u64>().unwrap());
        let object = repo.read(oid).unwrap();
        assert_eq!(object.data, git(&sandbox.root, &["cat-file", kind, id]), "{line}");
        assert_eq!((object.kind.as_str(), object.data.len() as u64), (kind, size));
        assert_eq!(repo.size(oid).unwrap(), (object.kind, size));
        assert_eq!(Oid::of(repo.object_format(), kind.as_bytes(), &object.data), oid);
        assert!(repo.contains(oid).unwrap());
    }
    listed.lines().count()
}

#[test]
fn every_object_loose_and_packed_in_both_formats() {
    for format in ["sha1", "sha256"] {
        let sandbox = Sandbox::with_history(format);
        sandbox.git(&["tag", "-a", "v1", "-m", "tag"]);
        sandbox.write("big", "0123456789abcdef".repeat(20_000));
        sandbox.commit("big");
        let loose = assert_objects_as_git(&sandbox);
        sandbox.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
        sandbox.git(&["pack-refs", "--all"]);
        let verified = sandbox.git(&["count-objects", "-v"]);
        assert!(verified.starts_with("count: 0\n"), "not everything was packed: {verified}");
        assert_eq!(assert_objects_as_git(&sandbox), loose);
        sandbox.git(&["-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f"]);
        assert_eq!(assert_objects_as_git(&sandbox), loose, "index version 1");
    }
}

#[test]
fn deltas_by_id_are_followed() {
    let sandbox = Sandbox::with_history("sha1");
    let options = ["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f"];
    sandbox.git(&options);
    assert!(assert_objects_as_git(&sandbox) > 30);
}

#[test]
fn a_limit_refuses_without_reading() {
    let sandbox = Sandbox::new("sha1");
    sandbox.write("big", vec![0; 3 << 20]);
    sandbox.commit("big");
    let oid = sandbox.oid("HEAD:big");
    for packed in [false, true] {
        if packed {
            sandbox.git(&["gc", "-q"]);
        }
        let repo = sandbox.repo();
        let error = repo.read_limited(oid, 1000).unwrap_err();
        assert!(matches!(error, Error::TooLarge { size: 3_145_728, limit: 1000, .. }), "{error}");
        assert_eq!(repo.size(oid).unwrap(), (Kind::Blob, 3 << 20));
    }
}

#[test]
fn objects_are_borrowed_through_alternates() {
    let sandbox = Sandbox::with_history("sha1");
    let clone = sandbox.root.with_file_name("clone");
    let path = clone.to_str().unwrap();
    sandbox.git(&["clone", "-q", "--shared", ".", path]);
    let repo = Repo::discover(&clone).unwrap();
    let commit = repo.commit(sandbox.oid("HEAD")).unwrap();
    assert_eq!(commit.subject(), "three");
    assert_eq!(commit.tree, sandbox.oid("HEAD^{tree}"));
    assert_eq!(commit.committer.name, "C O Mitter");
}

#[test]
fn a_partial_clone_fetches_what_it_left_behind() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    sandbox.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let clone = sandbox.root.with_file_name("partial");
    let url = format!("file://{}", sandbox.root.display());
    let path = clone.to_str().unwrap();
    sandbox.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, path]);
    git(&clone, &["config", "protocol.file.allow", "always"]);
    let repo = Repo::discover(&clone).unwrap();
    let blob = sandbox.oid("HEAD:d1-x");
    assert!(repo.is_partial() && !repo.contains(blob).unwrap());
    assert_eq!(repo.read(blob).unwrap().data, b"sorts between d1 and d1/\n");
}

#[test]
fn references_loose_packed_and_symbolic() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["branch", "feature/one", "HEAD~1"]);
    sandbox.git(&["tag", "-a", "v1", "-m", "annotated"]);
    sandbox.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/feature/one"]);
    sandbox.git(&["symbolic-ref", "refs/heads/nowhere", "refs/heads/absent"]);
    for packed in [false, true] {
        if packed {
            sandbox.git(&["pack-refs", "--all"]);
            sandbox.git(&["branch", "-f", "feature/one", "HEAD~2"]);
            sandbox.git(&["branch", "later"]);
        }
        for prefix in ["refs/", "refs/heads/", "refs/remotes/origin/"] {
            let format = "--format=%(objectname) %(refname)";
            let expected = git(&sandbox.root, &["for-each-ref", format, prefix]);
            let found = sandbox.repo().refs(prefix).unwrap();
            let found: String =
                found.iter().map(|found| format!("{} {}\n", found.oid, found.name)).collect();
            assert_eq!(found, String::from_utf8(expected).unwrap(), "{prefix}");
        }
        let repo = sandbox.repo();
        let feature = sandbox.oid("feature/one");
        assert_eq!(repo.resolve("refs/remotes/origin/HEAD").unwrap(), Some(feature));
        assert_eq!(repo.resolve("refs/heads/nowhere").unwrap(), None);
        let target = repo.symbolic_target("refs/remotes/origin/HEAD").unwrap();
        assert_eq!(target.as_deref(), Some("refs/heads/feature/one"));
        assert_eq!(repo.peel(sandbox.oid("v1")).unwrap().0, sandbox.oid("HEAD"));
    }
    sandbox.git(&["symbolic-ref", "refs/heads/loop", "refs/heads/loop"]);
    assert!(sandbox.repo().resolve("refs/heads/loop").is_err());
    assert!(sandbox.repo().resolve("refs/../../../etc/passwd").is_err());
}

#[test]
fn a_reftable_repository_is_read_by_git() {
    let sandbox = Sandbox::new("sha1");
    let path = sandbox.root.with_file_name("reftable");
    let path = path.to_str().unwrap();
    sandbox.git(&["init", "-q", "-b", "main", "--ref-format=reftable", path]);
    let sandbox = Sandbox { root: path.into(), ..sandbox };
    let head = sandbox.repo().head().unwrap();
    assert_eq!((head.branch(), head.oid()), (Some("refs/heads/main"), None));
    sandbox.write("a", "1");
    let commit = sandbox.commit("one");
    let repo = sandbox.repo();
    assert_eq!(repo.head().unwrap().oid(), Some(commit));
    assert_eq!(repo.resolve("refs/heads/main").unwrap(), Some(commit));
    let refs = repo.refs("refs/heads/").unwrap();
    assert_eq!((refs.len(), refs[0].name.as_str()), (1, "refs/heads/main"));
}

#[test]
fn objects_moved_by_a_repack_meanwhile_are_found() {
    let sandbox = Sandbox::with_history("sha1");
    sandbox.git(&["repack", "-q", "-a", "-d"]);
    let repo = sandbox.repo();
    assert!(repo.contains(sandbox.oid("HEAD")).unwrap(), "the pack is known, but not open");
    sandbox.write("later", "later\n");
    let later = sandbox.commit("later");
    sandbox.git(&["repack", "-q", "-a", "-d"]);
    assert_eq!(repo.commit(later).unwrap().subject(), "later");
    assert_eq!(repo.commit(sandbox.oid("HEAD~1")).unwrap().subject(), "three");
}
