//! `saferun scan`, `rules` and `redact`, through the binary.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use saferun::scan::sample::expand;
use serde_json::Value;
use tempfile::TempDir;

const TOKEN: &str = "ghp_{36:crc}";
const STRIPE: &str = "sk_{}live_{24}";

fn run_with(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_saferun"))
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    run_with(directory, arguments, b"")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn found(directory: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = run(directory, &[&["scan", "--format", "json"], arguments].concat());
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?} {}", String::from_utf8_lossy(&output.stderr));
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(code == Some(1), !findings.is_empty());
    findings
}

fn rules(findings: &[Value]) -> Vec<&str> {
    findings.iter().filter_map(|finding| finding["rule_id"].as_str()).collect()
}

fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.net",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(directory)
        .env("HOME", directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn repository() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main"]);
    directory
}

fn with_file(name: &str, content: impl AsRef<[u8]>) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    put(directory.path(), name, content);
    directory
}

fn put(directory: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_tree_without_secrets_exits_0_and_with_one_exits_1() {
    let directory = with_file("a.py", "x = 1\n");
    assert_eq!(run(directory.path(), &["scan"]).status.code(), Some(0));
    put(directory.path(), "src/b.py", format!("key = '{}'\n", expand(STRIPE)));
    let output = run(directory.path(), &["scan"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.starts_with("src/b.py:1:8: Stripe"), "{text}");
    assert!(!text.contains(&expand(STRIPE)));
    assert_eq!(run(directory.path(), &["scan", "--exit-code", "7"]).status.code(), Some(7));
    assert_eq!(run(directory.path(), &["scan", "--no-such-flag"]).status.code(), Some(2));
    assert_eq!(run(directory.path(), &["scan", "nowhere"]).status.code(), Some(4));
}

#[test]
fn json_has_the_documented_fields_and_shows_secrets_only_when_asked() {
    let directory = with_file("a.py", format!("\n  t = '{}'\n", expand(TOKEN)));
    let hidden = &found(directory.path(), &["."])[0];
    assert_eq!(hidden["file"], "a.py");
    assert_eq!(
        (hidden["start_line"].as_u64(), hidden["start_column"].as_u64()),
        (Some(2), Some(8))
    );
    assert_eq!((hidden["end_line"].as_u64(), hidden["end_column"].as_u64()), (Some(2), Some(47)));
    assert_eq!(hidden["fingerprint"], "a.py:github-pat:2");
    assert_eq!(hidden["confidence"], "high");
    assert_eq!(hidden["tags"][0], "forges");
    assert!(hidden["entropy"].as_f64().unwrap() > 4.0);
    assert!(!hidden.to_string().contains(&expand(TOKEN)[8..]));
    let shown = &found(directory.path(), &["--show-secrets"])[0];
    assert_eq!(shown["secret"], expand(TOKEN).as_str());
}

#[test]
fn every_format_is_well_formed_and_holds_no_secret() {
    let name = "we\"ird, <&>\u{1b}[2J%name.py";
    let directory = with_file(name, format!("t = '{}'\n", expand(TOKEN)));
    let report = |format: &str| {
        let output = run(directory.path(), &["scan", "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let text = stdout(&output);
        assert!(!text.contains(&expand(TOKEN)[8..]), "{format}");
        assert!(!text.contains('\u{1b}'), "{format}");
        text
    };
    assert!(report("text").contains("\\u{1b}"));
    let lines = report("jsonl");
    assert_eq!(lines.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&lines).unwrap()["file"], name);
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], sarif["runs"][0]["tool"]["driver"]["rules"][0]["id"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 1);
    assert!(place["artifactLocation"]["uri"].as_str().unwrap().contains("%1B%5B2J%25name.py"));
    assert_eq!(place["region"]["endColumn"], 46, "the column after the last");
    assert_eq!(result["level"], "error");
    assert_eq!(result["ruleIndex"], 0);
    assert!(result["message"]["text"].is_string());
    assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
    let run = &sarif["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["tool"]["driver"]["name"], "saferun");
    assert!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"].is_string());
    let gitlab: Value = serde_json::from_str(&report("gitlab")).unwrap();
    assert_eq!(gitlab["vulnerabilities"][0]["category"], "secret_detection");
    assert_eq!(gitlab["scan"]["type"], "secret_detection");
    for (place, wanted) in [
        ("/version", "15.0.7"),
        ("/scan/status", "success"),
        ("/scan/analyzer/id", "saferun"),
        ("/scan/analyzer/vendor/name", "saferun"),
        ("/scan/scanner/name", "saferun"),
        ("/vulnerabilities/0/severity", "Critical"),
        ("/vulnerabilities/0/location/file", name),
        ("/vulnerabilities/0/location/commit/sha", "0000000"),
        ("/vulnerabilities/0/identifiers/0/type", "saferun_rule_id"),
        ("/vulnerabilities/0/identifiers/0/value", "github-pat"),
    ] {
        assert_eq!(gitlab.pointer(place).unwrap(), wanted, "{place}");
    }
    for time in ["start_time", "end_time"] {
        let time = gitlab["scan"][time].as_str().unwrap();
        let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00");
    }
    let github = report("github");
    assert!(github.starts_with("::error file=we\"ird%2C <&>\\u{1b}[2J%25name.py,"), "{github}");
    assert_eq!(github.lines().count(), 1);
    let junit = report("junit");
    assert!(junit.contains("failures=\"1\"") && junit.contains("we&quot;ird, &lt;&amp;&gt;"));
    assert!(report("csv").lines().nth(1).unwrap().starts_with("github-pat,\"we\"\"ird, "));
}

#[test]
fn output_goes_to_a_file_and_stdout_stays_empty() {
    let directory = with_file("a.py", expand(TOKEN));
    let output =
        run(directory.path(), &["scan", "a.py", "--format", "json", "--output", "out.json"]);
    assert!(output.stdout.is_empty() && output.status.code() == Some(1));
    let report = fs::read(directory.path().join("out.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&report).unwrap().len(), 1);
}

#[test]
fn standard_input_is_scanned() {
    let directory = tempfile::tempdir().unwrap();
    let scan = |text: String| {
        run_with(directory.path(), &["scan", "--stdin"], text.as_bytes()).status.code()
    };
    assert_eq!(scan(expand(STRIPE)), Some(1));
    assert_eq!(scan(expand("DB_PASSWORD={14}")), Some(1));
    assert_eq!(scan("nothing here".to_owned()), Some(0));
}

#[test]
fn a_pasted_allow_line_silences_exactly_that_finding() {
    let secrets = format!(
        "a = '{}'; b = '{}'\nc = '{}'\n",
        expand(TOKEN),
        expand("x{}ghp_{36:crc}").replacen('x', "", 1),
        expand(STRIPE)
    );
    let directory = with_file("src/a b.py", secrets);
    put(directory.path(), "#x.py", expand("AIza{35}"));
    let text = stdout(&run(directory.path(), &["scan"]));
    let lines: Vec<&str> = text.lines().skip_while(|line| !line.contains("no secret?")).collect();
    let allows: Vec<&str> = lines
        .windows(2)
        .filter(|pair| pair[0].contains("no secret?"))
        .map(|pair| pair[1])
        .collect();
    let before = found(directory.path(), &[]).len();
    assert_eq!(allows.len(), before);
    assert!(before >= 4, "{text}");
    for allow in allows {
        put(directory.path(), ".saferunignore", format!("# judged\n{allow}\n"));
        assert_eq!(found(directory.path(), &[]).len(), before - 1, "{allow}");
    }
}

#[test]
fn files_made_for_gitleaks_count_though_its_rules_have_other_names() {
    let secret = expand(STRIPE);
    let directory = with_file("a.py", format!("k = '{secret}'\nl = '{}'\n", expand(TOKEN)));
    assert_eq!(found(directory.path(), &["a.py"]).len(), 2);
    put(directory.path(), ".gitleaksignore", "a.py:another-name-of-it:1\na.py:github-pat:1\n");
    assert_eq!(rules(&found(directory.path(), &["a.py"])), ["github-pat"]);
    std::fs::remove_file(directory.path().join(".gitleaksignore")).unwrap();
    let baseline = serde_json::json!([{
        "RuleID": "another-name-of-it", "File": "a.py", "Secret": secret, "Match": "…",
    }]);
    put(directory.path(), "base.json", baseline.to_string());
    let known = found(directory.path(), &["a.py", "--baseline", "base.json"]);
    assert_eq!(rules(&known), ["github-pat"]);
}

#[test]
fn a_gitleaks_configuration_may_speak_of_gitleaks_own_rules() {
    let text = format!("password = \"{}\"\nk = '{}'\n", expand("{16}"), expand(STRIPE));
    let directory = with_file("a.py", text);
    let with = |rules: &str| {
        put(directory.path(), ".gitleaks.toml", format!("[extend]\nuseDefault = true\n{rules}"));
        found(directory.path(), &["a.py"]).len()
    };
    assert_eq!(with(""), 2);
    assert_eq!(with("disabledRules = ['generic-api-key']\n"), 1);
    assert_eq!(with("disabledRules = ['stripe-access-token', 'no-such-provider-key']\n"), 1);
    assert_eq!(
        with("[[rules]]\nid = 'stripe-access-token'\n[[rules.allowlists]]\npaths = ['a.py']\n"),
        1
    );
    assert_eq!(with("[[allowlists]]\ntargetRules = ['generic-api-key']\npaths = ['a.py']\n"), 1);
    assert_eq!(with("[[allowlists]]\ntargetRules = ['of-nobody']\npaths = ['a.py']\n"), 2);
}

#[test]
fn a_pattern_of_ones_own_takes_the_place_of_a_key_that_a_name_gives_away() {
    let text = format!("acme_token = 'AC-123456'\nxero_client_secret = '{}'\n", expand("{46}4x"));
    let directory = with_file("a.py", text);
    let with = |rule: &str| {
        let rules = format!("[extend]\nuseDefault = true\n[[rules]]\nid = {rule}\n");
        put(directory.path(), ".gitleaks.toml", rules);
        let found = found(directory.path(), &["a.py"]);
        let place =
            |one: &Value| format!("{}:{}", one["rule_id"].as_str().unwrap(), one["start_line"]);
        found.iter().map(place).collect::<Vec<_>>()
    };
    let has = |found: &[String], place: &str| found.iter().any(|one| one == place);
    assert!(has(&with("'none'\nregex = 'none'"), "xero-client-secret:2"));
    let own = with("'xero-client-secret'\nregex = 'AC-[0-9]{6}'\nkeywords = ['ac-']");
    assert!(has(&own, "xero-client-secret:1") && !has(&own, "xero-client-secret:2"), "{own:?}");
    let named = "named = { by = ['acme'], value = 'AC-[0-9]{6}' }";
    assert!(has(&with(&format!("'acme-token'\n{named}")), "acme-token:1"));
    put(
        directory.path(),
        "rules.toml",
        format!("[[rules]]\nid = 'a'\n{named}\nkeywords = ['other']\n"),
    );
    let output = run(directory.path(), &["scan", "--config", "rules.toml"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("`acme` begins with none"), "{said}");
}

#[test]
fn a_rule_that_cannot_work_is_an_error_with_its_line() {
    let good = "[[rules]]\nid = 'one'\nregex = 'one-[a-z]{8}'\n";
    for (more, line, wanted) in [
        ("[[rules]]\nid = 'two'\nregex = '('\n", 5, "unclosed group"),
        ("[[rules]]\nid = 'two'\n", 5, "neither `regex` nor `path`"),
        ("[[rules]]\nid = 'one'\nregex = 'x'\n", 5, "stands here twice"),
        ("[[rules]]\nid = 'two'\nregx = 'x'\n", 6, "unknown field `regx`"),
    ] {
        let directory = with_file("rules.toml", format!("{good}{more}"));
        let output = run(directory.path(), &["scan", "--config", "rules.toml"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(wanted) && said.contains(&format!("line {line}")), "{said}");
    }
}

#[test]
fn an_ignored_value_stays_ignored_where_it_moves_but_hides_no_other() {
    let directory = with_file("a.py", format!("{}\n", expand(STRIPE)));
    let text = stdout(&run(directory.path(), &["scan"]));
    let allow = text.lines().skip_while(|line| !line.contains("no secret?")).nth(1).unwrap();
    put(directory.path(), ".saferunignore", format!("{allow}\na.py:gone-rule:9\n"));
    std::fs::remove_file(directory.path().join("a.py")).unwrap();
    put(directory.path(), "moved/b.py", format!("\n\nx = 1; {}\n", expand(STRIPE)));
    let moved = run(directory.path(), &["scan"]);
    assert_eq!(moved.status.code(), Some(0), "{}", stdout(&moved));
    let said = String::from_utf8(moved.stderr).unwrap();
    assert!(said.contains(".saferunignore:2: a.py:gone-rule:9"), "{said}");
    assert!(!said.contains(".saferunignore:1"), "{said}");
    let other = expand(STRIPE).replace('a', "b") + "z9";
    put(directory.path(), "moved/b.py", format!("\n\nx = 1; {other}\n"));
    assert_eq!(found(directory.path(), &[]).len(), 1);
}

#[test]
fn a_baseline_hides_what_it_holds_even_when_the_line_moves() {
    let directory = with_file("a.py", format!("{}\n", expand(STRIPE)));
    let written = run(directory.path(), &["scan", "a.py", "--write-baseline", "base.json"]);
    assert_eq!(written.status.code(), Some(0));
    put(directory.path(), "a.py", format!("\n\n{}\n{}\n", expand(STRIPE), expand(TOKEN)));
    assert_eq!(
        rules(&found(directory.path(), &["a.py", "--baseline", "base.json"])),
        ["github-pat"]
    );
}

#[test]
fn ignored_files_are_left_out_unless_asked_and_links_are_not_followed() {
    let directory = repository();
    put(directory.path(), ".gitignore", "dist/\n");
    put(directory.path(), "dist/a.js", expand(STRIPE));
    let outside = with_file("b.js", expand(STRIPE));
    std::os::unix::fs::symlink(outside.path(), directory.path().join("link")).unwrap();
    Command::new("mkfifo").arg(directory.path().join("pipe")).status().unwrap();
    assert_eq!(found(directory.path(), &[]).len(), 0);
    assert_eq!(found(directory.path(), &["--no-ignore"]).len(), 1);
}

#[test]
fn a_configuration_beside_the_tree_is_used_and_a_broken_one_exits_2() {
    let directory = with_file("a.py", "acme-a1b2c3d4\n");
    put(directory.path(), ".gitleaks.toml", "[[rules]]\nid = 'acme'\nregex = 'acme-[a-z0-9]{8}'\n");
    assert_eq!(rules(&found(directory.path(), &[])), ["acme"]);
    put(directory.path(), ".gitleaks.toml", "[[rules]]\nid = 'acme'\nregx = 'a'\n");
    let output = run(directory.path(), &["scan"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3"));
}

#[test]
fn staged_reads_the_index_and_only_what_is_added() {
    let directory = repository();
    let at = directory.path();
    assert_eq!(run(at, &["scan", "--staged"]).status.code(), Some(0));
    put(at, "a.py", format!("x = 1\nkey = '{}'\n", expand(STRIPE)));
    git(at, &["add", "."]);
    put(at, "a.py", "x = 1\n");
    assert_eq!(
        rules(&found(at, &["--staged"])),
        ["stripe-secret-key"],
        "very first commit, clean work tree"
    );
    git(at, &["commit", "-qm", "one"]);
    git(at, &["checkout", "-q", "."]);
    put(at, "a.py", format!("x = 2\n\nkey = '{}'\n", expand(STRIPE)));
    git(at, &["add", "."]);
    assert_eq!(found(at, &["--staged"]).len(), 0, "an old line does not block");
    git(at, &["mv", "a.py", "b.py"]);
    assert_eq!(found(at, &["--staged"]).len(), 0, "nor does a rename");
    put(at, "b.py", format!("key = '{}'\nnew = '{}'\n", expand(STRIPE), expand(TOKEN)));
    git(at, &["add", "."]);
    assert_eq!(rules(&found(at, &["--staged"])), ["github-pat"]);
}

#[test]
fn staged_is_not_blinded_by_attributes_colour_nul_or_utf16() {
    let directory = repository();
    let at = directory.path();
    git(at, &["config", "color.ui", "always"]);
    put(at, ".gitattributes", "*.py -diff\n");
    let line = format!("key = '{}'\n", expand(STRIPE));
    put(at, "diff.py", &line);
    put(at, "nul.py", format!("a\0b\n{line}"));
    put(at, "crlf.txt", line.replace('\n', "\r\n"));
    put(at, "node_modules/x/index.js", &line);
    put(at, "na\nme \u{fc}\".py", &line);
    let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
    put(at, "wide.txt", [vec![0xff, 0xfe], wide].concat());
    git(at, &["add", "."]);
    assert_eq!(found(at, &["--staged"]).len(), 6);
}

#[test]
fn staged_content_that_cannot_be_read_is_an_error() {
    let directory = repository();
    let at = directory.path();
    put(at, "a.py", "x = 1\n");
    git(at, &["add", "."]);
    let objects = at.join(".git/objects");
    for entry in
        fs::read_dir(&objects).unwrap().flatten().filter(|entry| entry.file_name().len() == 2)
    {
        fs::remove_dir_all(entry.path()).unwrap();
    }
    assert_eq!(run(at, &["scan", "--staged"]).status.code(), Some(4));
    assert_eq!(run(Path::new("/"), &["scan", "--staged"]).status.code(), Some(2));
}

#[test]
fn content_of_any_size_is_scanned_however_git_stores_it() {
    let directory = repository();
    let at = directory.path();
    let filler: String = (0..700_000).map(|line| format!("line {line} of a file\n")).collect();
    put(at, "big.txt", format!("{filler}key = '{}'\n", expand(STRIPE)));
    git(at, &["add", "."]);
    let loose = found(at, &["--staged"]);
    assert_eq!(rules(&loose), ["stripe-secret-key"]);
    assert_eq!(loose[0]["start_line"], 700_001);
    git(at, &["commit", "-qm", "one"]);
    put(at, "big.txt", format!("first\n{filler}key = '{}'\n", expand(STRIPE)));
    assert_eq!(found(at, &["--staged"]).len(), 0);
    git(at, &["add", "."]);
    assert_eq!(found(at, &["--staged"]).len(), 0, "an old line, found without holding the file");
    put(at, "big.txt", format!("first\n{filler}key = '{}'\n", expand("SG.{22}.{43}")));
    git(at, &["commit", "-qam", "two"]);
    git(at, &["repack", "-adfq"]);
    let mut ids = rules(&found(at, &["--history"])).join(" ");
    assert_eq!(ids, "stripe-secret-key sendgrid-api-key", "one is whole, the other a delta");
    git(at, &["-c", "core.bigFileThreshold=1m", "repack", "-adfq"]);
    ids = rules(&found(at, &["--history"])).join(" ");
    assert_eq!(ids, "stripe-secret-key sendgrid-api-key", "both are whole");
}

#[test]
fn large_content_that_ends_too_early_is_an_error() {
    let directory = repository();
    let at = directory.path();
    let noise: String =
        (0..500_000u64).map(|n| format!("{}\n", n.wrapping_mul(0x9E37_79B9_7F4A))).collect();
    put(at, "big.txt", noise);
    git(at, &["add", "."]);
    let objects = at.join(".git/objects");
    let loose =
        fs::read_dir(&objects).unwrap().flatten().find(|entry| entry.file_name().len() == 2);
    let file = fs::read_dir(loose.unwrap().path()).unwrap().flatten().next().unwrap().path();
    let bytes = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(run(at, &["scan", "--staged"]).status.code(), Some(4));
}

#[test]
fn history_finds_merges_messages_stashes_and_names_the_commit() {
    let directory = repository();
    let at = directory.path();
    put(at, "a.py", format!("key = '{}'\n", expand(STRIPE)));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "one"]);
    put(at, "a.py", "key = load()\n");
    git(at, &["commit", "-qam", "two"]);
    git(at, &["checkout", "-qb", "side"]);
    put(at, "s.py", "s = 1\n");
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "three"]);
    git(at, &["checkout", "-q", "main"]);
    git(at, &["merge", "-q", "--no-ff", "--no-commit", "side"]);
    put(at, "s.py", format!("s = '{}'\n", expand(TOKEN)));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "merge"]);
    git(at, &["commit", "-q", "--allow-empty", "-m", &format!("use {}", expand("AIza{35}"))]);
    put(at, "a.py", format!("key = '{}'\n", expand("SG.{22}.{43}")));
    git(at, &["stash", "-q"]);
    let findings = found(at, &["--history"]);
    let mut ids = rules(&findings);
    ids.sort_unstable();
    assert_eq!(ids, ["github-pat", "google-api-key", "sendgrid-api-key", "stripe-secret-key"]);
    let first = findings.iter().find(|finding| finding["rule_id"] == "stripe-secret-key").unwrap();
    assert_eq!(
        (&first["author"], &first["email"], &first["message"]),
        (&"Ann".into(), &"ann@example.net".into(), &"one".into())
    );
    let commit = first["commit"].as_str().unwrap();
    assert_eq!(first["fingerprint"], format!("{commit}:a.py:stripe-secret-key:1"));
    assert!(first["date"].as_str().unwrap().contains('T'));
    let range = found(at, &["--range", "side..main"]);
    assert_eq!(range.len(), 2, "{range:?}");
    assert!(found(at, &["--range", "main..side"]).is_empty());
    assert_eq!(run(at, &["scan", "--range", "nosuch..main"]).status.code(), Some(2));
}

#[test]
fn rules_can_be_listed_shown_and_tested() {
    let directory = tempfile::tempdir().unwrap();
    let list = stdout(&run(directory.path(), &["rules", "list"]));
    assert!(list.lines().count() >= 60 && list.contains("github-pat"));
    assert!(
        stdout(&run(directory.path(), &["rules", "show", "github-pat"])).contains("rotate: GitHub")
    );
    assert_eq!(run(directory.path(), &["rules", "show", "nosuch"]).status.code(), Some(2));
    assert_eq!(run(directory.path(), &["rules", "test"]).status.code(), Some(0));
    put(directory.path(), "r.toml", "[[rules]]\nid = 'x'\nregex = 'abc'\nexamples = ['xyz']\n");
    assert_eq!(run(directory.path(), &["rules", "test", "r.toml"]).status.code(), Some(1));
}

#[test]
fn redact_copies_a_text_without_its_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let key = ["sk-", "1234567890abcdef"].concat();
    let output = run_with(
        directory.path(),
        &["redact"],
        format!("export OPENAI_API_KEY={key}\nok\n").as_bytes(),
    );
    assert_eq!(stdout(&output), "export OPENAI_API_KEY=[REDACTED:OPENAI_API_KEY]\nok\n");
    put(directory.path(), "f", format!("Bearer {}", expand("{40}")));
    assert_eq!(stdout(&run(directory.path(), &["redact", "f"])), "Bearer [REDACTED:BEARER_TOKEN]");
    assert_eq!(run(directory.path(), &["redact", "nosuch"]).status.code(), Some(4));
}

#[test]
fn our_own_tree_is_clean() {
    let output = run(Path::new(env!("CARGO_MANIFEST_DIR")), &["scan", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn all_of_history_has_what_nothing_refers_to_and_tags_of_blobs() {
    let directory = repository();
    let at = directory.path();
    put(at, "a.py", "x = 1\n");
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "one"]);
    put(at, "b.py", expand(STRIPE));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "amended away"]);
    git(at, &["rm", "-qf", "b.py"]);
    git(at, &["commit", "-q", "--amend", "--allow-empty", "-m", "two"]);
    put(at, "c.py", expand(TOKEN));
    git(at, &["add", "."]);
    git(at, &["rm", "-q", "--cached", "c.py"]);
    assert!(found(at, &["--history"]).is_empty());
    let mut findings = found(at, &["--history", "--all"]);
    findings.sort_by_key(|finding| finding["rule_id"].to_string());
    assert_eq!(rules(&findings), ["github-pat", "stripe-secret-key"]);
    assert_eq!(findings[1]["message"], "amended away");
    assert!(findings[0].get("commit").is_none());
    git(at, &["tag", "-am", "t", "kept", findings[0]["file"].as_str().unwrap()]);
    assert_eq!(rules(&found(at, &["--history"])), ["github-pat"]);
    git(at, &["gc", "-q"]);
    assert_eq!(found(at, &["--history", "--all"]).len(), 2);
    let commit = findings[1]["commit"].as_str().unwrap();
    put(
        at,
        ".gitleaks.toml",
        format!("[extend]\nuseDefault = true\n[allowlist]\ncommits = ['{commit}']\n"),
    );
    assert_eq!(rules(&found(at, &["--history", "--all"])), ["github-pat"]);
}

#[test]
fn history_goes_on_where_a_branch_cannot_be_read() {
    let directory = repository();
    let at = directory.path();
    put(at, "a.py", expand(STRIPE));
    git(at, &["add", "."]);
    git(at, &["commit", "-qm", "one"]);
    git(at, &["branch", "broken"]);
    git(at, &["commit", "-q", "--amend", "-m", "other"]);
    let reference = fs::read_to_string(at.join(".git/refs/heads/broken")).unwrap();
    let object = at.join(".git/objects").join(&reference[..2]).join(reference[2..].trim());
    fs::remove_file(&object).unwrap();
    fs::write(&object, b"no object").unwrap();
    let output = run(at, &["scan", "--history"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&reference[..40]));
    assert!(stdout(&output).contains("Stripe"));
}

/// What a command of the system writes to standard output for `input`.
fn filtered(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    assert!(output.status.success(), "{program}");
    output.stdout
}

/// A tar archive and what it holds, made by the system's tar.
fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        put(directory.path(), name, content);
    }
    let place = directory.path().to_str().unwrap();
    filtered("tar", &["-C", place, "-c", "--sort=name", "."], b"")
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn secrets_in_archives_are_found_where_they_stand() {
    let secret = format!("first\n{}\n", expand(STRIPE));
    let tar = tarred(&[("etc/app.env", secret.as_bytes()), ("readme", b"nothing")]);
    let gz = filtered("gzip", &["-c"], &tar);
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("a.tar", tar.clone(), "a.tar!./etc/app.env"),
        ("a.tgz", gz.clone(), "a.tgz!a.tar!./etc/app.env"),
        ("a.tar.xz", filtered("xz", &["-c"], &tar), "a.tar.xz!a.tar!./etc/app.env"),
        ("log.gz", filtered("gzip", &["-c"], secret.as_bytes()), "log.gz!log"),
        ("app.jar", zipped(&[("META-INF/x.env", secret.as_bytes())]), "app.jar!META-INF/x.env"),
        ("log.zst", zstd(secret.as_bytes()), "log.zst!log"),
        ("deep.tar", tarred(&[("in/b.tgz", &gz)]), "deep.tar!./in/b.tgz!b.tar!./etc/app.env"),
    ];
    let directory = repository();
    for (name, bytes, inner) in cases {
        put(directory.path(), name, bytes);
        let found = found(directory.path(), &[name]);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0]["file"], *inner);
        assert_eq!(found[0]["start_line"], 2, "{name}");
    }
    git(directory.path(), &["add", "a.tgz"]);
    assert_eq!(found(directory.path(), &["--staged"]).len(), 1, "staged");
    let piped = run_with(directory.path(), &["scan", "--stdin"], &gz);
    assert_eq!(piped.status.code(), Some(1), "standard input");
}

#[test]
fn an_archive_that_cannot_be_scanned_whole_is_reported_in_bounded_time() {
    let mut nested = expand(STRIPE).into_bytes();
    for _ in 0..8 {
        nested = filtered("gzip", &["-c"], &nested);
    }
    let zeros = filtered("gzip", &["-c"], &vec![0; 80 << 20]);
    let torn = filtered("gzip", &["-c"], format!("{}\n", expand(STRIPE)).as_bytes());
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in [("nested.gz", nested), ("bomb.gz", zeros)] {
        put(directory.path(), name, bytes);
        assert_eq!(rules(&found(directory.path(), &[name])), ["archive-not-scanned"], "{name}");
    }
    put(directory.path(), "torn.gz", &torn[..torn.len() - 6]);
    assert_eq!(found(directory.path(), &["torn.gz"]).len(), 0);
    put(directory.path(), "fake.zip", format!("PK\u{3}\u{4}\n{}\n", expand(STRIPE)));
    assert_eq!(rules(&found(directory.path(), &["fake.zip"])), ["stripe-secret-key"]);
}
