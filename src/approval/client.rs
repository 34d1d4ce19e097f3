//! The HTTP client that talks to a gateway. Blocking: a hook has nothing else
//! to do while it waits.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Desk, Remote, RemoteError};
use crate::action::{
    ApprovalRequest, ApprovalState, ApprovalView, CallerKind, Digest, Usage, visible_line,
};
use crate::net::{client, innermost};
use crate::policy::{Demand, Limits, Question};

/// How long a gateway may take to answer, beside the wait that was asked for.
const ANSWER: Duration = Duration::from_secs(15);
/// Longest single wait; gateways cut longer ones.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Largest error text that is looked at, in characters.
const LONGEST_DETAIL: usize = 500;

/// What `GET /v1/auth/status` and `POST /v1/keys` tell about a key.
#[derive(Debug, Clone, Deserialize)]
pub struct KeyInfo {
    /// Public identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `request`, `approve`, `admin`.
    pub scopes: Vec<String>,
    /// The key itself, in the answer that mints it only.
    #[serde(default)]
    pub key: Option<String>,
}

impl KeyInfo {
    /// Whether it may do what `scope` allows.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope || own == "admin")
    }
}

/// A gateway and a key for it.
pub struct GatewayClient {
    http: Client,
    base: Url,
    url: String,
    key: String,
}

impl GatewayClient {
    /// A client for the gateway at `url`; nothing is sent yet. Plain HTTP is
    /// taken as it is given: the gateway listens on loopback by default.
    pub fn new(url: &str, key: &str) -> Result<Self, RemoteError> {
        let bad = |reason: &str| unreachable(visible_line(url), reason);
        let mut base = Url::parse(url).map_err(|_| bad("it can not be parsed"))?;
        if base.host_str().is_none() {
            return Err(bad("it names no host"));
        }
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad("it is neither `http` nor `https`"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(bad("it holds a user name"));
        }
        base.set_query(None);
        base.set_fragment(None);
        let http = client(&base).map_err(|_| bad("no client can be built for it"))?;
        let url = base.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, base, url, key: key.to_owned() })
    }

    /// The key that this client uses.
    pub fn status(&self) -> Result<KeyInfo, RemoteError> {
        self.send(self.http.get(self.endpoint(&["v1", "auth", "status"])?), ANSWER)
    }

    /// Mints a key.
    pub fn mint(&self, name: &str, scopes: &[&str]) -> Result<KeyInfo, RemoteError> {
        let body = json!({ "name": name, "scopes": scopes });
        self.send(self.http.post(self.endpoint(&["v1", "keys"])?).json(&body), ANSWER)
    }

    /// Revokes a key.
    pub fn revoke(&self, id: &str) -> Result<KeyInfo, RemoteError> {
        self.send(self.http.delete(self.endpoint(&["v1", "keys", id])?), ANSWER)
    }

    /// Counts a demand in the windows that all who use this gateway share, or
    /// asks what would count `at` another time.
    pub fn usage(
        &self,
        demand: &Demand,
        limits: &Limits,
        at: Option<Timestamp>,
    ) -> Result<Usage, RemoteError> {
        let body = Question::of(demand, limits, at);
        self.send(self.http.post(self.endpoint(&["v1", "windows"])?).json(&body), ANSWER)
    }

    /// Uses a ticket up, by the digest of its nonce; whether it was unused.
    pub fn use_ticket(&self, nonce: &Digest, expires_at: Timestamp) -> Result<bool, RemoteError> {
        #[derive(Deserialize)]
        struct Used {
            first: bool,
        }
        let url = self.endpoint(&["v1", "tickets", &nonce.to_string(), "use"])?;
        let body = json!({ "expires_at": expires_at });
        self.send::<Used>(self.http.post(url).json(&body), ANSWER).map(|used| used.first)
    }

    fn endpoint(&self, segments: &[&str]) -> Result<Url, RemoteError> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| self.strange())?.pop_if_empty().extend(segments);
        Ok(url)
    }

    fn send<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<T, RemoteError> {
        self.answer(request, limit)?.json().map_err(|_| self.strange())
    }

    fn answer(&self, request: RequestBuilder, limit: Duration) -> Result<Response, RemoteError> {
        let sent = request.header("X-API-Key", &self.key).timeout(limit).send();
        let response =
            sent.map_err(|error| unreachable(self.url.clone(), &innermost(&error.without_url())))?;
        if response.status().is_success() { Ok(response) } else { Err(self.refusal(response)) }
    }

    /// A server that failed counts as away: it may be asked again.
    fn refusal(&self, response: Response) -> RemoteError {
        #[derive(Deserialize)]
        struct Problem {
            detail: String,
        }
        let (url, status) = (self.url.clone(), response.status());
        let Ok(problem) = response.json::<Problem>() else { return self.strange() };
        let cut: String = problem.detail.chars().take(LONGEST_DETAIL).collect();
        let reason = visible_line(&cut);
        match status {
            StatusCode::UNAUTHORIZED => RemoteError::Unauthorized { url, reason },
            status if status.is_server_error() => RemoteError::Unreachable { url, reason },
            status => RemoteError::Refused { status: status.as_u16(), reason },
        }
    }

    fn strange(&self) -> RemoteError {
        unreachable(self.url.clone(), "its answer is not that of a saferun gateway")
    }
}

impl Desk for GatewayClient {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn get(&self, id: &str) -> Result<ApprovalView, RemoteError> {
        self.send(self.http.get(self.endpoint(&["v1", "approvals", id])?), ANSWER)
    }

    fn vote(
        &self,
        id: &str,
        approve: bool,
        reason: Option<&str>,
        digest: &Digest,
        kind: CallerKind,
    ) -> Result<ApprovalView, RemoteError> {
        let decision = if approve { "approve" } else { "reject" };
        let body = json!({ "decision": decision, "reason": reason, "digest": digest });
        let url = self.endpoint(&["v1", "approvals", id, "votes"])?;
        let request = self.http.post(url).json(&body);
        self.send(request.header("X-Saferun-Caller-Kind", kind.as_str()), ANSWER)
    }

    fn list(
        &self,
        state: Option<ApprovalState>,
        prefix: Option<&str>,
    ) -> Result<Vec<ApprovalView>, RemoteError> {
        let mut url = self.endpoint(&["v1", "approvals"])?;
        let state = state.map(|state| ("state", state.as_str()));
        url.query_pairs_mut().extend_pairs(state).extend_pairs(prefix.map(|text| ("prefix", text)));
        self.send(self.http.get(url), ANSWER)
    }

    fn changes(
        &self,
        version: u64,
        timeout: Duration,
    ) -> Result<(Vec<ApprovalView>, u64), RemoteError> {
        let mut url = self.endpoint(&["v1", "approvals"])?;
        let wait = ask_to_wait(&mut url, version, timeout);
        let response = self.answer(self.http.get(url), wait + ANSWER)?;
        let header = response.headers().get("x-saferun-version");
        let version = header.and_then(|value| value.to_str().ok()?.parse().ok());
        let version = version.ok_or_else(|| self.strange())?;
        Ok((response.json().map_err(|_| self.strange())?, version))
    }
}

impl Remote for GatewayClient {
    fn url(&self) -> &str {
        &self.url
    }

    fn ping(&self) -> Result<(), RemoteError> {
        self.status().map(drop)
    }

    fn create(&self, request: &ApprovalRequest) -> Result<ApprovalView, RemoteError> {
        self.send(self.http.post(self.endpoint(&["v1", "approvals"])?).json(request), ANSWER)
    }

    fn wait(
        &self,
        id: &str,
        version: u64,
        patience: Duration,
    ) -> Result<ApprovalView, RemoteError> {
        let mut url = self.endpoint(&["v1", "approvals", id])?;
        let wait = ask_to_wait(&mut url, version, patience);
        self.send(self.http.get(url), wait + ANSWER)
    }

    fn cancel(&self, id: &str) -> Result<(), RemoteError> {
        let url = self.endpoint(&["v1", "approvals", id, "cancel"])?;
        self.answer(self.http.post(url), ANSWER).map(|_| ())
    }

    fn redeem(&self, id: &str, digest: &Digest) -> Result<ApprovalView, RemoteError> {
        let url = self.endpoint(&["v1", "approvals", id, "redeem"])?;
        self.send(self.http.post(url).json(&json!({ "digest": digest })), ANSWER)
    }
}

fn unreachable(url: String, reason: &str) -> RemoteError {
    RemoteError::Unreachable { url, reason: visible_line(reason) }
}

/// Adds the wish to wait for a change, and returns how long that may take.
fn ask_to_wait(url: &mut Url, version: u64, timeout: Duration) -> Duration {
    let wait = timeout.min(LONGEST_WAIT);
    url.query_pairs_mut()
        .append_pair("wait", &format!("{}ms", wait.as_millis()))
        .append_pair("version", &version.to_string());
    wait
}
