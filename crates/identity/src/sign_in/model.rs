//! The machine beside a statement of its law, over every state, event, set of factors and policy.
//!
//! The machine is a pure function with few states, so that its walk closes: once no new state is found, every
//! sequence of any length has been seen. The law is written from the proofs alone and knows no states.

use std::collections::BTreeSet;

use doorward_crypto::Timestamp;

use super::machine::{Event, Factors, Half, Next, State};
use super::passkey::PasskeyProof;
use super::password::PasswordProof;
use super::proof::Proved;
use super::recovery_code::RecoveryCodeProof;
use super::totp::TotpProof;
use crate::accounts::setup::FirstFactorMade;
use crate::ids::AccountId;
use crate::policy::{Passwords, Policy};

const ANA: AccountId = AccountId::from_bytes([1; 16]);
const BEN: AccountId = AccountId::from_bytes([2; 16]);

/// An event that can be made again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Passkey(AccountId, bool),
    Password(AccountId),
    Totp(AccountId),
    Recovery(AccountId),
    PasskeyMade(AccountId),
    PasswordMade(AccountId),
}

impl Said {
    fn all() -> Vec<Self> {
        let of = |who| {
            [
                Self::Passkey(who, true),
                Self::Passkey(who, false),
                Self::Password(who),
                Self::Totp(who),
                Self::Recovery(who),
                Self::PasskeyMade(who),
                Self::PasswordMade(who),
            ]
        };
        [of(ANA), of(BEN)].concat()
    }

    fn event(self) -> Event {
        match self {
            Self::Passkey(who, verified) => Event::Passkey(PasskeyProof::assumed(who, verified)),
            Self::Password(who) => Event::Password(PasswordProof::assumed(who)),
            Self::Totp(who) => Event::Totp(TotpProof::assumed(who)),
            Self::Recovery(who) => Event::RecoveryCode(RecoveryCodeProof::assumed(who)),
            Self::PasskeyMade(who) => {
                Event::FirstFactorMade(FirstFactorMade::assumed(who, Proved::PasskeyMade))
            }
            Self::PasswordMade(who) => {
                Event::FirstFactorMade(FirstFactorMade::assumed(who, Proved::PasswordMade))
            }
        }
    }

    fn who(self) -> AccountId {
        match self {
            Self::Passkey(who, _)
            | Self::Password(who)
            | Self::Totp(who)
            | Self::Recovery(who)
            | Self::PasskeyMade(who)
            | Self::PasswordMade(who) => who,
        }
    }
}

fn every_factors() -> Vec<Factors> {
    let mut all = Vec::new();
    for bits in 0..32_usize {
        all.push(Factors {
            password: bits & 1 != 0,
            passkeys: (bits >> 1) & 1,
            totp: bits & 4 != 0,
            recovery_codes: 2 * ((bits >> 3) & 1),
            disabled: bits & 16 != 0,
        });
    }
    all
}

fn every_policy() -> Vec<Policy> {
    let of = |passwords| Policy {
        passwords,
        ..Policy::default()
    };
    vec![
        of(Passwords::Off),
        of(Passwords::WithSecondFactor),
        of(Passwords::Allowed),
    ]
}

/// The law: whether these, in this order and nothing else, make a session of one account.
fn is_enough(said: &[Said], factors: &Factors, policy: &Policy) -> bool {
    let one_person = said
        .iter()
        .all(|one| said.first().is_some_and(|first| first.who() == one.who()));
    let has_second = factors.totp || factors.passkeys > 0;
    let password = factors.password && policy.passwords != Passwords::Off;
    let nothing_yet = !factors.password && factors.passkeys == 0 && !factors.totp;
    let enough = match said {
        [Said::Passkey(_, true)] => factors.passkeys > 0,
        [Said::Password(_)] => password && !has_second && policy.passwords == Passwords::Allowed,
        [Said::Password(_), Said::Totp(_)] => password && factors.totp,
        [Said::Password(_), Said::Recovery(_)] => password && has_second && factors.recovery_codes > 0,
        [Said::Password(_), Said::Passkey(..)] => password && factors.passkeys > 0,
        [Said::PasskeyMade(_)] => nothing_yet,
        [Said::PasswordMade(_)] => nothing_yet && policy.passwords == Passwords::Allowed,
        _ => false,
    };
    one_person && enough && !factors.disabled
}

#[test]
fn model_no_path_round_factors() {
    let now = Timestamp::from_seconds(1);
    let (mut transitions, mut sessions) = (0, 0);
    for factors in every_factors() {
        for policy in every_policy() {
            let mut open: Vec<(State, Vec<Said>)> = vec![(State::Nobody, Vec::new())];
            let mut seen = BTreeSet::from([format!("{:?}", State::Nobody)]);
            while let Some((state, said)) = open.pop() {
                for next in Said::all() {
                    transitions += 1;
                    let path = [said.as_slice(), &[next]].concat();
                    let law = is_enough(&path, &factors, &policy);
                    let outcome = state.step(next.event(), &factors, &policy, now);
                    match outcome {
                        Ok(Next::Authenticated(authenticated)) => {
                            assert!(law, "{path:?} must not open {factors:?} under {policy:?}");
                            assert_eq!(authenticated.account(), next.who());
                            assert_eq!(
                                authenticated.proofs().len(),
                                path.len(),
                                "each proof is told, once"
                            );
                            sessions += 1;
                        }
                        Ok(Next::SecondFactor(half, methods)) => {
                            assert!(!law, "{path:?} is enough for {factors:?} under {policy:?}");
                            assert!(!methods.is_empty(), "a dead end after {path:?}");
                            assert_ne!(
                                policy.passwords,
                                Passwords::Off,
                                "{path:?} leads on where no password is taken"
                            );
                            assert!(path.len() < 3, "a sign-in of {path:?} and no end");
                            let state = State::PasswordProved(half);
                            if seen.insert(format!("{state:?}")) {
                                open.push((state, path));
                            }
                        }
                        Err(_) => assert!(!law, "{path:?} is enough for {factors:?} under {policy:?}"),
                    }
                }
            }
        }
    }
    // 96 combinations; of each at least the 14 events in the first state.
    assert!(transitions >= 96 * 14, "{transitions} transitions");
    assert!(sessions > 0);
    // Shown with --nocapture.
    println!("one account and policy: {transitions} transitions, {sessions} of them to a session");
}

/// Between the two proofs of a sign-in the account may lose or get a factor, be turned off, and the operator may
/// change the policy. What counts is how things stand at the last proof.
#[test]
fn model_no_path_round_factors_that_change_under_way() {
    let now = Timestamp::from_seconds(1);
    let (mut states, mut sequences, mut sessions) = (BTreeSet::new(), 0, 0);
    for (before, policy_before) in combinations() {
        for first in Said::all() {
            let Ok(Next::SecondFactor(half, _)) =
                State::Nobody.step(first.event(), &before, &policy_before, now)
            else {
                continue;
            };
            let state = State::PasswordProved(half);
            states.insert(format!("{state:?}"));
            for (after, policy_after) in combinations() {
                for second in Said::all() {
                    sequences += 1;
                    let path = [first, second];
                    let law = is_enough(&path, &after, &policy_after);
                    let outcome = state.step(second.event(), &after, &policy_after, now);
                    let opens = matches!(outcome, Ok(Next::Authenticated(_)));
                    assert_eq!(
                        opens, law,
                        "{path:?}: {before:?} under {policy_before:?}, then {after:?} under {policy_after:?}"
                    );
                    assert!(
                        opens || outcome.is_err(),
                        "a third proof is never asked for: {path:?}"
                    );
                    sessions += usize::from(opens);
                }
            }
        }
    }
    // With the first one these are all states that the machine has, for two people.
    assert_eq!(states.len(), 2, "{states:?}");
    println!(
        "{} states, {} events, {sequences} sequences of two, {sessions} of them to a session",
        states.len() + 1,
        Said::all().len()
    );
}

fn combinations() -> Vec<(Factors, Policy)> {
    let of = |factors: Factors| every_policy().into_iter().map(move |policy| (factors, policy));
    every_factors().into_iter().flat_map(of).collect()
}

#[test]
fn every_way_in_asks_second_factor() {
    let now = Timestamp::from_seconds(1);
    for policy in every_policy() {
        for factors in every_factors() {
            for first in Said::all() {
                let alone = State::Nobody.step(first.event(), &factors, &policy, now);
                let verified_passkey = matches!(first, Said::Passkey(_, true));
                if (factors.totp || factors.passkeys > 0) && !verified_passkey {
                    assert!(
                        !matches!(alone, Ok(Next::Authenticated(_))),
                        "{first:?} alone, {factors:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn recovery_is_second_not_first() {
    let now = Timestamp::from_seconds(1);
    for factors in every_factors() {
        let refused = State::Nobody.step(Said::Recovery(ANA).event(), &factors, &Policy::default(), now);
        assert!(refused.is_err());
    }
}

#[test]
fn totp_factor_of_this_account() {
    let now = Timestamp::from_seconds(1);
    let factors = Factors {
        password: true,
        passkeys: 1,
        totp: true,
        recovery_codes: 2,
        disabled: false,
    };
    let half = State::PasswordProved(Half {
        account: ANA,
        proofs: Vec::new(),
    });
    for others in [
        Said::Totp(BEN),
        Said::Recovery(BEN),
        Said::Passkey(BEN, true),
        Said::Passkey(BEN, false),
    ] {
        assert!(
            half.step(others.event(), &factors, &Policy::default(), now)
                .is_err(),
            "{others:?}"
        );
    }
}
