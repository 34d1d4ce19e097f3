//! A decision point from files, for programs that use saferun as a library.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::identity::{Identify, NamesOnly, SignedCallers};
use super::point::DecisionPoint;
use super::sources::sources;
use super::window_store::{MemoryWindows, WindowStore};
use crate::action::Caller;
use crate::audit::Log;
use crate::config::Preset;
use crate::identity::Authority;
use crate::policy::{
    Inventory, Limits, Policy, PolicyError, Problem, Registry, RuleSet, SourceFile, load_policies,
    preset_rules,
};

/// Puts a [`DecisionPoint`] together. What isn't said is the built-in
/// catalogue, the standard preset, no inventory and no log.
#[derive(Default)]
pub struct Builder {
    registry: Option<PathBuf>,
    policies: Option<PathBuf>,
    inventory: Option<PathBuf>,
    audit_log: Option<PathBuf>,
    preset: Preset,
    layers: Vec<RuleSet>,
    limits: Limits,
    windows: Option<Box<dyn WindowStore>>,
    identify: Option<Box<dyn Identify>>,
    authority: Option<Arc<Authority>>,
    require_signed: bool,
    process: Option<Caller>,
    enforce_target_types: bool,
}

impl Builder {
    /// Directory (or file) of action definitions.
    #[must_use]
    pub fn registry(mut self, path: impl Into<PathBuf>) -> Self {
        self.registry = Some(path.into());
        self
    }

    /// Directory (or file) of policies; they take the place of the preset.
    #[must_use]
    pub fn policies(mut self, path: impl Into<PathBuf>) -> Self {
        self.policies = Some(path.into());
        self
    }

    /// File (or directory) of targets.
    #[must_use]
    pub fn inventory(mut self, path: impl Into<PathBuf>) -> Self {
        self.inventory = Some(path.into());
        self
    }

    /// File in which every decision is recorded.
    #[must_use]
    pub fn audit_log(mut self, path: impl Into<PathBuf>) -> Self {
        self.audit_log = Some(path.into());
        self
    }

    /// The built-in policy to use where no policies are named.
    #[must_use]
    pub fn preset(mut self, preset: Preset) -> Self {
        self.preset = preset;
        self
    }

    /// More rules that are asked as well; the strictest answer counts.
    #[must_use]
    pub fn layers(mut self, layers: Vec<RuleSet>) -> Self {
        self.layers.extend(layers);
        self
    }

    /// Limits, for what the policies say nothing about.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where it is kept what callers did lately; in memory, where nothing is said.
    #[must_use]
    pub fn windows(mut self, store: impl WindowStore + 'static) -> Self {
        self.windows = Some(Box::new(store));
        self
    }

    /// Keys that verify tokens of callers, and sign tickets for what is allowed.
    #[must_use]
    pub fn authority(mut self, authority: Authority) -> Self {
        self.authority = Some(Arc::new(authority));
        self
    }

    /// Denies whoever shows a name, or nothing, instead of a token.
    #[must_use]
    pub fn require_signed_identity(mut self, require: bool) -> Self {
        self.require_signed = require;
        self
    }

    /// What finds out who shows a name or a token, instead of the authority.
    #[must_use]
    pub fn identify(mut self, identify: impl Identify + 'static) -> Self {
        self.identify = Some(Box::new(identify));
        self
    }

    /// The process that asks, whoever it asks for: its kind and its agent are
    /// those of every caller.
    #[must_use]
    pub fn process(mut self, caller: Caller) -> Self {
        self.process = Some(caller);
        self
    }

    /// Denies a target of a type that the operation isn't for, even where the
    /// definition of the operation doesn't ask for that.
    #[must_use]
    pub fn enforce_target_types(mut self, enforce: bool) -> Self {
        self.enforce_target_types = enforce;
        self
    }

    /// Reads the policy's files.
    ///
    /// # Errors
    /// Everything that is wrong with them, in one go.
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        let mut problems = Vec::new();
        let registry = load(self.registry.as_deref(), Registry::load, &mut problems);
        let policies = load(self.policies.as_deref(), load_policies, &mut problems);
        let inventory = load(self.inventory.as_deref(), Inventory::load, &mut problems);
        if !problems.is_empty() {
            return Err(PolicyError(problems));
        }
        let (rules, mut limits) = match policies {
            Some(files) => (files.rules, files.limits),
            None => (preset_rules(self.preset), Limits::default()),
        };
        limits.tighten(self.limits.clone());
        let mut layers = vec![rules];
        layers.extend(self.layers.iter().cloned());
        Ok(Policy {
            layers,
            registry: registry.unwrap_or_default(),
            inventory: inventory.unwrap_or_default(),
            limits,
            closed: true,
            enforce_target_types: self.enforce_target_types,
        })
    }

    /// Reads the files and puts everything together.
    ///
    /// # Errors
    /// Everything that is wrong with the files.
    pub fn build(self) -> Result<DecisionPoint, PolicyError> {
        let usual: Box<dyn Identify> = match &self.authority {
            Some(authority) => Box::new(SignedCallers(Arc::clone(authority))),
            None => Box::new(NamesOnly),
        };
        Ok(DecisionPoint {
            policy: self.policy()?,
            log: self.audit_log.map(Log::at),
            windows: self.windows.unwrap_or_else(|| Box::new(MemoryWindows::default())),
            identify: self.identify.unwrap_or(usual),
            authority: self.authority,
            require_signed: self.require_signed,
            process: self.process,
        })
    }
}

/// Reads what is named; none where nothing is, or where it is wrong.
fn load<T>(
    path: Option<&Path>,
    read: impl FnOnce(&[SourceFile]) -> Result<T, Vec<Problem>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match sources(path?).and_then(|files| read(&files)) {
        Ok(value) => Some(value),
        Err(more) => {
            problems.extend(more);
            None
        }
    }
}
