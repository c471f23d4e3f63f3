//! Random texts that look for trouble, the same ones in every run.

/// What the splitter has rules for, and what looks like it: contractions, letters of every kind,
/// marks, numbers, white space and line ends of every kind, joined emoji.
const HOSTILE: [&str; 64] = [
    "'", "'", "'s", "'S", "'\u{17f}", "'t", "'re", "'RE", "'ve", "'m", "'ll", "'lL", "'d", "’s",
    "s", "S", "\u{17f}", "r", "e", "l", "a", "A", "É", "ß", "İ", "\u{212a}", "ǅ", "ʰ", "ª", "中",
    "ا", "\u{301}", "\u{903}", "\u{20dd}", "\u{fe0f}", "0", "12", "²", "½", "٣", "Ⅷ", " ", "  ",
    "\t", "\r", "\n", "\r\n", "\u{b}", "\u{85}", "\u{a0}", "\u{2028}", "\u{3000}", "/", "//", "-",
    "_", "\"", "{", "\u{200d}", "👩", "👍🏽", "🇩🇪", "\0", "\u{10ffff}",
];

/// Numbers from a seed (SplitMix64), so that a failure can be repeated.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Up to so many characters below a limit, surrogates left out.
    pub(super) fn scalars(&mut self, most: usize, below: char) -> String {
        let count = 1 + self.below(most);
        (0..count).filter_map(|_| char::from_u32(self.below(below as usize) as u32)).collect()
    }

    /// Up to so many entries of the hostile alphabet.
    pub(super) fn hostile(&mut self, most: usize) -> String {
        let count = 1 + self.below(most);
        (0..count).map(|_| HOSTILE[self.below(HOSTILE.len())]).collect()
    }

    /// Up to so many tokens, joined. What they do not form of UTF-8 is replaced.
    pub(super) fn tokens(&mut self, most: usize, tokens: &[Vec<u8>]) -> String {
        let count = 1 + self.below(most);
        let bytes: Vec<u8> =
            (0..count).flat_map(|_| tokens[self.below(tokens.len())].clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// At least so many bytes of letters from an alphabet.
    pub(super) fn letters(&mut self, bytes: usize, alphabet: &str) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut text = String::new();
        while text.len() < bytes {
            text.push(alphabet[self.below(alphabet.len())]);
        }
        text
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ number >> 31) as usize % limit
    }
}
