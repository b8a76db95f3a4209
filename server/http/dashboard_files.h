// The files of the dashboard, as web/ makes them: they are in the program. cmake/EmbedDashboard.cmake writes the list.
#pragma once

#include <span>
#include <string_view>

namespace futured::http {

// Views of what lives as long as the program.
struct DashboardFile {
  // As in the URL: "/", "/assets/app.js".
  std::string_view path;
  std::string_view content_type;
  std::string_view bytes;
  // With its quotes; differs where the bytes do.
  std::string_view etag;
};

// Empty where the daemon was built without its dashboard.
std::span<const DashboardFile> dashboard_files();

}  // namespace futured::http
