//! Any order of things.

use authwright_core::Token;
use authwright_core::operation::{EffectKind, Failure, Operation, Sent, Step};
use proptest::prelude::*;

use crate::issuer::{HOUR, Issuer, MINUTE, SECOND, START, token, verifier};

/// What happens next to one of several operations.
#[derive(Clone, Debug)]
enum Happening {
    Begin { key: usize },
    Step(usize),
    Resume { operation: usize, answer: u8 },
    WrongId(usize),
    Cancel(usize),
    Later(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..4_usize).prop_map(|key| Happening::Begin { key }),
        (0..6_usize).prop_map(Happening::Step),
        (0..6_usize, any::<u8>()).prop_map(|(operation, answer)| Happening::Resume { operation, answer }),
        (0..6_usize).prop_map(Happening::WrongId),
        (0..6_usize).prop_map(Happening::Cancel),
        prop_oneof![0..2 * SECOND, 0..2 * MINUTE, 0..26 * HOUR].prop_map(Happening::Later),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_things_sends_twice_or_hangs(happenings in prop::collection::vec(happening(), 1..120)) {
        let tokens: Vec<String> = (0..4).map(token).collect();
        let (verifier, mut issuer, mut now) = (verifier(), Issuer::new(), START);
        // Each with the id and URL of its outstanding effect, if any, and the highest id that it has had.
        let mut running: Vec<(Operation<Token>, Option<u64>, u64)> = Vec::new();
        for happening in happenings {
            match happening {
                Happening::Begin { key } if running.len() < 6 => {
                    running.push((verifier.verify_fetching(&tokens[key], None, now + 30 * SECOND), None, 0));
                }
                Happening::Begin { .. } => {}
                Happening::Step(place) if place < running.len() => {
                    let (operation, outstanding, highest) = &mut running[place];
                    let deadline = operation.deadline();
                    let is_over = match operation.step(now) {
                        Step::Effect(effect) => {
                            match outstanding {
                                Some(id) => prop_assert_eq!(*id, effect.id, "the same effect"),
                                None => prop_assert!(effect.id > *highest, "a new effect has a new id"),
                            }
                            *highest = effect.id;
                            *outstanding = Some(effect.id);
                            false
                        }
                        Step::Wait(wait) => {
                            prop_assert!(outstanding.is_none());
                            prop_assert!(wait.until > now && wait.until <= deadline, "every wait has an end");
                            false
                        }
                        Step::Done(_) | Step::Failed(_) => true,
                    };
                    prop_assert!(is_over || now < deadline);
                    if is_over {
                        running.remove(place);
                    }
                }
                Happening::Resume { operation: place, answer } if place < running.len() => {
                    let (operation, outstanding, _) = &mut running[place];
                    if let Some(id) = *outstanding {
                        let request = match operation.step(now) {
                            Step::Effect(effect) => {
                                let EffectKind::Send(request) = &effect.kind else { panic!("another effect") };
                                Some(request.clone())
                            }
                            _ => None,
                        };
                        match request {
                            Some(request) => {
                                issuer.is_down = answer % 3 == 0;
                                issuer.published = 0..usize::from(answer % 4) + 1;
                                operation.resume(id, now, issuer.answer(&request)).unwrap();
                                prop_assert!(operation.resume(id, now, issuer.answer(&request)).is_err(), "taken once");
                                *outstanding = None;
                            }
                            None => { running.remove(place); }
                        }
                    }
                }
                Happening::WrongId(place) if place < running.len() => {
                    let outcome = running[place].0.resume(u64::MAX, now, Err(Failure::deadline(Sent::Maybe)));
                    prop_assert!(outcome.is_err());
                }
                Happening::Cancel(place) if place < running.len() => { running.remove(place); }
                Happening::Later(time) => now += time,
                _ => {}
            }
            // Whoever fetches, it is one at a time: those whose deadline and whose flight's are not over.
            let fetching = running.iter_mut().filter(|(operation, outstanding, _)| outstanding.is_some() && now + 20 * SECOND < operation.deadline());
            prop_assert!(fetching.count() <= 1);
        }
        // And in the end, with a good issuer and enough time, everybody is served.
        drop(running);
        issuer.is_down = false;
        issuer.published = 0..4;
        now += HOUR;
        issuer.verify(&verifier, &tokens[3], now).unwrap();
    }
}
