//! Numbers that the device changes between its words.
//!
//! A block with such numbers is read three times in a row. The number of the middle read is believed if
//! in all three the words above the lowest are the same and the lowest lie on one side, less than half
//! its range apart. Whichever word the device copies first, the middle read's lowest word was copied
//! between two copies of the upper ones; if those did not change meanwhile, the number is one that was.
//! Up to five reads are made; without three in a row that agree the reading is Bad, torn.
//!
//! What remains: upper words that change and change back between the reads. With a number that only
//! rises or only falls this cannot be. With one that moves by less than half the range of its lowest
//! word at a time it takes five crossings of that range's edge within three reads, one for each read and
//! back in between; the device would have to renew the number faster than it is read.

use cellwatch_config::profile::{Order, Parameter};

/// Reads that must agree.
const AGREE: usize = 3;
/// Most reads of one poll.
pub(crate) const READS_MAX: usize = 5;
/// Half the range of a word.
const HALF: u16 = 0x8000;

/// Words of the parameter in one read, cut out of its block's.
type Words<'a> = &'a [u16];

/// The middle of the last three reads in a row that agree.
pub(crate) fn agreed<'a>(parameter: &Parameter, reads: &[Words<'a>]) -> Option<Words<'a>> {
    let agree = |three: &&[Words<'a>]| {
        let [one, two, three] = three else { return false };
        agrees(parameter, one, two)
            && agrees(parameter, two, three)
            && agrees(parameter, one, three)
    };
    reads.windows(AGREE).rev().find(agree).map(|three| three[1])
}

/// True if the last three reads agree: no more are needed.
pub(crate) fn settled(parameter: &Parameter, reads: &[Words<'_>]) -> bool {
    reads.len() >= AGREE && agreed(parameter, &reads[reads.len() - AGREE..]).is_some()
}

fn agrees(parameter: &Parameter, one: Words<'_>, other: Words<'_>) -> bool {
    let ((low, upper), (other_low, other_upper)) = (split(parameter, one), split(parameter, other));
    upper == other_upper && low.abs_diff(other_low) < HALF
}

/// The lowest word, its bytes in order, and those above it.
fn split<'a>(parameter: &Parameter, words: Words<'a>) -> (u16, Words<'a>) {
    let (low, upper) = match (parameter.word_order, words) {
        (Order::Big, [upper @ .., low]) | (Order::Little, [low, upper @ ..]) => (*low, upper),
        (Order::Big | Order::Little, []) => (0, words),
    };
    match parameter.byte_order {
        Order::Big => (low, upper),
        Order::Little => (low.swap_bytes(), upper),
    }
}
