if(TRIBUTARY_SANITIZE)
  add_compile_options(-fsanitize=${TRIBUTARY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TRIBUTARY_SANITIZE})
  if(TRIBUTARY_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan) # fences in Boost.Asio, which g++ does not instrument
  endif()
endif()
