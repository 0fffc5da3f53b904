# Finds the nginx to build against and makes tributary_nginx: its include folders (as system headers) and definitions.
#
# TRIBUTARY_NGINX_BUILD_DIR names the objs folder of the operator's own configured tree. Without it, Debian's nginx-dev is
# copied into the build tree (it is not writable and not configured) and configured with the flags of the package.
set(TRIBUTARY_NGINX_SOURCE_DIR "" CACHE PATH
    "nginx source tree; empty: the parent of TRIBUTARY_NGINX_BUILD_DIR")

if(TRIBUTARY_NGINX_BUILD_DIR)
  set(nginx_objs ${TRIBUTARY_NGINX_BUILD_DIR})
  set(nginx_src ${TRIBUTARY_NGINX_SOURCE_DIR})
  if(NOT nginx_src)
    get_filename_component(nginx_src ${nginx_objs} DIRECTORY)
  endif()
  set(nginx_package "built from source")
else()
  set(packaged /usr/share/nginx/src)
  if(NOT EXISTS ${packaged}/conf_flags)
    message(FATAL_ERROR "no ${packaged}/conf_flags: install the package nginx-dev, or set TRIBUTARY_NGINX_BUILD_DIR to "
                        "the objs folder of a configured nginx source tree, or TRIBUTARY_MODULE=OFF")
  endif()
  # The revision, for the message that refuses another nginx; a new one configures again.
  execute_process(COMMAND dpkg-query -W -f "\${Version}" nginx-dev
                  OUTPUT_VARIABLE nginx_revision OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(STRINGS ${packaged}/debian/libnginx-mod.abisubstvars nginx_abi REGEX "^nginx:abi=")
  string(REGEX REPLACE "^nginx:abi=" "" nginx_abi "${nginx_abi}")
  set(nginx_package "Debian ${nginx_revision}, ${nginx_abi}")
  string(MAKE_C_IDENTIFIER "nginx-dev-${nginx_revision}" nginx_folder)
  set(nginx_src ${CMAKE_BINARY_DIR}/${nginx_folder})
  set(nginx_objs ${nginx_src}/objs)
  if(NOT EXISTS ${nginx_objs}/Makefile)
    message(STATUS "configuring nginx-dev ${nginx_revision}")
    file(COPY ${packaged}/ DESTINATION ${nginx_src})
    execute_process(
      COMMAND bash -c ". ./conf_flags && bash ./configure \"\${NGX_CONF_FLAGS[@]}\""
      WORKING_DIRECTORY ${nginx_src} OUTPUT_FILE ${nginx_src}/configure.log ERROR_FILE ${nginx_src}/configure.log
      RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "nginx-dev could not be configured: see ${nginx_src}/configure.log")
    endif()
  endif()
endif()

if(NOT EXISTS ${nginx_objs}/ngx_auto_config.h OR NOT EXISTS ${nginx_objs}/Makefile)
  message(FATAL_ERROR "${nginx_objs} is not the objs folder of a configured nginx: run ./configure there first")
endif()

# The include folders are those that nginx's own makefile would give to an addon.
file(READ ${nginx_objs}/Makefile nginx_makefile)
string(REPLACE "\\\n" " " nginx_makefile "${nginx_makefile}")
string(REGEX MATCH "ALL_INCS = [^\n]*" nginx_incs "${nginx_makefile}")
string(REGEX MATCHALL "-I +[^ \t]+" nginx_incs "${nginx_incs}")
add_library(tributary_nginx INTERFACE)
foreach(inc ${nginx_incs})
  string(REGEX REPLACE "^-I +" "" inc "${inc}")
  get_filename_component(inc "${inc}" ABSOLUTE BASE_DIR ${nginx_src})
  target_include_directories(tributary_nginx SYSTEM INTERFACE ${inc})
endforeach()
target_include_directories(tributary_nginx SYSTEM INTERFACE ${nginx_objs})
target_compile_definitions(tributary_nginx INTERFACE TRIBUTARY_NGINX_PACKAGE="${nginx_package}")
