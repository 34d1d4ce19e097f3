//! Work on all cores, its results in order.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// More threads than this wait for memory, not for each other.
const MOST: usize = 16;

/// How many threads there is work for.
#[must_use]
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// Runs both at the same time.
pub fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| resume_unwind(panic)), other)
    })
}

/// Runs `work` once on each of `count` threads, this one among them.
pub fn each<R: Send>(count: usize, work: impl Fn() -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let others: Vec<_> = (1..count).map(|_| scope.spawn(&work)).collect();
        let mut all = vec![work()];
        let joined = others.into_iter().map(|other| other.join());
        all.extend(joined.map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))));
        all
    })
}

/// Folds items into one state a thread, neighbours (so many at once) into the
/// same one; `each` also gets the item's number.
pub fn fold<T: Sync, S: Send>(
    items: &[T],
    run: usize,
    state: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, usize, &T) + Sync,
) -> Vec<S> {
    let next = AtomicUsize::new(0);
    self::each(threads().min(items.len().div_ceil(run.max(1))), || {
        let mut state = state();
        loop {
            let start = next.fetch_add(run.max(1), Ordering::Relaxed);
            let part = items.get(start..items.len().min(start + run)).unwrap_or_default();
            if part.is_empty() {
                return state;
            }
            (start..).zip(part).for_each(|(number, item)| each(&mut state, number, item));
        }
    })
}

/// `each` of every item, in the items' order; a thread takes `run` of them at
/// once: neighbours share what they are read from, and fewer are not worth a
/// thread.
pub fn map<T: Sync, R: Send>(items: &[T], run: usize, each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let count = match items.len() / run.max(1) {
        0 | 1 => return items.iter().map(each).collect(),
        pay => threads().min(pay),
    };
    let next = AtomicUsize::new(0);
    let parts = self::each(count, || {
        let mut done = Vec::new();
        loop {
            let start = next.fetch_add(run, Ordering::Relaxed);
            match items.get(start..items.len().min(start + run)) {
                None | Some([]) => return done,
                Some(part) => done.push((start, part.iter().map(&each).collect::<Vec<R>>())),
            }
        }
    });
    let mut done: Vec<_> = parts.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(start, _)| *start);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 47, 48, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(&items, 12, |item| item + 1), (1..=count).collect::<Vec<_>>());
            let sums = fold(&items, 12, || 0_usize, |sum, number, item| *sum += number + item);
            assert_eq!(sums.iter().sum::<usize>(), items.iter().sum::<usize>() * 2);
        }
    }
}
