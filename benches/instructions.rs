//! Runs one pure part many times, so that `instructions.py` can count its instructions: `instructions PART TIMES`.
//! Without arguments it prints the names of the parts.

mod parts;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let name = arguments.next();
    let times: u64 = arguments
        .next()
        .and_then(|times| times.parse().ok())
        .unwrap_or(1);
    for mut part in parts::parts() {
        match &name {
            None => println!("{}", part.name),
            Some(name) if name == part.name => (0..times).for_each(|_| (part.run)()),
            Some(_) => {}
        }
    }
}
