//! Adding saferun to coding agents' own hooks, and taking it out again: own
//! entries only, everything else keeps its bytes.

mod json_text;
mod known;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use json_text::{Insertion, Node, parse};
pub use known::{AGENTS, Agent, Content, Scope};

use super::{InstallError, Manifest, Plan, Step};
use crate::action::Digest;
use crate::exec::RealGit;

/// First words of every file that is saferun's own, and of every command.
const MARKS: &[&str] = &["saferun agent hook", " agent-hook "];

/// An agent whose hooks were changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledAgent {
    /// Its name.
    pub agent: String,
    /// For whom.
    pub scope: Scope,
    /// The file.
    pub path: PathBuf,
    /// Whether the file was made.
    pub created: bool,
    /// Directories that were made for it, the outermost first.
    #[serde(default)]
    pub directories: Vec<PathBuf>,
    /// What was put into a file that was there.
    #[serde(default)]
    pub insertions: Vec<Insertion>,
    /// SHA-256 of the file as it was left.
    pub digest: Digest,
}

impl InstalledAgent {
    /// Whether the file was made, and is still as it was left.
    fn is_untouched(&self, text: &str) -> bool {
        self.created && Digest::of(text.as_bytes()) == self.digest
    }

    /// A TOML file without the table that was put in.
    fn taken_out(&self, text: &str) -> Option<String> {
        let [table] = self.insertions.as_slice() else { return None };
        let toml = self.path.extension().is_some_and(|ending| ending == "toml");
        (toml && text.contains(&table.text)).then(|| text.replacen(&table.text, "", 1))
    }
}

/// What to tell about an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The agent, for people.
    pub title: &'static str,
    /// What was done, or why nothing was.
    pub text: String,
    /// Whether the agent is not guarded.
    pub failed: bool,
}

/// Plans the hooks of `agents` that run `program`. Without a scope each agent's
/// project file is taken, unless git tracks it: what it would say holds on this
/// machine only.
///
/// # Errors
/// Where a file is there and can't be read.
pub fn plan_agents(
    root: &Path,
    agents: &[&'static Agent],
    scope: Option<Scope>,
    program: &Path,
    manifest: &mut Manifest,
    plan: &mut Plan,
) -> Result<Vec<Told>, InstallError> {
    let git = RealGit::at(root)?;
    let tracked = |path: &Path| {
        path.strip_prefix(root)
            .ok()
            .and_then(Path::to_str)
            .is_some_and(|name| git.run(&["ls-files", "--error-unmatch", "--", name]).is_ok())
    };
    let mut told = Vec::new();
    for agent in agents {
        let known = manifest.agents.iter().position(|known| known.agent == agent.name);
        let known = known.map(|at| manifest.agents.remove(at));
        let Some((scope, path)) = place(agent, root, scope, &tracked) else {
            let text = "there is no home directory to put its hooks in".to_owned();
            told.push(Told { title: agent.title, text, failed: true });
            continue;
        };
        let outcome = plan_one(agent, scope, &path, known, program, plan)?;
        told.push(Told { title: agent.title, text: outcome.text, failed: outcome.failed });
        manifest.agents.extend(outcome.installed);
    }
    Ok(told)
}

/// Which file to change.
fn place(
    agent: &Agent,
    root: &Path,
    scope: Option<Scope>,
    tracked: &impl Fn(&Path) -> bool,
) -> Option<(Scope, PathBuf)> {
    let user = || agent.user_file().map(|path| (Scope::User, path));
    if scope == Some(Scope::User) {
        return user();
    }
    let files: Vec<PathBuf> = agent.project_files(root).collect();
    let free: Vec<&PathBuf> = files.iter().filter(|path| !tracked(path)).collect();
    let there = free.iter().find(|path| path.exists()).or(free.last());
    match (there, scope) {
        (Some(path), _) => Some((Scope::Project, (*path).clone())),
        (None, Some(Scope::Project)) => Some((Scope::Project, files.into_iter().next_back()?)),
        (None, _) => user(),
    }
}

struct Outcome {
    text: String,
    failed: bool,
    installed: Option<InstalledAgent>,
}

fn plan_one(
    agent: &Agent,
    scope: Scope,
    path: &Path,
    known: Option<InstalledAgent>,
    program: &Path,
    plan: &mut Plan,
) -> Result<Outcome, InstallError> {
    // Dotfile managers link settings; what is linked to is what is changed.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = read(&path)?;
    let failed = |text: String| Ok(Outcome { text, failed: true, installed: None });
    let shown = path.display().to_string();
    let after = match (agent.content(program, scope), &before) {
        (Content::Whole { text, mode }, before) => {
            if before.as_ref().is_some_and(|before| !is_own(before)) {
                return failed(format!(
                    "`{shown}` is somebody else's hook and stays as it is; call saferun from it"
                ));
            }
            (text, mode, Vec::new())
        }
        (Content::Table { text }, before) => {
            let base = before.as_ref().map_or(String::new(), |before| {
                known.as_ref().and_then(|known| known.taken_out(before)).unwrap_or(before.clone())
            });
            if known.is_none() && base.contains(text.trim()) {
                (base, 0o644, Vec::new())
            } else {
                let made = Insertion { at: base.len(), text: text.clone() };
                (base + &text, mode_of(&path), vec![made])
            }
        }
        (Content::Entries { preamble, below, entries }, None) => {
            (fresh(&preamble, below, &entries), 0o644, Vec::new())
        }
        (Content::Entries { preamble, below, entries }, Some(before))
            if known.as_ref().is_some_and(|known| known.is_untouched(before)) =>
        {
            (fresh(&preamble, below, &entries), 0o644, Vec::new())
        }
        (Content::Entries { below, entries, .. }, Some(before))
            if known.is_none() && holds(before, below, &entries) =>
        {
            (before.clone(), 0o644, Vec::new())
        }
        (Content::Entries { below, entries, .. }, Some(before)) => {
            let clean = without(before, known.as_ref());
            let base = clean.unwrap_or_else(|| before.clone());
            match extended(&base, below, &entries) {
                Some((after, insertions)) => (after, mode_of(&path), insertions),
                None => return failed(format!("`{shown}` can't be understood and stays as it is")),
            }
        }
    };
    let (text, mode, insertions) = after;
    let ours_alone = |known: &InstalledAgent| known.created && known.path == path;
    let created = before.is_none() || known.as_ref().is_some_and(ours_alone);
    let same = before.as_deref() == Some(text.as_str());
    let directories = match (&known, before.is_none()) {
        (_, true) => missing_directories(&path),
        (Some(known), false) => known.directories.clone(),
        (None, false) => Vec::new(),
    };
    if !same {
        plan.write(path.clone(), text.clone(), mode);
    }
    let digest = Digest::of(text.as_bytes());
    // Somebody else's installation, or one whose record is gone, is not ours to
    // take out again.
    let foreign = same && known.is_none();
    let installed = InstalledAgent {
        agent: agent.name.to_owned(),
        scope,
        path,
        created,
        directories,
        insertions,
        digest,
    };
    let done = if same { "already guarded" } else { "guarded" };
    let note = if agent.note.is_empty() { String::new() } else { format!("; {}", agent.note) };
    Ok(Outcome {
        text: format!("{done}, in `{shown}`{note}"),
        failed: false,
        installed: (!foreign).then_some(installed),
    })
}

fn read(path: &Path) -> Result<Option<String>, InstallError> {
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(InstallError::NotUtf8(path.to_owned())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(InstallError::Io { path: path.to_owned(), source }),
    }
}

/// The permission bits of a file that is there, else those of a new one.
fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).map_or(0o644, |found| found.permissions().mode() & 0o777)
}

fn fresh(preamble: &Value, below: &[&str], entries: &[(&'static str, Value)]) -> String {
    let mut file = preamble.as_object().cloned().unwrap_or_default();
    let hooks: Map<String, Value> =
        entries.iter().map(|(event, entry)| ((*event).to_owned(), json!([entry]))).collect();
    match below {
        [] => file.extend(hooks),
        [first, ..] => {
            file.insert((*first).to_owned(), Value::Object(hooks));
        }
    }
    format!("{:#}\n", Value::Object(file))
}

/// Whether every entry stands there already.
fn holds(text: &str, below: &[&str], entries: &[(&'static str, Value)]) -> bool {
    let Some(root) = parse(text) else { return false };
    let value = |node: &Node| serde_json::from_str::<Value>(text.get(node.start..node.end)?).ok();
    entries.iter().all(|(event, entry)| {
        let place = below.iter().try_fold(&root, |node, key| node.get(key));
        let list = place.and_then(|place| place.get(event)).map(Node::items);
        list.unwrap_or_default().iter().any(|item| value(item).as_ref() == Some(entry))
    })
}

fn extended(
    text: &str,
    below: &[&str],
    entries: &[(&'static str, Value)],
) -> Option<(String, Vec<Insertion>)> {
    let mut out = if text.trim().is_empty() { format!("{text}{{}}") } else { text.to_owned() };
    let mut insertions = Vec::new();
    if out != text {
        insertions.push(Insertion { at: text.len(), text: "{}".to_owned() });
    }
    for (event, entry) in entries {
        let (after, made) = json_text::append(&out, &[below, &[*event]].concat(), entry)?;
        out = after;
        insertions.extend(made);
    }
    Some((out, insertions))
}

/// The text without saferun's entries: as it was before, where it was not
/// changed since; else item by item. None where it can't be read.
fn without(text: &str, known: Option<&InstalledAgent>) -> Option<String> {
    let exact = known.filter(|known| !known.insertions.is_empty());
    let taken = exact.and_then(|known| json_text::take_out(text, &known.insertions));
    taken
        .filter(|text| own_commands(text).is_empty())
        .or_else(|| json_text::remove(text, &is_entry))
}

/// The command lines of saferun's entries in a JSON file.
#[must_use]
pub fn own_commands(text: &str) -> Vec<String> {
    fn gather(node: &Node, found: &mut Vec<String>) {
        match &node.kind {
            json_text::Kind::Array(items) => items.iter().for_each(|item| gather(item, found)),
            json_text::Kind::Object(members) => {
                members.iter().for_each(|(_, _, member)| gather(member, found));
            }
            json_text::Kind::Text(text) if is_own_command(text) => found.push(text.clone()),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(root) = parse(text) {
        gather(&root, &mut found);
    }
    found
}

/// Whether an item of a list of hooks is saferun's, and nobody else's.
fn is_entry(node: &Node) -> bool {
    let command = ["command", "bash"].iter().find_map(|name| node.get(name)?.as_str());
    let group = node.get("hooks").map(Node::items).unwrap_or_default();
    command.is_some_and(is_own_command) || (!group.is_empty() && group.iter().all(is_entry))
}

/// Whether a command line runs saferun's agents' door.
#[must_use]
pub fn is_own_command(command: &str) -> bool {
    command.split(MARKS[1]).next().is_some_and(|program| {
        program.len() < command.len() && program.trim_end_matches('\'').ends_with("saferun")
    })
}

fn is_own(text: &str) -> bool {
    text.contains(MARKS[0]) || !own_commands(text).is_empty()
}

/// The directories above `path` that aren't there, the outermost first.
fn missing_directories(path: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> =
        path.ancestors().skip(1).take_while(|dir| !dir.exists()).map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Plans to take saferun out of the agents' hooks again.
pub fn plan_agents_removal(manifest: &Manifest, plan: &mut Plan) {
    for known in &manifest.agents {
        let Ok(Some(text)) = read(&known.path) else { continue };
        let script = known.created && is_own(&text) && parse(&text).is_none();
        if known.is_untouched(&text) || script {
            plan.steps.push(Step::Remove { path: known.path.clone() });
            let made = known.directories.iter().rev();
            plan.steps.extend(made.map(|dir| Step::Remove { path: dir.clone() }));
        } else if let Some(after) = known.taken_out(&text).or_else(|| without(&text, Some(known))) {
            plan.write(known.path.clone(), after, mode_of(&known.path));
        }
    }
}
