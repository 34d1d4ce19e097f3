//! One question and its answer, read as the endpoint says.

use std::io::Read;
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::header::RETRY_AFTER;

use super::Verdict;
use super::request::{Reading, Request};
use crate::net::innermost;
use crate::scan::Verification;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// As much of an answer as is looked at.
const LOOKED_AT: u64 = 64 << 10;
/// How long a provider that wants to be left alone is waited for, at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came back.
pub(super) enum Answer {
    /// What the provider says.
    Said(Verdict),
    /// It wants to be asked later.
    Later(Duration),
    /// It can't be reached.
    Away(String),
}

/// Asks at `at`, which is the request's own URL unless something stands in.
pub(super) fn ask(client: &Client, request: &Request, at: &reqwest::Url) -> Answer {
    let mut builder = client.request(request.method.clone(), at.clone()).timeout(ANSWER);
    for (name, value) in request.headers_now() {
        builder = builder.header(name, value);
    }
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    }
    match builder.send() {
        Ok(response) => read(request, response),
        // An error's URL may hold the secret.
        Err(error) => Answer::Away(innermost(&error.without_url())),
    }
}

fn read(request: &Request, response: Response) -> Answer {
    let (host, status) = (request.host(), response.status());
    if status.as_u16() == 429 {
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = seconds.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        return match wait.unwrap_or(PATIENCE) {
            wait if wait <= PATIENCE => Answer::Later(wait),
            _ => Answer::Said(Verdict::unknown(format!("{host} wants to be asked later"))),
        };
    }
    if status.is_redirection() {
        let reason = format!("{host} sent the question elsewhere, where secrets don't go");
        return Answer::Said(Verdict::unknown(reason));
    }
    let mut body = Vec::new();
    if let Err(error) = response.take(LOOKED_AT).read_to_end(&mut body) {
        return Answer::Away(innermost(&error));
    }
    Answer::Said(judged(&request.reading, host, status.as_u16(), &String::from_utf8_lossy(&body)))
}

/// The texts count before the status.
fn judged(reading: &Reading, host: &str, status: u16, body: &str) -> Verdict {
    let body = dense(body);
    let says = |texts: &[String]| texts.iter().any(|text| body.contains(&dense(text)));
    let reason = format!("{host} answered {status}");
    if says(&reading.live_text) {
        return Verdict { verification: Verification::Live, reason };
    }
    let dead = says(&reading.dead_text)
        || reading.dead.contains(&status) && !reading.live.contains(&status);
    match (dead, reading.live.contains(&status)) {
        (true, _) if reading.elsewhere => Verdict::unknown(format!(
            "{reason}: not known there, but other servers and regions have such keys too"
        )),
        (true, _) => Verdict { verification: Verification::Revoked, reason },
        (false, true) => Verdict { verification: Verification::Live, reason },
        (false, false) => Verdict::unknown(format!("{reason}, which says neither yes nor no")),
    }
}

fn dense(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(elsewhere: bool) -> Reading {
        Reading {
            live: vec![200],
            dead: vec![401],
            live_text: vec!["missing scope".into()],
            dead_text: vec![r#""ok":false"#.into()],
            elsewhere,
        }
    }

    #[test]
    fn texts_count_before_the_status() {
        let said = |status, body| judged(&reading(false), "a.example", status, body).verification;
        assert_eq!(said(200, "{}"), Verification::Live);
        assert_eq!(said(200, "{\"ok\": false}"), Verification::Revoked);
        assert_eq!(said(401, "{}"), Verification::Revoked);
        assert_eq!(said(401, "missing scope"), Verification::Live);
        assert_eq!(said(500, ""), Verification::Unknown);
        assert_eq!(said(404, "\"ok\":  false"), Verification::Revoked);
    }

    #[test]
    fn a_key_that_may_work_elsewhere_is_not_called_revoked() {
        let verdict = judged(&reading(true), "a.example", 401, "");
        assert_eq!(verdict.verification, Verification::Unknown);
        assert!(verdict.reason.contains("a.example answered 401"));
    }
}
