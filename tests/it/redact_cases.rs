//! `saferun redact` on texts that a redactor of words and lengths lets through.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::io::Write as _;
use std::process::Stdio;

use saferun::scan::sample::expand;

use crate::support::sandbox::{Run, SAFERUN, Sandbox};

/// A text before its secret, the secret, what follows it, and the whole after
/// redaction.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("API key: ", "sk-1234{}567890abcdef", "", "API key: [REDACTED:OPENAI_API_KEY]"),
    ("", "sk-proj-{48}", "", "[REDACTED:OPENAI_API_KEY]"),
    ("", "sk-ant-api03-{40}_{32}-AA", "", "[REDACTED:ANTHROPIC_API_KEY]"),
    ("token ", "ghu_{36}", "", "token [REDACTED:GITHUB_TOKEN]"),
    ("token ", "ghs_{36}", "", "token [REDACTED:GITHUB_TOKEN]"),
    ("token ", "ghr_{36}", "", "token [REDACTED:GITHUB_TOKEN]"),
    ("", "github_pat_{22}_{59}", "", "[REDACTED:GITHUB_TOKEN]"),
    (
        "Authorization: ",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9{}.eyJ{}zdWIiOiIxMjM0In0.abc123",
        "",
        "Authorization: [REDACTED:JWT_TOKEN]",
    ),
    ("", "eyJhbGciOiJub25lIn0{}.eyJ{}zdWIiOiIxMjM0In0.", "", "[REDACTED:JWT_TOKEN]"),
    (
        "Authorization: Basic ",
        "dXNl{}cjpwYXNzd29yZDEyMw==",
        "",
        "Authorization: Basic [REDACTED:BASIC_AUTH]",
    ),
    (
        "",
        "-----BEGIN RSA {}PRIVATE KEY-----\n{26:b64}\n-----END RSA PRIVATE KEY-----",
        "",
        "[REDACTED:PRIVATE_KEY]",
    ),
    (
        "",
        "-----BEGIN ENCRYPTED {}PRIVATE KEY-----\n{26:b64}\n-----END ENCRYPTED PRIVATE KEY-----",
        "",
        "[REDACTED:PRIVATE_KEY]",
    ),
    (
        "",
        "-----BEGIN {}PRIVATE KEY-----\n{26:b64}\n",
        "(truncated)",
        "[REDACTED:PRIVATE_KEY](truncated)",
    ),
    (
        "",
        "-----BEGIN RSA {}PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AA\n\n{16:b64}\n\
         -----END RSA PRIVATE KEY-----",
        "",
        "[REDACTED:PRIVATE_KEY]",
    ),
    (
        "\"",
        "-----BEGIN {}PRIVATE KEY-----\\n{24:b64}\\n-----END PRIVATE KEY-----",
        "\\n\"",
        "\"[REDACTED:PRIVATE_KEY]\\n\"",
    ),
    ("password=", "hunter2{}hunter2", "", "password=[REDACTED:PASSWORD]"),
    ("password=", "hunter2", "", "password=[REDACTED:PASSWORD]"),
    (
        "postgresql://user:",
        "s3{}cretpass",
        "@db:5432/x",
        "postgresql://user:[REDACTED:PASSWORD]@db:5432/x",
    ),
    ("passwd: ", "Sup3rS3{}cret!", "", "passwd: [REDACTED:PASSWORD]"),
    ("client_secret=", "abcdef123456{}7890abcdef", "", "client_secret=[REDACTED:GENERIC_API_KEY]"),
    ("api_key: ", "{24}", "", "api_key: [REDACTED:GENERIC_API_KEY]"),
    ("", "npm_{36}", "", "[REDACTED:NPM_ACCESS_TOKEN]"),
    ("", "hf_{34}", "", "[REDACTED:HUGGINGFACE_TOKEN]"),
    ("", "SG.{22}.{43}", "", "[REDACTED:SENDGRID_API_KEY]"),
    ("", "SK{32:hex}", "", "[REDACTED:TWILIO_API_KEY]"),
    ("AccountKey=", "{86:b64}==", "", "AccountKey=[REDACTED:AZURE_STORAGE_ACCOUNT_KEY]"),
    ("password%3D", "ghp_{36}", "", "password%3D[REDACTED:GITHUB_TOKEN]"),
    ("token\\u003d", "ghp_{36}", "", "token\\u003d[REDACTED:GITHUB_TOKEN]"),
    (
        "https://x/?q=a%26access_token=",
        "ghp_{36}",
        "",
        "https://x/?q=a%26access_token=[REDACTED:GITHUB_TOKEN]",
    ),
    ("{\"log\":\"x\\n", "ghp_{36}", "\\n\"}", "{\"log\":\"x\\n[REDACTED:GITHUB_TOKEN]\\n\"}"),
    ("a\\t", "ghp_{36}", "", "a\\t[REDACTED:GITHUB_TOKEN]"),
    ("x%253D", "ghp_{36}", "", "x%253D[REDACTED:GITHUB_TOKEN]"),
    ("token=3D", "ghp_{36}", "", "token=[REDACTED:GITHUB_TOKEN]"),
    ("\x1b[32m", "ghp_{36}", "\x1b[0m", "\x1b[32m[REDACTED:GITHUB_TOKEN]\x1b[0m"),
    ("\\e[1m", "ghp_{36}", "\\e[0m", "\\e[1m[REDACTED:GITHUB_TOKEN]\\e[0m"),
    ("password%3D", "hunter2{}hunter2", "", "password%3D[REDACTED:PASSWORD]"),
    (
        "\x1b[34mpassword\x1b[0m\x1b[1m:\x1b[0m ",
        "hunter2{}hunter2",
        "",
        "\x1b[34mpassword\x1b[0m\x1b[1m:\x1b[0m [REDACTED:PASSWORD]",
    ),
    ("first%20page and a\\nsecond", "", "", "first%20page and a\\nsecond"),
    ("Basic understanding of things", "", "", "Basic understanding of things"),
    ("This is clean text with no secrets", "", "", "This is clean text with no secrets"),
    ("", "", "", ""),
];

/// A text, the variables that are named, and the text after redaction.
const VARIABLES: &[(&str, &[&str], &str)] = &[
    ("SECRET_KEY='abc def'", &["SECRET_KEY"], "SECRET_KEY=[REDACTED:ENV_VAR]"),
    ("secret_key=abc", &["SECRET_KEY"], "SECRET_KEY=[REDACTED:ENV_VAR]"),
    ("SECRET_KEY = abc", &["SECRET_KEY"], "SECRET_KEY=[REDACTED:ENV_VAR]"),
    ("MY_SECRET_KEY=abc", &["SECRET_KEY"], "MY_SECRET_KEY=[REDACTED:ENV_VAR]"),
    ("A=1 B=2", &["A", "B"], "A=[REDACTED:ENV_VAR] B=[REDACTED:ENV_VAR]"),
    ("A=1", &[], "A=1"),
];

fn redacted(sandbox: &Sandbox, text: &str, variables: &[&str]) -> String {
    let mut command = sandbox.command(SAFERUN);
    command.arg("redact");
    variables.iter().for_each(|name| {
        command.args(["--env", name]);
    });
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Run::of(&child.wait_with_output().unwrap()).fine().out
}

#[test]
fn every_known_case_is_redacted() {
    let sandbox = Sandbox::empty("x");
    for (before, secret, after, wanted) in CASES {
        let secret = expand(secret);
        let text = format!("{before}{secret}{after}");
        let out = redacted(&sandbox, &text, &[]);
        assert_eq!(out, *wanted, "of {text}");
    }
}

#[test]
fn values_of_named_variables_are_redacted() {
    let sandbox = Sandbox::empty("x");
    for (text, variables, wanted) in VARIABLES {
        assert_eq!(redacted(&sandbox, text, variables), *wanted, "of {text}");
    }
}
