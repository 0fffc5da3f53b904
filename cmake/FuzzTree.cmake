# libFuzzer belongs to clang, everything else is built with g++: the target `fuzz` configures the same sources with clang
# in a folder of this tree and builds the fuzz targets there (fuzz/fuzz/*_fuzz).
find_program(TRIBUTARY_CLANGXX NAMES clang++-16 clang++)
find_program(TRIBUTARY_CLANG NAMES clang-16 clang)
if(TRIBUTARY_CLANGXX AND TRIBUTARY_CLANG)
  include(ExternalProject)
  ExternalProject_Add(fuzz
    EXCLUDE_FROM_ALL TRUE
    SOURCE_DIR ${CMAKE_SOURCE_DIR}
    BINARY_DIR ${CMAKE_BINARY_DIR}/fuzz
    CMAKE_ARGS -DTRIBUTARY_FUZZ_ONLY=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo
               "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -gline-tables-only -DNDEBUG"
               -DCMAKE_C_COMPILER=${TRIBUTARY_CLANG} -DCMAKE_CXX_COMPILER=${TRIBUTARY_CLANGXX}
    BUILD_ALWAYS TRUE
    INSTALL_COMMAND "")
endif()
