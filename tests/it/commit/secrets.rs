//! Secrets in what is added, and files that should never be committed.

use saferun::scan::sample::expand;

use crate::support::sandbox::{Run, Sandbox};

/// A token that is made up when the test runs.
fn token() -> String {
    expand("ghp_{36:crc}")
}

fn blocked(run: Run) -> Run {
    run.ended(1).saying("denied by policy").saying("git.secret.commit").not_saying(&token())
}

#[test]
fn what_is_staged_counts_and_not_what_lies_in_the_work_tree() {
    let line = format!("token = \"{}\"\n", token());
    let sandbox = Sandbox::guarded();
    sandbox.stage("a.txt", &line);
    sandbox.write("a.txt", "clean\n");
    blocked(sandbox.commit("x")).saying("a.txt:1");
    sandbox.stage("a.txt", "clean\n");
    sandbox.write("a.txt", &line);
    sandbox.commit("x").fine();
}

#[test]
fn what_was_there_before_is_not_blamed_on_the_next_edit() {
    let sandbox = Sandbox::guarded();
    sandbox.write("a.txt", format!("one\ntoken = \"{}\"\ntwo\n", token()));
    sandbox.commit_unguarded("old sin");
    sandbox.stage("a.txt", format!("one more\ntoken = \"{}\"\ntwo\nthree\n", token()));
    sandbox.commit("edit beside it").fine();
    sandbox.git(&["mv", "a.txt", "b.txt"]).fine();
    let run = sandbox.commit("rename it");
    assert!(run.code == 0 || run.err.contains("b.txt"), "{run:#?}");
    let other = expand("sk_{}live_{24}");
    sandbox.write("b.txt", format!("one more\ntoken = \"{}\"\nkey = \"{other}\"\n", token()));
    sandbox.git(&["add", "-A"]).fine();
    sandbox.commit("a second one").ended(1).saying("b.txt:3");
}

#[test]
fn a_comment_that_allows_a_secret_is_a_persons_word() {
    let sandbox = Sandbox::guarded();
    sandbox.stage("a.txt", format!("token = \"{}\" # saferun:allow\n", token()));
    let asked = sandbox.commit("by an agent").ended(1).saying("git.allowed-secret.commit");
    asked.saying("a.txt:1").not_saying(&token());
    sandbox.person_without_terminal(&["git", "commit", "-q", "-m", "by a person"]).fine();
    sandbox.stage("b.txt", "another line\n");
    sandbox.stage("a.txt", format!("# more\ntoken = \"{}\" # saferun:allow\n", token()));
    sandbox.commit("the line was there before").fine();
}

#[test]
fn every_dress_of_a_text_is_seen_through() {
    let line = format!("token = \"{}\"", token());
    let wide = |bom: &[u8], bytes: Vec<u8>| [bom, &bytes].concat();
    let little = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = line.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let dresses: &[(&str, Vec<u8>)] = &[
        ("plain", line.clone().into_bytes()),
        ("carriage returns", format!("a\r\n{line}\r\nb\r\n").into_bytes()),
        ("NUL bytes", [b"\x00\x01\x02", line.as_bytes(), b"\x00"].concat()),
        ("invalid UTF-8", [b"\xff\xfe\xfa ", line.as_bytes()].concat()),
        ("byte order mark", [b"\xef\xbb\xbf", line.as_bytes()].concat()),
        ("UTF-16, little end first", wide(b"\xff\xfe", little)),
        ("UTF-16, big end first", wide(b"\xfe\xff", big)),
        ("a long line", [vec![b'x'; 300_000], b" ".to_vec(), line.clone().into_bytes()].concat()),
        ("far down", [b"x\n".repeat(200_000), line.into_bytes()].concat()),
    ];
    for (name, content) in dresses {
        let sandbox = Sandbox::guarded();
        sandbox.write(".gitattributes", "* -diff\n");
        sandbox.commit_unguarded("attributes");
        sandbox.git(&["config", "color.ui", "always"]).fine();
        sandbox.stage("a.bin", content);
        let run = sandbox.commit("x");
        assert!(run.code == 1 && run.err.contains("git.secret.commit"), "{name}: {run:#?}");
    }
}

#[test]
fn the_secret_itself_is_never_shown() {
    let sandbox = Sandbox::guarded();
    sandbox.stage("a.txt", format!("token = \"{}\"\n", token()));
    sandbox.commit("x").ended(1).not_saying(&token());
    sandbox.saferun(&["audit", "show"]).fine().not_saying(&token());
    sandbox.saferun(&["audit", "show", "--json"]).fine().not_saying(&token());
}

#[test]
fn files_that_hold_secrets_are_denied_and_their_templates_are_not() {
    for (path, code) in [
        (".env", 1),
        ("app/.env.production", 1),
        ("id_rsa", 1),
        (".npmrc", 0),
        (".env.example", 0),
        (".env.sample", 0),
        ("docs/env.md", 0),
    ] {
        let sandbox = Sandbox::guarded();
        sandbox.stage(path, "MODE=test\n");
        let run = sandbox.commit("x");
        assert_eq!(run.code, code, "{path}: {run:#?}");
        assert_eq!(run.err.contains("git.sensitive-file.commit"), code == 1, "{path}");
    }
}

#[test]
fn a_person_is_not_asked_about_a_secret_either() {
    let sandbox = Sandbox::guarded();
    sandbox.stage("a.txt", format!("token = \"{}\"\n", token()));
    blocked(sandbox.person(&["git", "commit", "-m", "x"], &[("to stop: ", "main")]));
}
