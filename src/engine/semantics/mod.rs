//! What a tool's definition tells about its behaviour: does it write, is it safe to repeat, which
//! argument is its idempotency key, which ones hold a secret; and all the words it is described in.
//! Over all tools of a server: which belong together ([`split`]).
//!
//! Annotations are the server's word and come first; names and descriptions are clues, and every
//! answer says how strong it is. Nothing here judges.

mod approval;
mod arguments;
mod caution;
mod choice;
mod claim;
mod effect;
pub mod guidance;
mod key;
mod reach;
mod secret;
pub mod split;
mod text;
mod verb;
pub mod word;

pub use approval::{Approval, approval};
pub use arguments::{Arguments, arguments};
pub use caution::may_write;
pub use choice::closed_list;
pub use claim::{plainly_reads, plainly_writes};
pub use effect::{Effect, destroys, effect, effect_of_words, is_repeatable};
pub use key::{KeyAdvice, idempotency_key, key_advice};
pub use reach::{OpenArgument, open_arguments};
pub use secret::{Secret, secret, secret_arguments};
pub use text::{Text, texts};
