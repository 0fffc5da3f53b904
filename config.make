# Adds the module to `make modules`. CMake runs only there, because it reads the makefile that is being written now.
cat << END >> $NGX_MAKEFILE

modules:	ngx_http_tributary_module

.PHONY:	ngx_http_tributary_module
ngx_http_tributary_module:
	cmake -S $ngx_addon_dir -B $NGX_OBJS/tributary \\
	    -DTRIBUTARY_NGINX_BUILD_DIR=\$(abspath $NGX_OBJS) -DTRIBUTARY_NGINX_SOURCE_DIR=\$(CURDIR) \\
	    -DTRIBUTARY_DEV=OFF -DTRIBUTARY_TESTS=OFF -DTRIBUTARY_SERVICES=OFF -DTRIBUTARY_TOOLS=OFF
	cmake --build $NGX_OBJS/tributary --target ngx_http_tributary_module
	cp $NGX_OBJS/tributary/bin/ngx_http_tributary_module.so $NGX_OBJS/

END
