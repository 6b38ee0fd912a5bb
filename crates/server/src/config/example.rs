//! `config default`: the whole file, made from the declarations.

use std::fmt::Write as _;

use super::SECTIONS;
use super::section::Key;
use super::setting::Shape;

/// The commented file with every key at its default. A key is set by taking the `#` before it away.
#[must_use]
pub fn example() -> String {
    let mut out = String::from(
        "# The configuration of Doorward. Every key stands at its default; take the # away to set one.\n\
         # Each is also a variable of the environment: DOORWARD_SECTION_KEY.\n",
    );
    for section in SECTIONS {
        out.push('\n');
        for line in section.help {
            let _ = writeln!(out, "#{line}");
        }
        let _ = writeln!(out, "[{}]", section.name);
        for key in section.keys {
            out.push('\n');
            for line in key.help {
                let _ = writeln!(out, "#{line}");
            }
            if let Some((least, most)) = key.range {
                let _ = writeln!(out, "# From {least} to {most}.");
            }
            let _ = writeln!(out, "#{} = {}", key.name, literal(key));
        }
    }
    out
}

fn literal(key: &Key) -> String {
    match key.shape {
        Shape::Text => format!("\"{}\"", key.default),
        Shape::Number | Shape::Switch => key.default.to_owned(),
        Shape::List => {
            let items: Vec<String> = key
                .default
                .split(", ")
                .filter(|item| !item.is_empty())
                .map(|item| format!("\"{item}\""))
                .collect();
            format!("[{}]", items.join(", "))
        }
    }
}
