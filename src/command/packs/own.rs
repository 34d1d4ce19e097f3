//! Packs switched off, and rules of one's own: `[commands]` of a configuration.

use super::schema::Rule;
use super::tables::RULES;
use crate::action::nearest;

/// What `[commands]` says, all layers together.
#[derive(Debug, Clone, Default)]
pub struct OwnPacks {
    off: Vec<String>,
    rules: Vec<Rule>,
}

/// `[commands]` that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct PackError {
    origin: String,
    message: String,
}

impl OwnPacks {
    /// Switches packs or single rules off, by name.
    ///
    /// # Errors
    /// Where there is no pack or rule of that name.
    pub fn disable(&mut self, names: &[String], origin: &str) -> Result<(), PackError> {
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
    ///
    /// # Errors
    /// Where a rule is not of the schema, or names nothing to look for.
    pub fn add(&mut self, rules: &[toml::Value], origin: &str) -> Result<(), PackError> {
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
