#include "server/http/page_token.h"

#include <cstddef>
#include <random>
#include <string_view>

#include "server/core/refusals.h"
#include "server/http/error_json.h"

namespace futured::http {
namespace {

constexpr int kWords = 4;

// Takes as long wherever the texts differ.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned>(static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

// All that speak HTTP for pages say one of them, and no page can keep them from it.
bool is_from_browser(const Request& request) { return request.header("origin") || request.header("sec-fetch-site"); }

}  // namespace

PageToken::PageToken() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device device;
  for (int i = 0; i < kWords; ++i) {
    std::uint32_t word = device();
    for (int digit = 0; digit < 8; ++digit, word >>= 4) text_ += kDigits[word & 0xf];
  }
}

bool PageToken::refuses(const Request& request) const {
  return is_from_browser(request) && !same(request.header("x-futured-token").value_or(""), text_);
}

Response page_token_refusal() {
  core::count_refusal(core::Reason::kPageTokenWrong);
  return error_response(core::Reason::kPageTokenWrong,
                        "X-Futured-Token: a browser sends the token of the dashboard's page; load the page again");
}

}  // namespace futured::http
