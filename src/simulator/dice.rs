//! Everything random in the simulated world, as a pure function of the seed and of what is being asked for, so that the
//! same seed gives the same world whatever the order of requests. Holds no state. Called by every simulated array.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Random numbers by name instead of by turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dice {
    seed: u64,
}

impl Dice {
    /// The dice of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 random bits for `name` and its `number`.
    pub(crate) fn roll(self, name: &str, number: u64) -> u64 {
        let digest = self.digest(name, number);
        u64::from_be_bytes(std::array::from_fn(|index| digest[index]))
    }

    /// Between `low` and `high`.
    pub(crate) fn between(self, low: f64, high: f64, name: &str, number: u64) -> f64 {
        let share = (self.roll(name, number) >> 11) as f64 / (1_u64 << 53) as f64;
        low + (high - low) * share
    }

    /// A random (version 4) UUID.
    pub(crate) fn uuid(self, name: &str, number: u64) -> String {
        let hex = self.hex(name, number);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..32]
        )
    }

    /// 64 hexadecimal digits.
    pub(crate) fn hex(self, name: &str, number: u64) -> String {
        self.digest(name, number).iter().fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn digest(self, name: &str, number: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(number.to_be_bytes());
        hash.update(name.as_bytes());
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_world_and_another_seed_another() {
        assert_eq!(Dice::new(1).uuid("x", 3), Dice::new(1).uuid("x", 3));
        assert_ne!(Dice::new(1).uuid("x", 3), Dice::new(2).uuid("x", 3));
        assert_ne!(Dice::new(1).uuid("x", 3), Dice::new(1).uuid("x", 4));
    }

    #[test]
    fn a_number_between_stays_between() {
        for number in 0..200 {
            let value = Dice::new(7).between(2.0, 3.0, "x", number);
            assert!((2.0..3.0).contains(&value), "{value}");
        }
    }
}
