//! Makes tables of `rules/secrets/*.toml`, `rules/commands/*.toml` and
//! `rules/policies/*.toml`, so that nothing is parsed at start-up.

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

#[path = "src/scan/prefilter"]
mod prefilter {
    #[expect(dead_code, reason = "the library uses more of it than this script does")]
    pub mod grams;
    #[expect(dead_code, reason = "the library uses more of it than this script does")]
    pub mod table;
}

#[path = "src/policy/read"]
mod read {
    #[expect(dead_code, reason = "the library uses more of it than this script does")]
    mod node;
    pub mod toml;

    pub use node::{Content, Node};
}

#[path = "build/packs.rs"]
mod packs;
#[path = "build/records.rs"]
mod records;

use prefilter::table::{Prefilter, SHORTEST};
use schema::{RawFile, RawRule};
use serde::Deserialize;

const RULES: &str = "rules/secrets";
const FILES: &str = "files.toml";
/// Files that the program reads as a whole, when it first asks for one.
const DOCUMENTS: &[&str] = &[
    "agents/tools",
    "commands/code",
    "commands/gh",
    "commands/git",
    "commands/github_api",
    "commands/harmless",
    "commands/wrappers",
    "files/guarded",
    "files/protected",
];

/// Policies that the program reads as a whole.
const POLICIES: &[&str] = &["relaxed", "standard", "strict"];

#[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write this way")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/policy/read");
    println!("cargo::rerun-if-changed=src/scan/named.rs");
    println!("cargo::rerun-if-changed=src/scan/prefilter");
    println!("cargo::rerun-if-changed=src/scan/run.rs");
    println!("cargo::rerun-if-changed=src/scan/schema.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(out.join("rules.rs"), tables(&rules()?)?)?;
    fs::write(out.join("packs.rs"), packs::tables()?)?;
    for name in DOCUMENTS {
        records::document(name)?;
    }
    for name in POLICIES {
        records::policy(name)?;
    }
    fs::write(out.join("files.rs"), files(&Path::new(RULES).join(FILES))?)?;
    Ok(())
}

/// The rules of every file, with the file's name as their first tag.
fn rules() -> Result<Vec<RawRule>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(RULES)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .filter(|path| path.file_name().is_some_and(|name| name != FILES))
        .collect();
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let family = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        let file: RawFile =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for mut rule in file.rules {
            rule.write_out()?;
            if rule.confidence.is_none() {
                return Err(format!("rule `{}` has no confidence", rule.id).into());
            }
            rule.tags.insert(0, family.clone());
            all.push(rule);
        }
    }
    Ok(all)
}

/// The rules, and what has to be known of them before they are read.
fn tables(rules: &[RawRule]) -> Result<String, Box<dyn Error>> {
    let with_runs = rules.iter().map(|rule| (rule, run::least(&rule.regex)));
    let mut code = records::table("rules", "RULES", "Rule", "read_rule", with_runs)?;
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    writeln!(code, "pub static IDS: &str = {:?};", ids.join("\n"))?;
    let searchable = |rule: &RawRule| {
        !rule.keywords.is_empty() && rule.keywords.iter().all(|keyword| keyword.len() >= SHORTEST)
    };
    let pairs: Vec<(String, u16)> = rules
        .iter()
        .zip(0u16..)
        .filter(|(rule, _)| searchable(rule))
        .flat_map(|(rule, number)| {
            rule.keywords.iter().map(move |keyword| (keyword.to_ascii_lowercase(), number))
        })
        .collect();
    writeln!(code, "{}", prefilter_code(&Prefilter::new(pairs)))?;
    for (name, holds) in [
        ("REDACT_ONLY", &(|rule: &RawRule| rule.redact_only) as &dyn Fn(&RawRule) -> bool),
        ("LOW", &|rule| rule.confidence.as_deref() == Some("low")),
        ("ALWAYS", &|rule| !rule.regex.is_empty() && !searchable(rule) && rule.path.is_none()),
        ("IN_TROVES", &|rule| !rule.regex.is_empty() && !searchable(rule) && rule.path.is_some()),
        ("ASSIGNING", &|rule| rule.assigns.is_some()),
        ("WITH_PATH", &|rule| rule.path.is_some()),
    ] {
        let numbers: Vec<usize> =
            (0..rules.len()).filter(|number| rules.get(*number).is_some_and(holds)).collect();
        writeln!(code, "pub static {name}: &[usize] = &{numbers:?};")?;
    }
    Ok(code)
}

fn prefilter_code(made: &Prefilter) -> String {
    let Prefilter { table, fives, short, starts, entries, keywords, text, rules } = made;
    format!(
        "pub(in crate::scan) static PREFILTER: Prefilter = Prefilter {{ \
         table: Cow::Borrowed(&{table:?}), fives: Cow::Borrowed(&{fives:?}), short: Cow::Borrowed(&{short:?}), starts: Cow::Borrowed(&{starts:?}), \
         entries: Cow::Borrowed(&{entries:?}), keywords: Cow::Borrowed(&{keywords:?}), text: Cow::Borrowed(&{text:?}), \
         rules: Cow::Borrowed(&{rules:?}) }};"
    )
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
