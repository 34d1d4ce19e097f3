//! Objects as they come out of the store, and what their text says.

use std::fmt;
use std::path::Path;

use super::{Error, Oid, Result};

/// Kind of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Content of a file, or target of a symbolic link.
    Blob,
    /// A directory.
    Tree,
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// The name git stores and prints.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Tree => "tree",
            Self::Commit => "commit",
            Self::Tag => "tag",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"blob" => Some(Self::Blob),
            b"tree" => Some(Self::Tree),
            b"commit" => Some(Self::Commit),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An object with its whole content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Content without git's own header.
    pub data: Vec<u8>,
}

/// Who wrote or committed, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// Name, invalid UTF-8 replaced.
    pub name: String,
    /// Address, invalid UTF-8 replaced.
    pub email: String,
    /// Seconds since 1970-01-01 UTC; 0 where the commit has no readable time.
    pub time: i64,
    /// Minutes east of UTC.
    pub offset: i32,
}

impl Signature {
    /// Reads `name <email> seconds +hhmm`, taking what is there: hand-made
    /// commits lack parts of it.
    fn parse(line: &[u8]) -> Self {
        let open = line.iter().position(|byte| *byte == b'<').unwrap_or(line.len());
        let close = line.iter().rposition(|byte| *byte == b'>').unwrap_or(line.len()).max(open);
        let text = |bytes: Option<&[u8]>| {
            String::from_utf8_lossy(bytes.unwrap_or_default()).trim().to_owned()
        };
        let rest = text(line.get(close.saturating_add(1)..));
        let mut words = rest.split_ascii_whitespace();
        Self {
            name: text(line.get(..open)),
            email: text(line.get(open.saturating_add(1)..close)),
            time: words.next().and_then(|word| word.parse().ok()).unwrap_or(0),
            offset: words.next().and_then(offset_minutes).unwrap_or(0),
        }
    }
}

/// `+0530` is 330 minutes.
fn offset_minutes(text: &str) -> Option<i32> {
    let value: i32 = text.parse().ok()?;
    (-9999..=9999).contains(&value).then_some(value / 100 * 60 + value % 100)
}

/// A commit, without its signature and other extra headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The commit's own id.
    pub oid: Oid,
    /// The tree it records.
    pub tree: Oid,
    /// Its parents, first parent first; as written, also in a shallow clone.
    pub parents: Vec<Oid>,
    /// Who wrote the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The message, in whatever encoding it was written.
    pub message: Vec<u8>,
}

impl Commit {
    /// Reads a commit's text (gitformat: headers, empty line, message).
    ///
    /// # Errors
    /// [`Error::Corrupt`] without a tree; everything else is taken as it is.
    pub fn parse(oid: Oid, data: &[u8]) -> Result<Self> {
        let (mut tree, mut parents) = (None, Vec::new());
        let (mut author, mut committer) = (Signature::default(), Signature::default());
        let mut rest = data;
        loop {
            let (line, after) = split_line(rest);
            rest = after;
            if line.is_empty() {
                break;
            }
            let (name, value) = split_word(line);
            match name {
                b"tree" if tree.is_none() => tree = Oid::parse_bytes(value),
                b"parent" => parents.extend(Oid::parse_bytes(value)),
                b"author" => author = Signature::parse(value),
                b"committer" => committer = Signature::parse(value),
                _ => {}
            }
        }
        let tree = tree.ok_or_else(|| corrupt(oid, "the commit names no tree"))?;
        Ok(Self { oid, tree, parents, author, committer, message: rest.to_vec() })
    }

    /// First line of the message, invalid UTF-8 replaced.
    #[must_use]
    pub fn subject(&self) -> String {
        let line = self.message.split(|byte| *byte == b'\n').find(|line| !line.is_empty());
        String::from_utf8_lossy(line.unwrap_or_default()).trim().to_owned()
    }
}

/// What an annotated tag points to.
///
/// # Errors
/// [`Error::Corrupt`] without an object line.
pub fn tag_target(oid: Oid, data: &[u8]) -> Result<Oid> {
    let (name, value) = split_word(split_line(data).0);
    Some(value)
        .filter(|_| name == b"object")
        .and_then(Oid::parse_bytes)
        .ok_or_else(|| corrupt(oid, "the tag names no object"))
}

fn split_line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (data.get(..end).unwrap_or(data), data.get(end + 1..).unwrap_or_default()),
        None => (data, &[]),
    }
}

fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(end) => (line.get(..end).unwrap_or(line), line.get(end + 1..).unwrap_or_default()),
        None => (line, &[]),
    }
}

fn corrupt(oid: Oid, reason: &str) -> Error {
    Error::corrupt(format!("object `{oid}`"), Path::new("objects"), reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(digit: &str) -> Oid {
        Oid::parse(&digit.repeat(40)).unwrap()
    }

    #[test]
    fn a_signed_commit_is_read_with_its_extra_headers_skipped() {
        let text = format!(
            "tree {}\nparent {}\nparent {}\nauthor Ada <L> <ada@x> 12 +0530\n\
             committer B <b@y> -3 -0130\nencoding latin1\ngpgsig -----BEGIN\n tree x\n \n -----END\n\
             \nsubject\n\nbody\n",
            id("1"),
            id("2"),
            id("3")
        );
        let commit = Commit::parse(id("f"), text.as_bytes()).unwrap();
        assert_eq!((commit.tree, commit.parents.clone()), (id("1"), vec![id("2"), id("3")]));
        assert_eq!((commit.author.time, commit.author.offset), (12, 330));
        assert_eq!(commit.author.name, "Ada");
        assert_eq!((commit.committer.time, commit.committer.offset), (-3, -90));
        assert_eq!(commit.message, b"subject\n\nbody\n");
        assert_eq!(commit.subject(), "subject");
    }

    #[test]
    fn a_commit_without_a_tree_is_corrupt() {
        assert!(Commit::parse(id("f"), b"author x\n\n").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Commit::parse(id("f"), &data);
            let _ = tag_target(id("f"), &data);
            let _ = Signature::parse(&data);
        }
    }
}
