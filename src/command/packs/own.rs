//! Packs switched off, and rules of one's own: `[commands]` of a configuration.

use serde::Deserialize;

use super::schema::Rule;
use super::tables::RULES;
use crate::action::nearest;
use crate::command::lookup::Lookup;
use crate::config::Settings;

/// What `[commands]` says, all layers together.
#[derive(Debug, Clone, Default)]
pub struct OwnPacks {
    off: Vec<String>,
    rules: Vec<Rule>,
}

/// A pack file with rules only.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnFile {
    #[serde(default)]
    rules: Vec<toml::Value>,
}

/// `[commands]` that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct PackError {
    origin: String,
    message: String,
}

impl OwnPacks {
    /// What the settings say.
    ///
    /// # Errors
    /// Where a name is no pack's or rule's, or a rule is not of the schema.
    pub fn from_settings(settings: &Settings) -> Result<Self, PackError> {
        let mut packs = Self::default();
        for layer in &settings.commands_off {
            packs.disable(&layer.value, &layer.origin.to_string())?;
        }
        for layer in &settings.command_rules {
            packs.add(&layer.value, &layer.origin.to_string())?;
        }
        Ok(packs)
    }

    /// Reads a pack file of one's own.
    ///
    /// # Errors
    /// Where the text is not of the schema.
    pub fn of_file(text: &str, origin: &str) -> Result<Self, PackError> {
        let wrong = |message: String| PackError { origin: origin.to_owned(), message };
        let file: OwnFile = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut packs = Self::default();
        packs.add(&file.rules, origin)?;
        Ok(packs)
    }

    /// Switches packs or single rules off, by name.
    fn disable(&mut self, names: &[String], origin: &str) -> Result<(), PackError> {
        for name in names {
            if !RULES.iter().any(|rule| rule.pack == *name || rule.id == *name) {
                let known = RULES.iter().flat_map(|rule| [rule.pack.as_ref(), rule.id.as_ref()]);
                let hint = nearest(name, known);
                let hint =
                    hint.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let message = format!(
                    "`commands.disable` names `{name}`, which is no pack and no rule{hint}"
                );
                return Err(PackError { origin: origin.to_owned(), message });
            }
            self.off.push(name.clone());
        }
        Ok(())
    }

    /// Adds `[[commands.rules]]`.
    fn add(&mut self, rules: &[toml::Value], origin: &str) -> Result<(), PackError> {
        for value in rules {
            let wrong = |message: String| PackError {
                origin: origin.to_owned(),
                message: format!("a rule of `[[commands.rules]]` is not valid: {message}"),
            };
            let rule: Rule = value
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
            check(&rule).map_err(wrong)?;
            self.rules.push(Rule { pack: "own".into(), ..rule });
        }
        Ok(())
    }

    /// The rules of one's own.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a rule names this program.
    pub(super) fn names(&self, program: &str) -> bool {
        let named = |rule: &Rule| rule.programs.split_ascii_whitespace().any(|one| one == program);
        self.rules.iter().any(named)
    }

    /// Whether a pack or rule is switched off.
    #[must_use]
    pub fn is_off(&self, pack: &str, id: &str) -> bool {
        pack != "own" && self.off.iter().any(|name| name == pack || name == id)
    }
}

/// A rule that looks for nothing would find everything; one without words for
/// people tells them nothing.
fn check(rule: &Rule) -> Result<(), String> {
    let conditions = [&rule.programs, &rule.effect, &rule.sql, &rule.url, &rule.method, &rule.env];
    if rule.id.is_empty() || rule.operation.is_empty() || rule.message.is_empty() {
        return Err("it needs `id`, `operation` and `message`".to_owned());
    }
    if conditions.iter().all(|condition| condition.is_empty()) {
        return Err(format!(
            "`{}` needs `programs`, `effect`, `sql`, `url`, `method` or `env`",
            rule.id
        ));
    }
    Ok(())
}

/// Knows these packs and nothing else.
impl Lookup for OwnPacks {
    fn own_packs(&self) -> Option<&OwnPacks> {
        Some(self)
    }
}
