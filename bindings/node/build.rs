//! Link arguments that an addon needs on each platform. On Linux that is `-z nodelete`: a Worker that ends would
//! otherwise unmap the library while thread-local destructors still point into it.

fn main() {
    napi_build::setup();
}
