//! A code counts once, and only around its time.

use doorward_totp::{NoMatch, OtpCode, Period, Secret, TimeStep, Totp, Window};

const NOW: u64 = 1_700_000_010;

fn totp() -> Totp {
    Totp::new(Secret::from_bytes(b"12345678901234567890").expect("twenty bytes"))
}

#[test]
fn a_code_counts_once() {
    let (totp, window) = (totp(), Window::around(1));
    let code = totp.code_at(NOW);
    let step = totp.verify(&code, NOW, window, None).expect("the code of now");
    assert_eq!(step, totp.step_at(NOW));
    for later in [0, 10, 30, 45] {
        assert_eq!(
            totp.verify(&code, NOW + later, window, Some(step)),
            Err(NoMatch::AlreadyUsed)
        );
    }
}

#[test]
fn a_step_before_the_last_one_is_refused_even_when_unused() {
    let (totp, window) = (totp(), Window::around(1));
    let ahead = totp
        .verify(&totp.code_at(NOW + 30), NOW, window, None)
        .expect("one step ahead");
    assert_eq!(
        totp.verify(&totp.code_at(NOW), NOW, window, Some(ahead)),
        Err(NoMatch::AlreadyUsed)
    );
    let next = totp.code_at(NOW + 60);
    assert!(totp.verify(&next, NOW + 60, window, Some(ahead)).is_ok());
}

#[test]
fn only_steps_in_the_window_count() {
    let totp = totp();
    let at = |distance: i64| totp.code_at(NOW.checked_add_signed(distance * 30).expect("a time"));
    for (distance, window, counts) in [
        (-1, Window::EXACT, false),
        (0, Window::EXACT, true),
        (1, Window::EXACT, false),
        (-1, Window::around(1), true),
        (1, Window::around(1), true),
        (-2, Window::around(1), false),
        (2, Window::around(1), false),
        (-2, Window::new(2, 0), true),
        (1, Window::new(2, 0), false),
    ] {
        let verified = totp.verify(&at(distance), NOW, window, None);
        let expected = totp
            .step_at(NOW)
            .number()
            .checked_add_signed(distance)
            .expect("a step");
        let expected = if counts {
            Ok(TimeStep::from_number(expected))
        } else {
            Err(NoMatch::Wrong)
        };
        assert_eq!(verified, expected, "{distance} in {window:?}");
        if let Ok(step) = verified {
            assert_eq!(totp.drift(step, NOW), distance);
        }
    }
}

#[test]
fn of_two_steps_with_one_code_the_later_is_returned() {
    let totp = totp();
    // 511 steps around a time, among 10^6 codes: two of them are the same soon.
    let (time, early, late) = (0_u64..)
        .find_map(|time| {
            let middle = 1_000 + 511 * time;
            let steps = middle - 255..=middle + 255;
            let mut codes: Vec<(String, u64)> = steps
                .map(|step| {
                    (
                        totp.code(TimeStep::from_number(step)).to_digits().to_string(),
                        step,
                    )
                })
                .collect();
            codes.sort();
            let pair = codes.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
            Some((middle * 30, pair[0].1, pair[1].1))
        })
        .expect("a collision");
    let (early, late) = (TimeStep::from_number(early), TimeStep::from_number(late));
    let (code, window) = (totp.code(early), Window::around(255));
    assert_eq!(totp.verify(&code, time, window, None), Ok(late));
    assert_eq!(totp.verify(&code, time, window, Some(early)), Ok(late));
    assert_eq!(
        totp.verify(&code, time, window, Some(late)),
        Err(NoMatch::AlreadyUsed)
    );
}

#[test]
fn a_wrong_code_and_one_of_another_length_are_wrong() {
    let totp = totp();
    let right = totp.code_at(NOW).to_digits();
    let wrong = format!("{:06}", (right.parse::<u32>().expect("digits") + 1) % 1_000_000);
    for typed in [wrong, format!("0{}", *right), format!("00{}", *right)] {
        let typed = OtpCode::parse(&typed).expect("6 to 8 digits");
        assert_eq!(totp.verify(&typed, NOW, Window::EXACT, None), Err(NoMatch::Wrong));
    }
}

#[test]
fn any_period_works_at_both_ends_of_time() {
    for seconds in [1, 15, 30, 60, 86_400, u32::MAX] {
        let totp = totp().with_period(Period::from_seconds(seconds).expect("not zero"));
        for now in [0, u64::from(seconds) - 1, u64::from(seconds), NOW, u64::MAX] {
            let code = totp.code_at(now);
            let step = totp
                .verify(&code, now, Window::around(2), None)
                .expect("the code of now");
            assert!(step >= totp.step_at(now));
        }
    }
}
