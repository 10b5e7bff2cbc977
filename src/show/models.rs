//! Why a model is refused, as text: what is wrong, where, and what would be right.

use std::fmt;

use super::foreign::escaped;
use super::labels;
use crate::scenario::own::{MAX_HELPERS, MAX_LINES, ModelError};

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoTasks => write!(f, "the first actor must be a task"),
            Self::NoAttempts => write!(f, "the budget of attempts must be at least 1"),
            Self::TooManyActors(actors) => write!(f, "there are {actors} actors: at most 255 are allowed"),
            Self::TooManyHelpers(helpers) => {
                write!(f, "there are {helpers} helpers: at most {MAX_HELPERS} are allowed")
            }
            Self::AfterHelper(id) => write!(f, "actor {} is a task and follows a helper: list the tasks first", id.0),
            Self::TooManyLines(id, lines) => {
                write!(f, "the script of actor {} has {lines} lines: at most {MAX_LINES} are allowed", id.0)
            }
            Self::Name(id) => write!(
                f,
                "actor {} needs another name: a name is unique, not empty, begins with no combining mark, and holds no \
                 control, bidirectional or format character",
                id.0
            ),
            Self::NoSuchWorker(id) => write!(f, "actor {} uses worker 0: workers are numbered from 1", id.0),
            Self::NoSuchActor(from, id) => {
                write!(f, "actor {} refers to actor {}, which is not there: actors are numbered from 1", from.0, id.0)
            }
            Self::NoSuchStep(from, id, step) => {
                let step = escaped(labels::act(step));
                write!(
                    f,
                    "actor {} waits for a step `{step}` of actor {}, whose script has no line with that step",
                    from.0, id.0
                )
            }
            Self::Unlisted(id, name) => write!(
                f,
                "actor {} uses the name `{}`, which the controller does not list: add it to `Controller::names`",
                id.0,
                escaped(name)
            ),
            Self::Unused(name) => write!(
                f,
                "the controller lists the name `{}`, and no actor sends it or waits for it: remove it from \
                 `Controller::names`, or let an actor use it",
                escaped(name)
            ),
            Self::EndlessDiscard(id) => write!(
                f,
                "a line of actor {} discards and waits for no command, so it could be taken without end: give it a \
                 condition `When::Command`",
                id.0
            ),
            Self::InTwoAttempts(id) => write!(
                f,
                "actor {} is a task that a retry leaves as it is, and the attempt before goes on, so it would be in both: \
                 let it be renewed, or let the attempt before stop",
                id.0
            ),
        }
    }
}

impl std::error::Error for ModelError {}
