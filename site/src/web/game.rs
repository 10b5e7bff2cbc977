//! The game, for a page: the terminal's game after the lines that a player has said so far.

use serde_json::{Value, json};
use startup_race::play::game::{Game, Position};
use startup_race::play::levels::{LEVELS, Level};
use startup_race::show::play::{answer, claim, moves, opening, position, rules};
use startup_race::show::{Style, report};

use super::Answer;
use super::replay::picture;

/// The levels, as a list.
pub fn levels() -> Value {
    LEVELS.iter().map(|level| json!({ "id": level.id, "number": level.number(), "question": level.question })).collect()
}

/// The game after these lines. Lines after the end of the level are ignored.
pub fn play(level: &str, lines: &[&str]) -> Answer {
    let level = Level::find(level).ok_or_else(|| format!("there is no level {level:?}"))?;
    let (mut game, style) = (Game::new(level), Style::default());
    let (mut text, mut over, mut won) = (opening(&game, style), false, false);
    for line in lines {
        if !over {
            let reply = answer(&mut game, line, style);
            (text, over, won) = (reply.text, reply.over, reply.won);
        }
    }
    let standing = match game.position() {
        Position::Open => "open",
        Position::Broken => "broken",
        Position::TooManySwitches => "too many context switches",
        Position::Held => "held",
    };
    let able = |(word, does, able): (String, String, bool)| json!({ "word": word, "does": does, "able": able });
    Ok(json!({
        "tells": text != position(&game, style),
        "text": text,
        "over": over,
        "won": won,
        "position": standing,
        "steps": game.trace().events.len(),
        "reasons": game.asked().filter(|_| !over).map(|end| game.reasons(end)),
        "tries": game.tries(),
        "helped": game.helped(),
        "moves": moves(&game).into_iter().map(able).collect::<Vec<_>>(),
        "picture": picture(game.setup(), game.trace(), over),
        "level": {
            "question": level.question,
            "claim": claim(&game),
            "given": report::scenario(&game.report),
            "rules": rules(&game),
            "remark": level.remark,
        },
    }))
}
