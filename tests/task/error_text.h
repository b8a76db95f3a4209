// error_text: what a call complains about.
#pragma once

#include <string>

namespace futured {

// The what() of the E that f throws; "no error" if it throws nothing.
template <class E, class F>
std::string error_text(F f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace futured
