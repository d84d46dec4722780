//! Items of a CBOR sequence (RFC 8742), one at a time.

use std::io::{self, Read};

use minicbor::Decoder;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;
/// Largest item; more is no record.
const ITEM_MAX: usize = 64 << 20;

/// Reads items from a file.
#[derive(Debug)]
pub(crate) struct Sequence<R> {
    from: R,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Sequence<R> {
    pub(crate) const fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), at: 0, ended: false }
    }

    /// The next item; none at the end.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else than whole items.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let length = loop {
            let rest = &self.buffer[self.at..];
            if rest.is_empty() && self.ended {
                return Ok(None);
            }
            let mut decoder = Decoder::new(rest);
            match decoder.skip() {
                Ok(()) if !rest.is_empty() => break decoder.position(),
                Err(error) if !error.is_end_of_input() => return Err(io::Error::other(error)),
                Ok(()) | Err(_) if self.ended || rest.len() > ITEM_MAX => {
                    return Err(io::Error::other("ends within an item"));
                }
                Ok(()) | Err(_) => self.fill()?,
            }
        };
        let begin = self.at;
        self.at += length;
        Ok(Some(&self.buffer[begin..self.at]))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let before = self.buffer.len();
        let read = (&mut self.from).take(CHUNK as u64).read_to_end(&mut self.buffer)?;
        self.ended = read == 0 && self.buffer.len() == before;
        Ok(())
    }
}
