// Messages of RPCs from and to JSON, by protobuf's JSON mapping.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "google/protobuf/descriptor.h"

namespace futured::http {

// Serialized message, or why the text is none. An empty text is an empty object.
tl::expected<std::string, std::string> from_json(const google::protobuf::Descriptor& type, const std::string& text);
// The failure says what cannot be shown.
tl::expected<std::string, std::string> to_json(const google::protobuf::Descriptor& type, const std::string& bytes);

}  // namespace futured::http
