//! A split plan: as a file ([`render`]), and in the words that the text report and the page share.

mod file;
mod words;

pub use file::{FORMAT, render};
pub(super) use words::{Wording, reason};
