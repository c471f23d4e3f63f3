//! A number within bounds, on a grid, off other grids, and not one of a list.

use super::{Literal, Outcome, Search};
use crate::engine::schema::inclusion::{
    instance::Instance,
    node::{Node, Strictness},
    rational::{self, Rational, add, is_multiple, least_common_multiple, middle},
};

/// Most points of a grid that are looked at.
const MAX_POINTS: usize = 10_000;
const TOO_LARGE: &str = "numbers of more than 128 bits";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bound {
    value: Rational,
    strictness: Strictness,
    /// Whether it is what a witness should lie at: it denies the bound of a schema.
    is_edge: bool,
}

#[derive(Debug, Default)]
struct Range {
    lower: Option<Bound>,
    upper: Option<Bound>,
}

impl Range {
    fn raise(&mut self, value: Rational, strictness: Strictness, is_edge: bool) {
        let new = Bound { value, strictness, is_edge };
        let is_tighter = |old: Bound| (value, strictness) > (old.value, old.strictness);
        if self.lower.is_none_or(is_tighter) {
            self.lower = Some(new);
        }
    }

    fn lower(&mut self, value: Rational, strictness: Strictness, is_edge: bool) {
        let new = Bound { value, strictness, is_edge };
        let is_tighter =
            |old: Bound| value < old.value || (value == old.value && strictness > old.strictness);
        if self.upper.is_none_or(is_tighter) {
            self.upper = Some(new);
        }
    }

    fn contains(&self, number: &Rational) -> bool {
        let is_above = self.lower.is_none_or(|bound| {
            *number > bound.value
                || (*number == bound.value && bound.strictness == Strictness::Inclusive)
        });
        let is_below = self.upper.is_none_or(|bound| {
            *number < bound.value
                || (*number == bound.value && bound.strictness == Strictness::Inclusive)
        });
        is_above && is_below
    }
}

/// The other strictness: what lies beyond an inclusive bound excludes it.
fn opposite(strictness: Strictness) -> Strictness {
    match strictness {
        Strictness::Inclusive => Strictness::Exclusive,
        Strictness::Exclusive => Strictness::Inclusive,
    }
}

impl Search<'_> {
    pub(super) fn number(&self, atoms: &[Literal]) -> Outcome {
        self.number_or_overflow(atoms).unwrap_or_else(|| Outcome::unknown(TOO_LARGE))
    }

    fn number_or_overflow(&self, atoms: &[Literal]) -> Option<Outcome> {
        let mut range = Range::default();
        let mut step: Option<Rational> = None;
        let mut exclusions = 0;
        let mut avoided = Vec::new();
        for literal in atoms {
            match (self.arena.node(literal.node), literal.is_positive) {
                (Node::Minimum(value, strictness), true) => range.raise(*value, *strictness, false),
                (Node::Maximum(value, strictness), true) => range.lower(*value, *strictness, false),
                (Node::Minimum(value, it), false) => range.lower(*value, opposite(*it), true),
                (Node::Maximum(value, it), false) => range.raise(*value, opposite(*it), true),
                (Node::MultipleOf(one), true) => {
                    step = Some(match step {
                        Some(step) => least_common_multiple(&step, one)?,
                        None => *one,
                    });
                }
                (Node::MultipleOf(one), false) => avoided.push(*one),
                (Node::Enumeration(index), _) => exclusions += self.arena.members(*index).len(),
                _ => {}
            }
        }
        if let (Some(lower), Some(upper)) = (range.lower, range.upper)
            && lower.value >= upper.value
            && !(lower.value == upper.value && range.contains(&lower.value))
        {
            return Some(Outcome::Empty);
        }
        match step {
            Some(step) => self.on_grid(&range, &step, &avoided, exclusions, atoms),
            None => self.on_line(&range, exclusions, atoms),
        }
    }

    /// The number as an instance if it makes all atoms true; the outer none is an overflow.
    fn accepts(&self, number: Rational, atoms: &[Literal]) -> Option<Option<Instance>> {
        let instance = Instance::Number(number);
        Some(self.holds(atoms, &instance)?.then_some(instance))
    }

    /// Walks the multiples of the step from the edge that a witness should lie at.
    fn on_grid(
        &self,
        range: &Range,
        step: &Rational,
        avoided: &[Rational],
        exclusions: usize,
        atoms: &[Literal],
    ) -> Option<Outcome> {
        for other in avoided {
            if is_multiple(step, other)? {
                return Some(Outcome::Empty);
            }
        }
        let starts_at_top = match (range.lower, range.upper) {
            (None, Some(_)) => true,
            (Some(lower), Some(upper)) => upper.is_edge && !lower.is_edge,
            _ => false,
        };
        let bound = if starts_at_top { range.upper } else { range.lower };
        let first = match bound {
            Some(bound) => {
                let quotient = num_traits::CheckedDiv::checked_div(&bound.value, step)?;
                let below = rational::floor(&quotient);
                let is_whole = quotient.is_integer();
                // The next multiple inside, whether or not the bound itself counts.
                let start = if starts_at_top || is_whole { below } else { below + 1 };
                num_traits::CheckedMul::checked_mul(step, &Rational::from_integer(start))?
            }
            None => *step,
        };
        let direction = if starts_at_top { -*step } else { *step };
        // Of the multiples of the step, those to avoid come back with the period of all of them.
        let mut period = *step;
        for other in avoided {
            period = least_common_multiple(&period, other)?;
        }
        let in_period = rational::floor(&num_traits::CheckedDiv::checked_div(&period, step)?);
        let wanted = usize::try_from(in_period).ok()?.checked_mul(2 + exclusions)?;
        let mut point = first;
        for _ in 0..wanted.saturating_add(2).min(MAX_POINTS) {
            if let Some(instance) = self.accepts(point, atoms)? {
                return Some(Outcome::Found(instance));
            }
            let is_past = if starts_at_top {
                range.lower.is_some_and(|bound| point < bound.value)
            } else {
                range.upper.is_some_and(|bound| point > bound.value)
            };
            if is_past {
                return Some(Outcome::Empty);
            }
            point = add(&point, &direction)?;
        }
        let is_complete = wanted.saturating_add(2) <= MAX_POINTS;
        Some(if is_complete { Outcome::Empty } else { Outcome::unknown("a long row of multiples") })
    }

    /// A real interval is never used up by exclusions: they are single points.
    fn on_line(&self, range: &Range, exclusions: usize, atoms: &[Literal]) -> Option<Outcome> {
        if let (Some(lower), Some(upper)) = (range.lower, range.upper)
            && lower.value == upper.value
        {
            let found = self.accepts(lower.value, atoms)?;
            return Some(found.map_or(Outcome::Empty, Outcome::Found));
        }
        let mut candidates = Vec::new();
        let one = rational::one();
        let half = Rational::new(1, 2);
        let edge = match (range.lower, range.upper) {
            (Some(lower), Some(upper)) if upper.is_edge && !lower.is_edge => (None, Some(upper)),
            (None, upper) => (None, upper),
            (lower, _) => (lower, None),
        };
        if let (Some(bound), _) = edge {
            let below = Rational::from_integer(rational::floor(&bound.value));
            candidates.extend([bound.value, add(&below, &one)?, add(&bound.value, &half)?]);
        } else if let (_, Some(bound)) = edge {
            let below = Rational::from_integer(rational::floor(&bound.value));
            candidates.extend([
                bound.value,
                below,
                add(&below, &-one)?,
                add(&bound.value, &-half)?,
            ]);
        }
        if range.lower.is_none() && range.upper.is_none() {
            candidates.extend([1, 2, 0, -1].map(Rational::from_integer));
            candidates.extend([Rational::new(3, 2), half, Rational::new(5, 4)]);
        }
        if let (Some(lower), Some(upper)) = (range.lower, range.upper) {
            let mut inner = middle(&lower.value, &upper.value)?;
            candidates.push(upper.value);
            for _ in 0..exclusions.min(60) + 4 {
                candidates.push(inner);
                inner = middle(&lower.value, &inner)?;
            }
        }
        let (base, sign) = match (range.lower, range.upper) {
            (Some(bound), _) => (bound.value, one),
            (None, Some(bound)) => (bound.value, -one),
            (None, None) => (one, one),
        };
        candidates.push(add(&base, &(Rational::new(1, 10) * sign))?);
        // Odd sixteenths are multiples of few things.
        for index in 0..i128::try_from(exclusions.min(MAX_POINTS)).ok()? + 8 {
            let offset = Rational::new(2 * index + 1, 16) * sign;
            candidates.push(add(&base, &offset)?);
        }
        for candidate in candidates.iter().filter(|it| rational::to_number(it).is_some()) {
            if let Some(instance) = self.accepts(*candidate, atoms)? {
                return Some(Outcome::Found(instance));
            }
        }
        Some(Outcome::unknown("a number that is hard to name"))
    }
}
