//! Labelled command lines of every pack: what an agent is answered under the
//! policy `standard`.

use std::fs;
use std::path::Path;

use saferun::action::{Action, DecisionResult, Facts, Signal};
use saferun::command::{Intent, Nothing, classify_line};
use saferun::config::Preset;
use saferun::policy::{Policy, judge};
use serde::Deserialize;

use crate::support::sandbox::{Sandbox, write_file};

#[derive(Deserialize)]
struct Line {
    command: String,
    expect: String,
}

fn decided(operation: &str, facts: Facts, policy: &Policy) -> DecisionResult {
    let caller = saferun::config::caller::agent("claude-code");
    let action = Action {
        operation: operation.to_owned(),
        target: "local".to_owned(),
        caller,
        params: serde_json::Map::new(),
        ticket_id: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    };
    judge(action, facts, policy).decision().result
}

/// The strictest answer, and what was recognised.
fn answer(line: &str, policy: &Policy) -> (DecisionResult, Vec<String>) {
    let seen = classify_line(line, &Nothing);
    let asked = |signals: &[Signal]| {
        let mut facts = Facts { signals: signals.to_vec(), ..Facts::default() };
        facts.signal("asked_by_agent", "");
        facts
    };
    let facts = |intent: &Intent| asked(&intent.signals);
    let known = seen.intents.iter().map(|one| decided(&one.operation, facts(one), policy));
    let open = seen.unknown.iter().chain(&seen.opaque);
    let unknown = open.clone().map(|_| decided("git.unknown", asked(&[]), policy));
    let result = known.chain(unknown).max().unwrap_or(DecisionResult::Allow);
    let found = seen.intents.iter().map(|one| one.operation.clone());
    (result, found.chain(open.cloned()).collect())
}

#[derive(Debug, Default)]
struct Count {
    all: usize,
    wrong: usize,
}

#[test]
fn agents_are_stopped_where_they_should_be_and_nowhere_else() {
    let policy = Policy::preset(Preset::Standard);
    let mut counts = [Count::default(), Count::default(), Count::default()];
    let mut wrong = Vec::new();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/commands");
    for entry in fs::read_dir(directory).expect("the corpora") {
        let path = entry.expect("a corpus").path();
        if ["git_gh", "disguised", "mentions"]
            .iter()
            .any(|name| path.file_stem() == Some(name.as_ref()))
        {
            continue;
        }
        for line in fs::read_to_string(&path).expect("a corpus").lines() {
            let line: Line = serde_json::from_str(line).expect("a corpus line");
            let (result, found) = answer(&line.command, &policy);
            let kind = ["deny", "approve", "allow"].iter().position(|kind| *kind == line.expect);
            let count = &mut counts[kind.expect("an expectation")];
            count.all += 1;
            if (result == DecisionResult::Allow) != (line.expect == "allow") {
                count.wrong += 1;
                let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                wrong.push(format!(
                    "{file}: {} — {} expected, {found:?}",
                    line.command, line.expect
                ));
            }
        }
    }
    wrong.sort();
    let share = |count: &Count| 100.0 * count.wrong as f64 / count.all as f64;
    let [deny, approve, allow] = &counts;
    let wrong = wrong.join("\n");
    assert!(allow.all >= 2000 && deny.all + approve.all >= 1800);
    assert!(share(deny) <= 0.5, "{:.1} % of what is to be denied passes\n{wrong}", share(deny));
    assert!(
        share(approve) <= 3.0,
        "{:.1} % of what needs approval passes\n{wrong}",
        share(approve)
    );
    assert!(share(allow) < 0.5, "{:.1} % of the harmless is stopped\n{wrong}", share(allow));
}

/// A line that can stand behind another program as it is.
fn is_plain(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let own = [
        "!", "time", "coproc", "eval", "source", ".", "alias", "export", "unset", "history", "set",
        "trap", "exec", "command", "read", "cd",
    ];
    !line.contains("  ")
        && !line.contains('\\')
        && !line.contains(|c: char| ";|&<>(){}`\n".contains(c))
        && !first.contains('=')
        && !own.contains(&first)
}

/// Every labelled line that holds for agents.
fn labelled() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/commands");
    let mut lines = Vec::new();
    for entry in fs::read_dir(directory).expect("the corpora") {
        let text = fs::read_to_string(entry.expect("a corpus").path()).expect("a corpus");
        lines.extend(
            text.lines()
                .map(|line| serde_json::from_str::<Line>(line).expect("a corpus line").command),
        );
    }
    lines
}

#[test]
fn no_wrapper_lowers_the_answer_to_any_labelled_line() {
    let policy = Policy::preset(Preset::Standard);
    let mut lower = Vec::new();
    for (number, line) in labelled().into_iter().enumerate() {
        let (bare, _) = answer(&line, &policy);
        if bare == DecisionResult::Allow {
            continue;
        }
        let quoted = line.replace('\'', "'\\''");
        let mut wrapped = vec![format!("sh -c '{quoted}'"), format!("bash -lc '{quoted}'")];
        if is_plain(&line) {
            let fronts = [
                "sudo",
                "env A=1",
                "command",
                "nohup",
                "timeout 9",
                "nice",
                "setsid",
                "stdbuf -oL",
                "sudo -u root env B=2",
            ];
            // Each line in some of them; all of them over all lines.
            let some = fronts.iter().cycle().skip(number).take(2);
            wrapped.extend(some.map(|front| format!("{front} {line}")));
        }
        lower.extend(wrapped.into_iter().filter(|line| answer(line, &policy).0 < bare));
    }
    assert!(lower.is_empty(), "{}:\n{}", lower.len(), lower.join("\n"));
}

#[test]
fn no_quoting_changes_the_answer_to_any_labelled_line() {
    let policy = Policy::preset(Preset::Standard);
    let style = |word: &str, style: usize| match style {
        0 => format!("'{word}'"),
        1 => format!("\"{word}\""),
        2 => word.chars().map(|c| format!("\\{c}")).collect(),
        _ => format!("$'{}'", word.bytes().map(|b| format!("\\x{b:02x}")).collect::<String>()),
    };
    let special = |c: char| "'\"\\$*?[]{}~!#=%".contains(c);
    let mut changed = Vec::new();
    for line in labelled().into_iter().filter(|line| is_plain(line) && !line.contains(special)) {
        let (bare, _) = answer(&line, &policy);
        for kind in 0..4 {
            let words: Vec<String> = line.split(' ').map(|word| style(word, kind)).collect();
            let quoted = words.join(" ");
            if answer(&quoted, &policy).0 != bare {
                changed.push(quoted);
            }
        }
    }
    assert!(changed.is_empty(), "{}:\n{}", changed.len(), changed.join("\n"));
}

#[test]
fn what_nobody_takes_back_is_what_agents_may_not_do() {
    let policy = Policy::preset(Preset::Standard);
    let strict = Policy::preset(Preset::Strict);
    for known in saferun::policy::Catalogue::all_builtin() {
        let catastrophic = known.tags.iter().any(|tag| tag == "catastrophic");
        for policy in [&policy, &strict] {
            let result = decided(&known.id, Facts::default(), policy);
            assert!(!catastrophic || result == DecisionResult::Deny, "{}", known.id);
        }
    }
}

#[test]
fn every_operation_of_a_rule_is_in_the_catalogue() {
    for rule in saferun::command::command_rules() {
        let known = saferun::policy::Catalogue::builtin(&rule.operation);
        assert!(known.is_some(), "{} of `{}`", rule.operation, rule.id);
    }
}

const OWN: &str = "[[commands.rules]]\nid = \"ship\"\nprograms = \"shipit\"\ncommand = \"deploy\"\n\
                   operation = \"cloud.deploy\"\nmessage = \"deploys\"\n";

/// What a person is told about a line.
fn explained(sandbox: &Sandbox, line: &str) -> serde_json::Value {
    let run = sandbox.by_person(&["explain", "--json", "--as", "human", "--", line]).fine();
    serde_json::from_str(&run.out).expect("one JSON document")
}

#[test]
fn explain_lists_every_command_with_what_it_resolved_to() {
    let sandbox = Sandbox::plain();
    let told = explained(&sandbox, "X=rm; cd src; sudo $X -rf / | tee log; ls -la");
    let commands = told["commands"].as_array().expect("a list");
    let words = |command: &serde_json::Value| {
        let words = command["argv"].as_array().expect("words").iter();
        words.map(|word| word.as_str().expect("a word")).collect::<Vec<_>>().join(" ")
    };
    let all: Vec<String> = commands.iter().map(words).collect();
    assert_eq!(all, ["rm -rf /", "cd src", "tee log", "ls -la"]);
    assert_eq!(commands[0]["operation"], "filesystem.delete.system");
    assert_eq!(commands[0]["through"], serde_json::json!(["sudo"]));
    assert_eq!(commands[0]["directory"], "src");
    let harmless = &commands[3];
    assert!(harmless["operation"].is_null() && harmless["rule"].is_null());
    assert_eq!((&harmless["result"], &harmless["risk"]), (&"allow".into(), &0.0.into()));
    assert_eq!(harmless["span"], serde_json::json!([39, 45]));
}

#[test]
fn a_repository_adds_rules_and_only_the_user_switches_packs_off() {
    let off = "[commands]\ndisable = [\"containers\", \"sync-deletes\"]\n";
    let sandbox = Sandbox::guarded();
    sandbox.write(".saferun.toml", format!("{off}{OWN}"));
    sandbox.commit_unguarded("settings");
    assert_eq!(explained(&sandbox, "docker volume rm data")["result"], "require_approval");
    assert_eq!(explained(&sandbox, "sudo shipit deploy web")["operation"], "cloud.deploy");
    assert_eq!(explained(&sandbox, "shipit status")["result"], "allow");
    let user = sandbox.root.join("home/config/saferun/config.toml");
    write_file(&user, off.as_bytes(), 0o644);
    assert_eq!(explained(&sandbox, "docker volume rm data")["result"], "allow");
    assert_eq!(explained(&sandbox, "rm -rf ~")["result"], "require_approval");
    write_file(&user, b"[commands]\ndisable = [\"contaners\"]\n", 0o644);
    sandbox
        .by_person(&["explain", "--as", "human", "--", "ls"])
        .ended(2)
        .saying("did you mean `containers`?");
}

#[test]
fn an_agent_is_asked_where_a_person_is_not() {
    let sandbox = Sandbox::guarded();
    let result = |kind: &str| {
        let line = "git push --force origin topic";
        let run = sandbox.by_person(&["explain", "--json", "--as", kind, "--", line]).fine();
        let told: serde_json::Value = serde_json::from_str(&run.out).expect("one JSON document");
        told["result"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!((result("human").as_str(), result("agent").as_str()), ("allow", "require_approval"));
    // Without a terminal the answer is an agent's.
    let run = sandbox.by_person(&["explain", "--json", "--", "git", "reset", "--hard"]).fine();
    assert!(run.out.contains("\"require_approval\""), "{}", run.out);
}

#[test]
fn packs_are_listed_shown_and_tested() {
    let sandbox = Sandbox::plain();
    let rules = |arguments: &[&str]| {
        sandbox.by_person(&[&["rules"], arguments, &["--kind", "commands"]].concat())
    };
    rules(&["list"]).fine().saying("delete-system");
    rules(&["show", "delete-system"]).fine().saying("rm -rf ~");
    rules(&["show", "delete-systm"]).ended(2);
    rules(&["test"]).fine().saying(" 0 wrong");
    let pack = OWN.replace("commands.rules", "rules");
    sandbox.write("good.toml", format!("{pack}examples = [\"shipit deploy\"]\n"));
    rules(&["test", "good.toml"]).fine().saying("1 rules, 1 samples, 0 wrong");
    sandbox.write("bad.toml", format!("{pack}examples = [\"shipit status\"]\n"));
    rules(&["test", "bad.toml"]).ended(1).saying("does not find");
    sandbox.write("worse.toml", "[[rules]]\nprogramms = \"x\"\n");
    rules(&["test", "worse.toml"]).ended(2).saying("programms");
}
