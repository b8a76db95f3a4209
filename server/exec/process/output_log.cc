#include "server/exec/process/output_log.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <utility>

namespace futured::exec {
namespace {

constexpr std::size_t kLongestLine = std::size_t{8} << 10;

}  // namespace

void OutputLog::start(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, Sink sink) {
  std::make_shared<OutputLog>(io, clock, std::move(pipe), std::move(sink))->read();
}

void OutputLog::read() {
  pipe_.async_read_some(boost::asio::buffer(buffer_),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                          self->take({self->buffer_, size});
                          if (!error) return self->read();
                          if (!self->line_.empty()) self->write_line();
                          self->tell_dropped();
                        });
}

void OutputLog::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_.append(part.substr(0, kLongestLine - std::min(kLongestLine, line_.size())));
    if (end == std::string_view::npos) return;
    write_line();
    bytes.remove_prefix(end + 1);
  }
}

void OutputLog::write_line() {
  if (limit_.allows(clock_.now())) {
    tell_dropped();
    sink_(line_);
  }
  line_.clear();
}

void OutputLog::tell_dropped() {
  if (const std::size_t dropped = limit_.take_dropped(); dropped > 0) {
    sink_("(" + std::to_string(dropped) + " lines were dropped)");
  }
}

}  // namespace futured::exec
