//! Secrets are taken out of everything that is written here anew.

use clap::Args;

use crate::{
    cli::error::CliError,
    engine::cassette::{
        Body, Event, Message,
        redact::{Redactor, Suspicion},
    },
};

#[derive(Debug, Args)]
pub(super) struct SecretArgs {
    /// Leave out every message that still looks as if it held a secret
    #[arg(long)]
    strict_redact: bool,
}

/// Takes secrets out of one recording.
pub(super) struct Secrets {
    redactor: Redactor,
    is_strict: bool,
}

/// A redactor with a key of its own, which is kept nowhere.
pub(in crate::cli) fn redactor() -> Result<Redactor, CliError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)
        .map_err(|error| CliError::usage(format!("the system gives no random numbers: {error}")))?;
    Ok(Redactor::new(key))
}

/// What still looks like a secret in a message that was redacted.
pub(super) fn suspicion(redactor: &Redactor, message: &Message<'_>) -> Option<Suspicion> {
    match &message.body {
        Body::Json(json) => redactor.suspicion(json.get()),
        Body::Text(text) => redactor.suspicion(text),
    }
}

impl Secrets {
    pub(super) fn new(arguments: &SecretArgs) -> Result<Self, CliError> {
        Ok(Self { redactor: redactor()?, is_strict: arguments.strict_redact })
    }

    /// How many places were replaced.
    pub(super) fn replaced(&self) -> u64 {
        self.redactor.replaced()
    }

    /// A message without secrets; its number and a reason where it is to be left out.
    pub(super) fn message<'a>(
        &mut self,
        message: Message<'a>,
    ) -> Result<Message<'a>, (u64, String)> {
        let message = self.redactor.message(message);
        if self.is_strict
            && let Some(found) = suspicion(&self.redactor, &message)
        {
            return Err((message.n, format!("left out: {} at `{}`", found.reason, found.pointer)));
        }
        Ok(message)
    }

    /// An event without secrets.
    pub(super) fn event(&mut self, event: Event) -> Event {
        self.redactor.event(event)
    }
}
