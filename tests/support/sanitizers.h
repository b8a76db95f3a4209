// What tests have to know of the sanitizers that they are built with.
#pragma once

namespace futured::testing {

// The shadow of these takes more address space than a limit leaves, or lifts the limit.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FUTURED_SANITIZER_TAKES_MEMORY
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FUTURED_SANITIZER_TAKES_MEMORY
#endif
#ifdef FUTURED_SANITIZER_TAKES_MEMORY
inline constexpr bool kSanitizerTakesMemory = true;
#else
inline constexpr bool kSanitizerTakesMemory = false;
#endif

}  // namespace futured::testing
