//! How a log stands to what was last written of it, before more is written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use ed25519_dalek::VerifyingKey;
use serde_json::{Map, Value, json};

use super::checkpoints;
use super::files::Files;
use super::line::{Format, check};
use super::merkle::{Frontier, leaf_hash};
use super::note::Checkpoint;
use super::state::State;
use super::tail::Tail;
use super::walk::{Wanted, walk};

/// The tree that the log's next events are added to.
pub(super) struct Standing {
    /// None where the log is not what was last written: then nothing is signed
    /// any more, and verifying goes on saying so.
    pub(super) frontier: Option<Frontier>,
    /// Number of the first event in the newest file.
    pub(super) first: u64,
    /// The newest signed checkpoint.
    pub(super) checkpoint: Option<String>,
    /// What a crash left behind, for a recovery event to tell.
    pub(super) mended: Map<String, Value>,
}

/// Compares state and log. `tail` is the end of `file`.
pub(super) fn find(
    files: &Files,
    file: &mut File,
    tail: &Tail,
    key: Option<&VerifyingKey>,
) -> io::Result<Standing> {
    let disputed =
        |checkpoint| Standing { frontier: None, first: 0, checkpoint, mended: Map::new() };
    let state = match State::read(&files.state()) {
        Ok(Some(state)) => state,
        other => {
            let notes = checkpoints::read(&files.checkpoints())?.unwrap_or_default();
            if tail.seq > 0 || !notes.is_empty() || other.is_err() {
                return renew(files, file, tail, &notes);
            }
            let frontier = Some(Frontier::default());
            return Ok(Standing { frontier, first: 1, checkpoint: None, mended: Map::new() });
        }
    };
    let checkpoint = state.checkpoint.clone();
    let standing = |frontier, mended| Standing {
        frontier: Some(frontier),
        first: state.first,
        checkpoint: state.checkpoint.clone(),
        mended,
    };
    let Some(frontier) = state.frontier(key) else {
        let mut notes = checkpoints::read(&files.checkpoints())?.unwrap_or_default();
        notes.extend(checkpoint);
        return renew(files, file, tail, &notes);
    };
    let same = tail.seq == state.size && tail.hash == state.head.to_string();
    if same {
        return Ok(standing(frontier, Map::new()));
    }
    if tail.seq > state.size {
        let Some(grown) = catch_up(file, &state, frontier, tail)? else {
            return Ok(disputed(checkpoint));
        };
        let numbers = json!([state.size + 1, tail.seq]);
        return Ok(standing(grown, one("unsigned_events", numbers)));
    }
    if tail.torn > 0 && tail.seq + 1 == state.size {
        // The last event was being written: everything before it has to be
        // what was signed.
        let before = rebuild(files, tail, &[])?;
        let with_lost = before.clone().map(|mut tree| {
            tree.push(leaf_hash(state.head.as_bytes()));
            tree.root()
        });
        if let (Some(before), Some(root)) = (before, with_lost)
            && root == frontier.root()
        {
            let checkpoint = last_note(files, before.size())?;
            let lost = json!({"event": state.size, "entry_hash": state.head});
            return Ok(Standing { checkpoint, ..standing(before, one("lost", lost)) });
        }
    }
    Ok(disputed(checkpoint))
}

/// Makes a state that is missing or wrong anew, where the log holds and fits
/// every checkpoint.
fn renew(files: &Files, file: &mut File, tail: &Tail, notes: &[String]) -> io::Result<Standing> {
    let frontier = rebuild(files, tail, notes)?;
    let told = frontier.as_ref().map(|_| one("state", json!("rebuilt from the log")));
    Ok(Standing {
        frontier,
        first: first_of(file).unwrap_or(1),
        checkpoint: notes.last().cloned(),
        mended: told.unwrap_or_default(),
    })
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), value)])
}

/// The newest checkpoint in the file that is of no more events than `size`;
/// one of more is a contradiction that verifying finds.
fn last_note(files: &Files, size: u64) -> io::Result<Option<String>> {
    let notes = checkpoints::read(&files.checkpoints())?.unwrap_or_default();
    let fits = |note: &&String| {
        Checkpoint::unverified(note).is_some_and(|checkpoint| checkpoint.size <= size)
    };
    Ok(notes.iter().rfind(fits).cloned())
}

/// The tree of the log as it stands, where it holds and fits the checkpoints.
fn rebuild(files: &Files, tail: &Tail, notes: &[String]) -> io::Result<Option<Frontier>> {
    let expected: Vec<Checkpoint> =
        notes.iter().filter_map(|note| Checkpoint::unverified(note)).collect();
    let roots = expected.iter().map(|checkpoint| (checkpoint.size, None)).collect();
    let mut parts = files.open_all()?;
    if let Some(newest) = parts.last_mut().filter(|part| part.path == files.log()) {
        newest.length = tail.end;
    }
    let walked = walk(parts, Wanted { roots, ..Wanted::default() })?;
    let fits = |checkpoint: &Checkpoint| {
        walked.roots.get(&checkpoint.size) == Some(&Some(checkpoint.root))
    };
    let holds = walked.fault.is_none() && walked.head.to_string() == tail.hash;
    Ok((holds && expected.iter().all(fits)).then_some(walked.frontier))
}

/// Adds the events behind those of the state.
fn catch_up(
    file: &mut File,
    state: &State,
    mut frontier: Frontier,
    tail: &Tail,
) -> io::Result<Option<Frontier>> {
    if tail.end < state.offset || first_of(file) != Some(state.first) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(state.offset))?;
    file.take(tail.end - state.offset).read_to_end(&mut bytes)?;
    let mut head = state.head;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Ok(Some(checked)) = check(line, Format::Saferun) else { return Ok(None) };
        if checked.prev != head || checked.seq != Some(frontier.size() + 1) {
            return Ok(None);
        }
        head = checked.hash;
        frontier.push(checked.leaf);
    }
    Ok((head.to_string() == tail.hash).then_some(frontier))
}

/// Number of the first event in a file.
fn first_of(file: &mut File) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct First {
        seq: u64,
    }
    file.seek(SeekFrom::Start(0)).ok()?;
    let first = serde_json::Deserializer::from_reader(io::BufReader::new(file))
        .into_iter::<First>()
        .next()?;
    Some(first.ok()?.seq)
}
