# What `cmake --install` lays out, and the package that `find_package(futured)` finds.
