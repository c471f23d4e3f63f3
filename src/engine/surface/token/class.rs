//! The classes of characters that the splitter tells apart.
//!
//! They are the general categories of Unicode 16, as the upstream pattern names them and as the
//! committed [`class_table`](super::class_table) has them. Not `char::is_uppercase` and the like:
//! those are other sets, and follow the compiler's version of Unicode instead of upstream's.

use super::class_table::{BLOCKS, INDEX};

/// One class, or several: a set of bits.
pub(super) type Class = u8;

/// Behind the end of the text: in no class.
pub(super) const END: Class = 0;
/// Upper and title case letters (Lu, Lt).
pub(super) const UPPER: Class = 1;
/// Lower case letters (Ll).
pub(super) const LOWER: Class = 2;
/// Letters that go with both cases: modifier and other letters (Lm, Lo).
pub(super) const EITHER: Class = 4;
/// Combining marks (M), which go with both cases too.
pub(super) const MARK: Class = 8;
/// Numbers of all kinds (N).
pub(super) const NUMBER: Class = 16;
/// Carriage return and line feed. The other line ends of Unicode are [`SPACE`].
pub(super) const NEWLINE: Class = 32;
/// The rest of White_Space.
pub(super) const SPACE: Class = 64;
/// Everything else: punctuation, symbols, control characters, what is not assigned.
pub(super) const OTHER: Class = 128;

/// Code points in one block of the table.
const BLOCK: usize = 128;

/// The class of each code point of a block, for every block that is unlike all others.
static CLASS: [[Class; BLOCK]; BLOCKS.len()] = classes();
/// The number of a code point's block, by its higher bits.
static BLOCK_OF: [u8; (char::MAX as usize + 1) / BLOCK] = block_numbers();
/// The first block, without the detour.
const ASCII: [Class; BLOCK] = classes()[INDEX[0].0 as usize];

/// The class of the character that starts at a byte of the text, and where the next one starts.
pub(super) fn class_at(text: &str, at: usize) -> (Class, usize) {
    match text.as_bytes().get(at) {
        None => (END, at),
        Some(&byte) if byte.is_ascii() => (ASCII[usize::from(byte)], at + 1),
        Some(_) => {
            let character = text[at..].chars().next().expect("there is a byte, so a character");
            (class(character), at + character.len_utf8())
        }
    }
}

fn class(character: char) -> Class {
    let code = character as usize;
    CLASS[usize::from(BLOCK_OF[code / BLOCK])][code % BLOCK]
}

/// The blocks, from letters to bits.
const fn classes() -> [[Class; BLOCK]; BLOCKS.len()] {
    let mut classes = [[END; BLOCK]; BLOCKS.len()];
    let mut at = 0;
    while at < BLOCKS.len() * BLOCK {
        let (block, within) = (at / BLOCK, at % BLOCK);
        classes[block][within] = match BLOCKS[block][within / 64][within % 64] {
            b'U' => UPPER,
            b'l' => LOWER,
            b'e' => EITHER,
            b'm' => MARK,
            b'0' => NUMBER,
            b'n' => NEWLINE,
            b'_' => SPACE,
            b'.' => OTHER,
            _ => panic!("a letter in the class table that stands for no class"),
        };
        at += 1;
    }
    classes
}

/// The block numbers, from runs of equal ones to one for each.
const fn block_numbers() -> [u8; (char::MAX as usize + 1) / BLOCK] {
    let mut numbers = [0; (char::MAX as usize + 1) / BLOCK];
    let (mut at, mut run) = (0, 0);
    while run < INDEX.len() {
        let mut left = INDEX[run].1;
        while left > 0 {
            numbers[at] = INDEX[run].0;
            at += 1;
            left -= 1;
        }
        run += 1;
    }
    assert!(at == numbers.len(), "the class table covers all of Unicode");
    numbers
}

#[cfg(test)]
mod tests {
    use regex_syntax::{
        hir::{Class as Set, HirKind},
        parse,
    };

    use super::*;

    #[test]
    fn every_character_has_the_class_that_regex_syntax_gives_it() {
        let mut expected = vec![OTHER; char::MAX as usize + 1];
        for (pattern, class) in [
            (r"[\p{Lu}\p{Lt}]", UPPER),
            (r"\p{Ll}", LOWER),
            (r"[\p{Lm}\p{Lo}]", EITHER),
            (r"\p{M}", MARK),
            (r"\p{N}", NUMBER),
            (r"\s", SPACE),
            (r"[\r\n]", NEWLINE),
        ] {
            let hir = parse(pattern).unwrap();
            let HirKind::Class(Set::Unicode(set)) = hir.kind() else { panic!("{pattern}") };
            for range in set.ranges() {
                expected[range.start() as usize..=range.end() as usize].fill(class);
            }
        }
        for character in '\0'..=char::MAX {
            assert_eq!(class(character), expected[character as usize], "{character:?}");
        }
    }

    #[test]
    fn a_text_is_read_character_by_character_to_its_end() {
        let text = "aÉ中\n";
        assert_eq!(class_at(text, 0), (LOWER, 1));
        assert_eq!(class_at(text, 1), (UPPER, 3));
        assert_eq!(class_at(text, 3), (EITHER, 6));
        assert_eq!(class_at(text, 6), (NEWLINE, 7));
        assert_eq!(class_at(text, 7), (END, 7));
    }
}
