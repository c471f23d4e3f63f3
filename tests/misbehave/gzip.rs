//! The gzip format (RFC 1952, RFC 1951) written by hand: stored blocks, and a bomb.

/// The header of every stream: deflate, no file name, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The data in a valid stream that compresses nothing.
pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut stream = HEADER.to_vec();
    stream.extend(stored(data));
    stream.extend(crc32(data).to_le_bytes());
    // The size modulo 2^32, as the format has it.
    stream.extend((data.len() as u32).to_le_bytes());
    stream
}

/// A stream of 7 MB that unpacks to 1 GB of spaces and then the data. Its checksum is wrong, which
/// nobody learns who has not swallowed all of it.
pub(crate) fn bomb(data: &[u8]) -> Vec<u8> {
    const BLOCKS: usize = 500;
    let block = block_of_spaces();
    let mut stream = HEADER.to_vec();
    stream.extend(stored_block(b" ", false));
    for _ in 0..BLOCKS {
        stream.extend(&block);
    }
    stream.extend(stored(data));
    stream.extend([0; 8]);
    stream
}

/// 2 MB of whatever the byte before it is, in 13 kB: one deflate block with fixed Huffman codes,
/// made of "copy 258 bytes from one byte ago" only.
fn block_of_spaces() -> Vec<u8> {
    // So many that 3 bits of header, 13 bits a copy and 7 bits of end fill whole bytes.
    const COPIES: usize = 8190;
    // Not final (0), fixed codes (01, low bit first).
    let mut bits = vec![false, true, false];
    for _ in 0..COPIES {
        // Symbol 285 (length 258) is 11000101, distance symbol 0 (one byte) is 00000.
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    // Symbol 256, the end of the block.
    bits.extend([false; 7]);
    bits.chunks(8)
        .map(|byte| byte.iter().rev().fold(0, |value, bit| value << 1 | u8::from(*bit)))
        .collect()
}

/// The data in stored blocks, the last of them final.
fn stored(data: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = data.chunks(usize::from(u16::MAX)).collect();
    let last = parts.len().saturating_sub(1);
    parts.iter().enumerate().flat_map(|(at, part)| stored_block(part, at == last)).collect()
}

fn stored_block(data: &[u8], last: bool) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("a stored block holds at most 65,535 bytes");
    let mut block = vec![u8::from(last)];
    block.extend(length.to_le_bytes());
    block.extend((!length).to_le_bytes());
    block.extend(data);
    block
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
