//! Right calls while the upstream fails.

use super::{
    Trial,
    fault::{Fault, Place},
};
use crate::live::replay::{
    bench::{Bench, Case, Trouble, keyed},
    upstream::UpstreamFault,
};

/// Where the server has asked its upstream too often.
pub(super) const TOO_OFTEN: Place = Place::Upstream("it is asked too often");

/// What fails, each with what a server has to tell apart: those that call for the same may read the same.
const FAULTS: [(UpstreamFault, Place); 5] = [
    (UpstreamFault::Status(503), Place::Upstream("it is out of service")),
    (UpstreamFault::Broken, Place::Upstream("it is out of service")),
    (UpstreamFault::Garbled, Place::Upstream("it is out of service")),
    (UpstreamFault::Status(429), TOO_OFTEN),
    (UpstreamFault::Status(401), Place::Upstream("it does not know the server")),
];

/// Calls a tool rightly while its upstream fails in every way there is. None where it does not ask it.
///
/// # Errors
/// When the server cannot be started, or the right call not be made.
pub(super) async fn trials(bench: &mut Bench<'_>, case: &Case) -> Result<Vec<Trial>, Trouble> {
    if !bench.asks_upstream(case).await? {
        return Ok(Vec::new());
    }
    let mut trials = Vec::new();
    for (upstream_fault, place) in FAULTS {
        let arguments = bench.fresh(case).await?;
        let arguments = keyed(case, &arguments, &bench.key());
        let before = bench.count(case).await.ok();
        let (answer, fired) = bench.under(upstream_fault, case, &arguments).await?;
        let what = upstream_fault.in_words();
        if fired == 0 {
            return Err(Trouble::Other(format!("{what}: the server did not ask it")));
        }
        let after = bench.count(case).await.ok();
        bench.log.push(format!("{what} → {}", answer.in_words()));
        if answer.is_done() {
            // It has found another way, or had the answer already.
            continue;
        }
        // Under a new key, so that a failure that is kept is another question's affair.
        let later = keyed(case, &arguments, &bench.key());
        let again = bench.subject.call(&case.tool, &later).await?;
        let injected = match upstream_fault {
            UpstreamFault::Status(status) => vec![status.to_string()],
            _ => Vec::new(),
        };
        let fault = Fault { what, arguments, place, is_well_formed: true, injected };
        let has_effect = before.zip(after).map(|(before, after)| after > before);
        trials.push(Trial::of(bench, case, fault, answer, (again.is_done(), has_effect)));
    }
    Ok(trials)
}
