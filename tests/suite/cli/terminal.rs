//! A password that is typed at a terminal.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use crate::harness::{Binary, PATIENCE, TestApp, eventually};

const PASSWORD: &str = "correct horse battery staple";

/// The program on a terminal of its own, which util-linux's `script` creates.
struct Terminal {
    process: Child,
    pieces: Receiver<Vec<u8>>,
    shown: String,
}

impl Terminal {
    fn start(rubrica: &Binary, arguments: &str) -> Self {
        // It prints the name of its terminal first, so that the test can read the echo setting.
        let script =
            format!("exec script --quiet --return --command 'tty; rubrica {arguments}' /dev/null");
        let mut process = rubrica
            .exported_shell(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script is there");
        let mut output = process.stdout.take().expect("it is piped");
        let (sender, pieces) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            process,
            pieces,
            shown: String::new(),
        }
    }

    fn shows(&mut self, text: &str) {
        while !self.shown.contains(text) {
            let piece = self.pieces.recv_timeout(PATIENCE);
            let piece = piece.unwrap_or_else(|_| panic!("no {text:?} in {:?}", self.shown));
            self.shown.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    /// Waits for a prompt and for a terminal without echo, and types a line.
    async fn answer(&mut self, prompt: &str, line: &str) {
        self.shows(prompt);
        let terminal = self.shown.lines().next().expect("its name").trim();
        let state = async || {
            let state = Command::new("stty").args(["-F", terminal, "-a"]).output();
            let state = state.expect("stty is installed").stdout;
            String::from_utf8_lossy(&state).into_owned()
        };
        eventually("no echo", state, |state| state.contains("-echo ")).await;
        let stdin = self.process.stdin.as_mut().expect("it is piped");
        writeln!(stdin, "{line}").expect("it is typed");
    }

    /// All that was shown, and the exit status.
    fn end(mut self) -> (String, Option<i32>) {
        while let Ok(piece) = self.pieces.recv_timeout(PATIENCE) {
            self.shown.push_str(&String::from_utf8_lossy(&piece));
        }
        let status = self.process.wait().expect("it ends");
        (self.shown, status.code())
    }
}

#[tokio::test]
async fn the_password_is_asked_for_twice_and_not_echoed() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    for (email, arguments) in [
        ("a@example.com", "admin create --email a@example.com"),
        ("b@example.com", "admin create --email b@example.com"),
        (
            "a@example.com",
            "admin reset-password --email a@example.com",
        ),
    ] {
        let mut terminal = Terminal::start(&rubrica, arguments);
        terminal.answer("Password: ", PASSWORD).await;
        terminal.answer("Repeat the password: ", PASSWORD).await;
        let (shown, status) = terminal.end();

        assert_eq!(status, Some(0), "{shown}");
        assert!(!shown.contains(PASSWORD), "{shown}");
        assert_eq!(app.sign_in(email, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_password_that_is_too_short_or_repeated_differently_changes_nothing() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let create = || Terminal::start(&rubrica, "admin create --email a@example.com");

    let mut differs = create();
    differs.answer("Password: ", PASSWORD).await;
    differs
        .answer("Repeat the password: ", "correct horse battery stable")
        .await;
    let (shown, status) = differs.end();
    assert!(shown.contains("the two passwords differ"), "{shown}");
    assert_eq!(status, Some(1));

    let mut short = create();
    short.answer("Password: ", "eleven char").await;
    let (shown, status) = short.end();
    assert!(shown.contains("12 to 128 characters"), "{shown}");
    assert_eq!(status, Some(1));
    assert_eq!(app.count("select count(*) from admins").await, 0);
}
