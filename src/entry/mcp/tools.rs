//! The server's tools.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::action::{Action, ApprovalRequest, Caller, DecisionResult, Facts, visible_line};
use crate::command::classify_line;
use crate::config::caller;
use crate::entry::agent::{Judgeable, Request, State, case_of, directory, named, names};
use crate::entry::cli::explain;
use crate::entry::failure::visible_failure;
use crate::entry::shim::Outside;
use crate::entry::{Version, scanner};
use crate::exec::real_program;
use crate::guard::{Case, Site};
use crate::policy::{Judged, judge};
use crate::scan::Finding;
use crate::term::Failure;

/// How long a request for approval stays open, in seconds.
const OPEN_FOR: u32 = 3600;
/// Largest file that is scanned, in bytes.
const LARGEST: u64 = 64 << 20;

/// The tools as `tools/list` shows them.
#[must_use]
pub fn list() -> Vec<Value> {
    let text = |about: &str| json!({"type": "string", "description": about});
    let command = || text("A line of shell");
    let directory = || text("Where it would run; this server's directory without it");
    let tool = |name: &str, title: &str, about: &str, properties: Value, required: &[&str]| {
        json!({
            "name": name, "title": title, "description": about,
            "inputSchema": {"type": "object", "properties": properties, "required": required, "additionalProperties": false},
            "annotations": {"readOnlyHint": name != "request_approval", "destructiveHint": false, "openWorldHint": name == "request_approval"},
        })
    };
    vec![
        tool(
            "check",
            "Check a command or operation",
            "What would be decided about a command, a file to write, or an operation: allow, \
             require_approval or deny, with risk, reasons and a safer command. Runs and records nothing.",
            json!({
                "command": command(), "directory": directory(),
                "path": text("A file to write, with `content`"),
                "content": text("What would be written"),
                "operation": text("An operation of the catalogue, such as git.force-push"),
                "target": text("What it is done to, such as github.com/acme/app#refs/heads/main"),
                "params": {"type": "object", "description": "Parameters of the operation"},
            }),
            &[],
        ),
        tool(
            "explain",
            "Explain a command",
            "How a line of shell is taken apart and what would be decided about each command in it. Runs nothing.",
            json!({"command": command(), "directory": directory()}),
            &["command"],
        ),
        tool(
            "request_approval",
            "Ask a person for approval",
            "Asks a person to approve one command, and returns the state of the request. \
             Once it is approved, run exactly this command in exactly this directory.",
            json!({
                "command": command(), "directory": directory(),
                "agent": {"type": "string", "enum": names(), "description": "The agent whose hook will see the command"},
            }),
            &["command"],
        ),
        tool(
            "scan",
            "Look for secrets",
            "Secrets in a text or in a file, without showing them.",
            json!({"text": text("Text to look at"), "path": text("A file to look at"), "directory": directory()}),
            &[],
        ),
    ]
}

/// Calls a tool; none where there is none of that name. What a tool can't do is
/// said in words.
#[must_use]
pub fn call(name: &str, arguments: &Value, client: Option<&str>) -> Option<Result<Value, String>> {
    let tool = match name {
        "check" => check,
        "explain" => explained,
        "request_approval" => request_approval,
        "scan" => scan,
        _ => return None,
    };
    Some(tool(&Call { arguments, client }).map_err(|failure| {
        let failure = visible_failure(failure);
        let hint = failure.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}{hint}", failure)
    }))
}

struct Call<'a> {
    arguments: &'a Value,
    client: Option<&'a str>,
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::usage(format!("`{name}` is missing")))
    }

    /// Goes where the call says.
    fn place(&self) -> Result<PathBuf, Failure> {
        let given = PathBuf::from(self.text("directory").unwrap_or_default());
        let place = directory(&given);
        std::env::set_current_dir(&place).map_err(|error| {
            Failure::environment("cannot change into the directory of the call").because(&error)
        })?;
        Ok(place)
    }

    /// Who calls: the agent that it names, or that started the server.
    fn caller(&self) -> Caller {
        let dialect = self.text("agent").and_then(named).or_else(|| {
            let client = self.client?.to_lowercase();
            let first = client.split(|c: char| !c.is_alphanumeric()).next()?;
            named(first)
        });
        match dialect {
            Some(dialect) => caller::agent(dialect.agent()),
            None => match caller::detect() {
                known if known.agent.is_some() => known,
                _ => caller::agent("agent"),
            },
        }
    }

    fn site(&self, place: &Path) -> Result<Site, Failure> {
        Ok(Site::open_for(place, self.caller())?)
    }

    /// The case of the command or the file that the call is about.
    fn case(&self, site: &Site, place: &Path) -> Result<Judgeable, Failure> {
        let mut params = Map::new();
        for name in ["command", "path", "content"] {
            params.extend(self.text(name).map(|text| (name.to_owned(), json!(text))));
        }
        let tool = if params.contains_key("command") { "Bash" } else { "Write" }.to_owned();
        case_of(site, &Request { tool, params: Value::Object(params), ..Request::default() }, place)
    }
}

fn check(call: &Call) -> Result<Value, Failure> {
    let place = call.place()?;
    let site = call.site(&place)?;
    if let Some(operation) = call.text("operation") {
        let mut action = site.action(operation, call.text("target").unwrap_or("local").to_owned());
        action.params =
            call.arguments.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        return Ok(document(&judge(action, Facts::default(), &site.policy), None));
    }
    if call.text("command").is_none() && call.text("path").is_none() {
        return Err(Failure::usage("`command`, `path` or `operation` is missing"));
    }
    let Judgeable { case: Case { action, facts }, redirect, .. } = call.case(&site, &place)?;
    Ok(document(&judge(action, facts, &site.policy), redirect.as_deref()))
}

fn document(judged: &Judged, redirect: Option<&str>) -> Value {
    let action: &Action = judged.action();
    let mut value = json!(judged.decision());
    value["operation"] = json!(action.operation);
    value["target"] = json!(action.target);
    value["redirect"] = json!(redirect);
    value
}

fn explained(call: &Call) -> Result<Value, Failure> {
    let line = call.needed("command")?;
    let site = call.site(&call.place()?)?;
    let outside = Outside::new(&real_program("git").unwrap_or_else(|| "git".into()));
    let seen = classify_line(line, &outside);
    Ok(explain::document(&seen, &explain::tell(&seen, &site)))
}

fn request_approval(call: &Call) -> Result<Value, Failure> {
    call.needed("command")?;
    let place = call.place()?;
    let site = call.site(&place)?;
    let Judgeable { case: Case { action, facts }, redirect, .. } = call.case(&site, &place)?;
    let judged = judge(action, facts, &site.policy);
    let decision = judged.decision().clone();
    let mut answer = document(&judged, redirect.as_deref());
    match decision.result {
        DecisionResult::Allow => {
            answer["state"] = json!("not_needed");
            return Ok(answer);
        }
        DecisionResult::Deny => {
            answer["state"] = json!("denied");
            return Ok(answer);
        }
        DecisionResult::RequireApproval => {}
    }
    let recorded = site.log.record(judged, json!({"tool": "request_approval"}))?;
    State::of_account().note_asked_for(&recorded.action().digest());
    let Some(remote) = crate::approval::gateway(&site.settings, site.caller.kind) else {
        answer["state"] = json!("nobody_to_ask");
        answer["next"] = json!(format!(
            "a person can allow it once, in a terminal of their own: saferun approvals allow-once {}",
            recorded.audit_id()
        ));
        return Ok(answer);
    };
    let view = remote.create(&ApprovalRequest {
        action: recorded.action().clone(),
        decision: recorded.decision(),
        evidence: recorded.judged().facts().evidence.clone(),
        ttl_seconds: OPEN_FOR,
    });
    let view = view.map_err(|error| Failure::environment(visible_line(&error.to_string())))?;
    answer["state"] = json!(view.state);
    answer["approval_id"] = json!(view.id);
    answer["gateway"] = json!(remote.url());
    answer["audit_id"] = json!(recorded.audit_id());
    Ok(answer)
}

fn scan(call: &Call) -> Result<Value, Failure> {
    let place = call.place()?;
    let site = call.site(&place)?;
    let (bytes, name) = match (call.text("text"), call.text("path")) {
        (Some(text), _) => (text.as_bytes().to_vec(), String::new()),
        (None, Some(path)) => (read(&place.join(path))?, path.to_owned()),
        (None, None) => return Err(Failure::usage("`text` or `path` is missing")),
    };
    let (scanner, ignores) = scanner(&site, Version::Head)?;
    let mut findings = scanner.scan(&bytes, name.as_bytes());
    findings.retain(|finding| !ignores.has(finding));
    let shown: Vec<Finding> = findings.iter().map(Finding::redacted).collect();
    Ok(json!({"findings": shown, "clean": shown.is_empty()}))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: &str| Failure::usage(format!("`{}` {why}", path.display()));
    let found = std::fs::metadata(path).map_err(|_| unreadable("is not there"))?;
    if !found.is_file() || found.len() > LARGEST {
        return Err(unreadable("is no file of at most 64 MiB"));
    }
    std::fs::read(path).map_err(|_| unreadable("can't be read"))
}
