//! What command lines mean: a corpus of labelled lines, and properties.

use proptest::prelude::*;
use saferun::command::{Classification, Lookup, Nothing, Place, classify, classify_line};
use serde::Deserialize;

/// A machine with a few aliases, one tag and one file.
struct Machine;

impl Lookup for Machine {
    fn git_config(&self, _place: &Place, key: &str) -> Vec<String> {
        let value = match key {
            "alias.st" => "status -sb",
            "alias.co" => "checkout",
            "alias.lg" => "!git log --graph | head -50",
            "alias.p" => "push",
            "alias.fp" => "push --force-with-lease",
            "alias.shipit" => "!f() { git fetch && git push --force origin \"$1\"; }; f",
            "alias.chain" => "fp origin",
            "alias.undo" => "reset --hard HEAD~1",
            "alias.cn" => "commit -n",
            "alias.ca" => "commit --amend --no-edit",
            "alias.status" => "push --force",
            "alias.loop" => "loop2",
            "alias.loop2" => "loop",
            "alias.dangerous" => "!make deploy",
            "alias.amend-not" => "commit --amend",
            _ => return Vec::new(),
        };
        vec![value.to_owned()]
    }

    fn current_branch(&self, _place: &Place) -> Option<String> {
        Some("topic".to_owned())
    }

    fn ref_exists(&self, _place: &Place, name: &str) -> bool {
        ["refs/heads/main", "refs/heads/topic", "refs/tags/v9-is-a-tag"].contains(&name)
    }

    fn path_exists(&self, _place: &Place, path: &str) -> bool {
        path == "present.txt" || path == "main"
    }

    fn gh_alias(&self, name: &str) -> Option<String> {
        (name == "nuke").then(|| "repo delete --yes $1".to_owned())
    }

    fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        match path {
            "archive.json" => Some(br#"{"archived": true}"#.to_vec()),
            "./force.sh" => Some(b"#!/bin/sh\ngit push -f \"$1\"\n".to_vec()),
            "./tests.sh" => Some(b"#!/bin/sh\ncargo test\n".to_vec()),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Line {
    command: String,
    expect: String,
}

fn meets(seen: &Classification, expect: &str) -> bool {
    match expect {
        "harmless" => seen.is_harmless(),
        "unknown" => !seen.unknown.is_empty(),
        "opaque" => !seen.opaque.is_empty(),
        operation => seen.has(operation),
    }
}

#[test]
fn every_line_of_the_corpus_is_recognised() {
    let corpus = include_str!("../corpora/commands/git_gh.jsonl");
    let lines: Vec<Line> =
        corpus.lines().map(|line| serde_json::from_str(line).expect("a corpus line")).collect();
    assert!(lines.len() >= 380);
    let wrong: Vec<String> = lines
        .iter()
        .map(|line| (line, classify_line(&line.command, &Machine)))
        .filter(|(line, seen)| !meets(seen, &line.expect))
        .map(|(line, seen)| {
            let found: Vec<_> = seen.intents.iter().map(|intent| &intent.operation).collect();
            format!(
                "{} — {} expected, {found:?} {:?} found",
                line.command, line.expect, seen.unknown
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operation_is_in_the_catalogue() {
    let corpus = include_str!("../corpora/commands/git_gh.jsonl");
    for line in corpus.lines() {
        let line: Line = serde_json::from_str(line).expect("a corpus line");
        for intent in classify_line(&line.command, &Machine).intents {
            let known = saferun::policy::Catalogue::builtin(&intent.operation);
            assert!(known.is_some(), "{} of `{}`", intent.operation, line.command);
        }
    }
}

#[test]
fn targets_are_resolved() {
    let target = |line: &str| {
        let seen = classify_line(line, &Machine);
        let first = seen.intents.first().expect("an operation");
        (first.remote.clone().or(first.repo.clone()), first.target_ref.clone())
    };
    let is = |line, place: &str, reference: &str| {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        assert_eq!(target(line), (text(place), text(reference)), "{line}");
    };
    is("git push -f", "origin", "refs/heads/topic");
    is("git push -f up HEAD", "up", "refs/heads/topic");
    is("git push up +a:b", "up", "refs/heads/b");
    is("git push up :v9-is-a-tag", "up", "refs/tags/v9-is-a-tag");
    is("git -c branch.topic.remote=far push -f", "far", "refs/heads/topic");
    is("git branch -D x", "", "refs/heads/x");
    is("gh -R o/r repo delete", "o/r", "");
    is("gh api -X DELETE repos/o/r/git/refs/heads/a/b", "o/r", "refs/heads/a/b");
    is("GH_REPO=o/r gh api -X DELETE repos/{owner}/{repo}", "o/r", "");
    is("gh api -X PUT repos/o/r/branches/main/protection --input -", "o/r", "refs/heads/main");
}

#[test]
fn a_clean_says_whether_ignored_files_go_too() {
    let ignored = |line| {
        let seen = classify_line(line, &Machine);
        seen.intents.first().and_then(|intent| intent.params.get("ignored").cloned())
    };
    for line in ["git clean -fdx", "git clean -f -X", "git -c clean.requireForce=0 clean -dx"] {
        assert_eq!(ignored(line), Some(true.into()), "{line}");
    }
    assert_ne!(ignored("git clean -fd"), Some(true.into()));
}

#[test]
fn aliases_never_take_the_place_of_a_command_and_circles_end() {
    assert!(classify(&["git", "status"], &Machine).is_harmless());
    assert!(classify(&["git", "loop"], &Machine).is_harmless());
}

#[test]
fn a_lone_word_is_a_branch_before_it_is_a_path() {
    assert!(classify(&["git", "checkout", "main"], &Machine).is_harmless());
    assert!(classify(&["git", "checkout", "present.txt"], &Machine).has("git.checkout.discard"));
}

#[test]
fn a_push_that_keeps_its_hook_is_left_to_it() {
    let sees = |line| classify_line(line, &Machine).intents.iter().all(|intent| intent.hook_sees);
    assert!(sees("git push origin main") && sees("git push -f"));
    assert!(!sees("git push --no-verify") && !sees("git -c core.hooksPath=x push"));
}

const WORDS: &[&str] = &[
    "git",
    "gh",
    "push",
    "commit",
    "api",
    "-c",
    "-C",
    "--",
    "--force",
    "-X",
    "DELETE",
    "graphql",
    "-f",
    "query=mutation{",
    "+:",
    ":",
    "$(",
    "`",
    "'",
    "\"",
    "!",
    "alias.x=!x",
    "x",
    "stash",
    "config",
    "-F",
    "@",
    "repos/{owner}/{repo}",
    "{",
    "}",
    "\\",
    "é",
    "--exec-path",
    "checkout",
    "branch",
    "-",
];

proptest! {
    #[test]
    fn nothing_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..12), any: String) {
        let mut argv: Vec<&str> = words.clone();
        argv.push(&any);
        let _ = classify(&argv, &Nothing);
        let _ = classify_line(&argv.join(" "), &Machine);
        let _ = classify_line(&any, &Nothing);
    }

    #[test]
    fn order_and_spelling_do_not_change_a_push(
        force in prop::sample::select(&["--force", "-f", "-uf", "-fq", "--forc"][..]),
        global in prop::sample::select(&["", "-C sub", "--no-pager", "-c a.b=c", "--git-dir=.git"][..]),
        at in 0usize..3,
    ) {
        let mut words = vec!["origin", "main"];
        words.insert(at, force);
        let line = format!("git {global} push {}", words.join(" "));
        let seen = classify_line(&line, &Nothing);
        prop_assert!(seen.has("git.force-push"), "{line}");
        prop_assert_eq!(seen.intents[0].target_ref.as_deref(), Some("refs/heads/main"));
    }

    #[test]
    fn wrapping_never_lowers(
        inner in prop::sample::select(&["git push -f", "git reset --hard", "git clean -fdx", "gh repo delete o/r"][..]),
        wrap in prop::sample::select(&["sudo {}", "env A=1 {}", "command {}", "sh -c '{}'", "x=1; {}", "({})", "true && {}", "if {}; then :; fi", "nohup {} &", "bash -lc \"{}\"", "echo $({})"][..]),
    ) {
        let line = wrap.replace("{}", inner);
        let bare = classify_line(inner, &Nothing);
        let wrapped = classify_line(&line, &Nothing);
        prop_assert!(wrapped.has(&bare.intents[0].operation), "{line}");
    }
}
