//! Hints lead to a counterexample from any position.

use startup_race::play::game::{Game, Position};
use startup_race::play::levels::{Goal, LEVELS};

use super::{follow_hints, level, say, wander};

#[test]
fn hints_from_the_start_play_the_canonical_counterexample() {
    for level in LEVELS.iter().filter(|level| level.goal != Goal::SayImpossible) {
        let mut game = Game::new(level);
        let hints = follow_hints(&mut game);
        let canonical = game.judgement().trace.as_ref().expect("its claim is refuted").schedule.clone();
        assert_eq!(game.trace().schedule, canonical, "{}", level.id);
        assert_eq!(hints, canonical.0.len(), "{}: one hint a move", level.id);
    }
}

#[test]
fn a_hint_continues_with_the_last_actor_if_that_saves_a_switch() {
    let mut game = Game::new(level("three"));
    say(&mut game, "3");
    follow_hints(&mut game);
    // Four actors move, so at least three switches are needed. The first actor in order would cost one more.
    assert_eq!((game.trace().events.len(), game.trace().switches()), (13, 3), "{:?}", game.trace().schedule.text(1));
}

#[test]
fn hints_win_from_wherever_a_player_has_strayed() {
    for level in LEVELS.iter().filter(|level| level.goal != Goal::SayImpossible) {
        for seed in 0..6 {
            let mut game = Game::new(level);
            wander(&mut game, seed, 4 + 3 * seed);
            if game.position() != Position::Broken {
                follow_hints(&mut game);
            }
            assert_eq!(game.position(), Position::Broken, "{}", level.id);
        }
    }
}
