//! The smallest picture and the shortest sound, in base64.

/// A PNG of one red pixel.
pub(super) const IMAGE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";
/// What [`IMAGE`] is.
pub(super) const IMAGE_TYPE: &str = "image/png";

/// A WAV of a millisecond of silence.
pub(super) const SOUND: &str =
    "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";
/// What [`SOUND`] is.
pub(super) const SOUND_TYPE: &str = "audio/wav";
