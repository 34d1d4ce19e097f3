//! The real gh behind the shim, against a server of our own that speaks TLS.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use tempfile::TempDir;

use super::support::gateway::Gateway;

/// GitHub as far as these tests need it: answers every request, remembers it.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let (certificate, key) = certificate(dir);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (config, log) = (Arc::new(config), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, log) = (Arc::clone(&config), Arc::clone(&log));
                thread::spawn(move || serve(stream, config, &log));
            }
        });
        Self { port, seen }
    }

    /// What arrived since the last call.
    fn arrived(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().expect("the list"))
    }
}

/// A certificate for `localhost` that signs itself, made by openssl.
fn certificate(dir: &Path) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let (cert, key) = (dir.join("ca.pem"), dir.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let cert = CertificateDer::from_pem_file(&cert).expect("a certificate");
    (cert, PrivateKeyDer::from_pem_file(&key).expect("a key"))
}

/// One connection, one request after the other.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, seen: &Mutex<Vec<String>>) {
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            if stream.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let header = header.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let request: Vec<&str> = line.split(' ').take(2).collect();
        seen.lock().expect("the list").push(request.join(" "));
        let answer = answer(&request);
        let head = format!(
            "HTTP/1.1 {} \r\nContent-Type: application/json\r\nX-OAuth-Scopes: repo\r\nContent-Length: {}\r\n\r\n",
            answer.0,
            answer.1.len()
        );
        let sent = stream.get_mut().write_all(format!("{head}{}", answer.1).as_bytes());
        if sent.and_then(|()| stream.get_mut().flush()).is_err() {
            return;
        }
    }
}

fn answer(request: &[&str]) -> (u16, String) {
    match request {
        ["GET", "/api/v3/user"] => (200, json!({"login": "ada", "id": 1}).to_string()),
        ["GET", "/api/v3/missing"] => (404, json!({"message": "Not Found"}).to_string()),
        ["DELETE", _] => (204, String::new()),
        _ => (200, json!({"full_name": "o/r", "private": true}).to_string()),
    }
}

/// A server, a shim in front of the real gh, and a home.
struct Bench {
    root: TempDir,
    server: Server,
}

impl Bench {
    fn new(preset: &str) -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let server = Server::start(root.path());
        let bench = Self { root, server };
        for name in ["shims", "home/.config/saferun", "work"] {
            fs::create_dir_all(bench.path(name)).expect("a directory");
        }
        fs::write(
            bench.path("home/.config/saferun/config.toml"),
            format!("preset = \"{preset}\"\n"),
        )
        .expect("a file");
        for name in ["git", "gh"] {
            let link = bench.path("shims").join(name);
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_saferun"), link).expect("a link");
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// gh as an agent types it; `program` is the shim or the real one.
    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.path("work"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("shims").display()))
            .env("GH_HOST", format!("localhost:{}", self.server.port))
            .env("GH_ENTERPRISE_TOKEN", "none")
            .env("SSL_CERT_FILE", self.path("ca.pem"))
            .env("GH_NO_UPDATE_NOTIFIER", "1")
            .env("CLAUDECODE", "1")
            .stdin(Stdio::null());
        command
    }

    fn shim(&self, arguments: &[&str]) -> Output {
        self.command(&self.path("shims/gh"), arguments).output().expect("the shim runs")
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const DELETE_REF: &str = "query=mutation{deleteRef(input:{refId:\"x\"}){clientMutationId}}";
const UNPROTECT: &str = "query=mutation{deleteBranchProtectionRule(input:{branchProtectionRuleId:\"x\"}){clientMutationId}}";

#[test]
fn what_asks_is_the_real_gh_word_for_word() {
    let bench = Bench::new("standard");
    for arguments in [
        &["api", "user"][..],
        &["api", "repos/o/r", "-q", ".full_name"],
        &["api", "graphql", "-f", "query=query{viewer{login}}"],
        &["api", "missing"],
        &["api", "-i", "-X", "GET", "search/issues", "-f", "q=x"],
        &["--version"],
        &["repo", "delete", "--help"],
        &["pr", "view", "--no-such-flag"],
    ] {
        let real = bench.command(Path::new("/usr/bin/gh"), arguments).output().expect("gh runs");
        let wanted = bench.server.arrived();
        let ours = bench.shim(arguments);
        assert_eq!(ours.status.code(), real.status.code(), "{arguments:?}: {}", stderr(&ours));
        assert_eq!(ours.stdout, real.stdout, "{arguments:?}");
        assert_eq!(stderr(&ours), stderr(&real), "{arguments:?}");
        assert_eq!(bench.server.arrived(), wanted, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_taken_back_never_reaches_the_server() {
    let bench = Bench::new("standard");
    for (arguments, operation) in [
        (&["repo", "delete", "o/r", "--yes"][..], "github.repo.delete"),
        (&["repo", "delete", "o/r", "--yes", "--help=false"], "github.repo.delete"),
        (&["api", "-X", "DELETE", "repos/o/r"], "github.repo.delete"),
        (&["api", "repos/o/r", "--method=delete"], "github.repo.delete"),
        (&["api", "-iXDELETE", "/repos/o/r/"], "github.repo.delete"),
        (&["api", "Repos/o/r", "-H", "X-HTTP-Method-Override: DELETE"], "github.repo.delete"),
        (&["secret", "set", "TOKEN", "-b", "v", "-R", "o/r"], "github.actions.secret.create"),
        (&["api", "graphql", "-f", UNPROTECT], "github.branch_protection.delete"),
        (&["repo", "edit", "o/r", "--visibility", "public"], "github.repo.visibility.change"),
        (&["workflow", "disable", "ci.yml", "-R", "o/r"], "github.workflow.disable"),
        (&["api", "graphql", "--input", "-"], "github.graphql.mutation"),
        (&["pr", "merge", "1", "--admin", "-R", "o/r"], "github.merge"),
    ] {
        let output = bench.shim(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(operation), "{arguments:?}: {}", stderr(&output));
        assert_eq!(bench.server.arrived(), [""; 0], "{arguments:?}");
    }
}

#[test]
fn aliases_of_gh_are_seen_through() {
    let bench = Bench::new("standard");
    let set =
        bench.command(Path::new("/usr/bin/gh"), &["alias", "set", "tidy", "repo delete --yes"]);
    let set = { set }.output().expect("gh runs");
    assert!(set.status.success(), "{}", stderr(&set));
    let output = bench.shim(&["tidy", "o/r"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(bench.server.arrived(), [""; 0]);
}

#[test]
fn what_the_policy_lets_through_arrives_once() {
    let bench = Bench::new("relaxed");
    for (arguments, request) in [
        (
            &["api", "-X", "DELETE", "repos/o/r/releases/1"][..],
            "DELETE /api/v3/repos/o/r/releases/1",
        ),
        (&["api", "graphql", "-f", DELETE_REF], "POST /api/graphql"),
        (&["api", "-X", "PUT", "repos/o/r/pulls/1/merge"], "PUT /api/v3/repos/o/r/pulls/1/merge"),
    ] {
        let output = bench.shim(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        assert_eq!(bench.server.arrived(), [request], "{arguments:?}");
    }
}

#[test]
fn an_approved_call_arrives_once_and_a_second_one_asks_again() {
    let bench = Bench::new("standard");
    let gateway = Gateway::start();
    let key = gateway.key(&["request"]);
    let start = || {
        bench
            .command(&bench.path("shims/gh"), &["api", "-X", "DELETE", "repos/o/r"])
            .env("SAFERUN_GATEWAY_URL", &gateway.url)
            .env("SAFERUN_API_KEY", &key)
            .stdout(Stdio::null())
            .stderr(File::create(bench.path("said")).expect("a file"))
            .spawn()
            .expect("the shim runs")
    };
    let pending = || {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let list = gateway.get(&gateway.admin, "/v1/approvals?state=pending").json();
            let items = list.get("items").or(list.get("approvals")).unwrap_or(&list).clone();
            if let Some(first) = items.as_array().and_then(|items| items.first()) {
                break first.clone();
            }
            let said = fs::read_to_string(bench.path("said")).unwrap_or_default();
            assert!(Instant::now() < until, "nothing was asked: {list} {said}");
            thread::sleep(Duration::from_millis(20));
        }
    };
    let mut child = start();
    let asked = pending();
    assert_eq!(asked["operation"], "github.repo.delete");
    assert_eq!(asked["caller"]["kind"], "agent");
    assert_eq!(bench.server.arrived(), [""; 0], "nothing before the answer");
    assert_eq!(gateway.vote(&gateway.admin, &asked, "approve").status, 200);
    assert!(child.wait().expect("it ends").success());
    assert_eq!(bench.server.arrived(), ["DELETE /api/v3/repos/o/r"]);

    let mut child = start();
    let again = pending();
    assert_ne!(again["id"], asked["id"]);
    assert_eq!(gateway.vote(&gateway.admin, &again, "reject").status, 200);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    assert_eq!(bench.server.arrived(), [""; 0]);
}
