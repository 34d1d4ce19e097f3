//! `saferun gateway`, `login` and `approvals`.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::gateway::{Gateway, path};

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn log_in(gateway: &Gateway) {
    let output = gateway.saferun(&["login", &gateway.url], &format!("{}\n", gateway.admin));
    assert!(output.status.success(), "{}", stderr(&output));
}

fn stored(gateway: &Gateway) -> toml::Table {
    let path = gateway.dir.path().join("config/saferun/credentials.toml");
    assert_eq!(mode(&path), 0o600);
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn the_database_is_private() {
    let gateway = Gateway::start();
    assert_eq!(mode(&gateway.database()), 0o600);
    assert_eq!(mode(gateway.database().parent().unwrap()), 0o700);
    let secret = gateway.admin.rsplit('_').next().unwrap();
    for name in ["gateway.db", "gateway.db-wal"] {
        let bytes = fs::read(gateway.database().with_file_name(name)).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{name} holds the key in clear");
    }
}

#[test]
fn login_stores_a_key_for_the_hooks_that_can_not_approve() {
    let gateway = Gateway::start();
    log_in(&gateway);
    let first = stored(&gateway);
    assert_eq!(first["gateway_url"].as_str(), Some(gateway.url.as_str()));
    assert_eq!(first["approve_key"].as_str(), Some(gateway.admin.as_str()));
    let request_key = first["request_key"].as_str().unwrap();
    let status = gateway.get(request_key, "/v1/auth/status").json();
    assert_eq!(status["scopes"], json!(["request"]));

    log_in(&gateway);
    assert_eq!(stored(&gateway)["request_key"], first["request_key"], "a valid one is kept");
    let only = gateway.saferun(&["login", "--request-only", "--key", &gateway.admin], "");
    assert!(only.status.success(), "{}", stderr(&only));
    assert!(!stored(&gateway).contains_key("approve_key"));

    let wrong = gateway.saferun(&["login", &gateway.url, "--key", "sr_wrong"], "");
    assert_eq!(wrong.status.code(), Some(2), "{}", stderr(&wrong));
    assert!(gateway.saferun(&["login", "--logout"], "").status.success());
    assert!(!gateway.dir.path().join("config/saferun/credentials.toml").exists());
}

#[test]
fn approvals_are_listed_and_answered_from_a_terminal() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let none = gateway.saferun(&["approvals", "list"], "");
    assert!(none.status.success() && none.stdout.is_empty(), "without a gateway, nothing waits");
    log_in(&gateway);
    let first = gateway.pending(&agent, "first");
    let second = gateway.pending(&agent, "second");

    let output = gateway.saferun(&["approvals", "list", "--json"], "");
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let members = [
        "id",
        "state",
        "operation",
        "target",
        "caller",
        "risk",
        "reasons",
        "action_digest",
        "created_at",
        "expires_at",
    ];
    for approval in listed.as_array().unwrap() {
        for member in members {
            assert!(approval.get(member).is_some(), "{member}");
        }
    }
    let id = first["id"].as_str().unwrap();
    let text = stdout(&gateway.saferun(&["approvals", "list"], ""));
    assert!(
        text.contains(&id[..12]) && text.contains("9 min left") || text.contains("10 min left"),
        "{text}"
    );

    let ambiguous = gateway.saferun(&["approvals", "show", "apr-"], "");
    assert_eq!(ambiguous.status.code(), Some(2));
    let shown = gateway.saferun(&["approvals", "show", &id[..12]], "");
    assert!(stdout(&shown).contains("claude-code for ada@laptop"), "{}", stdout(&shown));

    let approve = gateway.saferun(&["approvals", "approve", &id[4..12], "--reason", "fine"], "");
    assert_eq!(approve.status.code(), Some(0), "{}", stderr(&approve));
    let view = gateway.get(&agent, &path(&first)).json();
    assert_eq!((&view["state"], &view["resolution_reason"]), (&json!("approved"), &json!("fine")));
    let late = gateway.saferun(&["approvals", "deny", id, "--reason", "late"], "");
    assert_eq!(late.status.code(), Some(1));
    assert!(stderr(&late).contains("already approved"), "{}", stderr(&late));

    let id = second["id"].as_str().unwrap();
    assert_eq!(gateway.saferun(&["approvals", "deny", id], "").status.code(), Some(2));
    let deny = gateway.saferun(&["approvals", "deny", id, "--reason", "no"], "");
    assert_eq!(deny.status.code(), Some(0), "{}", stderr(&deny));
    assert_eq!(gateway.get(&agent, &path(&second)).json()["state"], json!("rejected"));
}

#[test]
fn an_agent_answers_nothing_from_a_terminal() {
    let gateway = Gateway::start();
    log_in(&gateway);
    let asked = gateway.pending(&gateway.key(&["request"]), "app");
    let id = asked["id"].as_str().unwrap();
    let output =
        gateway.command(&["approvals", "approve", id]).env("CLAUDECODE", "1").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(gateway.get(&gateway.admin, &path(&asked)).json()["state"], json!("pending"));
}

#[test]
fn keys_are_managed_beside_a_running_gateway() {
    let gateway = Gateway::start();
    let made =
        gateway.saferun(&["gateway", "keys", "create", "--name", "ada", "--scope", "approve"], "");
    let key = stdout(&made).trim().to_owned();
    let status = gateway.get(&key, "/v1/auth/status").json();
    assert_eq!((&status["name"], &status["scopes"]), (&json!("ada"), &json!(["approve"])));
    let id = status["id"].as_str().unwrap();
    assert!(stdout(&gateway.saferun(&["gateway", "keys", "list"], "")).contains(id));
    assert!(gateway.saferun(&["gateway", "keys", "revoke", id], "").status.success());
    assert_eq!(gateway.get(&key, "/v1/auth/status").status, 401);
    assert_eq!(gateway.verified()["valid"], json!(true), "two writers, one chain");
}

#[test]
fn a_port_that_is_taken_is_said_with_the_way_out() {
    let gateway = Gateway::start();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = gateway.command(&["gateway"]).env("PORT", &port).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = stderr(&output);
    assert!(said.contains(&port) && said.contains("--listen 127.0.0.1:0"), "{said}");
    let nonsense = gateway.command(&["gateway"]).env("PORT", "many").output().unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}
