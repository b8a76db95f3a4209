# What `cmake --install` lays out, and the package that `find_package(futured)` finds.
#
#   bin/futured, bin/futuredctl          component runtime
#   libexec/futured/futured-sandbox      component runtime: what the daemon starts its children by
#   libexec/futured/futured-worker       component runtime: the worker process
#   lib/futured/*.so                     component runtime: the plugins that come with the daemon
#   share/man/                           component runtime: manual pages
#   share/bash-completion/, share/fish/  component runtime: completion of futuredctl
#   share/zsh/                           component local: the same
#   lib/*.a, include/futured/            component development: the libraries and their headers
#   lib/cmake/futured/                   component development: futured::client, futured::task, futured::plugin, futured_add_plugin()
#   share/futured/proto/futured/v1/      component development: the protocol, for other languages
include(CMakePackageConfigHelpers)

foreach(program futured futuredctl)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME COMPONENT runtime)
  endif()
endforeach()
install(TARGETS futured-sandbox futured-worker RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/futured COMPONENT runtime)
if(TARGET futured_examples)
  install(TARGETS futured_examples LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/futured COMPONENT runtime)
endif()
if(TARGET futuredctl)
  set(COMPLETION ${PROJECT_SOURCE_DIR}/client/cli/completion)
  install(FILES ${COMPLETION}/futuredctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME futuredctl COMPONENT runtime)
  install(FILES ${COMPLETION}/futuredctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
    COMPONENT runtime)
  # Debian's zsh looks elsewhere for those of packages.
  install(FILES ${COMPLETION}/futuredctl.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
    RENAME _futuredctl COMPONENT local)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/futured DESTINATION ${CMAKE_INSTALL_DATADIR}/futured/proto
  COMPONENT development FILES_MATCHING PATTERN *.proto)

if(TARGET futured_client)
  set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/futured)
  foreach(library messages proto task plugin client)
    set_target_properties(futured_${library} PROPERTIES EXPORT_NAME ${library})
    set_property(TARGET futured_${library} APPEND PROPERTY INTERFACE_COMPILE_FEATURES cxx_std_20)
    install(TARGETS futured_${library} EXPORT futured COMPONENT development
      INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endforeach()
  install(EXPORT futured NAMESPACE futured:: FILE futuredTargets.cmake DESTINATION ${PACKAGE_DIR}
    COMPONENT development)

  install(DIRECTORY task/include/ client/cpp/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/generated/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development FILES_MATCHING PATTERN *.h)

  configure_package_config_file(cmake/futuredConfig.cmake.in ${PROJECT_BINARY_DIR}/futuredConfig.cmake
    INSTALL_DESTINATION ${PACKAGE_DIR})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/futuredConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES cmake/FuturedPlugin.cmake ${PROJECT_BINARY_DIR}/futuredConfig.cmake
    ${PROJECT_BINARY_DIR}/futuredConfigVersion.cmake DESTINATION ${PACKAGE_DIR}
    COMPONENT development)
endif()
