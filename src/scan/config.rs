//! Rules and allowlists loaded at run time, in gitleaks' format.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use regex::bytes::Regex;

use super::engine::{Mode, compile};
use super::rule::{Allowlist, Checksum, Confidence, Judge, List, Named, Rule, Sort, Target, Text};
use super::rule_set::{Source, builtin_rules};
use super::schema::{RawAllowlist, RawFile, RawRule};
use super::{Error, Finding, Result, Scanner, foreign, run};

/// How deep one file may extend another.
const DEPTH: usize = 4;

/// Reads a `.gitleaks.toml` and makes its rules ready.
///
/// # Errors
/// [`Error::Io`], [`Error::Config`] with the line, [`Error::Pattern`].
pub fn load(path: &Path) -> Result<Scanner> {
    let mut loaded = Loaded::default();
    loaded.read(path, DEPTH)?;
    loaded.scanner()
}

/// As [`load`], from a text that is called `name` in errors. It can extend the
/// built-in rules, no other file.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, name: &str) -> Result<Scanner> {
    let mut loaded = Loaded::default();
    loaded.add(text, Path::new(name), 0)?;
    loaded.scanner()
}

#[derive(Default)]
struct Loaded {
    rules: Vec<Source>,
    allowlists: Vec<Allowlist>,
}

impl Loaded {
    fn scanner(self) -> Result<Scanner> {
        let gate = Gate::new(&self.allowlists, &self.rules)?;
        Ok(Scanner::of(self.rules, gate, Mode::Scan))
    }

    fn read(&mut self, path: &Path, depth: usize) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        self.add(&text, path, depth)
    }

    fn add(&mut self, text: &str, path: &Path, depth: usize) -> Result<()> {
        let bad = |reason: String| Error::Config { path: path.to_owned(), reason };
        let file: RawFile = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        if let Some(base) = &file.extend.path {
            let next = depth
                .checked_sub(1)
                .ok_or_else(|| bad("`extend.path` goes too deep".to_owned()))?;
            self.read(&PathBuf::from(base), next)?;
        } else if file.extend.use_default {
            self.rules.extend(builtin_rules(Mode::Scan));
        }
        let extends = file.extend.path.is_some() || file.extend.use_default;
        let mut seen = HashSet::new();
        for raw in file.rules {
            let id = raw.id.clone();
            let here = |reason: String| bad(format!("line {}: {reason}", line_of(text, &id)));
            if !seen.insert(id.clone()) {
                return Err(here(format!(
                    "rule `{id}` stands here twice; one would never be used"
                )));
            }
            if raw.only_allows() && extends && foreign::is_foreign(&id) {
                self.allow(&id, raw);
                continue;
            }
            let known = self.rules.iter().position(|rule| rule.id() == id);
            let base = known.and_then(|index| self.rules.get(index)).and_then(Source::rule);
            let mut rule = convert(raw, base).map_err(here)?;
            rule.runs = run::least(&rule.regex);
            for pattern in [Some(&rule.regex), rule.path.as_ref()].into_iter().flatten() {
                compile(pattern).map_err(|reason| here(format!("rule `{id}`: {reason}")))?;
            }
            match known.and_then(|index| self.rules.get_mut(index)) {
                Some(place) => *place = Source::Own(Box::new(rule)),
                None => self.rules.push(Source::Own(Box::new(rule))),
            }
        }
        for id in &file.extend.disabled_rules {
            self.rules.retain(|source| !source.rule().is_some_and(|rule| foreign::means(id, rule)));
        }
        for mut list in file.allowlist.into_iter().chain(file.allowlists).map(allowlist) {
            list.rules = self.meant(&list.rules);
            self.allowlists.push(list);
        }
        Ok(())
    }

    /// Allowlists for another scanner's rule hold for ours that look for the
    /// same.
    fn allow(&mut self, id: &str, raw: RawRule) {
        for list in raw.allowlist.into_iter().chain(raw.allowlists).map(allowlist) {
            let means =
                |source: &&mut Source| source.rule().is_some_and(|rule| foreign::means(id, rule));
            for rule in self.rules.iter_mut().filter(means).filter_map(Source::to_mut) {
                rule.allowlists.to_mut().push(list.clone());
            }
        }
    }

    /// The rules that these names mean; a name of none of them stays, so that
    /// its allowlist doesn't become one for every rule.
    fn meant(&self, ids: &List<Text>) -> List<Text> {
        let mut meant = ids.to_vec();
        for id in ids.iter() {
            let rules = self.rules.iter().filter_map(Source::rule);
            let rules = rules.filter(|rule| foreign::means(id, rule));
            meant.extend(rules.map(|rule| rule.id.clone()));
        }
        Cow::Owned(meant)
    }
}

/// The line (from 1) where the last rule of this id begins to be written.
fn line_of(text: &str, id: &str) -> usize {
    let names = |line: &str| {
        let value = line.trim().strip_prefix("id").map(str::trim_start);
        let value = value.and_then(|rest| rest.strip_prefix('='));
        value.is_some_and(|value| value.trim().trim_matches(['"', '\'']) == id)
    };
    text.lines().enumerate().filter(|(_, line)| names(line)).last().map_or(1, |(at, _)| at + 1)
}

/// A rule as written, but for [`Rule::runs`]; what is left out comes from the rule it extends.
pub(super) fn convert(mut raw: RawRule, base: Option<&Rule>) -> Result<Rule, String> {
    raw.write_out()?;
    if raw.id.is_empty() {
        return Err("a rule has no `id`".to_owned());
    }
    if raw.regex.is_empty() && raw.path.is_none() && raw.assigns.is_none() && base.is_none() {
        return Err(format!("rule `{}` has neither `regex` nor `path`", raw.id));
    }
    let mut allowlists: Vec<Allowlist> =
        base.map(|base| base.allowlists.to_vec()).unwrap_or_default();
    allowlists.extend(raw.allowlist.into_iter().chain(raw.allowlists).map(allowlist));
    let text = |own: String, base: Option<&Text>| {
        if own.is_empty() { base.cloned().unwrap_or_default() } else { own.into() }
    };
    let list = |own: Vec<String>, base: Option<&List<Text>>| {
        if own.is_empty() { base.cloned().unwrap_or_default() } else { texts(own) }
    };
    let named = match raw.named {
        Some(named) => Some(Named { by: texts(named.by) }),
        None if raw.regex.is_empty() => base.and_then(|base| base.named.clone()),
        None => None,
    };
    Ok(Rule {
        named,
        description: text(raw.description, base.map(|base| &base.description)),
        regex: text(raw.regex, base.map(|base| &base.regex)),
        runs: Default::default(),
        assigns: match raw.assigns.as_deref() {
            Some("password") => Some(Sort::Password),
            Some("token") => Some(Sort::Token),
            Some("salt") => Some(Sort::Salt),
            Some(other) => return Err(format!("rule `{}`: nothing assigns `{other}`", raw.id)),
            None => base.and_then(|base| base.assigns),
        },
        path: raw.path.map(Cow::Owned).or_else(|| base?.path.clone()),
        keywords: list(raw.keywords, base.map(|base| &base.keywords)),
        also: list(raw.also, base.map(|base| &base.also)),
        unless: list(raw.unless, base.map(|base| &base.unless)),
        parts: list(raw.parts, base.map(|base| &base.parts)),
        entropy: raw.entropy.or(base.map(|base| base.entropy)).unwrap_or(0.0),
        secret_group: raw.secret_group,
        tags: list(raw.tags, base.map(|base| &base.tags)),
        allowlists: Cow::Owned(allowlists),
        confidence: match raw.confidence.as_deref() {
            Some("high") => Confidence::High,
            Some("medium") => Confidence::Medium,
            Some("low") => Confidence::Low,
            Some(other) => {
                return Err(format!("rule `{}`: no confidence is called `{other}`", raw.id));
            }
            None => base.map_or(Confidence::Medium, |base| base.confidence),
        },
        judge: match raw.judge.as_deref() {
            Some("format") => Judge::Format,
            Some("token") => Judge::Token,
            Some("password") => Judge::Password,
            Some("chosen") => Judge::Chosen,
            Some(other) => return Err(format!("rule `{}`: no judge is called `{other}`", raw.id)),
            None => base.map_or(Judge::Format, |base| base.judge),
        },
        checksum: match raw.checksum.as_deref() {
            Some("crc") => Some(Checksum::Crc),
            Some("jwt") => Some(Checksum::Jwt),
            Some("basic") => Some(Checksum::Basic),
            Some(other) => {
                return Err(format!("rule `{}`: no checksum is called `{other}`", raw.id));
            }
            None => base.and_then(|base| base.checksum),
        },
        span: if raw.span > 0 { raw.span } else { base.map_or(0, |base| base.span) },
        redact_as: raw.redact_as.map(Cow::Owned).or_else(|| base?.redact_as.clone()),
        redact_only: raw.redact_only,
        rotate: text(raw.rotate, base.map(|base| &base.rotate)),
        examples: list(raw.examples, base.map(|base| &base.examples)),
        counterexamples: list(raw.counterexamples, base.map(|base| &base.counterexamples)),
        id: raw.id.into(),
    })
}

fn allowlist(raw: RawAllowlist) -> Allowlist {
    Allowlist {
        all: raw.condition.is_some_and(|condition| condition.eq_ignore_ascii_case("and")),
        commits: texts(raw.commits),
        paths: texts(raw.paths),
        target: match raw.regex_target.as_deref() {
            Some("match") => Target::Match,
            Some("line") => Target::Line,
            _ => Target::Secret,
        },
        regexes: texts(raw.regexes),
        stopwords: texts(raw.stopwords),
        rules: texts(raw.target_rules),
    }
}

fn texts(own: Vec<String>) -> List<Text> {
    Cow::Owned(own.into_iter().map(Cow::Owned).collect())
}

/// Allowlists made ready: the global ones and those of rules.
#[derive(Debug, Default)]
pub struct Gate {
    lists: Vec<Ready>,
}

#[derive(Debug)]
struct Ready {
    list: Allowlist,
    paths: Vec<Regex>,
    regexes: Vec<Regex>,
}

impl Gate {
    fn new(global: &[Allowlist], rules: &[Source]) -> Result<Self> {
        // No built-in rule has an allowlist of its own.
        let own = rules.iter().filter_map(|source| match source {
            Source::Own(rule) => Some(rule),
            Source::Builtin(_) => None,
        });
        let own = own.flat_map(|rule| {
            rule.allowlists.iter().cloned().map(|mut list| {
                list.rules = Cow::Owned(vec![rule.id.clone()]);
                list
            })
        });
        let lists = global.iter().cloned().chain(own).map(ready).collect::<Result<_>>()?;
        Ok(Self { lists })
    }

    /// Whether nothing in this file is to be reported at all.
    pub(super) fn allows_path(&self, path: &[u8]) -> bool {
        self.lists.iter().any(|ready| {
            let only_paths = !ready.list.all
                || ready.regexes.is_empty()
                    && ready.list.stopwords.is_empty()
                    && ready.list.commits.is_empty();
            ready.list.rules.is_empty()
                && only_paths
                && ready.paths.iter().any(|pattern| pattern.is_match(path))
        })
    }

    /// Whether an allowlist lets this finding through.
    pub(super) fn allows(&self, finding: &Finding) -> bool {
        self.lists
            .iter()
            .filter(|ready| {
                ready.list.rules.is_empty() || ready.list.rules.contains(&finding.rule_id)
            })
            .any(|ready| ready.allows(finding))
    }
}

impl Ready {
    fn allows(&self, finding: &Finding) -> bool {
        let secret = finding.secret.to_lowercase();
        let target = match self.list.target {
            Target::Secret => &finding.secret,
            Target::Match => &finding.matched,
            Target::Line => &finding.line,
        };
        let commit = finding.commit.as_deref().unwrap_or_default();
        let conditions = [
            (!self.list.commits.is_empty())
                .then(|| self.list.commits.iter().any(|known| known == commit)),
            (!self.paths.is_empty())
                .then(|| self.paths.iter().any(|path| path.is_match(finding.file.as_bytes()))),
            (!self.regexes.is_empty())
                .then(|| self.regexes.iter().any(|regex| regex.is_match(target.as_bytes()))),
            (!self.list.stopwords.is_empty()).then(|| {
                self.list.stopwords.iter().any(|word| secret.contains(&word.to_lowercase()))
            }),
        ];
        let mut given = conditions.into_iter().flatten().peekable();
        if self.list.all {
            given.peek().is_some() && given.all(|holds| holds)
        } else {
            given.any(|holds| holds)
        }
    }
}

fn ready(list: Allowlist) -> Result<Ready> {
    let compiled = |patterns: &List<Text>| {
        patterns
            .iter()
            .map(|pattern| {
                compile(pattern)
                    .map_err(|reason| Error::Pattern { rule: "allowlist".to_owned(), reason })
            })
            .collect::<Result<Vec<_>>>()
    };
    Ok(Ready { paths: compiled(&list.paths)?, regexes: compiled(&list.regexes)?, list })
}
