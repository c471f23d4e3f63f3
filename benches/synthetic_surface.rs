//! Prints a synthetic surface with as many tools as the first argument says, or a later version of
//! it: `synthetic_surface TOOLS [--required N] [--described N] [--every-schema]`.

mod synthetic;

use std::io::Write;

use synthetic::Edits;

const USAGE: &str =
    "usage: synthetic_surface TOOLS [--required N] [--described N] [--every-schema]";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let tools = arguments.next().ok_or(USAGE)?.parse()?;
    let mut edits = Edits::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--required" => edits.required = arguments.next().ok_or(USAGE)?.parse()?,
            "--described" => edits.described = arguments.next().ok_or(USAGE)?.parse()?,
            "--every-schema" => edits.every_schema = true,
            _ => return Err(USAGE.into()),
        }
    }
    std::io::stdout().write_all(synthetic::surface(tools, edits).as_bytes())?;
    Ok(())
}
