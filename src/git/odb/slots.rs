//! A memory of bounded size: a value has one place by its key's hash, where it
//! stays until another takes it.

use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::FixedState;

/// Values by key, some of those put in last.
#[derive(Debug)]
pub struct Slots<K, V> {
    slots: Vec<Option<Slot<K, V>>>,
    weight: usize,
    most: usize,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    weight: usize,
}

impl<K: Eq + Hash, V: Clone> Slots<K, V> {
    /// So many slots, whose values weigh no more than `most` together.
    pub fn new(count: usize, most: usize) -> Self {
        Self { slots: (0..count.next_power_of_two()).map(|_| None).collect(), weight: 0, most }
    }

    fn slot(&self, key: &K) -> usize {
        FixedState::default().hash_one(key) as usize & (self.slots.len() - 1)
    }

    /// What is known of `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        let slot = self.slots.get(self.slot(key))?.as_ref()?;
        (slot.key == *key).then(|| slot.value.clone())
    }

    /// Keeps a value in the place of the one that is there. Where all weigh too
    /// much together, the others are forgotten.
    pub fn put(&mut self, key: K, value: V, weight: usize) {
        if self.weight + weight > self.most {
            self.slots.iter_mut().for_each(|slot| *slot = None);
            self.weight = 0;
        }
        let at = self.slot(&key);
        let Some(place) = self.slots.get_mut(at) else { return };
        let before = place.replace(Slot { key, value, weight });
        self.weight += weight;
        self.weight -= before.map_or(0, |before| before.weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_values_are_known_and_never_weigh_more_than_allowed() {
        let mut slots = Slots::new(64, 100);
        for key in 0..1000_u32 {
            slots.put(key, key * 2, 7);
            assert_eq!(slots.get(&key), Some(key * 2));
            assert_eq!(slots.get(&(key + 1)), None);
            assert!(slots.weight <= 100);
        }
    }
}
