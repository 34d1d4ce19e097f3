//! Signs logs that another program writes: with a checkpoint beside it, a log
//! that has no signatures of its own can't be rewritten or cut short unseen.

use std::io::{self, BufRead, BufReader};

use super::append::Manner;
use super::checkpoints;
use super::files::Part;
use super::line::Format;
use super::note::Kept;
use super::state::Signer;
use super::walk::{Wanted, walk};

impl Manner {
    /// Whether somebody else writes this log.
    pub(super) fn is_foreign(&self) -> io::Result<bool> {
        let Some(Part { file, .. }) = self.files.open_all()?.into_iter().next() else {
            return Ok(false);
        };
        let line = BufReader::new(file)
            .split(b'\n')
            .find(|line| line.as_ref().map_or(true, |line| !line.trim_ascii().is_empty()));
        Ok(line.transpose()?.is_some_and(|line| Format::of(&line) != Format::Saferun))
    }

    /// Signs the log as it stands; none where it doesn't hold or there is no key.
    pub(super) fn adopt(&self) -> io::Result<Option<String>> {
        let kept = self.files.checkpoints();
        let walked = walk(self.files.open_all()?, Wanted::default())?;
        let (Some(key), Ok(notes), None) =
            (self.key.key(), checkpoints::read(&kept)?, walked.fault)
        else {
            return Ok(None);
        };
        let public = key.verifying_key();
        let last = notes.last().map(|note| Kept::of(note.clone(), Some(&public)));
        let Some(signer) = Signer::of(&key, last.as_ref()) else {
            return Ok(None);
        };
        let note = signer.sign(&walked.frontier);
        checkpoints::append(&kept, &note)?;
        Ok(Some(note))
    }
}
