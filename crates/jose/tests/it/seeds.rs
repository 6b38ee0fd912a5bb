//! The seeds of the fuzz targets, on stable: each is judged as its name says, and its neighbours break nothing.

use std::fs;
use std::path::PathBuf;

use doorward_jose::fuzzing;

/// Runs `check` on each seed of `target`, let in unless its name begins with `refused-`; and on the seed with each
/// byte changed, and cut at each byte.
fn replay(target: &str, check: impl Fn(&[u8]) -> bool) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(target);
    let Ok(files) = fs::read_dir(folder) else {
        eprintln!("SKIPPED: there is no fuzz/seeds/{target} beside this crate");
        return;
    };
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap_or_default().display().to_string();
        let seed = fs::read(&path).unwrap();
        assert_eq!(check(&seed), !name.starts_with("refused-"), "{target}/{name}");
        for at in 0..seed.len() {
            let mut other = seed.clone();
            for bits in [0x01, 0x20, 0x80] {
                other[at] = seed[at] ^ bits;
                check(&other);
            }
            check(&seed[..at]);
        }
    }
}

/// For what is read as text: a fuzzer gives such a target nothing else.
fn text(check: impl Fn(&str) -> bool) -> impl Fn(&[u8]) -> bool {
    move |bytes| core::str::from_utf8(bytes).is_ok_and(&check)
}

#[test]
fn messages() {
    replay("jose_jws", text(fuzzing::jws));
}

#[test]
fn sets_of_keys() {
    replay("jose_jwk_set", fuzzing::jwk_set);
}
