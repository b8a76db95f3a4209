#include "futured/valid_text.h"

#include <boost/locale/utf.hpp>

namespace futured {

std::string valid_text(std::string_view raw, std::size_t longest) {
  namespace utf = boost::locale::utf;
  const bool cut = raw.size() > longest;
  raw = raw.substr(0, longest);
  std::string text;
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const char* const start = at;
    const auto point = utf::utf_traits<char>::decode(at, end);
    if (point == utf::incomplete && cut) break;
    if (point == utf::illegal || point == utf::incomplete) {
      text += '?';
      at = start + 1;
    } else {
      text.append(start, at);
    }
  }
  return text;
}

}  // namespace futured
