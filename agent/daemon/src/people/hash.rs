//! Passwords as Argon2id hashes (RFC 9106).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};

/// Memory, KiB; passes; lanes: 12 MiB, 3, 1 of OWASP's Password Storage Cheat Sheet, one of its settings of equal
/// strength. RFC 9106, §4 has 64 MiB and 3 passes as its second choice, for machines that can spare it; this one
/// stands beside the bioreactor with 16 MiB for everything.
const COST: (u32, u32, u32) = (12 * 1024, 3, 1);
/// Random bytes of a salt: RFC 9106, §3.1 recommends 16.
const SALT_BYTES: usize = 16;
/// Letters and digits that nobody takes for others, for passwords that are read aloud.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
/// Characters of a one-time password: 5 bits each, 80 bits.
const ONE_TIME_LENGTH: usize = 16;

/// The words of the algorithm, for documents.
pub const ALGORITHM: &str = "argon2id, 12 MiB, 3 passes, 1 lane";

fn argon2() -> Option<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Random bytes; none where the operating system gives none.
fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

/// 256 random bits as 64 hexadecimal digits; none where the operating system gives none.
pub(crate) fn token() -> Option<String> {
    let bytes = random::<32>()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A password for one login; none where the operating system gives no random numbers.
#[must_use]
pub fn one_time_password() -> Option<String> {
    let bytes = random::<ONE_TIME_LENGTH>()?;
    let letters: Vec<char> =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    Some(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

/// The hash of a password, as a PHC string; none where it cannot be made.
pub(super) fn hash(password: &str) -> Option<String> {
    let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).ok()?;
    Some(argon2()?.hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// True if the hash is of this password. The comparison takes the same time for every other one.
pub(super) fn fits(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    argon2().is_some_and(|argon2| argon2.verify_password(password.as_bytes(), &parsed).is_ok())
}
