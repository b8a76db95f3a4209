// Errors of converting between C++ and futured.v1.Value.
#pragma once

#include <stdexcept>
#include <string>

namespace futured {

// A value that cannot be converted. what() names the place inside the value, what was expected and what was found.
class CodecError : public std::runtime_error {
 public:
  // `place` is empty, or a path such as "[3].url".
  CodecError(const std::string& place, const std::string& problem)
      : std::runtime_error(place.empty() ? problem : place + ": " + problem), place_(place), problem_(problem) {}

  const std::string& place() const { return place_; }
  const std::string& problem() const { return problem_; }

 private:
  std::string place_;
  std::string problem_;
};

// Arguments that do not fit the function.
class ArgumentError : public CodecError {
 public:
  using CodecError::CodecError;
};

// What a function returned cannot be encoded as its result. what() names function and type.
class ResultError : public CodecError {
 public:
  using CodecError::CodecError;
};

// More than a message can hold.
class ValueTooLarge : public CodecError {
 public:
  using CodecError::CodecError;
};

}  // namespace futured
