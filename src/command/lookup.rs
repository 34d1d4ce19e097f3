//! The questions that words alone leave open.

use super::packs::OwnPacks;

/// Where a git command works, as its global options say. Directories apply one
/// after the other, as git does with several `-C`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Values of `-C`, in order.
    pub directories: Vec<String>,
    /// Value of `--git-dir`.
    pub git_dir: Option<String>,
    /// Value of `--work-tree`.
    pub work_tree: Option<String>,
    /// `key=value` of configuration that takes more from other files.
    pub includes: Vec<String>,
}

/// Answers from outside. Every method may be answered with nothing: then what
/// it would have told counts as unresolved where that matters. Asked only when
/// the answer decides something, so that harmless commands cost no lookup.
pub trait Lookup {
    /// An environment variable of the command.
    fn env(&self, _name: &str) -> Option<String> {
        None
    }
    /// All values of a git configuration key (section and name in lower case)
    /// in the order in which git reads them; the last one wins.
    fn git_config(&self, _place: &Place, _key: &str) -> Vec<String> {
        Vec::new()
    }
    /// Short name of the branch that is checked out.
    fn current_branch(&self, _place: &Place) -> Option<String> {
        None
    }
    /// Whether a full reference name exists.
    fn ref_exists(&self, _place: &Place, _name: &str) -> bool {
        false
    }
    /// Whether a path, relative to the command's directory, exists.
    fn path_exists(&self, _place: &Place, _path: &str) -> bool {
        false
    }
    /// Expansion of a gh alias.
    fn gh_alias(&self, _name: &str) -> Option<String> {
        None
    }
    /// Packs switched off and rules added by the configuration.
    fn own_packs(&self) -> Option<&OwnPacks> {
        None
    }
    /// Content of a small file that the command reads as its input.
    fn read_file(&self, _path: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Knows nothing: for judging the words alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Lookup for Nothing {}
