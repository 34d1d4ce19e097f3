//! Group commit: threads that append at once share one write and one sync.

use std::collections::HashMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::append::Manner;
use super::event::Event;

/// What became of one thread's events.
type Answer = Result<Vec<String>, (io::ErrorKind, String)>;

/// The events that wait for the thread that is writing to be done.
#[derive(Debug, Default)]
pub(super) struct Group {
    queue: Mutex<Queue>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: Vec<(u64, Vec<Event>, bool)>,
    writing: bool,
    answers: HashMap<u64, Answer>,
}

impl Group {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `events`, together with what other threads want to write, and
    /// syncs them where somebody asks for that. Returns their ids.
    pub(super) fn write(
        &self,
        manner: &Manner,
        events: Vec<Event>,
        durable: bool,
    ) -> io::Result<Vec<String>> {
        let mut queue = self.queue();
        let turn = queue.next;
        queue.next += 1;
        queue.waiting.push((turn, events, durable));
        loop {
            if let Some(answer) = queue.answers.remove(&turn) {
                return answer.map_err(|(kind, message)| io::Error::new(kind, message));
            }
            if queue.writing {
                queue = self.done.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.writing = true;
            let batch = std::mem::take(&mut queue.waiting);
            drop(queue);
            let answers = write_batch(manner, batch);
            queue = self.queue();
            queue.writing = false;
            queue.answers.extend(answers);
            self.done.notify_all();
        }
    }
}

fn write_batch(manner: &Manner, batch: Vec<(u64, Vec<Event>, bool)>) -> Vec<(u64, Answer)> {
    let durable = batch.iter().any(|(_, _, durable)| *durable);
    let turns: Vec<(u64, usize)> =
        batch.iter().map(|(turn, events, _)| (*turn, events.len())).collect();
    let mut events: Vec<Event> = batch.into_iter().flat_map(|(_, events, _)| events).collect();
    let written = manner.write(&mut events);
    let written = written.and_then(|file| if durable { file.sync_data() } else { Ok(()) });
    let mut ids = events.into_iter().map(|event| event.event_id);
    let answer = |(turn, count)| match &written {
        Ok(()) => (turn, Ok(ids.by_ref().take(count).collect())),
        Err(error) => (turn, Err((error.kind(), error.to_string()))),
    };
    turns.into_iter().map(answer).collect()
}
