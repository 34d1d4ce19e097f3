//! Loose objects: one zlib stream a file, `<kind> <size>\0<content>`.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::inflate::Inflate;
use crate::git::{Error, Kind, Object, Oid, Result};

/// Longest header: `commit `, twenty digits and a NUL.
const MAX_HEADER: usize = 32;

/// `objects/ab/cdef…`
pub fn path(dir: &Path, oid: Oid) -> PathBuf {
    let hex = oid.to_string();
    let (first, rest) = hex.split_at(2);
    let mut path = dir.join(first);
    path.push(rest);
    path
}

/// The object, if this store has it loose.
pub fn read(dir: &Path, oid: Oid, limit: u64) -> Result<Option<Object>> {
    let Some(mut open) = Open::new(dir, oid)? else { return Ok(None) };
    if open.size > limit {
        return Err(Error::TooLarge { oid, size: open.size, limit });
    }
    let (size, begun) = (open.size, std::mem::take(&mut open.begun));
    let data = open.stream.whole(begun, size).map_err(|error| bad(&open.path, oid, &error))?;
    Ok(Some(Object { kind: open.kind, data }))
}

/// Kind and size, if this store has the object loose.
pub fn header(dir: &Path, oid: Oid) -> Result<Option<(Kind, u64)>> {
    Ok(Open::new(dir, oid)?.map(|open| (open.kind, open.size)))
}

/// Size and content as a stream, if this store has the object loose.
pub fn stream(dir: &Path, oid: Oid) -> Result<Option<(u64, impl Read + Send + use<>)>> {
    let open = Open::new(dir, oid)?;
    Ok(open.map(|open| (open.size, Cursor::new(open.begun).chain(open.stream))))
}

/// The ids of the store's loose objects.
pub fn ids(dir: &Path) -> Vec<Oid> {
    let below = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten();
    let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let fans = below(dir).filter(|entry| entry.file_name().len() == 2);
    fans.flat_map(|fan| {
        let first = name(&fan);
        below(&fan.path()).filter_map(move |entry| Oid::parse(&(first.clone() + &name(&entry))))
    })
    .collect()
}

struct Open {
    path: PathBuf,
    stream: Inflate<File>,
    kind: Kind,
    size: u64,
    begun: Vec<u8>,
}

impl Open {
    fn new(dir: &Path, oid: Oid) -> Result<Option<Self>> {
        let path = path(dir, oid);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        let length = file.metadata().map_or(0, |meta| meta.len());
        let mut stream = Inflate::new(file, length);
        let mut begun = Vec::new();
        stream.fill(&mut begun, MAX_HEADER).map_err(|error| bad(&path, oid, &error))?;
        let Some((kind, size, used)) = parse_header(&begun) else {
            return Err(bad(&path, oid, &"its header is not one of an object"));
        };
        begun.drain(..used);
        Ok(Some(Self { path, stream, kind, size, begun }))
    }
}

fn parse_header(data: &[u8]) -> Option<(Kind, u64, usize)> {
    let end = data.iter().position(|byte| *byte == 0)?;
    let text = data.get(..end)?;
    let space = text.iter().position(|byte| *byte == b' ')?;
    let kind = Kind::from_name(text.get(..space)?)?;
    let digits = std::str::from_utf8(text.get(space + 1..)?).ok()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let size = digits.parse().ok().filter(|_| plain)?;
    Some((kind, size, end + 1))
}

fn bad(path: &Path, oid: Oid, reason: &dyn std::fmt::Display) -> Error {
    Error::corrupt(format!("object `{oid}`"), path, reason.to_string())
}
