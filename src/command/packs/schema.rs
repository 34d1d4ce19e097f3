//! The schema of a command pack; the notation is explained in
//! `rules/commands/README.md`. Used by the build script too, which turns the
//! built-in packs into static tables, so that nothing is parsed at start-up.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Text of a pack: part of the program, or read from a file.
pub type Text = Cow<'static, str>;

/// One pack file.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pack {
    /// Programs whose arguments need explaining.
    pub programs: Vec<Program>,
    /// What programs do to the files they are given.
    pub effects: Vec<Effect>,
    /// What is worth a thought.
    pub rules: Vec<Rule>,
}

/// How a program's arguments are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Program {
    /// Its names, in lower case.
    pub names: Text,
    /// `gnu` (default), `pflag`, `single`, `powershell` or `slash`.
    pub style: Text,
    /// Options, as in `git.toml`.
    pub options: Text,
    /// Where SQL stands: places, and `stdin`.
    pub sql: Text,
    /// `curl`, `wget`, `httpie` or `powershell`, where it speaks HTTP.
    pub http: Text,
}

/// What a program does to files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Effect {
    /// Names of programs.
    pub programs: Text,
    /// `read`, `write`, `append`, `delete`, `tree`, `mode` or `send`.
    pub effect: Text,
    /// Commands, as in a rule.
    pub command: Text,
    /// Options that must be given.
    pub flags: Text,
    /// Options that must not be given.
    pub unless: Text,
    /// Places of the files.
    pub at: Text,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Name, unique.
    pub id: Text,
    /// The pack it belongs to; the file's name for built-in rules.
    pub pack: Text,
    /// Names of programs; none for a rule about effects, SQL, calls or variables.
    pub programs: Text,
    /// Commands: alternatives with commas, words with blanks.
    pub command: Text,
    /// Options that must all be given; alternatives with `|`.
    pub flags: Text,
    /// Options of which none may be given.
    pub unless: Text,
    /// Patterns of which an operand must fit one.
    pub operands: Text,
    /// Patterns of which no operand may fit one.
    pub except: Text,
    /// Patterns of which any word must fit one.
    pub words: Text,
    /// How many operands there must be at least.
    pub count: usize,
    /// Effects of which there must be one, on `paths`.
    pub effect: Text,
    /// Places of the files that `paths` is about, where no effect is named.
    pub at: Text,
    /// Classes of paths of which a file must be one.
    pub paths: Text,
    /// Classes of paths that pass all the same.
    pub safe: Text,
    /// Variables that must be set for the command: `NAME` or `NAME=PATTERN`.
    pub env: Text,
    /// Patterns of programs whose output the command reads.
    pub input: Text,
    /// Kinds of SQL statements.
    pub sql: Text,
    /// Patterns of addresses that are called.
    pub url: Text,
    /// Methods of calls.
    pub method: Text,
    /// Texts that must be in the words or the input, in lower case and without blanks.
    pub text: Text,
    /// Counts only where no other rule of the program holds.
    pub otherwise: bool,
    /// The operation of `rules/actions/`.
    pub operation: Text,
    /// Why: one sentence without a full stop.
    pub message: Text,
    /// A safer command.
    pub instead: Text,
    /// Lines that it must find.
    pub examples: Cow<'static, [Text]>,
    /// Lines that it must not find.
    pub counterexamples: Cow<'static, [Text]>,
}

/// A class of paths, by patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathClass {
    /// Its name.
    pub name: Text,
    /// Patterns, see `rules/commands/paths.toml`.
    pub patterns: Cow<'static, [Text]>,
    /// Patterns that are not of it all the same.
    pub except: Cow<'static, [Text]>,
}

/// `rules/commands/paths.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// The classes.
    pub classes: Vec<PathClass>,
}

/// Everything about one program's name; made by the build script.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Known {
    /// The name.
    pub name: String,
    /// How its arguments are read, among the programs.
    pub program: Option<usize>,
    /// What it does to files, among the effects.
    pub effects: Vec<usize>,
    /// The rules about it, among the rules.
    pub rules: Vec<usize>,
}
