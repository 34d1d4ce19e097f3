//! The HTTP client that talks to a gateway. Blocking: a hook has nothing else
//! to do while it waits.

use std::net::IpAddr;
use std::sync::Once;
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::json;

use crate::action::{
    ApprovalRequest, ApprovalState, ApprovalView, CallerKind, Digest, visible_line,
};

/// How long a gateway may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How long it may take to answer, beside the wait that was asked for.
const ANSWER: Duration = Duration::from_secs(15);
/// Longest single wait; gateways cut longer ones.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Largest error text that is looked at, in characters.
const LONGEST_DETAIL: usize = 500;

/// Why a gateway did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL can not be used.
    #[error("`{url}` is not the URL of a gateway: {reason}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody answers there.
    #[error("the gateway at `{url}` does not answer")]
    Unreachable {
        /// Where.
        url: String,
        /// What happened.
        source: reqwest::Error,
    },
    /// The key is not valid there.
    #[error("the gateway at `{url}` does not know this key")]
    Unauthorised {
        /// Where.
        url: String,
    },
    /// It answered, and said no.
    #[error("the gateway refuses: {detail}")]
    Refused {
        /// HTTP status, such as 403, 404, 409, 422.
        status: u16,
        /// Why, made visible.
        detail: String,
    },
    /// It answered something else.
    #[error("the answer of `{url}` is not that of a saferun gateway")]
    Strange {
        /// Where.
        url: String,
    },
}

impl ClientError {
    /// HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            Self::Unauthorised { .. } => Some(401),
            _ => None,
        }
    }
}

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
    key: String,
}

impl GatewayClient {
    /// A client for the gateway at `url`; nothing is sent yet. Plain HTTP is
    /// taken as it is given: the gateway listens on loopback by default.
    pub fn new(url: &str, key: &str) -> Result<Self, ClientError> {
        let bad = |reason| ClientError::Url { url: visible_line(url), reason };
        let mut base = Url::parse(url).map_err(|_| bad("it can not be parsed"))?;
        let host = base.host_str().ok_or_else(|| bad("it names no host"))?.to_owned();
        if !matches!(base.scheme(), "http" | "https") {
            return Err(bad("it is neither `http` nor `https`"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(bad("it holds a user name"));
        }
        base.set_query(None);
        base.set_fragment(None);
        let http = build(base.scheme() == "https", is_loopback(&host));
        let http = http.map_err(|_| bad("no client can be built for it"))?;
        Ok(Self { http, base, key: key.to_owned() })
    }

    /// Asks for approval; the same action asked again by the same key is the
    /// same approval.
    pub fn create(&self, request: &ApprovalRequest) -> Result<ApprovalView, ClientError> {
        self.send(self.http.post(self.url(&["v1", "approvals"])?).json(request), ANSWER)
    }

    /// One approval as it stands.
    pub fn get(&self, id: &str) -> Result<ApprovalView, ClientError> {
        self.send(self.http.get(self.url(&["v1", "approvals", id])?), ANSWER)
    }

    /// One approval as soon as its version is not `version` any more, at the
    /// latest after `timeout` (at most 60 s); then it comes unchanged.
    pub fn wait(
        &self,
        id: &str,
        version: u64,
        timeout: Duration,
    ) -> Result<ApprovalView, ClientError> {
        let mut url = self.url(&["v1", "approvals", id])?;
        let wait = ask_to_wait(&mut url, version, timeout);
        self.send(self.http.get(url), wait + ANSWER)
    }

    /// Answers; `approve` or not, for the action with `digest`. `kind` is who
    /// really answers: the gateway refuses an agent's answer.
    pub fn vote(
        &self,
        id: &str,
        approve: bool,
        reason: Option<&str>,
        digest: &Digest,
        kind: CallerKind,
    ) -> Result<ApprovalView, ClientError> {
        let decision = if approve { "approve" } else { "reject" };
        let body = json!({ "decision": decision, "reason": reason, "digest": digest });
        let url = self.url(&["v1", "approvals", id, "votes"])?;
        let request = self.http.post(url).json(&body);
        self.send(request.header("X-Saferun-Caller-Kind", kind.as_str()), ANSWER)
    }

    /// Gives a request up.
    pub fn cancel(&self, id: &str) -> Result<ApprovalView, ClientError> {
        self.send(self.http.post(self.url(&["v1", "approvals", id, "cancel"])?), ANSWER)
    }

    /// Uses an approved request for the action with `digest`, exactly once.
    pub fn redeem(&self, id: &str, digest: &Digest) -> Result<ApprovalView, ClientError> {
        let url = self.url(&["v1", "approvals", id, "redeem"])?;
        self.send(self.http.post(url).json(&json!({ "digest": digest })), ANSWER)
    }

    /// Approvals, pending and riskiest first.
    pub fn list(
        &self,
        state: Option<ApprovalState>,
        prefix: Option<&str>,
    ) -> Result<Vec<ApprovalView>, ClientError> {
        let mut url = self.url(&["v1", "approvals"])?;
        let state = state.map(|state| ("state", state.as_str()));
        url.query_pairs_mut().extend_pairs(state).extend_pairs(prefix.map(|text| ("prefix", text)));
        self.send(self.http.get(url), ANSWER)
    }

    /// [`GatewayClient::list`] as soon as anything changed since `version`, at
    /// the latest after `timeout`; with the version that this is.
    pub fn changes(
        &self,
        version: u64,
        timeout: Duration,
    ) -> Result<(Vec<ApprovalView>, u64), ClientError> {
        let mut url = self.url(&["v1", "approvals"])?;
        let wait = ask_to_wait(&mut url, version, timeout);
        let response = self.answer(self.http.get(url), wait + ANSWER)?;
        let header = response.headers().get("x-saferun-version");
        let version = header.and_then(|value| value.to_str().ok()?.parse().ok());
        let version = version.ok_or_else(|| self.strange())?;
        Ok((response.json().map_err(|_| self.strange())?, version))
    }

    /// The key that this client uses.
    pub fn status(&self) -> Result<KeyInfo, ClientError> {
        self.send(self.http.get(self.url(&["v1", "auth", "status"])?), ANSWER)
    }

    /// Mints a key.
    pub fn mint(&self, name: &str, scopes: &[&str]) -> Result<KeyInfo, ClientError> {
        let body = json!({ "name": name, "scopes": scopes });
        self.send(self.http.post(self.url(&["v1", "keys"])?).json(&body), ANSWER)
    }

    /// Revokes a key.
    pub fn revoke(&self, id: &str) -> Result<KeyInfo, ClientError> {
        self.send(self.http.delete(self.url(&["v1", "keys", id])?), ANSWER)
    }

    /// URL of a page for a person, such as of one approval.
    #[must_use]
    pub fn page(&self, id: &str) -> String {
        self.url(&["approvals", id]).map_or_else(|_| self.base.to_string(), String::from)
    }

    fn url(&self, segments: &[&str]) -> Result<Url, ClientError> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| self.strange())?.pop_if_empty().extend(segments);
        Ok(url)
    }

    fn send<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<T, ClientError> {
        self.answer(request, limit)?.json().map_err(|_| self.strange())
    }

    fn answer(&self, request: RequestBuilder, limit: Duration) -> Result<Response, ClientError> {
        let sent = request.header("X-API-Key", &self.key).timeout(limit).send();
        let response = sent.map_err(|error| {
            let source = error.without_url();
            ClientError::Unreachable { url: self.base.to_string(), source }
        })?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::UNAUTHORIZED => {
                Err(ClientError::Unauthorised { url: self.base.to_string() })
            }
            status => Err(self.refusal(status, response)),
        }
    }

    fn refusal(&self, status: StatusCode, response: Response) -> ClientError {
        #[derive(Deserialize)]
        struct Problem {
            detail: String,
        }
        match response.json::<Problem>() {
            Ok(problem) => {
                let cut: String = problem.detail.chars().take(LONGEST_DETAIL).collect();
                ClientError::Refused { status: status.as_u16(), detail: visible_line(&cut) }
            }
            Err(_) => self.strange(),
        }
    }

    fn strange(&self) -> ClientError {
        ClientError::Strange { url: self.base.to_string() }
    }
}

fn build(secure: bool, loopback: bool) -> reqwest::Result<Client> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("saferun/", env!("CARGO_PKG_VERSION")));
    if !secure {
        // No certificates to check: spares reading the system's roots.
        builder = builder.tls_certs_only([]);
    }
    if loopback {
        builder = builder.no_proxy();
    }
    builder.build()
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Adds the wish to wait for a change, and returns how long that may take.
fn ask_to_wait(url: &mut Url, version: u64, timeout: Duration) -> Duration {
    let wait = timeout.min(LONGEST_WAIT);
    url.query_pairs_mut()
        .append_pair("wait", &format!("{}ms", wait.as_millis()))
        .append_pair("version", &version.to_string());
    wait
}
