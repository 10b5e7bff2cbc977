//! The laboratory's page, with a control for every knob.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};
use startup_race::scenario::Rules;
use startup_race::scenario::knobs::{KNOBS, Knob, PROTOCOLS};

use super::File;
use super::page::{Page, escaped};

/// The page. The program says what each knob means.
pub fn page(program: &Path) -> Result<File, Box<dyn Error>> {
    let controls = KNOBS.iter().map(|knob| control(knob, program)).collect::<Result<String, _>>()?;
    let settings = |rules: &Rules| -> Value {
        KNOBS.iter().map(|knob| (knob.name.to_string(), json!((knob.get)(rules)))).collect::<Map<_, _>>().into()
    };
    let data: Map<String, Value> =
        PROTOCOLS.iter().map(|(name, rules)| ((*name).to_string(), settings(rules))).collect();
    let main = include_str!("../../assets/lab.html")
        .replace("{{protocols}}", &protocols())
        .replace("{{knobs}}", &controls)
        .replace("{{data}}", &Value::Object(data).to_string().replace('<', "\\u003c"));
    let script = Some(("lab.js", "startup-race.wasm"));
    Ok(Page { path: "lab.html", title: "The laboratory", main: &main, script }.file())
}

/// The list from which a named protocol is chosen.
pub fn protocols() -> String {
    PROTOCOLS.iter().map(|(name, _)| format!("<option value=\"{name}\">{name}</option>")).collect()
}

/// The control of a knob, with its meaning.
fn control(knob: &Knob, program: &Path) -> Result<String, Box<dyn Error>> {
    let (name, means) = (knob.name, escaped(&meaning(knob.name, program)?));
    let field = match knob.values {
        [] => format!(
            "<input id=\"knob-{name}\" data-knob=\"{name}\" type=\"number\" min=\"0\" max=\"9\" aria-describedby=\"means-{name}\">"
        ),
        values => {
            let options: String =
                values.iter().map(|value| format!("<option value=\"{value}\">{value}</option>")).collect();
            format!(
                "<select id=\"knob-{name}\" data-knob=\"{name}\" aria-describedby=\"means-{name}\">{options}</select>"
            )
        }
    };
    Ok(format!(
        "<div class=\"control\"><label for=\"knob-{name}\">{name}</label>{field}<small id=\"means-{name}\">{means}</small></div>\n"
    ))
}

/// The first sentence of `startup-race explain NAME`.
fn meaning(name: &str, program: &Path) -> Result<String, Box<dyn Error>> {
    let output = Command::new(program).args(["explain", name]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let paragraph =
        text.split("\n\n").nth(1).ok_or_else(|| format!("{} explain {name} says nothing", program.display()))?;
    Ok(paragraph.replace('\n', " "))
}
