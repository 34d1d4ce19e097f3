//! The HTTP call that a command makes: method, address and what of the body
//! the command line tells. Calls to GitHub are judged by the table that
//! `gh api` uses.

use super::command::Command;
use super::schema::Program;
use crate::command::gh;
use crate::command::intent::Intent;
use crate::command::invocation::Input;
use crate::command::lookup::Lookup;

/// One call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Call {
    /// Method in upper case.
    pub(super) method: String,
    /// Address as typed.
    pub(super) url: String,
    /// The body, where it stands on the command line or a file can be read.
    body: Option<Body>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Body {
    Text(String),
    File(String),
}

/// Options that carry a body, by client.
const BODIES: &[&str] = &[
    "data",
    "data-raw",
    "data-binary",
    "data-ascii",
    "json",
    "data-urlencode",
    "post-data",
    "body-data",
    "body",
    "raw",
];
const FILES: &[&str] = &["post-file", "body-file", "upload-file", "infile"];
const FORMS: &[&str] = &["form", "form-string"];

/// The call that a command of `program` makes.
pub(super) fn call(program: &Program, command: &Command) -> Option<Call> {
    let parsed = &command.parsed;
    let mut operands = parsed.operands.iter().map(String::as_str);
    let (method, url) = match program.http.as_ref() {
        "" => return None,
        "httpie" => {
            let first = operands.next()?;
            let is_method = first.len() > 1 && first.chars().all(|c| c.is_ascii_uppercase());
            if is_method { (Some(first), operands.next()?) } else { (None, first) }
        }
        _ => {
            let named = parsed.value("request").or_else(|| parsed.value("method"));
            let addressed = parsed.value("url").or_else(|| parsed.value("uri"));
            (named, addressed.or_else(|| operands.find(|word| is_address(word)))?)
        }
    };
    let mut body = body(program, command);
    if program.http == "httpie" && body.is_none() {
        let fields: Vec<&str> = operands.filter(|word| word.contains('=')).collect();
        body = (!fields.is_empty()).then(|| Body::Text(as_json(&fields)));
    }
    let implied = match (&body, parsed.has("upload-file"), parsed.has("get"), parsed.has("head")) {
        (_, _, true, _) => "GET",
        (_, _, _, true) => "HEAD",
        (_, true, _, _) => "PUT",
        (Some(_), _, _, _) => "POST",
        _ => "GET",
    };
    let overridden = parsed.values("header").find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.trim().eq_ignore_ascii_case("x-http-method-override").then(|| value.trim())
    });
    let method = overridden.or(method).unwrap_or(implied).to_ascii_uppercase();
    Some(Call { method, url: url.trim_matches(['"', '\'']).to_ascii_lowercase(), body })
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('.') || word.contains("localhost") || word.contains('$')
}

fn body(program: &Program, command: &Command) -> Option<Body> {
    let parsed = &command.parsed;
    let value = |names: &[&str]| names.iter().find_map(|name| parsed.value(name));
    if let Some(file) = value(FILES) {
        return Some(Body::File(file.to_owned()));
    }
    if let Some(text) = value(BODIES) {
        let file = text.strip_prefix('@').filter(|_| program.http != "wget");
        return Some(match (file, &command.invocation.input) {
            (Some("-"), Input::Text(input)) => Body::Text(input.clone()),
            (Some(file), _) => Body::File(file.to_owned()),
            (None, _) => Body::Text(text.to_owned()),
        });
    }
    let fields: Vec<&str> = FORMS.iter().flat_map(|name| parsed.values(name)).collect();
    (!fields.is_empty()).then(|| Body::Text(as_json(&fields)))
}

/// `a=b c:=true` as JSON.
fn as_json(fields: &[&str]) -> String {
    let members = fields.iter().filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        let value = match name.strip_suffix(':') {
            Some(_) => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
            None => serde_json::Value::from(value),
        };
        Some((name.trim_end_matches(':').to_owned(), value))
    });
    serde_json::Value::Object(members.collect()).to_string()
}

/// What a call to GitHub would do there.
pub(super) fn to_github(command: &Command, lookup: &dyn Lookup) -> Vec<Intent> {
    let Some(call) = &command.call else { return Vec::new() };
    let reads = matches!(call.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    if reads || !is_github(&call.url) {
        return Vec::new();
    }
    let body = match &call.body {
        None => gh::CallBody::None,
        Some(Body::Text(text)) => gh::CallBody::Text(text.clone()),
        Some(Body::File(file)) => {
            let text = lookup.read_file(file).and_then(|bytes| String::from_utf8(bytes).ok());
            text.map_or(gh::CallBody::Unknown, gh::CallBody::Text)
        }
    };
    gh::call(&call.method, &call.url, &body)
}

fn is_github(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest
        .rsplit_once('@')
        .map_or(rest, |(user, host)| if user.contains('/') { rest } else { host });
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split(':').next().unwrap_or(host);
    host == "api.github.com"
        || host.ends_with(".ghe.com") && host.starts_with("api.")
        || (host == "uploads.github.com")
        || path.starts_with("api/v3/")
        || path == "api/graphql" && !host.contains("gitlab")
}
