//! Turns `rules/secrets/*.toml` and `rules/commands/*.toml` into static Rust
//! tables, so that nothing is parsed at start-up.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/scan/named.rs"]
mod named;
#[path = "src/scan/run.rs"]
#[expect(dead_code, reason = "the library uses more of it than this script does")]
mod run;
#[path = "src/scan/schema.rs"]
#[expect(dead_code, reason = "the library uses more of it than this script does")]
mod schema;

#[path = "build/packs.rs"]
mod packs;

use schema::{RawAllowlist, RawFile, RawRule};
use serde::Deserialize;

const RULES: &str = "rules/secrets";
const FILES: &str = "files.toml";

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write this way")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={RULES}");
    println!("cargo::rerun-if-changed=src/scan/named.rs");
    println!("cargo::rerun-if-changed=src/scan/run.rs");
    println!("cargo::rerun-if-changed=src/scan/schema.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("rules.rs"), rules()?)?;
    fs::write(out.join("packs.rs"), packs::tables()?)?;
    fs::write(out.join("files.rs"), files(&Path::new(RULES).join(FILES))?)?;
    Ok(())
}

fn rules() -> Result<String, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(RULES)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .filter(|path| path.file_name().is_some_and(|name| name != FILES))
        .collect();
    paths.sort();
    let mut code = String::from("/// The built-in rules.\npub static RULES: &[Rule] = &[\n");
    for path in paths {
        let family = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        let file: RawFile =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for mut rule in file.rules {
            rule.write_out()?;
            write_rule(&mut code, &family, &rule)?;
        }
    }
    code.push_str("];\n");
    Ok(code)
}

fn write_rule(code: &mut String, family: &str, rule: &RawRule) -> Result<(), Box<dyn Error>> {
    let confidence = match rule.confidence.as_deref() {
        Some("high") => "High",
        Some("medium") => "Medium",
        Some("low") => "Low",
        other => return Err(format!("rule `{}`: confidence {other:?}", rule.id).into()),
    };
    let judge = match rule.judge.as_deref() {
        None | Some("format") => "Format",
        Some("token") => "Token",
        Some("password") => "Password",
        other => return Err(format!("rule `{}`: judge {other:?}", rule.id).into()),
    };
    let checksum = match rule.checksum.as_deref() {
        None => "None",
        Some("crc") => "Some(Checksum::Crc)",
        Some("jwt") => "Some(Checksum::Jwt)",
        Some("basic") => "Some(Checksum::Basic)",
        other => return Err(format!("rule `{}`: checksum {other:?}", rule.id).into()),
    };
    let assigns = match rule.assigns.as_deref() {
        None => "None",
        Some("password") => "Some(Sort::Password)",
        Some("token") => "Some(Sort::Token)",
        Some("salt") => "Some(Sort::Salt)",
        other => return Err(format!("rule `{}`: assigns {other:?}", rule.id).into()),
    };
    let mut tags = vec![family.to_owned()];
    tags.extend(rule.tags.iter().cloned());
    writeln!(
        code,
        "Rule {{ id: {}, description: {}, regex: {}, run: {}, assigns: {assigns}, path: {}, keywords: {}, also: {}, parts: {}, entropy: {:?}, \
         secret_group: {}, tags: {}, allowlists: {}, confidence: Confidence::{confidence}, \
         judge: Judge::{judge}, checksum: {checksum}, span: {}, redact_as: {}, redact_only: {}, \
         rotate: {}, examples: {}, counterexamples: {} }},",
        text(&rule.id),
        text(&rule.description),
        text(&rule.regex),
        run::least(&rule.regex),
        optional(rule.path.as_deref()),
        list(&rule.keywords),
        list(&rule.also),
        list(&rule.parts),
        rule.entropy.unwrap_or(0.0),
        rule.secret_group,
        list(&tags),
        allowlists(&rule.allowlists),
        rule.span,
        optional(rule.redact_as.as_deref()),
        rule.redact_only,
        text(&rule.rotate),
        list(&rule.examples),
        list(&rule.counterexamples),
    )?;
    Ok(())
}

fn allowlists(raw: &[RawAllowlist]) -> String {
    let all: Vec<String> = raw
        .iter()
        .map(|one| {
            format!(
                "Allowlist {{ all: {}, commits: {}, paths: {}, target: Target::{}, regexes: {}, \
                 stopwords: {}, rules: {} }}",
                one.condition.as_deref() == Some("AND"),
                list(&one.commits),
                list(&one.paths),
                match one.regex_target.as_deref() {
                    Some("match") => "Match",
                    Some("line") => "Line",
                    _ => "Secret",
                },
                list(&one.regexes),
                list(&one.stopwords),
                list(&one.target_rules),
            )
        })
        .collect();
    format!("Cow::Borrowed(&[{}])", all.join(", "))
}

/// `rules/secrets/files.toml`: names that never belong in a commit.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFiles {
    /// Endings of names that are templates and pass.
    templates: Vec<String>,
    /// Endings of paths whose content decides.
    likely: Vec<String>,
    /// The names.
    files: Vec<RawFileRule>,
}

/// One kind of sensitive file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFileRule {
    /// Name, unique.
    id: String,
    /// What it is.
    description: String,
    /// Whole names, lower case.
    #[serde(default)]
    names: Vec<String>,
    /// Beginnings of names.
    #[serde(default)]
    prefixes: Vec<String>,
    /// Endings of names.
    #[serde(default)]
    suffixes: Vec<String>,
    /// Endings of paths, from a directory boundary.
    #[serde(default)]
    paths: Vec<String>,
}

fn files(path: &Path) -> Result<String, Box<dyn Error>> {
    let raw: RawFiles = toml::from_str(&fs::read_to_string(path)?)?;
    let mut code = format!("static TEMPLATES: &[&str] = &{:?};\n", raw.templates);
    writeln!(code, "static LIKELY: &[&str] = &{:?};", raw.likely)?;
    code.push_str("static FILES: &[FileRule] = &[\n");
    for file in &raw.files {
        writeln!(
            code,
            "FileRule {{ id: {:?}, description: {:?}, names: &{:?}, prefixes: &{:?}, \
             suffixes: &{:?}, paths: &{:?} }},",
            file.id, file.description, file.names, file.prefixes, file.suffixes, file.paths
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}

fn text(value: &str) -> String {
    format!("Cow::Borrowed({value:?})")
}

fn optional(value: Option<&str>) -> String {
    value.map_or("None".to_owned(), |value| format!("Some({})", text(value)))
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
    format!("Cow::Borrowed(&[{}])", values.join(", "))
}
