//! Which arrays this process polls, where several share one configuration. Pure; `app` asks, `settings` makes it.
//!
//! Rendezvous hashing: for each array every shard draws a score, and the greatest wins. When a shard is added, only the
//! arrays move that it wins. The scores are for ever: another version of the exporter must not move an array, so the
//! document with the vectors (docs/scaling.md) binds this file.

use sha2::{Digest, Sha256};
use std::num::NonZeroU32;

/// One of several processes that share the arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: NonZeroU32,
}

/// Why there is no such shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// The index is not below the count.
    #[error("--shard.index must be below --shard.count: 0 to {}", .0.get() - 1)]
    Index(NonZeroU32),
    /// An index without a count.
    #[error("--shard.index needs --shard.count")]
    CountMissing,
    /// Neither an index, nor the ordinal of a `StatefulSet`.
    #[error(
        "--shard.count needs --shard.index, or a host name with an ordinal at its end (NAME-0) as StatefulSets give"
    )]
    IndexMissing,
}

impl Default for Shard {
    /// The only one.
    fn default() -> Self {
        Self {
            index: 0,
            count: NonZeroU32::MIN,
        }
    }
}

impl Shard {
    /// The shard that the flags and the host's name mean; the only one where they say nothing.
    pub fn new(index: Option<u32>, count: Option<NonZeroU32>, hostname: Option<&str>) -> Result<Self, ShardError> {
        let Some(count) = count else {
            return match index {
                None => Ok(Self::default()),
                Some(_) => Err(ShardError::CountMissing),
            };
        };
        let index = index.or_else(|| ordinal(hostname?)).ok_or(ShardError::IndexMissing)?;
        if index >= count.get() {
            return Err(ShardError::Index(count));
        }
        Ok(Self { index, count })
    }

    /// Which one, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count.get()
    }

    /// Whether the array of this name is this shard's.
    #[must_use]
    pub fn owns(self, name: &str) -> bool {
        let own = score(self.index, name);
        // Equal scores would be a collision of SHA-256; the lower index then wins, so that still exactly one does.
        (0..self.index).all(|other| score(other, name) < own)
            && (self.index + 1..self.count.get()).all(|other| score(other, name) <= own)
    }
}

/// SHA-256 of `INDEX NAME`, compared as a number written with its greatest byte first.
fn score(index: u32, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{index} {name}")).into()
}

/// The ordinal that a `StatefulSet` puts at the end of its pods' names.
fn ordinal(hostname: &str) -> Option<u32> {
    let (_, digits) = hostname.rsplit_once('-')?;
    // `u32::from_str` takes "+1".
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(index: u32, count: u32) -> Shard {
        Shard::new(Some(index), NonZeroU32::new(count), None).expect("a shard")
    }

    fn owner(name: &str, count: u32) -> u32 {
        let owners: Vec<u32> = (0..count).filter(|&index| shard(index, count).owns(name)).collect();
        assert_eq!(owners.len(), 1, "{name} of {count}: {owners:?}");
        owners[0]
    }

    fn names() -> Vec<String> {
        (0..1000).map(|number| format!("array-{number}")).collect()
    }

    #[test]
    fn every_array_is_in_exactly_one_shard_and_none_is_overloaded() {
        let mut sizes = [0_u32; 8];
        for name in names() {
            sizes[owner(&name, 8) as usize] += 1;
        }
        assert_eq!(sizes.iter().sum::<u32>(), 1000);
        // 1.4 times the mean of 125.
        assert!(sizes.iter().all(|&size| size <= 175), "{sizes:?}");
    }

    #[test]
    fn a_ninth_shard_moves_few_arrays_and_only_to_itself() {
        let owners: Vec<(u32, u32)> = names().iter().map(|name| (owner(name, 8), owner(name, 9))).collect();
        let moved: Vec<_> = owners.iter().filter(|(before, after)| before != after).collect();
        assert!(moved.len() <= 150, "{} of 1000 move", moved.len());
        assert!(moved.iter().all(|(_, after)| *after == 8));
    }

    /// docs/scaling.md says the same; `sha256sum` confirms it.
    #[test]
    fn the_published_vectors_hold() {
        let document = include_str!("../docs/scaling.md");
        let mut checked = 0;
        for row in document.lines().filter_map(|line| line.strip_prefix("| `")) {
            let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
            let [name, of_3, of_8, of_9, ..] = cells[..] else {
                panic!("{row}")
            };
            for (count, expected) in [(3, of_3), (8, of_8), (9, of_9)] {
                assert_eq!(owner(name, count).to_string(), expected, "{name} of {count}");
                checked += 1;
            }
        }
        assert!(checked >= 15, "{checked} vectors");
    }

    #[test]
    fn without_flags_there_is_one_shard_that_owns_everything() {
        let only = Shard::new(None, None, Some("exporter-7")).expect("a shard");
        assert!(only.count() == 1 && only.owns("nyc"));
    }

    #[test]
    fn the_index_comes_from_the_flag_or_from_the_ordinal() {
        let count = NonZeroU32::new(3);
        let index = |flag, hostname| Shard::new(flag, count, hostname).map(Shard::index);
        assert_eq!(index(Some(1), Some("exporter-2")), Ok(1));
        assert_eq!(index(None, Some("exporter-2")), Ok(2));
        assert_eq!(index(None, Some("nyc-exporter-0")), Ok(0));
        for hostname in ["exporter", "exporter-", "exporter-x", "exporter-+1", "exporter2", ""] {
            assert_eq!(index(None, Some(hostname)), Err(ShardError::IndexMissing), "{hostname}");
        }
        assert_eq!(index(None, None), Err(ShardError::IndexMissing));
        let below_three = Err(ShardError::Index(NonZeroU32::new(3).expect("three")));
        assert_eq!(index(Some(3), None), below_three);
        assert_eq!(index(None, Some("exporter-3")), below_three);
        assert_eq!(Shard::new(Some(0), None, None), Err(ShardError::CountMissing));
    }
}
