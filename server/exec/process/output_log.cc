#include "server/exec/process/output_log.h"

#include <boost/asio/buffer.hpp>
#include <utility>

namespace futured::exec {
void OutputLog::start(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, const Sink& sink) {
  std::make_shared<OutputLog>(io, clock, std::move(pipe), sink)->read();
}

void OutputLog::read() {
  pipe_.async_read_some(boost::asio::buffer(buffer_),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                          self->lines_.take({self->buffer_, size}, self->clock_.now());
                          if (!error) return self->read();
                          self->lines_.end(self->clock_.now());
                        });
}

}  // namespace futured::exec
