//! What a tool call would do, told by the shape of its parameters: a command
//! line, files with what is written into them, a query. Agents name their tools
//! and fields in many ways; a field called `command`, `CommandLine` or `cmd`
//! holds a command in all of them, and so do tools that nobody here knows.

use serde_json::Value;

use super::patch;

/// One thing that a tool call would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Run a line of shell.
    Command {
        /// The line.
        line: String,
        /// Where, if elsewhere than the agent works.
        directory: Option<String>,
    },
    /// Change a file.
    Write {
        /// Which.
        path: String,
        /// Text that comes in.
        added: String,
        /// Text that the call itself says it takes out.
        removed: String,
    },
    /// Delete a file.
    Delete {
        /// Which.
        path: String,
    },
    /// Read a file.
    Read {
        /// Which.
        path: String,
    },
}

/// How deep parameters are looked into.
const DEPTH: usize = 8;
/// Most acts of one call; a call with more is not judged.
const MOST: usize = 2000;

const COMMAND: &[&str] =
    &["command", "commands", "commandline", "cmd", "shellcommand", "script", "bashcommand"];
const DIRECTORY: &[&str] = &["cwd", "workdir", "dirpath", "workingdirectory", "workingdir"];
const PATH: &[&str] = &[
    "filepath",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "absolutepath",
    "targetfile",
    "targetpath",
    "notebookpath",
    "relativepath",
    "relativeworkspacepath",
    "source",
    "sourcepath",
    "destination",
    "destinationpath",
    "oldpath",
    "newpath",
    "uri",
];
const ADDED: &[&str] = &[
    "content",
    "contents",
    "newstring",
    "newstr",
    "newtext",
    "newcontent",
    "newsource",
    "filetext",
    "text",
    "codecontent",
    "codeedit",
    "replacementcontent",
    "replacement",
    "replace",
    "new",
    "insert",
    "append",
    "diff",
    "patch",
    "patchtext",
    "input",
];
const REMOVED: &[&str] =
    &["oldstring", "oldstr", "oldtext", "oldcontent", "targetcontent", "search", "old"];
/// Values of `command` that make an editor of a tool with a path.
const EDITOR_VERBS: &[&str] = &[
    "create",
    "view",
    "str_replace",
    "strreplace",
    "insert",
    "append",
    "undo_edit",
    "delete",
    "write",
    "read",
    "edit",
    "overwrite",
    "rename",
];
const DELETES: &[&str] = &["delete", "remove", "unlink", "rm"];
const WRITES: &[&str] =
    &["write", "edit", "create", "replace", "patch", "save", "append", "update", "move", "rename"];
/// Beginnings of statements that make a query one in SQL.
const SQL: &[&str] = &[
    "select", "insert", "update", "delete", "drop", "alter", "truncate", "create", "grant",
    "revoke", "with", "merge", "replace", "vacuum", "copy",
];

/// The acts of a call; none where nothing is recognised, or more than can be judged.
#[must_use]
pub fn acts(tool: &str, params: &Value) -> Option<Vec<Act>> {
    let words = words(tool);
    let mut acts = Vec::new();
    let mut around = Found::default();
    match params {
        Value::Object(_) | Value::Array(_) => look(params, &words, DEPTH, &mut around, &mut acts)?,
        Value::String(text) if patch::is_patch(text) => acts.extend(patch::acts(text)),
        Value::String(text) => around.commands.push(text.clone()),
        _ => {}
    }
    around.emit(&words, &mut acts);
    (acts.len() <= MOST).then_some(acts)
}

/// The words of a tool's name, in lower case: `mcp__github__deleteFile` has
/// four.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What one object of the parameters says.
#[derive(Debug, Default)]
struct Found {
    commands: Vec<String>,
    directory: Option<String>,
    paths: Vec<String>,
    added: String,
    removed: String,
    /// The call says that text comes in or goes, be it empty.
    edits: bool,
}

/// Gathers what `value` says into `found`; objects inside that name a file of
/// their own become acts of their own. None where it is too deep.
fn look(
    value: &Value,
    tool: &[String],
    depth: usize,
    found: &mut Found,
    acts: &mut Vec<Act>,
) -> Option<()> {
    if depth == 0 {
        return None;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                look(item, tool, depth - 1, found, acts)?;
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                field(name, value, tool, depth, found, acts)?;
            }
        }
        _ => {}
    }
    Some(())
}

fn field(
    name: &str,
    value: &Value,
    tool: &[String],
    depth: usize,
    found: &mut Found,
    acts: &mut Vec<Act>,
) -> Option<()> {
    let key: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is = |names: &[&str]| names.contains(&key.as_str());
    let texts = texts(value);
    if is(COMMAND) && !texts.is_empty() {
        // An argument vector is one command, `commands` are several.
        if value.is_array() && key != "commands" {
            found
                .commands
                .push(texts.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
        } else {
            found.commands.extend(texts);
        }
    } else if is(DIRECTORY) {
        found.directory = texts.into_iter().next();
    } else if is(PATH) && !texts.is_empty() {
        found.paths.extend(texts.iter().map(|path| local(path)));
    } else if is(ADDED) && !texts.is_empty() {
        found.edits = true;
        found.add(&texts);
    } else if is(REMOVED) && !texts.is_empty() {
        found.edits = true;
        found.removed.push_str(&texts.join("\n"));
        found.removed.push('\n');
    } else if let Some(line) = texts.first().and_then(|text| sql(&key, text)) {
        found.commands.push(line);
    } else if let Value::Array(items) = value {
        for item in items {
            inner(item, tool, depth - 1, found, acts)?;
        }
    } else if value.is_object() {
        inner(value, tool, depth - 1, found, acts)?;
    }
    Some(())
}

/// An object inside: with a path or a command it stands for itself.
fn inner(
    value: &Value,
    tool: &[String],
    depth: usize,
    found: &mut Found,
    acts: &mut Vec<Act>,
) -> Option<()> {
    let mut own = Found::default();
    look(value, tool, depth, &mut own, acts)?;
    if own.paths.is_empty() && own.commands.is_empty() {
        found.added.push_str(&own.added);
        found.removed.push_str(&own.removed);
        found.edits |= own.edits;
    } else {
        own.emit(tool, acts);
    }
    Some(())
}

impl Found {
    fn add(&mut self, texts: &[String]) {
        for text in texts.iter().filter(|text| !text.is_empty()) {
            self.added.push_str(text);
            self.added.push('\n');
        }
    }

    fn emit(self, tool: &[String], acts: &mut Vec<Act>) {
        let has = |names: &[&str]| tool.iter().any(|word| names.contains(&word.as_str()));
        let verb = |line: &String| EDITOR_VERBS.contains(&line.to_lowercase().as_str());
        let editor = !self.paths.is_empty() && self.commands.iter().all(verb);
        let deletes = has(DELETES) || (editor && self.commands.iter().any(|verb| verb == "delete"));
        for line in self.commands.iter().filter(|_| !editor) {
            if patch::is_patch(line) {
                acts.extend(patch::acts(line));
            }
            // The patch alone is no command: Codex calls this field so too.
            if !line.trim_start().starts_with(patch::BEGIN) {
                acts.push(Act::Command { line: line.clone(), directory: self.directory.clone() });
            }
        }
        if self.paths.is_empty() && patch::is_patch(&self.added) {
            acts.extend(patch::acts(&self.added));
        }
        for path in self.paths {
            acts.push(if deletes {
                Act::Delete { path }
            } else if self.edits || has(WRITES) {
                Act::Write { path, added: self.added.clone(), removed: self.removed.clone() }
            } else {
                Act::Read { path }
            });
        }
    }
}

/// The strings of a value: itself, or those in its list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// A path without the `file://` that some write in front.
fn local(path: &str) -> String {
    path.strip_prefix("file://").unwrap_or(path).to_owned()
}

/// A statement for a database as the command that would send it.
fn sql(key: &str, text: &str) -> Option<String> {
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let sent = matches!(key, "sql" | "query" | "statement") && SQL.contains(&first.as_str());
    sent.then(|| format!("psql -c {}", quoted(text)))
}

/// A word as the shell takes it literally.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(tool: &str, params: &Value) -> Vec<String> {
        let told = |act| match act {
            Act::Command { line, directory } => format!("run {line} in {directory:?}"),
            Act::Write { path, added, removed } => format!("write {path} +{added:?} -{removed:?}"),
            Act::Delete { path } => format!("delete {path}"),
            Act::Read { path } => format!("read {path}"),
        };
        acts(tool, params).unwrap().into_iter().map(told).collect()
    }

    #[test]
    fn every_agents_fields_are_understood() {
        for (tool, params, expected) in [
            ("Bash", json!({"command": "ls", "description": "d"}), vec!["run ls in None"]),
            (
                "exec",
                json!({"command": ["bash", "-lc", "rm x"]}),
                vec!["run bash -lc 'rm x' in None"],
            ),
            (
                "run_commands",
                json!({"commands": ["a", "b"]}),
                vec!["run a in None", "run b in None"],
            ),
            (
                "run_command",
                json!({"CommandLine": "ls", "Cwd": "/x"}),
                vec!["run ls in Some(\"/x\")"],
            ),
            ("Write", json!({"file_path": "a", "content": "t"}), vec!["write a +\"t\\n\" -\"\""]),
            (
                "write_to_file",
                json!({"TargetFile": "a", "CodeContent": ""}),
                vec!["write a +\"\" -\"\""],
            ),
            (
                "Edit",
                json!({"file_path": "a", "old_string": "o", "new_string": "n"}),
                vec!["write a +\"n\\n\" -\"o\\n\""],
            ),
            (
                "MultiEdit",
                json!({"file_path": "a", "edits": [{"old_string": "o", "new_string": "n"}]}),
                vec!["write a +\"n\\n\" -\"o\\n\""],
            ),
            (
                "push_files",
                json!({"files": [{"path": "a", "content": "1"}, {"path": "b", "content": "2"}]}),
                vec!["write a +\"1\\n\" -\"\"", "write b +\"2\\n\" -\"\""],
            ),
            (
                "fs_write",
                json!({"command": "create", "path": "a", "file_text": "t"}),
                vec!["write a +\"t\\n\" -\"\""],
            ),
            ("fs_read", json!({"operations": [{"mode": "Line", "path": "a"}]}), vec!["read a"]),
            ("Delete", json!({"path": "a"}), vec!["delete a"]),
            ("Read", json!({"filePath": "file:///a"}), vec!["read /a"]),
            ("query", json!({"sql": "DROP TABLE t"}), vec!["run psql -c 'DROP TABLE t' in None"]),
            ("WebSearch", json!({"query": "how to drop a table"}), vec![]),
            (
                "apply_patch",
                json!({"command": "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch"}),
                vec!["write a +\"x\\n\" -\"\""],
            ),
            ("TodoWrite", json!({"todos": [{"content": "x"}]}), vec![]),
        ] {
            assert_eq!(told(tool, &params), expected, "{tool} {params}");
        }
    }
}
