#include "server/http/dashboard.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace futured::http {
namespace {

constexpr std::string_view kPage = "/";
constexpr std::string_view kPlaceholder = "@FUTURED_TOKEN@";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

constexpr std::string_view kAbsent =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>futured</title>\n"
    "<h1>futured</h1>\n<p>This daemon was built without its dashboard.</p>\n"
    "<p>To have it, install <code>nodejs</code> and <code>npm</code>, and build again: <code>make build</code> "
    "installs "
    "them by itself, and says why when it cannot make the dashboard.</p>\n"
    "<p>Everything else is there: <code>/metrics</code>, <code>/healthz</code>, <code>/readyz</code>, and the calls "
    "below <code>/v1/</code>.</p>\n</html>\n";

const DashboardFile* find(std::span<const DashboardFile> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &DashboardFile::path);
  return found == files.end() ? nullptr : &*found;
}

// Whether the client has these bytes already.
bool has(const Request& request, std::string_view etag) {
  const auto known = request.header("if-none-match");
  return known && (*known == "*" || known->find(etag) != std::string_view::npos);
}

}  // namespace

Dashboard::Dashboard(std::span<const DashboardFile> files, const std::string& token) : files_(files) {
  const DashboardFile* page = find(files_, kPage);
  page_ = page == nullptr ? kAbsent : page->bytes;
  for (std::size_t at = page_.find(kPlaceholder); at != std::string::npos; at = page_.find(kPlaceholder, at)) {
    page_.replace(at, kPlaceholder.size(), token);
  }
}

std::vector<std::string> Dashboard::paths() const {
  std::vector<std::string> paths;
  for (const DashboardFile& file : files_) paths.emplace_back(file.path);
  if (find(files_, kPage) == nullptr) paths.emplace_back(kPage);
  return paths;
}

// The page is not kept anywhere, as the next daemon has another token.
void Dashboard::handle(Request request, std::shared_ptr<Client> client) {
  if (request.path == kPage) return client->respond({200, std::string(kHtml), page_});
  const DashboardFile& file = *find(files_, request.path);
  Response response{200, std::string(file.content_type)};
  response.headers = {{"Cache-Control", "no-cache"}, {"ETag", std::string(file.etag)}};
  if (has(request, file.etag)) {
    response.status = 304;
  } else {
    response.body = file.bytes;
  }
  client->respond(std::move(response));
}

}  // namespace futured::http
