//! Seeded randomness and the first-order movement that everything in the plant shares. It must never read a clock or
//! the system's randomness: the same seed gives the same plant on every machine.

/// Uniform numbers from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From -1 to 1.
    pub(crate) fn signed(&mut self) -> f64 {
        self.unit() * 2.0 - 1.0
    }

    /// From 0 to 1, 1 excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        /// 2^53, the whole numbers that a double holds exactly.
        const STEPS: f64 = 9_007_199_254_740_992.0;
        (self.next() >> 11) as f64 / STEPS
    }

    /// From `low` to `high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `count`, which must not be zero.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).expect("a remainder is smaller than the usize it was divided by")
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Moves `value` toward `target` as a first-order lag does in `dt_s` seconds.
pub(crate) fn lag(value: f64, target: f64, lag_s: f64, dt_s: f64) -> f64 {
    value + (target - value) * (1.0 - (-dt_s / lag_s).exp())
}

/// A value that drifts slowly about its mean and never leaves `mean ± (swing + noise)`.
#[derive(Clone, Debug)]
pub(crate) struct Wander {
    pub(crate) mean: f64,
    pub(crate) swing: f64,
    pub(crate) noise: f64,
    pub(crate) lag_s: f64,
    slow: f64,
    target: f64,
    fast: f64,
    until_s: f64,
}

impl Wander {
    pub(crate) fn new(mean: f64, swing: f64, noise: f64, lag_s: f64) -> Self {
        Self { mean, swing, noise, lag_s, slow: mean, target: mean, fast: 0.0, until_s: 0.0 }
    }

    /// Moves on and gives the value.
    pub(crate) fn step(&mut self, dt_s: f64, random: &mut Noise) -> f64 {
        self.until_s -= dt_s;
        if self.until_s <= 0.0 {
            self.target = self.mean + self.swing * random.signed();
            self.until_s = random.between(20.0, 60.0);
        }
        self.slow = lag(self.slow, self.target, self.lag_s, dt_s);
        self.fast = self.fast * 0.7 + self.noise * 0.3 * random.signed();
        self.slow + self.fast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wander_stays_within_its_bounds_and_repeats_with_its_seed() {
        let walk = |seed| {
            let (mut noise, mut wander) = (Noise::new(seed), Wander::new(10.0, 2.0, 0.5, 8.0));
            (0..20_000).map(|_| wander.step(0.5, &mut noise)).collect::<Vec<_>>()
        };
        let first = walk(1);
        assert!(first.iter().all(|value| (value - 10.0).abs() <= 2.5));
        assert!(first.iter().any(|value| (value - 10.0).abs() > 1.0), "it moves");
        assert_eq!(first, walk(1));
        assert_ne!(first, walk(2));
    }
}
