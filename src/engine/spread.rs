//! Work in parts that do not depend on each other, spread over threads that the caller has: the
//! engine starts none.
//!
//! Each part's result goes to its own place, so that the answer is the same whoever computed it.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// How work is spread: calls what it is given once on every thread there is, and returns when all
/// calls have returned. The parts of the work are taken one by one, whoever comes first.
pub type Threads<'t> = &'t (dyn Fn(&(dyn Fn() + Sync)) + 't);

/// All parts on the thread that asks.
pub const ONE_THREAD: Threads<'static> = &|work| work();

/// What `part` makes of each index below `count`, in the order of the indices. What a thread keeps
/// from one part to the next it gets from `prepare`.
pub fn over<T: Send + Sync, K>(
    threads: Threads<'_>,
    count: usize,
    prepare: impl Fn() -> K + Sync,
    part: impl Fn(&mut K, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    let work = || {
        let mut kept = prepare();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = done.get(index) else { return };
            let is_first = place.set(part(&mut kept, index)).is_ok();
            debug_assert!(is_first, "every index is taken once");
        }
    };
    threads(&work);
    let results = done.into_iter().map(OnceLock::into_inner);
    results.map(|result| result.expect("the threads return when every part is done")).collect()
}

#[cfg(test)]
mod tests {
    use super::{ONE_THREAD, Threads, over};

    #[test]
    fn results_stand_in_the_order_of_the_parts() {
        let four: Threads<'_> = &|work| {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(work);
                }
            });
        };
        for threads in [ONE_THREAD, four] {
            let squares = over(threads, 1_000, || (), |(), index| index * index);
            assert!(squares.iter().enumerate().all(|(index, square)| *square == index * index));
            assert_eq!(squares.len(), 1_000);
        }
    }
}
