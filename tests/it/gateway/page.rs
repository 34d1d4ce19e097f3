//! The page, as raw HTTP: forms that are believed, text that is escaped.

use saferun::action::{CommitLine, Evidence, Reason};
use serde_json::{Value, json};

use crate::support::gateway::{Gateway, path, typed_request};
use crate::support::http::{Answer, send};

/// Logs the administrator in and returns the cookie.
pub fn log_in(gateway: &Gateway) -> String {
    let headers =
        [("origin", gateway.url.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("key={}", gateway.admin);
    let answer = send(gateway.port, "POST", "/login", &headers, &body).unwrap();
    assert_eq!(answer.status, 303, "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

fn open(gateway: &Gateway, cookie: &str, path: &str) -> Answer {
    send(gateway.port, "GET", path, &[("cookie", cookie)], "").unwrap()
}

fn submit(gateway: &Gateway, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers: Vec<_> = headers.iter().copied().chain([form]).collect();
    send(gateway.port, "POST", path, &headers, body).unwrap()
}

fn page_of(approval: &Value) -> String {
    format!("/approvals/{}", approval["id"].as_str().unwrap())
}

/// The fields of the page's first answering form.
fn form(page: &str) -> String {
    let field = |name: &str| {
        let start = page.split("/approve\"").nth(1).unwrap();
        let value = start.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    };
    format!("csrf={}&version={}&digest={}", field("csrf"), field("version"), field("digest"))
}

#[test]
fn only_a_form_of_this_session_and_this_version_answers() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let asked = gateway.pending(&agent, "app");
    let (mine, other) = (log_in(&gateway), log_in(&gateway));
    let page = page_of(&asked);
    let fields = form(&open(&gateway, &mine, &page).body);
    let approve = format!("{page}/approve");
    let origin = ("origin", gateway.url.as_str());
    let refused = |headers: &[(&str, &str)], body: &str| {
        let status = submit(&gateway, &approve, headers, body).status;
        assert_eq!(gateway.get(&agent, &path(&asked)).json()["state"], json!("pending"));
        status
    };

    assert_eq!(refused(&[origin], &fields), 403, "no session");
    assert_eq!(refused(&[("cookie", &mine)], &fields), 403, "no origin");
    assert_eq!(refused(&[("cookie", &mine), ("origin", "http://evil.example")], &fields), 403);
    assert_eq!(refused(&[("cookie", &mine), ("origin", "null")], &fields), 403);
    let cross = [("cookie", mine.as_str()), origin, ("sec-fetch-site", "cross-site")];
    assert_eq!(refused(&cross, &fields), 403);
    assert_eq!(refused(&[("cookie", &other), origin], &fields), 403, "another session's form");
    let without = fields.split_once('&').unwrap().1;
    assert_eq!(refused(&[("cookie", &mine), origin], without), 422, "no token");
    assert_eq!(refused(&[("cookie", &mine), origin], &format!("csrf=&{without}")), 403);
    let newer = fields.replace("version=1", "version=2");
    assert_eq!(refused(&[("cookie", &mine), origin], &newer), 403, "another version's form");
    let reject = format!("{page}/reject");
    let silent = submit(&gateway, &reject, &[("cookie", &mine), origin], &fields);
    assert_eq!(silent.status, 422, "a rejection needs a reason");

    let answered = submit(&gateway, &approve, &[("cookie", &mine), origin], &fields);
    assert_eq!((answered.status, answered.header("location")), (303, Some(page.as_str())));
    assert_eq!(gateway.get(&agent, &path(&asked)).json()["state"], json!("approved"));
    let late = submit(&gateway, &approve, &[("cookie", &mine), origin], &fields);
    assert_eq!(late.status, 409);
    assert!(late.body.contains("already approved"), "{}", late.body);
}

#[test]
fn a_key_that_only_requests_does_not_log_in_and_logout_ends_the_session() {
    let gateway = Gateway::start();
    let agent = gateway.key(&["request"]);
    let origin = ("origin", gateway.url.as_str());
    assert_eq!(submit(&gateway, "/login", &[origin], &format!("key={agent}")).status, 401);
    assert_eq!(submit(&gateway, "/login", &[origin], "key=sr_x").status, 401);
    let cookie = log_in(&gateway);
    let list = open(&gateway, &cookie, "/");
    assert_eq!(list.status, 200);
    let token = list.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
    let body = format!("csrf={}", token.split('"').next().unwrap());
    let out = submit(&gateway, "/logout", &[("cookie", &cookie), origin], &body);
    assert_eq!(out.header("location"), Some("/login"));
    assert_eq!(open(&gateway, &cookie, "/").header("location"), Some("/login"));
}

#[test]
fn nothing_that_a_repository_chose_is_obeyed() {
    let gateway = Gateway::start();
    let evil = "\"'><script>x</script></title><img src=x onerror=x>\u{202e}\u{1b}[31m{{7*7}}";
    let mut request = typed_request("app");
    request.action.operation = format!("git.{evil}");
    request.action.target = format!("{evil}#{evil}");
    request.action.caller.id = evil.to_owned();
    request.action.caller.agent = Some(evil.to_owned());
    request.action.ticket_id = Some(evil.to_owned());
    request.action.params = serde_json::Map::from_iter([(evil.to_owned(), json!([evil]))]);
    request.decision.reasons = vec![Reason { code: evil.into(), message: evil.into(), score: 1.0 }];
    request.decision.action_digest = request.action.digest();
    let commit = CommitLine {
        id: evil.into(),
        author: evil.into(),
        date: evil.into(),
        subject: evil.into(),
    };
    request.evidence = vec![
        Evidence::Commits { title: evil.into(), commits: vec![commit], total: 2 },
        Evidence::Diff { path: evil.into(), text: format!("@@\n+{evil}\n-{evil}\n {evil}") },
        Evidence::Text { title: evil.into(), text: evil.into() },
    ];
    let minted = json!({ "name": evil, "scopes": ["request"] });
    let key = gateway.post(&gateway.admin, "/v1/keys", &minted).json();
    let key = key["key"].as_str().unwrap();
    let asked = gateway.post(key, "/v1/approvals", &json!(request));
    assert_eq!(asked.status, 201, "{asked:?}");
    let asked = asked.json();
    let cookie = log_in(&gateway);
    let before = open(&gateway, &cookie, &page_of(&asked));
    let vote = json!({ "decision": "reject", "reason": evil, "digest": asked["action_digest"] });
    let list = open(&gateway, &cookie, "/");
    gateway.post(&gateway.admin, &format!("{}/votes", path(&asked)), &vote);
    let after = open(&gateway, &cookie, &page_of(&asked));
    for page in [&before, &list, &after, &open(&gateway, &cookie, "/")] {
        assert_eq!(page.status, 200);
        for raw in ["<script", "<img", "onerror=x>", "</title><", "\u{202e}", "\u{1b}", "\"'>"] {
            assert!(!page.body.contains(raw), "{raw:?} stands raw in the page");
        }
        assert!(page.body.contains("\\u{202e}"), "what hides is shown");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    }
    assert!(
        after.body.contains("so I say")
            || after.body.contains("&lt;script")
            || after.body.contains("&#60;script")
    );
}
