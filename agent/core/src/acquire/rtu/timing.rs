//! How long things last on a line.

use cellwatch_config::profile::ModbusRules;

use super::frame::{REPLY_FRAME_BYTES, REQUEST_BYTES};

/// Start bit, eight data bits, parity or a second stop bit, stop bit (Modbus over Serial Line V1.02, §2.5.1).
const BITS_PER_BYTE: u64 = 11;
/// Above 19 200 baud t1.5 and t3.5 are fixed (§2.5.1.1), nanoseconds.
const FIXED_ABOVE_BAUD: u32 = 19_200;
const T15_FIXED_NS: u64 = 750_000;
const T35_FIXED_NS: u64 = 1_750_000;
/// What an adapter on USB, or a busy machine, may hold bytes back: several times the 16 ms of the drivers' latency timer.
const BLUR_NS: u64 = 100_000_000;
/// What a network may hold bytes back: TCP sends again after 200 ms at the earliest, and twice that later.
const NETWORK_BLUR_NS: u64 = 1_000_000_000;

/// How long things last on a line, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// One byte on the wire; zero where it is not known.
    pub byte_ns: u64,
    /// So long nothing must have come before anything is sent.
    pub silence_ns: u64,
    /// A reply that pauses longer than this within is given up.
    pub pause_ns: u64,
}

impl Timing {
    /// A serial line with this baud rate and at least this gap between frames, milliseconds.
    #[must_use]
    pub const fn serial(baud: u32, gap_ms: u64) -> Self {
        let baud_or_one = if baud == 0 { 1 } else { baud };
        let byte_ns = BITS_PER_BYTE * 1_000_000_000 / baud_or_one as u64;
        let (t15_ns, t35_ns) = if baud > FIXED_ABOVE_BAUD {
            (T15_FIXED_NS, T35_FIXED_NS)
        } else {
            (byte_ns * 3 / 2, byte_ns * 7 / 2)
        };
        let gap_ns = gap_ms * 1_000_000;
        Self {
            byte_ns,
            silence_ns: if gap_ns > t35_ns { gap_ns } else { t35_ns },
            pause_ns: t15_ns + BLUR_NS,
        }
    }

    /// A serial server in the network, whose baud rate is not known here.
    #[must_use]
    pub const fn tunnelled(gap_ms: u64) -> Self {
        let gap_ns = gap_ms * 1_000_000;
        Self {
            byte_ns: 0,
            silence_ns: if gap_ns > T35_FIXED_NS { gap_ns } else { T35_FIXED_NS },
            pause_ns: NETWORK_BLUR_NS,
        }
    }

    /// So long after a request to any of these devices its reply may come, milliseconds: until then whoever opens the
    /// line does not know what it is that comes.
    #[must_use]
    pub fn reply_within_ms<'r>(self, devices: impl IntoIterator<Item = &'r ModbusRules>) -> u64 {
        let one = |rules: &ModbusRules| {
            let [registers, bits] = [rules.max_registers, rules.max_bits].map(u64::from);
            let data_bytes = (2 * registers).max(bits.div_ceil(8));
            let bytes = REQUEST_BYTES + REPLY_FRAME_BYTES + data_bytes;
            let wire_ms = (bytes * self.byte_ns).div_ceil(1_000_000);
            rules.timeout_ms + rules.max_lateness_ms + wire_ms
        };
        devices.into_iter().map(one).max().unwrap_or(0)
    }
}
