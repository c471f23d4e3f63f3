//! Whether a key can be used again that the server held when it was killed.

use super::{Putting, Question, Ruling};
use crate::live::replay::bench::{Bench, Write};

pub(super) const QUESTION: Question =
    Question { rule: "replay/stuck-in-flight", presupposes: &["replay/crash-duplicate"], put };

fn put<'b>(bench: &'b mut Bench<'_>, write: &'b Write) -> Putting<'b> {
    Box::pin(async move {
        let sweep = bench.sweep(write).await?;
        Ok(match &sweep.stuck {
            Some(how) => Ruling::Failed(how.clone()),
            None => Ruling::Passed("every call made again was answered".to_owned()),
        })
    })
}
