//! The threads that the engine spreads its work over.

use std::{num::NonZero, thread};

/// Most threads; more do not make it faster.
const MAX_THREADS: usize = 8;
/// The stack of a thread, in bytes: that of the first one, which schemas are known to fit into.
const STACK: usize = 8 << 20;

/// Does the work on every core.
pub(super) fn on_every_core(work: &(dyn Fn() + Sync)) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 1..cores.min(MAX_THREADS) {
            let thread = thread::Builder::new().stack_size(STACK);
            // A thread that cannot be had leaves its work to the others.
            let _ = thread.spawn_scoped(scope, work);
        }
        work();
    });
}
