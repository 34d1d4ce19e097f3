//! A memory of bounded size that forgets what was not asked for lately.

use std::hash::Hash;

use foldhash::{HashMap, HashMapExt as _};

/// What was put in or asked for since the last turn, and in the one before.
#[derive(Debug)]
pub struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    weight: usize,
    most: usize,
}

impl<K: Eq + Hash, V: Clone> Generations<K, V> {
    /// Keeps at most twice `most`, by the weights given.
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), weight: 0, most }
    }

    /// What is known of `key`; `weigh` is what it weighed.
    pub fn get(&mut self, key: K, weigh: impl FnOnce(&V) -> usize) -> Option<V> {
        if let Some(value) = self.young.get(&key) {
            return Some(value.clone());
        }
        let value = self.old.remove(&key)?;
        self.put(key, value.clone(), weigh(&value));
        Some(value)
    }

    pub fn put(&mut self, key: K, value: V, weight: usize) {
        if self.weight > self.most {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(key, value);
    }
}
