# futured_embed_dashboard(TARGET): adds the files of web/ to a library, as server/http/dashboard_files.h has them. Without
# npm, or with FUTURED_BUILD_DASHBOARD off, there are none. The target futured_web makes the files alone.
option(FUTURED_BUILD_DASHBOARD "Build the dashboard, where there is npm" ON)

function(futured_embed_dashboard target)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(dist ${PROJECT_BINARY_DIR}/web/dist)
  set(made "")
  find_program(FUTURED_NPM npm)
  if(NOT FUTURED_BUILD_DASHBOARD)
    set(dist ${PROJECT_BINARY_DIR}/web/none)
  elseif(NOT FUTURED_NPM)
    set(dist ${PROJECT_BINARY_DIR}/web/none)
    message(STATUS "npm is not installed: the daemon is built without its dashboard")
  elseif(EXISTS ${web}/package.json)
    set(made ${PROJECT_BINARY_DIR}/web/made)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS LIST_DIRECTORIES FALSE ${web}/*)
    list(FILTER sources EXCLUDE REGEX "/web/(node_modules|dist)/")
    add_custom_command(OUTPUT ${made}
      COMMAND ${CMAKE_COMMAND} -DWEB=${web} -DNPM=${FUTURED_NPM} -DWORK=${PROJECT_BINARY_DIR}/web/work -DDIST=${dist}
        -DSTAMP=${made} -P ${PROJECT_SOURCE_DIR}/cmake/BuildDashboard.cmake
      DEPENDS ${sources} ${PROJECT_SOURCE_DIR}/cmake/BuildDashboard.cmake
      COMMENT "Building the dashboard" VERBATIM)
    add_custom_target(futured_web DEPENDS ${made})
  endif()
  set(embedded ${PROJECT_BINARY_DIR}/web/dashboard_files.cc)
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DDIST=${dist} -DOUTPUT=${embedded} -P ${PROJECT_SOURCE_DIR}/cmake/EmbedDashboard.cmake
    DEPENDS ${made} ${PROJECT_SOURCE_DIR}/cmake/EmbedDashboard.cmake
    COMMENT "Embedding the dashboard" VERBATIM)
  target_sources(${target} PRIVATE ${embedded})
endfunction()
