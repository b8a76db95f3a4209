# Debian packages, by `make deb`:
#   futured          the daemon, what it starts, futuredctl, manual pages, completion, the service
#   libfutured-dev   the libraries for callers and plugins, which are static; the protocol
# Made of the components that `cmake --install` knows; those of "system" have places outside the prefix, and are in the
# package only.
set(DEBIAN ${PROJECT_SOURCE_DIR}/deploy/debian)
set(DEBIAN_VERSION ${PROJECT_VERSION}-1)
set(FUTURED_MAINTAINER "The futured authors <futured@localhost>" CACHE STRING "Maintainer of the Debian packages")

function(futured_system_file file destination)
  cmake_parse_arguments(ARG "" "RENAME;COMPONENT" "" ${ARGN})
  if(NOT ARG_COMPONENT)
    set(ARG_COMPONENT system)
  endif()
  if(NOT ARG_RENAME)
    get_filename_component(ARG_RENAME ${file} NAME)
  endif()
  install(FILES ${file} DESTINATION ${destination} RENAME ${ARG_RENAME} COMPONENT ${ARG_COMPONENT} EXCLUDE_FROM_ALL)
endfunction()

# As Debian's policy wants its documents.
function(futured_compressed file result)
  get_filename_component(name ${file} NAME)
  set(compressed ${PROJECT_BINARY_DIR}/debian/${name}.gz)
  execute_process(COMMAND gzip -9nc ${file} OUTPUT_FILE ${compressed} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${result} ${compressed} PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/debian)
configure_file(${DEBIAN}/changelog.in ${PROJECT_BINARY_DIR}/debian/changelog @ONLY)
futured_compressed(${PROJECT_BINARY_DIR}/debian/changelog CHANGELOG)
futured_compressed(${PROJECT_SOURCE_DIR}/SECURITY.md SECURITY)
foreach(component system development_system)
  set(package futured)
  if(component STREQUAL "development_system")
    set(package libfutured-dev)
  endif()
  futured_system_file(${DEBIAN}/copyright /usr/share/doc/${package} COMPONENT ${component})
  futured_system_file(${CHANGELOG} /usr/share/doc/${package} RENAME changelog.Debian.gz COMPONENT ${component})
  futured_system_file(${DEBIAN}/${package}.lintian-overrides /usr/share/lintian/overrides RENAME ${package}
    COMPONENT ${component})
endforeach()
futured_system_file(${SECURITY} /usr/share/doc/futured)
futured_system_file(${PROJECT_SOURCE_DIR}/deploy/systemd/strict-sandbox.conf /usr/share/doc/futured/examples)
futured_system_file(${PROJECT_SOURCE_DIR}/deploy/systemd/futured.service /usr/lib/systemd/system)
futured_system_file(${DEBIAN}/futured.toml /etc/futured)
futured_system_file(${PROJECT_SOURCE_DIR}/client/cli/completion/futuredctl.zsh /usr/share/zsh/vendor-completions
  RENAME _futuredctl)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME futured)
set(CPACK_PACKAGE_CONTACT ${FUTURED_MAINTAINER})
# Each package has its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_SOURCE_DIR}/build/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_COMPONENTS_ALL runtime system development development_system)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)

# The first line is the summary; an empty one separates paragraphs.
set(CPACK_DEBIAN_DAEMON_DESCRIPTION "concurrent.futures as a service
A daemon that runs tasks for other programs: a client submits a function by
name, holds a future at once, and blocks on it, cancels it, or waits for any
or all of many, over gRPC. Futures survive clients and the daemon.

This package has the daemon, as a service, and its tool futuredctl.")
set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME futured)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA
  ${DEBIAN}/conffiles ${DEBIAN}/postinst ${DEBIAN}/prerm ${DEBIAN}/postrm)

set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "libraries for callers and functions of futured
Static libraries, headers and a CMake package for programs that submit tasks
to a futured daemon, and for plugins that bring functions to it. The protocol
is here too, for other languages.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libfutured-dev)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
  "libboost1.81-dev, libexpected-dev, libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc")

include(CPack)
cpack_add_component_group(daemon)
cpack_add_component_group(library)
cpack_add_component(runtime GROUP daemon)
cpack_add_component(system GROUP daemon)
cpack_add_component(development GROUP library)
cpack_add_component(development_system GROUP library)
