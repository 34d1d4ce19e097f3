//! A file in blocks of whole lines, checked by several threads and taken in
//! order.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How much is read at once, in bytes.
const BLOCK: usize = 1 << 20;
/// Longest line, in bytes: a longer one is checked as what was read of it.
const LONGEST_LINE: usize = 64 << 20;
/// Most threads that check.
const MOST_THREADS: usize = 8;

/// Runs `check` over blocks of whole lines, on all processors where there are
/// several blocks, and gives what it returns to `take` in the file's order,
/// until that says no.
pub(super) fn each_block<T: Send + 'static>(
    file: File,
    length: u64,
    check: impl Fn(&[u8]) -> T + Sync,
    mut take: impl FnMut(T) -> bool,
) -> io::Result<()> {
    let mut blocks = Blocks { source: file.take(length), rest: Vec::new() };
    let processors = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    if length <= BLOCK as u64 || processors == 1 {
        while let Some(block) = blocks.next()? {
            if !take(check(&block)) {
                break;
            }
        }
        return Ok(());
    }
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..processors).map(|_| lane(scope, &check)).collect();
        let mut sent = 0;
        let mut taken = 0;
        let mut receive = |taken: &mut usize| {
            let found = lanes.get(*taken % processors).and_then(|(_, results)| results.recv().ok());
            *taken += 1;
            found.is_some_and(&mut take)
        };
        while let Some(block) = blocks.next()? {
            if sent >= taken + 2 * processors && !receive(&mut taken) {
                return Ok(());
            }
            if let Some((work, _)) = lanes.get(sent % processors) {
                let _ = work.send(block);
            }
            sent += 1;
        }
        while taken < sent && receive(&mut taken) {}
        Ok(())
    })
}

fn lane<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    check: &'scope (impl Fn(&[u8]) -> T + Sync),
) -> (SyncSender<Vec<u8>>, Receiver<T>) {
    let (work, blocks) = sync_channel::<Vec<u8>>(2);
    let (results, found) = sync_channel(2);
    scope.spawn(move || {
        for block in blocks {
            if results.send(check(&block)).is_err() {
                return;
            }
        }
    });
    (work, found)
}

struct Blocks<R> {
    source: R,
    /// The beginning of a line whose end is not read yet.
    rest: Vec<u8>,
}

impl<R: Read> Blocks<R> {
    /// The next whole lines; the last block may end in the middle of one.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut block = std::mem::take(&mut self.rest);
        loop {
            let before = block.len();
            self.source.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
            if block.len() == before {
                return Ok((!block.is_empty()).then_some(block));
            }
            let end = memchr::memrchr(b'\n', &block[before..]).map(|at| before + at + 1);
            match end {
                Some(end) => self.rest.extend(block.drain(end..)),
                None if block.len() < LONGEST_LINE => continue,
                None => {}
            }
            return Ok(Some(block));
        }
    }
}
