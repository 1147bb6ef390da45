//! A bug of ours: a panic on any thread ends the program with a code of its own.

use std::ffi::OsString;
use std::io::Write;
use std::panic::PanicHookInfo;

use super::Color;
use super::output::{Output, asks_for_json};
use crate::exit::Exit;

/// Has a panic anywhere end the program with exit code 70, or 1 if a violation has been found. Where
/// `words`, those of the command line, ask for JSON, the object that they are promised says why there
/// is no result.
pub(crate) fn report_our_own_bugs(words: impl Iterator<Item = OsString>) {
    let json = asks_for_json(words);
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        let _ = writeln!(std::io::stderr(), "{}", apology());
        if json {
            let text = format!("{}: {}", apology(), what_happened(panic));
            Output::new(json, true, Color::Never).refuse_silently(Exit::OurBug.of_process(), &text);
        }
        Exit::OurBug.now()
    }));
}

fn apology() -> String {
    format!(
        "this is a bug in rashomon {}, not in what it tested; please report it with the command line \
         and the seed",
        env!("CARGO_PKG_VERSION")
    )
}

/// Where it panicked, and with which words.
fn what_happened(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(String::new, ToString::to_string);
    let words = panic.payload_as_str().unwrap_or("a panic without a message");
    format!("{words} ({place})")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Says to this test, run as a process of its own, what its command line is.
    const WORDS: &str = "RASHOMON_TEST_PANICS_UNDER";

    #[test]
    fn a_panic_under_json_prints_one_error_object_and_ends_with_70() {
        if let Ok(words) = std::env::var(WORDS) {
            report_our_own_bugs(words.split(' ').map(OsString::from));
            std::thread::spawn(|| panic!("a planted panic")).join().unwrap_err();
            return;
        }
        let this_test = "cli::our_bugs::tests::\
                         a_panic_under_json_prints_one_error_object_and_ends_with_70";
        let run = |words: &str| {
            let program = std::env::current_exe().unwrap();
            let arguments = ["--exact", this_test, "--nocapture"];
            let mut command = Command::new(program);
            let ended = command.args(arguments).env(WORDS, words).output().unwrap();
            let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
            (ended.status.code(), text(ended.stdout), text(ended.stderr))
        };
        let (code, stdout, stderr) = run("rashomon run --sim --json");
        assert_eq!(code, Some(70), "{stdout}{stderr}");
        let object = &stdout[stdout.find('{').unwrap_or_else(|| panic!("{stdout}{stderr}"))..];
        let told: serde_json::Value = serde_json::from_str(object.trim()).unwrap();
        assert_eq!(told["format"], "rashomon-error", "{object}");
        assert_eq!(told["exit"], 70, "{object}");
        assert!(told["message"].as_str().unwrap().contains("a planted panic"), "{object}");
        assert!(stderr.contains("this is a bug in rashomon"), "{stderr}");

        let (code, stdout, _) = run("rashomon run maelstrom -- node --json");
        assert_eq!((code, stdout.contains('{')), (Some(70), false), "{stdout}");
    }
}
