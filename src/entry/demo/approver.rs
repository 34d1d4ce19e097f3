//! The gateway, and the person who answers there.

use std::thread;
use std::time::{Duration, Instant};

use super::stage::{Stage, Who};
use super::{broken, expect, go_on};
use crate::action::{ApprovalState, ApprovalView, CallerKind};
use crate::approval::Desk as _;
use crate::approval::{GatewayClient, Remote, RemoteError};
use crate::exec::Running;
use crate::term::Failure;

/// How long the gateway may take to listen, and a request to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often they are looked for.
const TICK: Duration = Duration::from_millis(10);

/// A gateway on a free port and a key that may answer. Dropping it stops the
/// gateway.
pub(super) struct Approver {
    client: GatewayClient,
    gateway: Running,
}

impl Approver {
    /// Starts the gateway, and logs in on the stage with the key it prints.
    pub(super) fn start(stage: &Stage) -> Result<Self, Failure> {
        let database = stage.path("gateway.db");
        let database = database.to_string_lossy();
        let arguments = ["gateway", "--listen", "127.0.0.1:0", "--database", &database];
        let mut gateway = stage.start_saferun(Who::You, &arguments)?;
        let (url, key) = patiently("the gateway does not listen", || {
            let ended = gateway.ended().map_err(broken("look after the gateway"))?;
            expect(ended.is_none(), || format!("the gateway ended: {}", gateway.said().trim()))?;
            Ok(login_line(&gateway.said()))
        })?;
        let done = stage.saferun(Who::You, &["login", &url, "--key", &key])?;
        expect(done.code == 0, || format!("`saferun login` failed: {}", done.output.trim()))?;
        let client = GatewayClient::new(&url, &key).map_err(|error| unheard(&error))?;
        Ok(Self { client, gateway })
    }

    /// The request that waits, once it is there; `waiting` is who made it.
    pub(super) fn pending(&self, waiting: &mut Running) -> Result<ApprovalView, Failure> {
        patiently("no request for approval came", || {
            let ended = waiting.ended().map_err(broken("look after git"))?;
            if let Some(ended) = ended {
                return expect(false, || {
                    format!(
                        "git did not wait but ended with {}: {}",
                        ended.code,
                        ended.output.trim()
                    )
                })
                .map(|()| None);
            }
            let pending = self.client.list(Some(ApprovalState::Pending), None);
            Ok(pending.map_err(|error| unheard(&error))?.into_iter().next())
        })
    }

    /// Answers as a person does: for exactly what was shown.
    pub(super) fn answer(
        &self,
        shown: &ApprovalView,
        approve: bool,
        reason: &str,
    ) -> Result<(), Failure> {
        let voted = self.client.vote(
            &shown.id,
            approve,
            Some(reason),
            &shown.action_digest,
            CallerKind::Human,
        );
        voted.map(drop).map_err(|error| unheard(&error))
    }

    /// What became of a request.
    pub(super) fn state(&self, id: &str) -> Result<ApprovalState, Failure> {
        self.client.get(id).map(|view| view.state).map_err(|error| unheard(&error))
    }

    /// The page where a person would answer.
    pub(super) fn page(&self, id: &str) -> String {
        format!("{}/approvals/{id}", self.client.url())
    }

    /// Whether the gateway still runs.
    pub(super) fn is_there(&self) -> bool {
        self.client.status().is_ok() && !self.gateway.said().contains("error:")
    }
}

/// URL and key from `saferun login URL --key KEY`, once it is printed.
fn login_line(said: &str) -> Option<(String, String)> {
    let line = said.lines().find_map(|line| line.strip_prefix("saferun login "))?;
    let (url, key) = line.split_once(" --key ")?;
    said.ends_with('\n').then(|| (url.to_owned(), key.trim().to_owned()))
}

/// Asks `look` until there is something.
fn patiently<T>(
    otherwise: &str,
    mut look: impl FnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        go_on()?;
        if let Some(found) = look()? {
            return Ok(found);
        }
        thread::sleep(TICK);
    }
    Err(Failure::environment(otherwise))
}

fn unheard(error: &RemoteError) -> Failure {
    Failure::environment("the gateway did not do what was asked").because(error)
}
