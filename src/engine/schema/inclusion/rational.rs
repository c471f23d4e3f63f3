//! Exact numbers: what a schema's decimal text says, not what a float makes of it.

use num_integer::Integer;
use num_traits::{CheckedAdd, CheckedMul, One};
use serde_json::Number;

/// A fraction of two 128-bit integers. Everything that would overflow is `None`.
pub(super) type Rational = num_rational::Ratio<i128>;

/// Reads a number from its shortest decimal text: `0.1` is one tenth.
pub(super) fn from_number(number: &Number) -> Option<Rational> {
    if let Some(integer) = number.as_i64() {
        return Some(Rational::from_integer(integer.into()));
    }
    from_text(&number.to_string())
}

fn from_text(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let exponent = exponent.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(u32::try_from(exponent.unsigned_abs()).ok()?)?;
    if exponent >= 0 {
        Some(Rational::from_integer(digits.checked_mul(power)?))
    } else {
        Some(Rational::new(digits, power))
    }
}

/// The number as JSON, if JSON as everybody reads it (64-bit integers and floats) can say it.
pub(super) fn to_number(rational: &Rational) -> Option<Number> {
    if rational.is_integer() {
        let integer = rational.to_integer();
        if let Ok(integer) = i64::try_from(integer) {
            return Some(integer.into());
        }
        if let Ok(integer) = u64::try_from(integer) {
            return Some(integer.into());
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "the way back is checked below")]
    let float = *rational.numer() as f64 / *rational.denom() as f64;
    let number = Number::from_f64(float)?;
    (from_number(&number)? == *rational).then_some(number)
}

/// The smallest positive number that is a multiple of both.
pub(super) fn least_common_multiple(one: &Rational, other: &Rational) -> Option<Rational> {
    // lcm(a/b, c/d) = lcm(a·d, c·b) / (b·d), brought to lowest terms.
    let (above, below) = ((*one.numer(), *other.numer()), (*one.denom(), *other.denom()));
    let left = above.0.checked_mul(below.1)?;
    let right = above.1.checked_mul(below.0)?;
    let multiple = (left / left.gcd(&right)).checked_mul(right)?;
    Some(Rational::new(multiple.abs(), below.0.checked_mul(below.1)?))
}

/// Whether a number is a whole multiple of a step above zero.
pub(super) fn is_multiple(number: &Rational, step: &Rational) -> Option<bool> {
    Some(number.checked_mul(&step.recip())?.is_integer())
}

/// The sum, unless it overflows.
pub(super) fn add(one: &Rational, other: &Rational) -> Option<Rational> {
    one.checked_add(other)
}

/// The point half-way between two numbers.
pub(super) fn middle(one: &Rational, other: &Rational) -> Option<Rational> {
    add(one, other)?.checked_mul(&Rational::new(1, 2))
}

/// The largest whole number up to this one.
pub(super) fn floor(number: &Rational) -> i128 {
    number.numer().div_floor(number.denom())
}

/// One.
pub(super) fn one() -> Rational {
    Rational::one()
}

#[cfg(test)]
mod tests {
    use serde_json::{Number, json};

    use super::{Rational, from_number, from_text, least_common_multiple, to_number};

    #[test]
    fn decimal_text_is_exact() {
        assert_eq!(from_text("0.1"), Some(Rational::new(1, 10)));
        assert_eq!(from_text("1e0"), from_text("1.0"));
        assert_eq!(from_text("-12.5e-1"), Some(Rational::new(-5, 4)));
        assert_eq!(from_text("1e40"), None);
        let back = |value: serde_json::Value| {
            let number: Number = value.as_number().unwrap().clone();
            to_number(&from_number(&number).unwrap()) == Some(number)
        };
        assert!(back(json!(0.1)) && back(json!(-7)) && back(json!(u64::MAX)) && back(json!(1.5)));
        assert_eq!(to_number(&Rational::new(1, 3)), None);
    }

    #[test]
    fn multiples_of_fractions() {
        let lcm = least_common_multiple(&Rational::new(2, 5), &Rational::from_integer(1));
        assert_eq!(lcm, Some(Rational::from_integer(2)));
        let lcm = least_common_multiple(&Rational::new(1, 6), &Rational::new(1, 4));
        assert_eq!(lcm, Some(Rational::new(1, 2)));
    }
}
