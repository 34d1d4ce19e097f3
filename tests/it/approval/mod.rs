//! Approval from end to end: an agent's hook waits at a real gateway, a person
//! answers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where its stage breaks")]

mod at_terminal;
mod bad_days;
mod once;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::sandbox::{Run, SAFERUN, Sandbox};

const WORKFLOW: &str = ".github/workflows/ci.yml";
/// How long anything may take before the test gives up: far more than it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// A guarded repository and a running gateway that it is logged in to.
struct Stage {
    sandbox: Sandbox,
    gateway: Option<Child>,
    url: String,
}

impl Stage {
    fn new() -> Self {
        let mut stage = Self { sandbox: Sandbox::guarded(), gateway: None, url: String::new() };
        let key = stage.open("127.0.0.1:0").unwrap();
        let login = [SAFERUN, "login", stage.url.as_str(), "--key", key.as_str()];
        stage.sandbox.person_without_terminal(&login).fine();
        stage
    }

    /// Starts the gateway; the administrator's key where one is printed.
    fn open(&mut self, address: &str) -> Option<String> {
        let mut command = self.sandbox.command(SAFERUN);
        command.args(["gateway", "--listen", address]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.url = lines.next().unwrap().unwrap();
        let first = !self.sandbox.root.join("home/config/saferun/credentials.toml").exists();
        let key = first.then(|| {
            let line =
                lines.by_ref().map(Result::unwrap).find(|line| line.contains("sr_")).unwrap();
            line.split_whitespace().find(|word| word.starts_with("sr_")).unwrap().to_owned()
        });
        // Somebody has to read what it prints.
        thread::spawn(move || lines.count());
        self.gateway = Some(child);
        key
    }

    /// `kill -9`.
    fn crash(&mut self) {
        let mut gateway = self.gateway.take().unwrap();
        gateway.kill().unwrap();
        gateway.wait().unwrap();
    }

    /// Starts an agent's `git` and lets it run.
    fn agent(&self, arguments: &[&str]) -> Waiting {
        let mut command = self.sandbox.command("git");
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Waiting(command.spawn().unwrap())
    }

    fn agent_commits_workflow(&self, content: &str) -> Waiting {
        self.sandbox.stage(WORKFLOW, content);
        self.agent(&["commit", "-q", "-m", "ci"])
    }

    fn approvals(&self, arguments: &[&str]) -> Run {
        self.sandbox.person_without_terminal(&[&[SAFERUN, "approvals"], arguments].concat())
    }

    fn listed(&self, state: &str) -> Vec<Value> {
        let run = self.approvals(&["list", "--state", state, "--json"]);
        let text = run.out.get(run.out.find('[').unwrap_or(0)..).unwrap_or_default();
        serde_json::from_str(text).unwrap_or_else(|_| panic!("{run:#?}"))
    }

    /// The one request that waits, as soon as there is one.
    fn pending(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(one) = self.listed("pending").first() {
                return one["id"].as_str().unwrap().to_owned();
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("nothing waits for approval");
    }

    fn approve(&self, id: &str) {
        self.approvals(&["approve", id, "--reason", "ok"]).fine();
    }

    /// What the hook itself ends with, in the repository as it is.
    fn hook(&self) -> Run {
        self.sandbox.saferun(&["hook", "pre-commit"])
    }

    /// Writes the settings of the person.
    fn settings(&self, text: &str) {
        let path = self.sandbox.root.join("home/config/saferun/config.toml");
        crate::support::sandbox::write_file(&path, text.as_bytes(), 0o644);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            let _ = gateway.kill();
            let _ = gateway.wait();
        }
    }
}

/// A program that waits for somebody.
struct Waiting(Child);

impl Waiting {
    fn end(mut self) -> Run {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.0.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() < deadline => thread::sleep(Duration::from_millis(10)),
                None => {
                    self.0.kill().unwrap();
                    panic!("it never ended");
                }
            }
        };
        let mut run =
            Run { code: status.code().unwrap_or(-1), out: String::new(), err: String::new() };
        self.0.stdout.take().unwrap().read_to_string(&mut run.out).unwrap();
        self.0.stderr.take().unwrap().read_to_string(&mut run.err).unwrap();
        run
    }
}
