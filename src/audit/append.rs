//! Writes events, one process at a time: under the lock the log is mended,
//! chained to, set aside when it is large, and its new head signed.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::event::{Event, EventType};
use super::files::{Files, private};
use super::line::lower_hex;
use super::merkle::{Frontier, leaf_hash};
use super::note::Checkpoint;
use super::standing::{Standing, find};
use super::state::{Signer, State};
use super::tail::{Ids, Tail};
use super::{checkpoints, keys, rotate};
use crate::redact;

/// Where the key that signs comes from.
#[derive(Debug, Clone, Default)]
pub(super) enum KeySource {
    /// The account's own key, made when it is first needed.
    #[default]
    Account,
    /// This one.
    Given(Arc<SigningKey>),
    /// Nothing is signed.
    Nowhere,
}

impl KeySource {
    /// The key; none where there is none to be had, which stops nothing: the
    /// chain goes on without signatures.
    pub(super) fn key(&self) -> Option<Arc<SigningKey>> {
        match self {
            Self::Account => {
                let key = keys::account_file().and_then(|path| keys::load_or_create(&path));
                key.ok().map(Arc::new)
            }
            Self::Given(key) => Some(Arc::clone(key)),
            Self::Nowhere => None,
        }
    }
}

/// How a log is written.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) files: Files,
    pub(super) key: KeySource,
    /// Events between two checkpoints that are kept.
    pub(super) every: u64,
    /// Length in bytes beyond which a new file is begun; 0 is never.
    pub(super) rotate_at: u64,
}

/// A log that is locked, and its end.
struct Open<'a> {
    manner: &'a Manner,
    file: File,
    tail: Tail,
    standing: Standing,
    key: Option<Arc<SigningKey>>,
    ids: Ids,
    lines: String,
    /// The state before the first of the lines.
    before: Option<State>,
    _lock: File,
}

impl Manner {
    /// Adds `events` in their order. Returns the file, for who wants it synced.
    pub(super) fn write(&self, events: &mut [Event]) -> io::Result<File> {
        events.iter_mut().for_each(redact_event);
        let mut log = self.open()?;
        let at = events.first().map_or_else(jiff::Timestamp::now, |event| event.timestamp);
        log.put_aside()?;
        log.rotate(at)?;
        log.tell(at)?;
        for event in events {
            log.add(event)?;
        }
        log.commit(false)?;
        Ok(log.file)
    }

    /// Signs the log as it stands, keeps the checkpoint beside it and returns
    /// it; none where the log is not what was last written, or another key
    /// signs it.
    pub(super) fn checkpoint(&self) -> io::Result<Option<String>> {
        let mut log = self.open()?;
        log.put_aside()?;
        log.tell(jiff::Timestamp::now())?;
        log.commit(true)
    }

    fn open(&self) -> io::Result<Open<'_>> {
        let lock = self.files.lock()?;
        let mut file = self.files.open_to_append()?;
        let mut tail = Tail::of(&self.files, &mut file)?;
        let key = self.key.key();
        let public = key.as_ref().map(|key| key.verifying_key());
        let standing = find(&self.files, &mut file, &mut tail, public.as_ref())?;
        let (ids, lines) = (Ids::default(), String::new());
        Ok(Open { manner: self, file, tail, standing, key, ids, lines, before: None, _lock: lock })
    }
}

impl Open<'_> {
    /// Puts aside what a write left that did not end.
    fn put_aside(&mut self) -> io::Result<()> {
        if self.tail.torn == 0 {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.tail.end))?;
        (&mut self.file).take(self.tail.torn).read_to_end(&mut bytes)?;
        bytes.push(b'\n');
        let aside = self.manner.files.torn();
        private().append(true).create(true).open(&aside)?.write_all(&bytes)?;
        self.file.set_len(self.tail.end)?;
        let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.standing.mended.insert("dropped_bytes".to_owned(), json!(self.tail.torn));
        self.standing.mended.insert("kept_in".to_owned(), json!(name));
        Ok(())
    }

    /// Says what a crash left.
    fn tell(&mut self, at: jiff::Timestamp) -> io::Result<()> {
        if self.standing.mended.is_empty() {
            return Ok(());
        }
        let mut recovery = Event::new(EventType::Recovery, at);
        recovery.context = Value::Object(std::mem::take(&mut self.standing.mended));
        self.add(&mut recovery)
    }

    /// Begins a new file where this one is long, or where a crash came between
    /// the old one and the new.
    fn rotate(&mut self, at: jiff::Timestamp) -> io::Result<()> {
        let limit = self.manner.rotate_at;
        let between = self.tail.end == 0 && self.tail.seq > 0;
        if !between && (limit == 0 || self.tail.end < limit || self.standing.frontier.is_none()) {
            return Ok(());
        }
        let files = &self.manner.files;
        let previous = if between {
            let last = files.parts()?.pop();
            let name = last.as_deref().and_then(std::path::Path::file_name);
            name.unwrap_or_default().to_string_lossy().into_owned()
        } else {
            self.file.sync_data()?;
            let name = rotate::set_aside(files, self.standing.first)?;
            self.file = files.open_to_append()?;
            self.tail.end = 0;
            name
        };
        self.standing.first = self.tail.seq + 1;
        let mut header = rotate::header(&previous, self.standing.frontier.as_ref(), at);
        self.add(&mut header)
    }

    fn add(&mut self, event: &mut Event) -> io::Result<()> {
        if self.lines.is_empty() {
            self.before = self.state(self.note())?;
        }
        self.tail.chain(event, &mut self.ids, &mut self.lines);
        if let (Some(frontier), Some(hash)) =
            (&mut self.standing.frontier, lower_hex(&event.entry_hash))
        {
            frontier.push(leaf_hash(hash.as_bytes()));
        }
        Ok(())
    }

    /// Announces the signed head, writes the lines, and puts the head in force:
    /// so events that a crash left can be told from events that somebody else
    /// wrote. The checkpoint is kept when it is time, or `asked` for. Returns
    /// the newest.
    fn commit(&mut self, asked: bool) -> io::Result<Option<String>> {
        let last = self.standing.checkpoint.as_ref();
        let signer = self.key.as_deref().and_then(|key| Signer::of(key, last));
        let note = signer.zip(self.standing.frontier.as_ref());
        let note = note.map(|(signer, frontier)| signer.sign(frontier));
        let path = self.manner.files.state();
        let after = self.state(note.clone().or_else(|| self.note()))?;
        if let (Some(after), Some(before)) = (&after, self.before.take()) {
            State { next: Some(Box::new(after.clone())), ..before }.write(&path)?;
        }
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(self.lines.as_bytes())?;
        self.tail.end += self.lines.len() as u64;
        self.lines.clear();
        if let Some(note) = note.as_deref().filter(|_| asked || self.is_due()) {
            self.file.sync_data()?;
            checkpoints::append(&self.manner.files.checkpoints(), note)?;
        }
        after.map_or(Ok(()), |after| after.write(&path))?;
        Ok(note)
    }

    /// The newest checkpoint before the lines.
    fn note(&self) -> Option<String> {
        self.standing.checkpoint.as_ref().map(|kept| kept.note.clone())
    }

    /// The state when the lines are written; none where nothing is signed any more.
    fn state(&self, checkpoint: Option<String>) -> io::Result<Option<State>> {
        let Some(frontier) = &self.standing.frontier else { return Ok(None) };
        Ok(Some(State {
            size: frontier.size(),
            head: lower_hex(&self.tail.hash).ok_or(io::ErrorKind::InvalidData)?,
            first: self.standing.first,
            offset: self.tail.end + self.lines.len() as u64,
            peaks: frontier.peaks().to_vec(),
            checkpoint,
            next: None,
        }))
    }

    /// Whether a multiple of the interval was passed since the checkpoint
    /// before; the first events get one, too, so that there always is one.
    fn is_due(&self) -> bool {
        let size = self.standing.frontier.as_ref().map_or(0, Frontier::size);
        let last = self.standing.checkpoint.as_ref();
        let last = last.and_then(|kept| Checkpoint::unverified(&kept.note));
        let every = self.manner.every.max(1);
        last.is_none_or(|last| size / every > last.size / every)
    }
}

fn redact_event(event: &mut Event) {
    event.params = redact::redact_json(std::mem::take(&mut event.params));
    event.context = redact::redact_json(std::mem::take(&mut event.context));
    let reasons = event.reasons.iter_mut().map(|reason| &mut reason.message);
    let caller = event.caller.iter_mut().flat_map(|caller| {
        let delegators = caller.delegation.iter_mut().map(|delegator| &mut delegator.id);
        [&mut caller.id].into_iter().chain(&mut caller.agent).chain(delegators)
    });
    let texts = [&mut event.operation, &mut event.target].into_iter().chain(&mut event.ticket_id);
    for text in texts.chain(caller).chain(reasons) {
        if let Cow::Owned(shown) = redact::redact(text) {
            *text = shown;
        }
    }
}
