//! How a log stands to what was last written of it, before more is written.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use ed25519_dalek::VerifyingKey;
use serde_json::{Map, Value, json};

use super::checkpoints;
use super::files::Files;
use super::line::lower_hex;
use super::merkle::{Frontier, leaf_hash};
use super::note::{Checkpoint, Kept};
use super::state::State;
use super::tail::Tail;
use super::walk::{Wanted, walk};

/// The tree that the log's next events are added to.
#[derive(Default)]
pub(super) struct Standing {
    /// None where the log is not what was last written: then nothing is signed
    /// any more, and verifying goes on saying so.
    pub(super) frontier: Option<Frontier>,
    /// Number of the first event in the newest file.
    pub(super) first: u64,
    /// The newest signed checkpoint.
    pub(super) checkpoint: Option<Kept>,
    /// What a crash left behind, for a recovery event to tell.
    pub(super) mended: Map<String, Value>,
}

impl Standing {
    fn new(
        frontier: Frontier,
        first: u64,
        checkpoint: Option<Kept>,
        mended: Map<String, Value>,
    ) -> Self {
        Self { frontier: Some(frontier), first, checkpoint, mended }
    }
}

/// Compares state and log. `tail` is the end of `file`; where a write did not
/// end, it becomes the end before that write.
pub(super) fn find(
    files: &Files,
    file: &mut File,
    tail: &mut Tail,
    key: Option<&VerifyingKey>,
) -> io::Result<Standing> {
    let state = match State::read(&files.state()) {
        Ok(Some(state)) => state,
        other => {
            let notes = checkpoints::read(&files.checkpoints())?.unwrap_or_default();
            if tail.seq > 0 || !notes.is_empty() || other.is_err() {
                return renew(files, file, tail, &notes, key);
            }
            return Ok(Standing::new(Frontier::default(), 1, None, Map::new()));
        }
    };
    let head = lower_hex(&tail.hash).ok_or(io::ErrorKind::InvalidData)?;
    let mut state = state.of_log(tail.seq, head);
    if state.checkpoint.is_none() {
        state.checkpoint = last_note(files, u64::MAX)?;
    }
    let kept = state.checkpoint.take().map(|note| Kept::of(note, key));
    let signed = kept.as_ref().and_then(|kept| kept.signed.as_ref());
    let Some(frontier) = state.frontier(signed) else {
        let mut notes = checkpoints::read(&files.checkpoints())?.unwrap_or_default();
        notes.extend(kept.map(|kept| kept.note));
        return renew(files, file, tail, &notes, key);
    };
    let is_end = |tail: &Tail| tail.seq == state.size && tail.hash == state.head.to_string();
    let told = unsigned(signed, state.size);
    let standing = |frontier, mended| Standing::new(frontier, state.first, kept.clone(), mended);
    if is_end(tail) {
        return Ok(standing(frontier, told));
    }
    if state.next.is_some() {
        let before = Tail::before(files, file, state.offset)?;
        if is_end(&before) {
            *tail = before;
            return Ok(standing(frontier, told));
        }
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
            let checkpoint = last_note(files, before.size())?.map(|note| Kept::of(note, key));
            let lost = json!({"event": state.size, "entry_hash": state.head});
            return Ok(Standing { checkpoint, ..standing(before, one("lost", lost)) });
        }
    }
    // Events vanished, or somebody else wrote some.
    Ok(Standing { frontier: None, ..standing(frontier, Map::new()) })
}

/// The events behind what is `signed`: somebody wrote them without the log's
/// key, or the state was changed.
fn unsigned(signed: Option<&Checkpoint>, size: u64) -> Map<String, Value> {
    let first = signed.map(|signed| signed.size + 1).filter(|first| *first <= size);
    first.map(|first| one("unsigned_events", json!([first, size]))).unwrap_or_default()
}

/// Makes a state that is missing or wrong anew, where the log holds and fits
/// every checkpoint.
fn renew(
    files: &Files,
    file: &mut File,
    tail: &Tail,
    notes: &[String],
    key: Option<&VerifyingKey>,
) -> io::Result<Standing> {
    let Some(frontier) = rebuild(files, tail, notes)? else {
        return Ok(Standing { frontier: None, ..Standing::default() });
    };
    let mut told = one("state", json!("rebuilt from the log"));
    let last = notes.iter().filter_map(|note| Checkpoint::unverified(note)).map(|note| note.size);
    let first = last.max().unwrap_or(0) + 1;
    if first <= frontier.size() {
        told.insert("unsigned_events".to_owned(), json!([first, frontier.size()]));
    }
    let checkpoint = notes.last().map(|note| Kept::of(note.clone(), key));
    Ok(Standing::new(frontier, first_of(file).unwrap_or(1), checkpoint, told))
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
