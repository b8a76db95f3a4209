#include <google/protobuf/duration.pb.h>

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include "futured/plugin.h"

namespace {

struct Point {
  int x = 0;
  int y = 0;
};
FUTURED_STRUCT(Point, x, y);

constexpr futured::Task<Point(Point)> kMirror{"test.mirror"};
constexpr futured::Task<std::map<std::string, double>(google::protobuf::Duration)> kMeasure{"test.measure"};
constexpr futured::Task<std::string(std::string)> kEcho{"test.echo"};
constexpr futured::Task<void()> kThrow{"test.throw"};

}  // namespace

FUTURED_PLUGIN(registry) {
  registry.add(kMirror, [](Point point) { return Point{point.y, point.x}; });
  registry.add(kMeasure, [](const google::protobuf::Duration& duration) {
    return std::map<std::string, double>{{"seconds", static_cast<double>(duration.seconds())}};
  });
  registry.add(kEcho, [](std::string text) -> boost::asio::awaitable<std::string> { co_return text; });
  registry.add(kThrow, [] { throw std::out_of_range("thrown in a plugin"); });
}
