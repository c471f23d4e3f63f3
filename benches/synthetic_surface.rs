//! Prints a synthetic surface with as many tools as the first argument says.

mod synthetic;

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tools = std::env::args().nth(1).ok_or("usage: synthetic_surface TOOLS")?.parse()?;
    std::io::stdout().write_all(synthetic::surface(tools).as_bytes())?;
    Ok(())
}
