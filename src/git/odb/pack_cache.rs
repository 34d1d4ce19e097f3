//! A small memory of delta bases: neighbours in a pack share them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Shared;

/// Bytes kept at most.
const CAPACITY: usize = 8 << 20;
/// An object larger than this would push everything else out.
const MAX_OBJECT: usize = CAPACITY / 8;

/// Pack number and offset.
pub type Key = (usize, u64);

/// First in, first out, by bytes.
#[derive(Debug, Default)]
pub struct BaseCache {
    objects: HashMap<Key, Shared>,
    order: VecDeque<Key>,
    bytes: usize,
}

impl BaseCache {
    pub fn get(&self, key: Key) -> Option<Shared> {
        self.objects.get(&key).map(|(kind, data)| (*kind, Arc::clone(data)))
    }

    pub fn put(&mut self, key: Key, object: &Shared) {
        if object.1.len() > MAX_OBJECT || self.objects.contains_key(&key) {
            return;
        }
        self.bytes += object.1.len();
        self.order.push_back(key);
        self.objects.insert(key, (object.0, Arc::clone(&object.1)));
        while self.bytes > CAPACITY {
            let Some(oldest) = self.order.pop_front() else { break };
            let gone = self.objects.remove(&oldest).map_or(0, |(_, data)| data.len());
            self.bytes = self.bytes.saturating_sub(gone);
        }
    }
}
