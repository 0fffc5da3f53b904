# One set of warnings for all code of ours.
add_compile_options(-Wall -Wextra -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Wcast-align -Wformat=2)
if(TRIBUTARY_DEV)
  add_compile_options(-Werror)
endif()
