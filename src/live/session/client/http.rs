//! Many requests to an endpoint, each a POST of its own.

use serde_json::Value;
use tokio::sync::Mutex;

use super::{Lost, Meanwhile, Outbound, Responder, Sorted, lost, sort};
use crate::live::transport::{Incoming, Link, Outgoing, http::HttpLink};

/// The way to an endpoint.
pub(super) struct Door {
    /// What every request is forked from: it has the session.
    link: Mutex<HttpLink>,
}

impl Door {
    pub(super) fn into(link: HttpLink) -> Self {
        Self { link: Mutex::new(link) }
    }

    async fn fork(&self) -> Link {
        Link::Http(Box::new(self.link.lock().await.fork()))
    }

    pub(super) async fn request(
        &self,
        outbound: Outbound,
        respond: &Responder,
    ) -> Result<(Result<Value, Value>, Meanwhile), Lost> {
        let mut link = self.fork().await;
        let outgoing = Outgoing {
            text: &outbound.text,
            method: Some(&outbound.method),
            name: outbound.name.as_deref(),
            is_request: true,
        };
        link.send(outgoing).await.map_err(|error| lost(&error))?;
        let mut meanwhile = Meanwhile::default();
        loop {
            let bytes = match link.receive().await.map_err(|error| lost(&error))? {
                Incoming::Message(bytes) => bytes,
                Incoming::End => {
                    return Err(Lost::Gone("the response ended without an answer".to_owned()));
                }
            };
            for sorted in sort(&bytes, respond) {
                match sorted {
                    Sorted::Answer(id, outcome) if id == outbound.id => {
                        return Ok((outcome, meanwhile));
                    }
                    Sorted::Progress(id) if id == outbound.id => meanwhile.progress += 1,
                    Sorted::Asked(answer) => self.tell(&answer.to_string(), None).await?,
                    Sorted::Answer(..) | Sorted::Progress(_) | Sorted::Other => {}
                }
            }
        }
    }

    pub(super) async fn tell(&self, text: &str, method: Option<&str>) -> Result<(), Lost> {
        let mut link = self.fork().await;
        let outgoing = Outgoing { text, method, name: None, is_request: false };
        link.send(outgoing).await.map_err(|error| lost(&error))
    }

    pub(super) async fn close(&self) {
        let mut link = Link::Http(Box::new(self.link.lock().await.fork()));
        link.close().await;
    }
}
