// In builds with sanitizers, for programs whose deaths are looked at: they must die of a signal like any other, and
// what looks for leaks at their end needs system calls that a sandbox forbids.
extern "C" {

const char* __asan_default_options();
const char* __tsan_default_options();

const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:detect_leaks=0";
}
const char* __tsan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}

}  // extern "C"
