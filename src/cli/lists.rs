//! Lists on the command line: `2`, `1,3`, `2@1`, `2@1+3`, `none`.

use super::output::Wrong;

/// One task of a list, and the attempts it is listed for; none: every attempt.
pub type Listed = (u8, Vec<u8>);

/// Reads a list of tasks with attempts.
pub fn tasks(option: &str, text: &str) -> Result<Vec<Listed>, Wrong> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let entry = |entry: &str| -> Option<Listed> {
        match entry.split_once('@') {
            None => Some((number(entry)?, Vec::new())),
            Some((task, attempts)) => Some((number(task)?, attempts.split('+').map(number).collect::<Option<_>>()?)),
        }
    };
    let read = |part: &str| {
        entry(part).ok_or_else(|| {
            Wrong::new(format!(
                "--{option}: {part:?} is no task: give numbers from 1, as in 2 or 1,3 (2@1 for attempt 1 only, \
                 2@1+3 for two attempts), or none"
            ))
        })
    };
    let list: Vec<Listed> = text.split(',').map(read).collect::<Result<_, _>>()?;
    for (index, (task, attempts)) in list.iter().enumerate() {
        let again = list[..index].iter().any(|(other, _)| other == task);
        let repeated = attempts.iter().enumerate().any(|(at, attempt)| attempts[..at].contains(attempt));
        if (again && attempts.is_empty()) || repeated {
            return Err(Wrong::new(format!("--{option}: task {task} is listed twice for one attempt")));
        }
    }
    Ok(list)
}

/// Reads a list of plain numbers.
pub fn numbers(option: &str, text: &str) -> Result<Vec<u8>, Wrong> {
    let read = |part: &str| {
        number(part).ok_or_else(|| {
            Wrong::new(format!("--{option}: {part:?} is no worker: give one number from 1 for each task, as in 1,1,2"))
        })
    };
    text.split(',').map(read).collect()
}

fn number(text: &str) -> Option<u8> {
    text.parse().ok().filter(|&number: &u8| number > 0 && !text.starts_with('+'))
}
