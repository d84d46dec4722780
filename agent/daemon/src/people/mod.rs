//! The people of the site: accounts in `state.db`, passwords, lockout.
//!
//! One thread keeps the accounts and makes one password hash at a time, so that a storm of logins costs one core's
//! share and one hash's memory. Each change of people is an action record first, on disk, and then stands in
//! `state.db`; what is judged about who may do what is the core's table alone.

mod account;
mod act;
mod change;
mod hash;
mod lockout;
mod login;
mod socket;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use account::{Account, NAME_MAX, check_name, check_password, key_of};
pub use act::{Act, DURABLE_WITHIN, Loop};
pub use change::{Change, Changed};
pub(crate) use hash::token;
pub use hash::{ALGORITHM, one_time_password};
pub use lockout::{Locked, Lockout};
pub use login::{LoginError, Proof};
pub use socket::at_the_socket;
pub use store::StoreError;
pub use worker::{PASSWORDS_WAITING_MAX, People};
