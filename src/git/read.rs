//! Objects of a repository, by id.

use std::collections::HashSet;
use std::sync::Arc;

use super::odb::{Blob, Forest, HARD_LIMIT, Streamed};
use super::{Commit, Error, Kind, Object, Oid, Repo, Result, object, plumbing};

/// Commits, trees and tags larger than this are refused.
pub(super) const META_LIMIT: u64 = 256 << 20;
/// Tags of tags of tags.
const MAX_TAGS: usize = 16;

/// An object's content.
pub enum Content {
    /// All of it.
    Whole(Arc<Vec<u8>>),
    /// To be read piece by piece.
    Stream(Blob),
}

impl Repo {
    /// The object, at most 2 GiB of it. A partial clone fetches it if need be.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Corrupt`], [`Error::TooLarge`].
    pub fn read(&self, oid: Oid) -> Result<Object> {
        self.read_limited(oid, HARD_LIMIT)
    }

    /// As [`Repo::read`], but no more than `limit` bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] with the real size, without having read it.
    pub fn read_limited(&self, oid: Oid, limit: u64) -> Result<Object> {
        match self.odb.read(oid, limit) {
            Err(Error::Missing { .. }) if self.is_partial() => {
                let object = plumbing::fetch_object(self, oid)?;
                let size = object.data.len() as u64;
                if size > limit { Err(Error::TooLarge { oid, size, limit }) } else { Ok(object) }
            }
            other => other,
        }
    }

    /// The content of an object, whole up to `limit` bytes and as a stream
    /// beyond: for content of any size in bounded memory.
    ///
    /// # Errors
    /// As [`Repo::read`]; there is no size that is too large.
    pub fn content(&self, oid: Oid, limit: u64) -> Result<Content> {
        match self.read_limited(oid, limit) {
            Ok(object) => Ok(Content::Whole(Arc::new(object.data))),
            Err(Error::TooLarge { .. }) => self.open_blob(oid).map(Content::Stream),
            Err(error) => Err(error),
        }
    }

    /// The content of an object as a stream. What is stored as a delta comes
    /// from the real git, which holds it instead of us.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Corrupt`], [`Error::Plumbing`].
    pub fn open_blob(&self, oid: Oid) -> Result<Blob> {
        match self.odb.stream(oid)? {
            Streamed::Blob(blob) => Ok(blob),
            Streamed::Delta(size) => Ok(Blob::new(size, Box::new(plumbing::stream(self, oid)?))),
        }
    }

    /// Kind of an object, and its size in bytes; reads no content.
    ///
    /// # Errors
    /// As [`Repo::read`].
    pub fn size(&self, oid: Oid) -> Result<(Kind, u64)> {
        match self.odb.header(oid) {
            Err(Error::Missing { .. }) if self.is_partial() => {
                let object = plumbing::fetch_object(self, oid)?;
                Ok((object.kind, object.data.len() as u64))
            }
            other => other,
        }
    }

    /// The ids of the objects that are in no pack; in no order.
    #[must_use]
    pub fn loose_ids(&self) -> HashSet<Oid> {
        self.odb.loose_ids()
    }

    /// The delta trees of the packs. A pack that can't be read is an error in
    /// its place.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for unreadable pack indexes.
    pub fn forests(&self) -> Result<Vec<Result<Forest>>> {
        self.odb.forests()
    }

    /// Whether the object is here; fetches nothing.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for unreadable pack indexes.
    pub fn contains(&self, oid: Oid) -> Result<bool> {
        self.odb.contains(oid)
    }

    /// The commit that `oid` is, or that it tags.
    ///
    /// # Errors
    /// As [`Repo::read`]; [`Error::WrongKind`] for anything else.
    pub fn commit(&self, oid: Oid) -> Result<Commit> {
        let (oid, object) = self.peel(oid)?;
        expect_kind(oid, &object, Kind::Commit)?;
        Commit::parse(oid, &object.data)
    }

    /// Follows annotated tags to the object they end at.
    ///
    /// # Errors
    /// As [`Repo::read`]; [`Error::Corrupt`] for tags without end.
    pub fn peel(&self, oid: Oid) -> Result<(Oid, Object)> {
        let mut oid = oid;
        for _ in 0..MAX_TAGS {
            let object = self.read_limited(oid, META_LIMIT)?;
            if object.kind != Kind::Tag {
                return Ok((oid, object));
            }
            oid = object::tag_target(oid, &object.data)?;
        }
        Err(self.corrupt_object(oid, "too many tags of tags"))
    }

    /// The tree that `oid` is, or that its commit records.
    ///
    /// # Errors
    /// As [`Repo::commit`].
    pub fn tree_of(&self, oid: Oid) -> Result<Oid> {
        let (oid, object) = self.peel(oid)?;
        match object.kind {
            Kind::Commit => Ok(Commit::parse(oid, &object.data)?.tree),
            _ => expect_kind(oid, &object, Kind::Tree).map(|()| oid),
        }
    }

    /// The content of a tree.
    pub(super) fn tree_data(&self, oid: Oid) -> Result<Vec<u8>> {
        let object = self.read_limited(oid, META_LIMIT)?;
        expect_kind(oid, &object, Kind::Tree)?;
        Ok(object.data)
    }

    /// The parents a walk follows: none at the edge of a shallow clone.
    pub fn followed_parents<'a>(&self, commit: &'a Commit) -> &'a [Oid] {
        if self.shallow_commits().contains(&commit.oid) { &[] } else { &commit.parents }
    }
}

fn expect_kind(oid: Oid, object: &Object, wanted: Kind) -> Result<()> {
    if object.kind == wanted {
        return Ok(());
    }
    Err(Error::WrongKind { oid, found: object.kind, wanted })
}
