// Details of errors, from google.rpc.Status to JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace futured::http {

// The details of a serialized google.rpc.Status as objects with "@type"; an empty array where there are none.
nlohmann::json details_as_json(const std::string& status);

}  // namespace futured::http
