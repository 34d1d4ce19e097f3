//! A request about one secret: the endpoint's templates, filled in.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use reqwest::{Method, Url};

use super::Verdict;
use super::endpoint::Endpoint;
use crate::action::Digest;
use crate::net::{self, Signer, authorization, stamp};
use crate::scan::Finding;

/// Everything that is sent, and how the answer is read. Holds a secret: it is
/// never shown.
#[derive(Clone)]
pub(super) struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// Id and secret of the AWS key that signs it.
    pub signer: Option<(String, String)>,
    pub reading: Arc<Reading>,
}

/// How an endpoint's answers are read.
#[derive(Debug)]
pub(super) struct Reading {
    pub live: Vec<u16>,
    pub dead: Vec<u16>,
    pub live_text: Vec<String>,
    pub dead_text: Vec<String>,
    pub elsewhere: bool,
}

impl Request {
    /// The request about a finding's secret, or why there can be none.
    pub(super) fn of(endpoint: &Endpoint, finding: &Finding) -> Result<Self, Verdict> {
        let secret = finding.secret.as_str();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Verdict::unknown("it is not of a form that can be sent"));
        }
        if endpoint.only.as_ref().is_some_and(|only| !only.is_match(secret)) {
            return Err(Verdict::unknown("no harmless call is known for this kind of key"));
        }
        let values = values(endpoint, finding)?;
        let filled = |template: &str, form: fn(&str) -> String| fill(template, &values, form);
        let broken = |_| Verdict::unknown("no request can be made of it");
        let url = Url::parse(&filled(&endpoint.url, percent)).map_err(broken)?;
        let method = Method::from_bytes(endpoint.method.as_bytes())
            .map_err(|_| Verdict::unknown("no request can be made of it"))?;
        let mut headers: Vec<(String, String)> = endpoint
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, str::to_owned)))
            .collect();
        if let Some(basic) = &endpoint.basic {
            let encoded = STANDARD.encode(filled(basic, str::to_owned));
            headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
        }
        let (kind, body) = match (&endpoint.json, &endpoint.form) {
            (Some(json), _) => ("application/json", Some(filled(json, quoted))),
            (None, Some(form)) => {
                ("application/x-www-form-urlencoded", Some(filled(form, percent)))
            }
            (None, None) => ("", None),
        };
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        let reading = Arc::new(Reading {
            live: endpoint.live.clone(),
            dead: endpoint.dead.clone(),
            live_text: endpoint.live_text.clone(),
            dead_text: endpoint.dead_text.clone(),
            elsewhere: endpoint.elsewhere,
        });
        let value = |wanted| values.iter().find(|(name, _)| *name == wanted);
        let signer = value("id").filter(|_| endpoint.aws);
        let signer = signer.map(|(_, id)| (id.clone(), finding.secret.clone()));
        Ok(Self { method, url, headers, body, signer, reading })
    }

    /// Who is asked.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The headers of a request made now, with the signature where it takes one.
    pub(super) fn headers_now(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        if let Some((id, secret)) = &self.signer {
            let at = stamp(Timestamp::now());
            let signed = [("host", self.host().to_owned()), ("x-amz-date", at.clone())];
            let payload = Digest::of(self.body.as_deref().unwrap_or_default().as_bytes());
            let (method, path) = (self.method.as_str(), self.url.path());
            let request = net::Request { method, path, headers: &signed, payload, at: &at };
            let signer = Signer { id, secret, region: "us-east-1", service: "sts" };
            headers.push(("Authorization".to_owned(), authorization(&request, &signer)));
            headers.push(("X-Amz-Date".to_owned(), at));
        }
        headers
    }

    fn sent(&self) -> impl Eq + Hash {
        (&self.method, &self.url, &self.headers, &self.body, &self.signer)
    }
}

impl PartialEq for Request {
    fn eq(&self, other: &Self) -> bool {
        self.sent() == other.sent()
    }
}

impl Eq for Request {}

impl Hash for Request {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sent().hash(state);
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("host", &self.host()).finish_non_exhaustive()
    }
}

/// The secret, and what the endpoint needs besides, by name.
fn values<'a>(
    endpoint: &'a Endpoint,
    finding: &'a Finding,
) -> Result<Vec<(&'a str, String)>, Verdict> {
    let mut values = vec![("secret", finding.secret.clone())];
    for (name, pattern) in &endpoint.needs {
        let found =
            [&finding.secret, &finding.matched, &finding.line].into_iter().find_map(|text| {
                let found = pattern.captures(text)?;
                Some(found.get(1).or(found.get(0))?.as_str().to_owned())
            });
        let missing =
            || Verdict::unknown(format!("it takes the {name} too, which is not beside it"));
        values.push((name, found.ok_or_else(missing)?));
    }
    Ok(values)
}

/// A template with its values, each in the form that its place needs. What is
/// filled in is not looked at again.
fn fill(template: &str, values: &[(&str, String)], form: fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = values.iter().find_map(|(name, value)| {
            let after = after.strip_prefix(name)?.strip_prefix('}')?;
            Some((form(value), after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out + rest
}

/// For a part of a URL or of a form.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// For the inside of a JSON string.
fn quoted(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
