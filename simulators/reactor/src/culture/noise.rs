//! Noise by position: the n-th number of a sensor's stream is the same whoever asks for it and whenever,
//! so that reading a register does not change what the next reader sees.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Words of one ChaCha block: each position has its own block.
const BLOCK_WORDS: u128 = 16;

/// A number from the standard normal distribution (Box and Muller).
pub(crate) fn normal(seed: u64, stream: u64, position: u64) -> f64 {
    let mut rng = at(seed, stream, position);
    // In (0, 1], so that the logarithm is finite.
    let radius = (-2.0 * (1.0 - unit(&mut rng)).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit(&mut rng)).cos()
}

/// A number in [-1, 1).
pub(crate) fn uniform(seed: u64, stream: u64, position: u64) -> f64 {
    2.0 * unit(&mut at(seed, stream, position)) - 1.0
}

fn at(seed: u64, stream: u64, position: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng.set_word_pos(u128::from(position) * BLOCK_WORDS);
    rng
}

/// In [0, 1), with 53 bits.
#[allow(clippy::cast_precision_loss)] // 53 bits fit
fn unit(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
