//! The operator page in a real browser, against the real agent with cultures, broker and Control Site.
//!
//! - `course`: an alarm from the fault to the trail; the broker and the agent go away meanwhile.
//! - `overview`: what must be in sight is in sight.
//! - `keyboard`: somebody without a pointer acknowledges and shelves.
//! - `doing`: batch, phase, results by hand, out of service, reset, review, exports.
//! - `lights`: stack light and horn: silenced, tested, lost.
//! - `lists`: what is searched, filtered and put in order, and times in UTC.
//! - `stands`: an agent that answers and no longer reads.
//! - `accessible`: axe-core on every view, light and dark.
//! - `parts`: what the page's own modules do with data that is rare.

mod accessible;
mod course;
mod doing;
mod keyboard;
mod lights;
mod lists;
mod overview;
mod parts;
mod stands;
