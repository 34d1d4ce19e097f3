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
        let mut block = Vec::new();
        while blocks.next(&mut block)? && take(check(&block)) {}
        return Ok(());
    }
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..processors).map(|_| lane(scope, &check)).collect();
        let (mut sent, mut taken) = (0, 0);
        let mut used = Vec::new();
        let mut receive = |used: &mut Vec<Vec<u8>>| {
            let found = lanes.get(taken % processors).and_then(|(_, results)| results.recv().ok());
            taken += 1;
            found.is_some_and(|(found, block)| {
                used.push(block);
                take(found)
            })
        };
        loop {
            // Memory that was used before is quicker than new memory.
            let mut block = used.pop().unwrap_or_default();
            if !blocks.next(&mut block)? {
                break;
            }
            if let Some((work, _)) = lanes.get(sent % processors) {
                let _ = work.send(block);
            }
            sent += 1;
            if sent >= 2 * processors && !receive(&mut used) {
                return Ok(());
            }
        }
        let left = sent.min(2 * processors - 1);
        let _ = (0..left).all(|_| receive(&mut used));
        Ok(())
    })
}

/// Where blocks go, and where they come back with what was found.
type Lane<T> = (SyncSender<Vec<u8>>, Receiver<(T, Vec<u8>)>);

/// A thread that checks blocks, and gives each back with what it found.
fn lane<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    check: &'scope (impl Fn(&[u8]) -> T + Sync),
) -> Lane<T> {
    let (work, blocks) = sync_channel::<Vec<u8>>(2);
    let (results, found) = sync_channel(2);
    scope.spawn(move || {
        for block in blocks {
            let checked = check(&block);
            if results.send((checked, block)).is_err() {
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
    /// Makes `block` the next whole lines, where there are any; the last block
    /// may end in the middle of one.
    fn next(&mut self, block: &mut Vec<u8>) -> io::Result<bool> {
        block.clear();
        block.append(&mut self.rest);
        loop {
            let before = block.len();
            block.reserve(BLOCK + 1);
            self.source.by_ref().take(BLOCK as u64).read_to_end(block)?;
            if block.len() == before {
                return Ok(!block.is_empty());
            }
            let end = memchr::memrchr(b'\n', &block[before..]).map(|at| before + at + 1);
            match end {
                Some(end) => self.rest.extend(block.drain(end..)),
                None if block.len() < LONGEST_LINE => continue,
                None => {}
            }
            return Ok(true);
        }
    }
}
