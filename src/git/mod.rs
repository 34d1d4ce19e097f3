//! Eyes on a repository: what is staged, what a push would send, what history
//! holds, what the configuration says.
//!
//! In: a directory, and git's own variables. Out: plain data ([`Change`],
//! [`Commit`], [`Object`], [`Ref`], [`GitConfig`]). Read in process, so that a
//! hook costs milliseconds; [`Repo`] is where to start. Never here: writing,
//! touching the work tree, or trusting what a repository declares about
//! itself. The real git (`plumbing`) is asked only for reftable references and
//! for objects that a partial clone left at its remote.

mod changes;
mod discover;
mod error;
mod gitconfig;
mod history;
mod hooks;
mod index;
mod object;
mod odb;
mod oid;
mod plumbing;
mod read;
mod refs;
mod remote;
mod repo;
mod staged;
mod tree;
mod walk;
pub mod work;

pub use changes::Differ;
pub use error::{Error, Result};
pub use gitconfig::{ConfigEntry, GitConfig};
pub use history::{Introduced, Lineage, Origin, Origins};
pub use index::{Index, IndexEntry};
pub use object::{Commit, Kind, Object, Signature, tag_target};
pub use odb::{Blob, Edit, Forest, Visitor, unfold};
pub use oid::{ObjectFormat, Oid};
pub use read::Content;
pub use refs::{Head, Ref};
pub use remote::remote_slug;
pub use repo::Repo;
pub use tree::{BadEntry, Change, TreeEntries, TreeEntry};
pub use walk::{Listed, Met, Walked};
