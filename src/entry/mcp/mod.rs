//! DOOR: a Model Context Protocol server on standard input and output, one
//! JSON-RPC message a line. Its tools tell and ask; none of them allows,
//! approves or hands out a key.
//!
//! Speaks revision 2026-07-28, whose requests each name their version, and the
//! revisions before it, which begin with `initialize`.

mod tools;

use std::io::{self, BufRead, Read};

use serde_json::{Value, json};

use crate::term::{Exit, Outcome, Printer};

/// Largest message that is read, in bytes.
const LARGEST: u64 = 8 << 20;
/// The revision that names its version in every request.
const MODERN: &str = "2026-07-28";
/// Revisions that begin with `initialize`, newest first.
const LEGACY: &[&str] = &["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/// Where a request of the modern revision names its version.
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
/// Where it names its client.
const CLIENT_KEY: &str = "io.modelcontextprotocol/clientInfo";
/// How long a client may keep the list of tools, in milliseconds.
const LIST_TTL: u64 = 3_600_000;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const UNSUPPORTED_VERSION: i64 = -32022;

/// An error of the protocol.
#[derive(Debug)]
struct Problem {
    code: i64,
    message: String,
    data: Option<Value>,
}

fn problem(code: i64, message: impl Into<String>) -> Problem {
    Problem { code, message: message.into(), data: None }
}

/// Serves until standard input ends.
///
/// # Errors
/// None: what goes wrong is answered to the client.
pub fn serve(printer: &Printer) -> Outcome {
    let mut input = io::stdin().lock();
    let mut server = Server::default();
    loop {
        let mut line = Vec::new();
        let read = (&mut input).take(LARGEST + 1).read_until(b'\n', &mut line);
        if !matches!(read, Ok(length) if length > 0) {
            return Ok(Exit::Done);
        }
        let whole = line.len() as u64 <= LARGEST || line.ends_with(b"\n");
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(answer) = server.message(&line) {
            printer.result(&format!("{answer}\n"));
        }
        if !whole {
            // Where the next message begins can't be told any more.
            return Ok(Exit::Done);
        }
    }
}

/// What one connection knows.
#[derive(Debug, Default)]
pub struct Server {
    client: Option<String>,
}

impl Server {
    /// The answer to one message; none to a notification.
    pub fn message(&mut self, bytes: &[u8]) -> Option<Value> {
        let Ok(message) = serde_json::from_slice::<Value>(bytes) else {
            return Some(failed(
                &Value::Null,
                problem(PARSE_ERROR, "it is not JSON that can be read"),
            ));
        };
        let id = message.get("id").cloned();
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            // An answer to a question that was never asked.
            let answer = message.get("result").is_some() || message.get("error").is_some();
            return (!answer).then(|| {
                let id = id.unwrap_or_default();
                failed(&id, problem(INVALID_REQUEST, "it names no method"))
            });
        };
        let id = id?;
        let params = message.get("params").cloned().unwrap_or_else(|| json!({}));
        let modern = params.get("_meta").and_then(|meta| meta.get(VERSION_KEY)).cloned();
        let answered = self.call(method, &params, modern.as_ref());
        Some(match answered {
            Ok(mut result) => {
                if let Some(fields) = result.as_object_mut().filter(|_| modern.is_some()) {
                    fields.insert("resultType".into(), json!("complete"));
                }
                json!({"jsonrpc": "2.0", "id": id, "result": result})
            }
            Err(problem) => failed(&id, problem),
        })
    }

    fn call(
        &mut self,
        method: &str,
        params: &Value,
        version: Option<&Value>,
    ) -> Result<Value, Problem> {
        if let Some(version) = version.filter(|version| *version != MODERN) {
            let data = Some(json!({"supported": versions(), "requested": version}));
            let message = "Unsupported protocol version".to_owned();
            return Err(Problem { code: UNSUPPORTED_VERSION, message, data });
        }
        let named = params.get("_meta").and_then(|meta| meta.get(CLIENT_KEY));
        let client = named.or(params.get("clientInfo")).and_then(|info| info.get("name"));
        if let Some(name) = client.and_then(Value::as_str) {
            self.client = Some(name.to_owned());
        }
        match method {
            "initialize" => {
                let wanted =
                    params.get("protocolVersion").and_then(Value::as_str).unwrap_or_default();
                let version = LEGACY.iter().find(|known| **known == wanted).or(LEGACY.first());
                let mut about = about();
                about["protocolVersion"] = json!(version);
                Ok(about)
            }
            "server/discover" => {
                let mut about = about();
                about["supportedVersions"] = versions();
                Ok(about)
            }
            "ping" => Ok(json!({})),
            "tools/list" => {
                let mut list = json!({"tools": tools::list()});
                if version.is_some() {
                    list["ttlMs"] = json!(LIST_TTL);
                    list["cacheScope"] = json!("public");
                }
                Ok(list)
            }
            "tools/call" => self.tool(params),
            other => Err(problem(METHOD_NOT_FOUND, format!("there is no method `{other}`"))),
        }
    }

    fn tool(&self, params: &Value) -> Result<Value, Problem> {
        let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
        let arguments = params.get("arguments").cloned().unwrap_or_else(|| json!({}));
        let answer = tools::call(name, &arguments, self.client.as_deref())
            .ok_or_else(|| problem(INVALID_PARAMS, format!("there is no tool `{name}`")))?;
        // What a tool can't do is for the model to read, not an error of the protocol.
        let (content, failed) = match answer {
            Ok(content) => (content, false),
            Err(message) => (json!({"error": message}), true),
        };
        Ok(json!({
            "content": [{"type": "text", "text": content.to_string()}],
            "structuredContent": content,
            "isError": failed,
        }))
    }
}

fn versions() -> Value {
    json!(std::iter::once(&MODERN).chain(LEGACY).collect::<Vec<_>>())
}

fn about() -> Value {
    json!({
        "capabilities": {"tools": {"listChanged": false}},
        "serverInfo": {
            "name": "saferun", "title": "saferun", "version": env!("CARGO_PKG_VERSION"),
        },
        "instructions": "Ask `check` before a command that could lose something; it runs nothing. \
            `request_approval` asks a person; nothing here can approve.",
    })
}

fn failed(id: &Value, problem: Problem) -> Value {
    let mut error = json!({"code": problem.code, "message": problem.message});
    if let Some(data) = problem.data {
        error["data"] = data;
    }
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}
