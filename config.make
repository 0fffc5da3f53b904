# Adds the module to `make modules` and `make install`. CMake runs only there, because it reads the makefile that is being
# written now; it shares the jobs of `make -j`. install(1) puts a new file in the place of one that a running nginx has mapped.
case $NGX_MODULES_PATH in
    /*) tributary_modules=$NGX_MODULES_PATH ;;
    *) tributary_modules=$NGX_PREFIX/$NGX_MODULES_PATH ;;
esac

cat << END >> $NGX_MAKEFILE

modules:	ngx_http_tributary_module
install:	ngx_http_tributary_module_install

.PHONY:	ngx_http_tributary_module ngx_http_tributary_module_install
ngx_http_tributary_module:
	cmake -S $ngx_addon_dir -B $NGX_OBJS/tributary -G "Unix Makefiles" \\
	    -DTRIBUTARY_NGINX_BUILD_DIR=\$(abspath $NGX_OBJS) -DTRIBUTARY_NGINX_SOURCE_DIR=\$(CURDIR) \\
	    -DTRIBUTARY_DEV=OFF -DTRIBUTARY_TESTS=OFF -DTRIBUTARY_SERVICES=OFF -DTRIBUTARY_TOOLS=OFF
	+cmake --build $NGX_OBJS/tributary --target ngx_http_tributary_module
	cp $NGX_OBJS/tributary/bin/ngx_http_tributary_module.so $NGX_OBJS/

ngx_http_tributary_module_install:	ngx_http_tributary_module
	install -D -m 0755 $NGX_OBJS/ngx_http_tributary_module.so \\
	    '\$(DESTDIR)$tributary_modules/ngx_http_tributary_module.so'

END
