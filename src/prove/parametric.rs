//! What a controller must promise, so that a proof for every number of tasks is possible.

use crate::core::{ActorId, Controller, PipelineController, Reason, Stage};

/// How many different marks there can be.
pub const MARKS: u8 = 8;

/// A controller that treats tasks alike and does not count them beyond "none", "some" and "all". Its reaction to an
/// input depends only on
///
/// 1. its own state without the tasks,
/// 2. what it remembers of the sender, its *mark*,
/// 3. which marks there are among the other tasks (not how many tasks have them, nor which).
///
/// This is a promise. The proof tests it in small worlds, with one, two and four tasks of each mark, and with the
/// sender first and last. It refuses a controller that breaks the promise there.
pub trait Parametric: Controller {
    /// What it remembers of a task, as a number below [`MARKS`]. 0 means nothing.
    fn mark(&self, task: ActorId) -> u8;

    /// The same controller, but remembering nothing of any task. The reason of a failure then names no task.
    #[must_use]
    fn without_tasks(&self) -> Self;

    /// The same controller with these marks of the tasks 1, 2, and so on. Before that, it must remember nothing of any
    /// task.
    #[must_use]
    fn with_marks(&self, marks: &[u8]) -> Self;
}

impl Parametric for PipelineController {
    fn mark(&self, task: ActorId) -> u8 {
        u8::from(self.counted.contains(&task)) | u8::from(self.over.contains(&task)) << 1
    }

    fn without_tasks(&self) -> Self {
        let mut same = self.clone();
        same.counted.clear();
        same.over.clear();
        if let Stage::Failed(_) = same.stage {
            same.stage = Stage::Failed(Reason::Other("some task"));
        }
        same
    }

    fn with_marks(&self, marks: &[u8]) -> Self {
        let mut same = self.clone();
        for (index, mark) in marks.iter().enumerate() {
            let task = ActorId::at(index);
            same.counted.extend((mark & 1 != 0).then_some(task));
            same.over.extend((mark & 2 != 0).then_some(task));
        }
        same
    }
}
