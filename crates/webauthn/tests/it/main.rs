//! What a user of the crate does, from the outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code says by these why something holds"
)]
#![expect(
    clippy::duplicate_mod,
    reason = "each example brings the system's clock and randomness with it"
)]

/// One good answer, one edit, one step. The row's name is the test's.
macro_rules! refused {
    ($base:path: $($name:ident => $edit:expr => $step:ident,)+) => {
        $(
            #[test]
            fn $name() {
                let edit: fn(&mut crate::support::scene::Scene) = $edit;
                let mut scene = $base();
                edit(&mut scene);
                let refused = scene.judge().expect_err("the edit is refused");
                assert_eq!(refused.step, doorward_webauthn::Step::$step, "{refused}");
            }
        )+

        /// The rows of this table.
        pub(crate) const TABLE: crate::support::scene::Table = crate::support::scene::Table {
            module: module_path!(),
            base: $base,
            rows: &[$((stringify!($name), $edit, doorward_webauthn::Step::$step)),+],
        };
    };
}

mod attestation;
mod auditors;
mod auditors_rules;
mod authentication;
mod borders;
mod cases;
mod ceremony;
mod certificates;
mod examples;
mod metadata;
mod prf;
mod recordings;
mod registration;
mod seeds;
mod steps_covered;
mod support;
mod trust;
mod vectors;
