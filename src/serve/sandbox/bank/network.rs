//! The payment network: an upstream over HTTP that takes payments, each under a key of its own.
//!
//! `POST {upstream}/v1/payments`, with `Idempotency-Key` and a JSON body. A payment of which is not
//! known whether it was made is repeated under the same key, and the network is expected to make it
//! once.

use std::{error::Error, time::Duration};

use reqwest::{
    Client, Response, StatusCode, Url,
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::{Value, json};

use super::{
    bug::{Bug, Bugs},
    pace::Pace,
};
use crate::serve::runtime::guidance::{Code, Effect, Failure, Next};

/// How long to wait, in milliseconds, where the network does not say it.
const RETRY_MS: u64 = 1_000;

/// The most bytes of an answer.
const MAX_BYTES: usize = 64 << 10;

/// The network.
pub(super) struct Network {
    client: Client,
    payments: Url,
    limit: Duration,
    is_named: bool,
}

/// A payment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payment<'a> {
    pub(super) account_id: &'a str,
    pub(super) amount_cents: i64,
    pub(super) memo: &'a str,
    /// The key of the payment, the same in each attempt.
    pub(super) key: &'a str,
}

/// Why there is no network at an address.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// It is no address.
    #[error("`{0}` is no address of an upstream; give one like http://127.0.0.1:9000")]
    Address(String),
    /// It cannot be asked.
    #[error("the upstream cannot be asked: {0}")]
    Client(#[from] reqwest::Error),
}

impl Network {
    /// The network at an address.
    pub(super) fn new(address: &str, bugs: &Bugs, pace: &Pace) -> Result<Self, NetworkError> {
        let wrong = || NetworkError::Address(address.to_owned());
        let whole = format!("{}/v1/payments", address.trim_end_matches('/'));
        let payments = Url::parse(&whole).map_err(|_| wrong())?;
        if !["http", "https"].contains(&payments.scheme()) || !payments.username().is_empty() {
            return Err(wrong());
        }
        // Installing it twice is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        let hangs = bugs.has(Bug::HangsOnSlowUpstream);
        let limit = if hangs { pace.hanging } else { pace.upstream };
        Ok(Self { client, payments, limit, is_named: !bugs.has(Bug::UpstreamUnnamed) })
    }

    /// How long it may take.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Makes a payment.
    ///
    /// # Errors
    ///
    /// Where it was not made, or that is not known, which is the failure's effect.
    pub(super) async fn pay(&self, payment: &Payment<'_>) -> Result<(), Failure> {
        match tokio::time::timeout(self.limit, self.ask(payment)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let seconds = self.limit.as_secs_f64();
                Err(self.in_doubt(&format!("does not answer within {seconds} s")))
            }
        }
    }

    async fn ask(&self, payment: &Payment<'_>) -> Result<(), Failure> {
        let body = json!({
            "account_id": payment.account_id,
            "amount_cents": payment.amount_cents,
            "memo": payment.memo,
        });
        let request =
            self.client.post(self.payments.clone()).header("idempotency-key", payment.key);
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        let response = match request.send().await {
            Ok(response) => response,
            Err(fault) if fault.is_connect() => {
                return Err(self.out_of_service(&format!("cannot be reached: {}", causes(&fault))));
            }
            Err(fault) => {
                return Err(self.in_doubt(&format!("breaks off: {}", causes(&fault))));
            }
        };
        self.judge(response).await
    }

    async fn judge(&self, mut response: Response) -> Result<(), Failure> {
        let status = response.status();
        if status.is_success() {
            let mut body = Vec::new();
            loop {
                match response.chunk().await {
                    Ok(Some(bytes)) => body.extend(bytes),
                    Ok(None) => break,
                    Err(fault) => {
                        let how =
                            format!("answers HTTP {status} and breaks off: {}", causes(&fault));
                        return Err(self.in_doubt(&how));
                    }
                }
                if body.len() > MAX_BYTES {
                    return Err(self.in_doubt(&format!("answers HTTP {status} and does not end")));
                }
            }
            return match serde_json::from_slice::<Value>(&body) {
                Ok(_) => Ok(()),
                Err(fault) => {
                    let how = format!("answers HTTP {status} with what is no JSON: {fault}");
                    Err(self.in_doubt(&how))
                }
            };
        }
        let how = format!("answers HTTP {}", status.as_u16());
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = response.headers().get(RETRY_AFTER).and_then(|it| it.to_str().ok());
                let wait = wait.and_then(|seconds| seconds.trim().parse::<u64>().ok());
                let wait = wait.map_or(RETRY_MS, |seconds| seconds.saturating_mul(1_000));
                self.again(Code::RateLimited, &how, wait)
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let hint = "tell the user that the operator of the bank has to renew its access to the \
                            payment network; the same call with the same key succeeds then";
                let message = self.said(&format!("{how}: it does not know the bank any more"));
                let next = Next::ask_user(hint);
                let mut failure = Failure::new(Code::UpstreamAuthBroken, message, next);
                failure.retryable = true;
                failure
            }
            StatusCode::REQUEST_TIMEOUT => self.again(Code::UpstreamUnavailable, &how, RETRY_MS),
            status if status.is_client_error() => {
                let hint =
                    "ask the user to choose another payment, and use a new idempotency key for it";
                let message = self.said(&format!("{how}: it refuses this payment"));
                Failure::new(Code::NotPermitted, message, Next::ask_user(hint))
                    .because("payment_refused")
            }
            _ => self.in_doubt(&how),
        })
    }

    /// What has not reached the network.
    fn out_of_service(&self, how: &str) -> Failure {
        self.again(Code::UpstreamUnavailable, how, RETRY_MS)
    }

    /// What the network has not done, and may do later.
    fn again(&self, code: Code, how: &str, wait_ms: u64) -> Failure {
        let hint = format!("repeat the same call with the same key after {wait_ms} ms");
        let mut failure = Failure::new(code, self.said(how), Next::retry_same_key(hint));
        failure.retryable = true;
        failure.retry_after_ms = Some(wait_ms);
        failure
    }

    /// What the network may have done.
    fn in_doubt(&self, how: &str) -> Failure {
        let mut failure = self.again(Code::UpstreamUnavailable, how, RETRY_MS);
        failure.effect = Effect::Unknown;
        failure.because("payment_in_doubt")
    }

    fn said(&self, how: &str) -> String {
        match self.is_named {
            true => format!("the payment network (POST {}) {how}", self.payments.path()),
            false => "the deposit cannot be made at the moment".to_owned(),
        }
    }
}

/// What has led to a fault, down to the first cause.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = error.source();
    while let Some(fault) = cause {
        text = fault.to_string();
        cause = fault.source();
    }
    if text.is_empty() { "no reason is known".to_owned() } else { text }
}
