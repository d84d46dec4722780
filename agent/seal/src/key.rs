//! Ed25519 keys (RFC 8032).

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// The first eight bytes of a public key's SHA-256: the `kid` of COSE. It only finds a key;
/// nothing is ever believed because of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl PublicKey {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let hash = digest(&SHA256, &self.0);
        let mut id = [0; 8];
        id.copy_from_slice(&hash.as_ref()[..8]);
        KeyId(id)
    }
}

/// Text that is not a key or a key id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {digits} hexadecimal digits")]
pub struct ParseKeyError {
    text: String,
    digits: usize,
}

fn unhex<const N: usize>(text: &str) -> Result<[u8; N], ParseKeyError> {
    let wrong = || ParseKeyError { text: text.to_owned(), digits: 2 * N };
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

macro_rules! hexadecimal {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseKeyError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                unhex(text).map(Self)
            }
        }
    };
}
hexadecimal!(PublicKey);
hexadecimal!(KeyId);

/// Whatever can sign with an Ed25519 key: a key in memory, or later one that never leaves its chip.
pub trait Sealer {
    /// The public half.
    fn public(&self) -> PublicKey;
    /// The Ed25519 signature over `bytes`.
    fn sign(&self, bytes: &[u8]) -> [u8; 64];
}

/// Why a private key cannot be made or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no random numbers.
    #[error("the operating system gives no random numbers, so no key can be made")]
    NoRandomness,
    /// Not an Ed25519 private key.
    #[error("not an Ed25519 private key in PKCS#8 (RFC 8410), unencrypted DER: {cause}")]
    NotAKey {
        /// What the parser says.
        cause: String,
    },
}

/// An Ed25519 private key in memory.
pub struct SealingKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SealingKey {
    /// A new key, and its PKCS#8 form to be kept.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub fn generate() -> Result<(Self, Vec<u8>), KeyError> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| KeyError::NoRandomness)?;
        let key = Self::from_pkcs8(pkcs8.as_ref())?;
        Ok((key, pkcs8.as_ref().to_vec()))
    }

    /// The key in unencrypted PKCS#8 DER: ours (version 2, with the public half) or that of
    /// `openssl genpkey -algorithm ed25519 -outform DER` (version 1, without).
    ///
    /// # Errors
    /// Not such a key, or its public half is another key's.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
            .map_err(|rejected| KeyError::NotAKey { cause: rejected.to_string() })?;
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { pair, public: PublicKey(public) })
    }
}

impl Sealer for SealingKey {
    fn public(&self) -> PublicKey {
        self.public
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(bytes).as_ref());
        signature
    }
}

impl fmt::Debug for SealingKey {
    /// The public half only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("public", &self.public).finish_non_exhaustive()
    }
}
