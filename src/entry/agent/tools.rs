//! Tools of MCP servers and others that are neither a command nor a file: what
//! they are called tells what they do.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::shape::words;
use crate::action::Signal;
use crate::command::Intent;
use crate::inspect::{FileRole, role_of};
use crate::records::document;

/// An entry of `rules/agents/tools.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tool {
    words: Vec<String>,
    #[serde(default)]
    when: BTreeMap<String, Value>,
    /// Only where the name also says that something is changed.
    #[serde(default)]
    verbs: bool,
    operation: String,
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    tools: Vec<Tool>,
}

/// Data that can't be read maps nothing; a test reads it.
static DATA: LazyLock<Data> = LazyLock::new(|| document!("tools"));

const CHANGING: &[&str] = &[
    "add", "create", "delete", "disable", "edit", "enable", "put", "remove", "set", "update",
    "write",
];
const DESTRUCTIVE: &[&str] = &[
    "delete",
    "destroy",
    "drop",
    "erase",
    "purge",
    "remove",
    "terminate",
    "truncate",
    "uninstall",
    "wipe",
];

/// The operation that using a tool is, by its name and parameters.
#[must_use]
pub fn intent(tool: &str, params: &Value) -> Option<Intent> {
    let names: Vec<String> = words(tool)
        .into_iter()
        .map(|word| if word == "repo" { "repository".into() } else { word })
        .collect();
    let has =
        |word: &str| names.iter().any(|name| name == word || name.strip_suffix('s') == Some(word));
    let any = |list: &[&str]| list.iter().any(|word| has(word));
    let fits = |tool: &&Tool| {
        tool.words.iter().all(|word| has(word))
            && (!tool.verbs || any(CHANGING))
            && tool.when.iter().all(|(name, wanted)| params.get(name) == Some(wanted))
    };
    // A repository on a server has an owner; a file server's `delete_file` none.
    let repository = repository(params);
    let on_server = repository.is_some() || has("github") || has("gitlab") || has("gitea");
    if let Some(tool) = DATA.tools.iter().find(fits).filter(|_| on_server) {
        return Some(on_forge(tool, repository, params));
    }
    any(DESTRUCTIVE).then(|| Intent::new("agent.tool.destructive", "its name says that it deletes"))
}

fn on_forge(tool: &Tool, repository: Option<String>, params: &Value) -> Intent {
    let workflow = tool.operation == "github.contents.update" && changes_workflow(params);
    let operation = if workflow { "github.workflow.update" } else { &tool.operation };
    let mut intent = Intent::new(operation, &tool.message).in_repo(repository);
    let branch = ["branch", "ref", "base"].iter().find_map(|name| params.get(*name)?.as_str());
    if let Some(branch) = branch {
        let full = if branch.starts_with("refs/") {
            branch.to_owned()
        } else {
            format!("refs/heads/{branch}")
        };
        intent = intent.on(full);
    }
    if operation == "github.repo.visibility.change" {
        let message = "everyone can read it".to_owned();
        intent.signals.push(Signal { code: "to_public".into(), message });
    }
    for name in ["path", "pullNumber", "pull_number", "name", "tag", "secret_name"] {
        intent = intent.param(name, params.get(name).cloned().unwrap_or(Value::Null));
    }
    intent
}

fn repository(params: &Value) -> Option<String> {
    let text = |names: &[&str]| names.iter().find_map(|name| params.get(*name)?.as_str());
    let owner = text(&["owner", "organization", "org"])?;
    Some(format!("{owner}/{}", text(&["repo", "repository", "name"])?))
}

fn changes_workflow(params: &Value) -> bool {
    let several = params.get("files").and_then(Value::as_array).into_iter().flatten();
    let inner = several.filter_map(|file| file.get("path"));
    params
        .get("path")
        .into_iter()
        .chain(inner)
        .filter_map(Value::as_str)
        .any(|path| role_of(path.as_bytes()) == Some(FileRole::Workflow))
}

/// What is recorded of a tool's parameters: names, numbers and short words.
#[must_use]
pub fn summary(params: &Value) -> Value {
    const LONGEST: usize = 200;
    let Some(fields) = params.as_object() else { return Value::Null };
    let short = |value: &Value| match value {
        Value::String(text) if text.len() > LONGEST => {
            let end = text.floor_char_boundary(LONGEST);
            json!(format!("{}… ({} bytes)", text.get(..end).unwrap_or_default(), text.len()))
        }
        Value::Array(items) => json!(format!("{} items", items.len())),
        Value::Object(inner) => json!(format!("{} fields", inner.len())),
        other => other.clone(),
    };
    fields.iter().take(20).map(|(name, value)| (name.clone(), short(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Catalogue;

    #[test]
    fn every_entry_names_an_operation() {
        assert!(DATA.tools.len() > 20);
        for tool in &DATA.tools {
            assert!(Catalogue::builtin(&tool.operation).is_some(), "{}", tool.operation);
        }
    }

    #[test]
    fn tools_of_a_forge_are_operations_and_reading_ones_are_none() {
        let on = |extra: Value| {
            let mut params = json!({"owner": "acme", "repo": "app"});
            for (name, value) in extra.as_object().unwrap() {
                params[name] = value.clone();
            }
            params
        };
        for (tool, params, operation) in [
            ("mcp__github__delete_repository", on(json!({})), "github.repo.delete"),
            (
                "delete_file",
                on(json!({"path": ".github/workflows/ci.yml"})),
                "github.workflow.update",
            ),
            (
                "mcp__github__create_or_update_file",
                on(json!({"path": "a"})),
                "github.contents.update",
            ),
            ("mcp github merge_pull_request", on(json!({"pullNumber": 1})), "github.merge"),
            ("github-mcp-server-deleteBranch", on(json!({"branch": "x"})), "github.branch.delete"),
            (
                "mcp__github__update_branch_protection",
                on(json!({})),
                "github.branch_protection.update",
            ),
            ("mcp__db__drop_table", json!({}), "agent.tool.destructive"),
        ] {
            assert_eq!(intent(tool, &params).unwrap().operation, operation, "{tool}");
        }
        for tool in [
            "mcp__github__get_branch_protection",
            "mcp__github__list_secrets",
            "WebFetch",
            "mcp__docs__search",
        ] {
            assert_eq!(intent(tool, &on(json!({}))), None, "{tool}");
        }
    }
}
