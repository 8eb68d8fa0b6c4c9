//! A process that serves one disk, see `acceptance::disk`.

fn main() -> std::io::Result<()> {
    acceptance::disk::serve()
}
