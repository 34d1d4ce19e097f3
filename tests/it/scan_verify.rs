//! `saferun scan --verify`, against a provider of our own over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test stops where its stage breaks")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use saferun::scan::sample::expand;
use serde_json::Value;

use crate::support::sandbox::{Run, Sandbox};

/// What a provider was asked.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    head: String,
    body: String,
    at: Instant,
}

/// Answers every request by its path's beginning.
struct Provider {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    most_at_once: Arc<AtomicUsize>,
}

type Answers = &'static [(&'static str, &'static str, &'static str)];

impl Provider {
    fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let most_at_once = Arc::<AtomicUsize>::default();
        let (log, most, now) =
            (Arc::clone(&asked), Arc::clone(&most_at_once), Arc::<AtomicUsize>::default());
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, most, now) = (Arc::clone(&log), Arc::clone(&most), Arc::clone(&now));
                thread::spawn(move || {
                    let more = now.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(more, Ordering::SeqCst);
                    answer(stream, answers, &log);
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, asked, most_at_once }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// `saferun scan --verify` with this provider in the place of all.
    fn scan(&self, sandbox: &Sandbox, arguments: &[&str]) -> Run {
        let base = format!("http://127.0.0.1:{}", self.port);
        let verify = ["scan", "--verify", "--verify-endpoint-base", &base];
        sandbox.saferun(&[&verify[..], arguments].concat())
    }
}

fn answer(mut stream: TcpStream, answers: Answers, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut head) = (String::new(), String::new());
    reader.read_line(&mut line).unwrap();
    while !head.ends_with("\r\n\r\n") && head != "\r\n" {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length:").map(|length| length.trim().parse().unwrap())
    });
    let mut body = String::new();
    reader.take(length.unwrap_or(0)).read_to_string(&mut body).unwrap();
    log.lock().unwrap().push(Asked { line: line.clone(), head, body, at: Instant::now() });
    let path = line.split(' ').nth(1).unwrap_or_default();
    let known = answers.iter().find(|(begin, _, _)| path.starts_with(begin));
    let (_, status, body) = known.unwrap_or(&("", "404 Not Found", ""));
    if status.starts_with("slow") {
        thread::sleep(Duration::from_secs(15));
    }
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes());
}

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::empty("files");
    files.iter().for_each(|(name, sample)| sandbox.write(name, format!("{}\n", expand(sample))));
    sandbox
}

fn findings(run: &Run) -> HashMap<String, Value> {
    let all: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    all.into_iter().map(|one| (one["file"].as_str().unwrap().to_owned(), one)).collect()
}

#[test]
fn each_provider_is_asked_in_its_own_way_and_understood() {
    let provider = Provider::start(&[
        ("/api.github.com/user", "200 OK", "{}"),
        ("/slack.com/api/auth.test", "200 OK", r#"{"ok": false, "error": "token_revoked"}"#),
        ("/api.telegram.org/bot", "401 Unauthorized", "{}"),
        ("/api.stripe.com/v1/account", "403 Forbidden", "{}"),
        ("/us7.api.mailchimp.com/3.0/ping", "200 OK", "{}"),
        ("/api.linear.app/graphql", "200 OK", r#"{"data":{"viewer":{"id":"1"}}}"#),
        ("/api.figma.com/v1/me", "403 Forbidden", r#"{"err":"Invalid scope(s)"}"#),
        ("/api.digitalocean.com", "500 Oh", ""),
        ("/sts.amazonaws.com/", "200 OK", "<Account>1</Account>"),
    ]);
    let sandbox = sandbox(&[
        ("github.py", "token = 'ghp_{36:crc}'"),
        ("slack.py", "token = 'xox{}b-{11:digit}-{12:digit}-{24}'"),
        ("telegram.py", "TELEGRAM_BOT_TOKEN = '{9:digit}:A{34}'"),
        ("stripe.py", "key = 'sk_{}live_{24}'"),
        ("mailchimp.py", "key = '{32:hex}-us7'"),
        ("linear.py", "key = 'lin_api_{40}'"),
        ("figma.py", "key = 'figd_{40}'"),
        ("ocean.py", "key = 'dop_v1_{64:hex}'"),
        ("other.py", "password = 'j8{14}'"),
        ("aws.env", "AWS_ACCESS_KEY_ID=AKIA{16:UPPER9}\nAWS_SECRET_ACCESS_KEY={40:b64}"),
    ]);
    let run = provider.scan(&sandbox, &["--format", "json"]).ended(1);
    let found = findings(&run);
    for (file, said, reason) in [
        ("github.py", "live", "api.github.com answered 200"),
        ("slack.py", "revoked", "slack.com answered 200"),
        ("telegram.py", "revoked", "api.telegram.org answered 401"),
        ("stripe.py", "live", "answered 403"),
        ("mailchimp.py", "live", "us7.api.mailchimp.com answered 200"),
        ("linear.py", "live", "answered 200"),
        ("figma.py", "live", "answered 403"),
        ("ocean.py", "unknown", "neither"),
        ("other.py", "unknown", "no harmless call"),
        ("aws.env", "live", "sts.amazonaws.com answered 200"),
    ] {
        assert_eq!(found[file]["verification"], said, "{file}: {:#}", found[file]);
        let told = found[file]["verification_reason"].as_str().unwrap();
        assert!(told.contains(reason), "{file}: {told}");
    }
    assert!(run.err.contains("6 live, 2 revoked, 2 unknown"), "{}", run.err);
    let asked = provider.asked();
    assert_eq!(asked.len(), 9, "{asked:#?}");
    let of = |part: &str| asked.iter().find(|asked| asked.line.contains(part)).unwrap();
    let secret = |file: &str| sandbox.read(file).split('\'').nth(1).unwrap().to_owned();
    assert!(
        of("github").head.contains(&format!("authorization: Bearer {}\r\n", secret("github.py")))
    );
    assert!(of("telegram").line.contains(&format!("/bot{}/getMe ", secret("telegram.py"))));
    assert!(of("linear").line.starts_with("POST ") && of("linear").body.contains("viewer"));
    let aws = of("amazonaws");
    assert!(aws.head.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIA"), "{}", aws.head);
    let key = sandbox.read("aws.env").trim().rsplit_once('=').unwrap().1.to_owned();
    assert!(!format!("{aws:?}").contains(&key), "the key signs and is not sent");
    assert!(of("mailchimp").head.contains("authorization: Basic "));
}

#[test]
fn every_report_says_it_and_none_tells_the_secret() {
    let provider = Provider::start(&[("/api.github.com/user", "200 OK", "{}")]);
    let sandbox = sandbox(&[("a.py", "token = 'ghp_{36:crc}'")]);
    let secret = sandbox.read("a.py").split('\'').nth(1).unwrap().to_owned();
    for format in ["text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "csv"] {
        let run = provider.scan(&sandbox, &["--format", format]).ended(1);
        assert!(
            run.out.contains("live") && run.out.contains("answered 200"),
            "{format}: {}",
            run.out
        );
        assert!(!run.said().contains(&secret), "{format}");
    }
    sandbox.saferun(&["scan"]).ended(1).not_saying("answered");
}

#[test]
fn only_verified_reports_and_counts_what_works() {
    let provider = Provider::start(&[
        ("/api.github.com/user", "401 Unauthorized", ""),
        ("/api.stripe.com/v1/account", "200 OK", "{}"),
    ]);
    let sandbox = sandbox(&[("a.py", "t = 'ghp_{36:crc}'"), ("b.py", "t = 'sk_{}live_{24}'")]);
    let run = provider.scan(&sandbox, &["--only-verified"]).ended(1);
    run.saying("b.py").not_saying("a.py");
    std::fs::remove_file(sandbox.dir.join("b.py")).unwrap();
    provider.scan(&sandbox, &["--only-verified"]).fine().saying("no secrets found");
    provider.scan(&sandbox, &[]).ended(1).saying("unknown (api.github.com answered 401");
    sandbox.saferun(&["scan", "--only-verified"]).ended(2);
}

#[test]
fn a_secret_is_asked_about_once_and_a_provider_slowly() {
    let provider = Provider::start(&[("/", "200 OK", "{}")]);
    let sandbox = Sandbox::empty("files");
    let same = expand("ghp_{36:crc}");
    for number in 0..12 {
        sandbox.write(&format!("same{number}.py"), format!("t = '{same}'\n"));
    }
    for number in 0..4 {
        sandbox.write(&format!("other{number}.py"), expand("t = 'ghp_{36:crc}'\n"));
    }
    let run = provider.scan(&sandbox, &["--format", "json"]).ended(1);
    assert!(findings(&run).values().all(|one| one["verification"] == "live"), "{}", run.out);
    let asked = provider.asked();
    assert_eq!(asked.len(), 5);
    for pair in asked.windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(150), "one host is asked slowly");
    }
    assert_eq!(provider.most_at_once.load(Ordering::SeqCst), 1, "one host, one question at once");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Provider::start(&[("/", "200 OK", "{}")]);
    let answer = format!("302 Found\r\nlocation: http://127.0.0.1:{}/x", elsewhere.port);
    let answers: Answers = Box::leak(Box::new([("/", &*Box::leak(answer.into_boxed_str()), "")]));
    let provider = Provider::start(answers);
    let sandbox = sandbox(&[("a.py", "token = 'ghp_{36:crc}'")]);
    provider.scan(&sandbox, &[]).ended(1).saying("unknown").saying("secrets don't go");
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_provider_that_is_slow_or_away_leaves_it_unknown() {
    let provider = Provider::start(&[
        ("/api.github.com", "slow", ""),
        ("/api.stripe.com", "429 Later\r\nretry-after: 3600", ""),
    ]);
    let sandbox = sandbox(&[("a.py", "t = 'ghp_{36:crc}'"), ("b.py", "t = 'sk_{}live_{24}'")]);
    let run = provider.scan(&sandbox, &["--format", "json"]).ended(1);
    let found = findings(&run);
    assert!(
        found["a.py"]["verification_reason"].as_str().unwrap().contains("could not be reached"),
        "{found:#?}"
    );
    assert!(
        found["b.py"]["verification_reason"].as_str().unwrap().contains("asked later"),
        "{found:#?}"
    );
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base = format!("http://127.0.0.1:{closed}");
    sandbox
        .saferun(&["scan", "--verify", "--verify-endpoint-base", &base])
        .ended(1)
        .saying("unknown");
}

#[test]
fn a_proxy_of_the_environment_is_used_and_sees_no_secret() {
    let proxy = Provider::start(&[("", "502 Bad Gateway", "")]);
    let mut sandbox = sandbox(&[("a.py", "token = 'ghp_{36:crc}'")]);
    sandbox.set("HTTPS_PROXY", format!("http://127.0.0.1:{}", proxy.port));
    sandbox.saferun(&["scan", "--verify"]).ended(1).saying("unknown");
    let asked = proxy.asked();
    assert!(
        asked.iter().all(|asked| asked.line.starts_with("CONNECT api.github.com:443")),
        "{asked:?}"
    );
    assert!(!asked.is_empty());
    let secret = sandbox.read("a.py").split('\'').nth(1).unwrap().to_owned();
    assert!(!format!("{asked:?}").contains(&secret));
}

#[test]
fn a_repository_cannot_send_what_is_found_anywhere() {
    let provider = Provider::start(&[("/", "200 OK", "{}")]);
    let sandbox = sandbox(&[("a.py", "t = 'ghp_{36:crc}'"), ("b.py", "password = 'j8{14}'")]);
    // An own rule under a built-in one's name finds something else.
    sandbox.write(
        ".gitleaks.toml",
        "[[rules]]\nid = 'github-pat'\nregex = '''password = '([^']+)''''\n",
    );
    let run = provider.scan(&sandbox, &[]).ended(1);
    run.saying("b.py").saying("an own rule found it");
    assert!(provider.asked().is_empty(), "{:?}", provider.asked());
    for key in
        ["verify = { url = 'http://127.0.0.1:1' }", "[rules.verify]\nurl = 'http://127.0.0.1:1'"]
    {
        sandbox
            .write(".gitleaks.toml", format!("[[rules]]\nid = 'x'\nregex = 'password'\n{key}\n"));
        provider.scan(&sandbox, &[]).ended(2).saying("verify");
    }
    let base = ["scan", "--verify", "--verify-endpoint-base", "http://example.net"];
    std::fs::remove_file(sandbox.dir.join(".gitleaks.toml")).unwrap();
    sandbox.saferun(&base).ended(2).saying("providers only");
}
