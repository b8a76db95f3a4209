// PageToken: by what the dashboard's page shows that a request is its own.
//
// A page of a stranger can make a browser send requests here, if not read the answers; and a browser sends them with
// everything that it knows of this daemon. Each page gets a token that only a page of the same origin can read, and
// sends it along. What no browser has sent needs none.
#pragma once

#include <string>

#include "server/http/message.h"

namespace futured::http {

// Thread-safe.
class PageToken {
 public:
  // Draws one: 128 random bits.
  PageToken();
  // In hexadecimal digits.
  const std::string& text() const { return text_; }
  // Whether a request is from a browser, and not from a page that was given the token.
  bool refuses(const Request& request) const;

 private:
  std::string text_;
};

// What such a request is told.
Response page_token_refusal();

}  // namespace futured::http
