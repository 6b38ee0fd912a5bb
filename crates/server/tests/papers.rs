//! The house's papers name files; a paper that names one which is gone misleads whoever reads it.

use std::path::Path;

#[test]
fn every_path_in_the_papers_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    for paper in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root.join(paper)).expect("the paper is there");
        let quoted = text.split('`').skip(1).step_by(2);
        let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for path in quoted.chain(linked) {
            let is_path =
                path.starts_with("crates/") || path.starts_with("fixtures/") || path.starts_with("docs/");
            if is_path && !path.contains(' ') {
                assert!(root.join(path).exists(), "{paper} names {path}");
                named += 1;
            }
        }
    }
    assert!(named > 20, "the papers name files: {named}");
}
