//! Turns `rules/commands/*.toml` into static tables: the packs' rules, and an
//! index of them by program.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../src/command/packs/schema.rs"]
mod schema;

use schema::{Known, Pack, PathClass, Paths, Text};

use super::records;

const PACKS: &str = "rules/commands";
/// Files of another schema.
const OTHERS: &[&str] = &["git", "gh", "github_api", "harmless", "wrappers", "paths", "code"];

/// The source of the tables.
pub fn tables() -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/command/packs/schema.rs");
    let mut all = Pack::default();
    for path in files()? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut pack: Pack = read(&path)?;
        pack.rules.iter_mut().for_each(|rule| rule.pack = name.clone().into());
        all.programs.append(&mut pack.programs);
        all.effects.append(&mut pack.effects);
        all.rules.append(&mut pack.rules);
    }
    unique(all.programs.iter().flat_map(|program| program.names.split_whitespace()))?;
    unique(all.rules.iter().map(|rule| rule.id.as_ref()))?;
    let paths: Paths = read(&Path::new(PACKS).join("paths.toml"))?;
    code(&all, &paths.classes)
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("rules/commands: `{name}` stands twice"));
        }
    }
    Ok(())
}

fn files() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let other = |path: &PathBuf| {
        OTHERS.iter().any(|other| path.file_stem().is_some_and(|stem| stem == *other))
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(PACKS)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml") && !other(path))
        .collect();
    paths.sort();
    Ok(paths)
}

fn read<T: for<'de> serde::Deserialize<'de>>(path: &Path) -> Result<T, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn code(all: &Pack, classes: &[PathClass]) -> Result<String, Box<dyn Error>> {
    let mut out =
        records::table("programs", "PROGRAMS", "Program", "records::read", &all.programs)?;
    out += &records::table("effects", "EFFECTS", "Effect", "records::read", &all.effects)?;
    out += &records::table("command_rules", "RULES", "Rule", "records::read", &all.rules)?;
    out += &records::table("path_classes", "CLASSES", "PathClass", "records::read", classes)?;
    index(all, &mut out)?;
    Ok(out)
}

/// By name of a program: how its arguments are read, what it does to files and
/// which rules are about it.
fn index(all: &Pack, out: &mut String) -> Result<(), Box<dyn Error>> {
    let mut names: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (number, program) in all.programs.iter().enumerate() {
        names.extend(program.names.split_whitespace().map(|name| (name, Some(number))));
    }
    let mentioned =
        all.effects.iter().map(|e| &e.programs).chain(all.rules.iter().map(|r| &r.programs));
    for name in mentioned.flat_map(|names| names.split_whitespace()) {
        names.entry(name).or_default();
    }
    let mut known = Vec::new();
    for (name, program) in &names {
        let group = program.and_then(|number| all.programs.get(number)).map(|p| p.names.as_ref());
        let about = |programs: &Text| {
            programs.split_whitespace().any(|given| {
                given == *name || group.and_then(|all| all.split_whitespace().next()) == Some(given)
            })
        };
        let effects = numbers(all.effects.iter().map(|entry| about(&entry.programs)));
        let rules = numbers(all.rules.iter().map(|rule| about(&rule.programs)));
        known.push(Known { name: (*name).to_owned(), program: *program, effects, rules });
    }
    *out += &records::table("known", "INDEX", "Known", "records::read", known)?;
    let general = numbers(all.rules.iter().map(|rule| rule.programs.is_empty()));
    writeln!(out, "pub static GENERAL: &[usize] = &{general:?};")?;
    Ok(())
}

fn numbers(holds: impl Iterator<Item = bool>) -> Vec<usize> {
    holds.enumerate().filter(|(_, holds)| *holds).map(|(number, _)| number).collect()
}
