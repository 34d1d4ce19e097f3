//! The file of a log's checkpoints: signed notes, an empty line behind each.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::files::private;

/// Notes in the order they were written; an error names the first that is not
/// whole, counted from 1.
pub(super) fn read(path: &Path) -> io::Result<Result<Vec<String>, usize>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Ok(Vec::new())),
        other => other?,
    };
    Ok(split(&bytes))
}

fn split(bytes: &[u8]) -> Result<Vec<String>, usize> {
    let text = std::str::from_utf8(bytes).map_err(|_| 1usize)?;
    let mut notes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let number = notes.len() + 1;
        let (text, after) = rest.split_once("\n\n").ok_or(number)?;
        let (signatures, after) = after.split_once("\n\n").ok_or(number)?;
        notes.push(format!("{text}\n\n{signatures}\n"));
        rest = after;
    }
    Ok(notes)
}

/// Adds a note, and leaves it on the disk.
pub(super) fn append(path: &Path, note: &str) -> io::Result<()> {
    let mut file = private().append(true).create(true).open(path)?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()
}
