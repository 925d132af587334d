# make deb: Debian packages of what was built, build/deb/*.deb: dflc, libdflrtN with the shared library, and
# libdflrt-dev. Their bytes follow from those of the build and the time of the last commit.
#
# DEB_MAINTAINER stands in them; DEB_HOST says for which machine they are.

DEB_MAINTAINER ?= $(if $(DEBEMAIL),$(or $(DEBFULLNAME),The dflc authors) <$(DEBEMAIL)>,The dflc authors <authors@dflc.invalid>)
DEB_HOST       ?= $(shell dpkg-architecture -qDEB_HOST_GNU_TYPE)

.PHONY: deb
deb: $(B)/dflc $(runtime) $(shared) $(man_pages) $(shells)
	@rm -rf $(B)/deb && mkdir -p $(B)/deb/root
	@$(MAKE) -s install DESTDIR=$(abspath $(B)/deb/root) PREFIX=/usr \
	    LIBDIR=/usr/lib/$$(dpkg-architecture -t $(DEB_HOST) -qDEB_HOST_MULTIARCH 2>/dev/null) \
	    ZSHDIR=/usr/share/zsh/vendor-completions >$(B)/deb/log
	@dflc/package/deb.sh $(B)/deb $(VERSION) $(ABI) $(DEB_HOST) '$(DEB_MAINTAINER)'
