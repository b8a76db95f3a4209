// In builds with sanitizers. OpenSSL, when the process ends, forgets the queues of errors of threads that still run
// (err_cleanup() in crypto/err/err.c), which are gRPC's here: 904 bytes in one run of some hundreds.
extern "C" {

const char* __lsan_default_suppressions();
const char* __lsan_default_options();

const char* __lsan_default_suppressions() { return "leak:libcrypto.so"; }
const char* __lsan_default_options() { return "print_suppressions=0"; }

}  // extern "C"
