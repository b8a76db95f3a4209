// What tests have to know of the sanitizers that they are built with.
#pragma once

namespace futured::testing {

// Its shadow takes more address space than any limit leaves.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FUTURED_UNDER_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define FUTURED_UNDER_ADDRESS_SANITIZER
#endif
#ifdef FUTURED_UNDER_ADDRESS_SANITIZER
inline constexpr bool kUnderAddressSanitizer = true;
#else
inline constexpr bool kUnderAddressSanitizer = false;
#endif

}  // namespace futured::testing
