# make install, uninstall: where what was built goes. DESTDIR stands before every path and is written nowhere.
#
# The compiler runs here and the library where programs do: with a cross compiler, install-dflc and
# install-runtime are two builds (README.md).

DESTDIR    ?=
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
ZSHDIR     ?= $(DATADIR)/zsh/site-functions
PCDIR      ?= $(LIBDIR)/pkgconfig

.PHONY: install install-dflc install-runtime uninstall

# What is copied, FROM:TO.
dflc_files    = $(B)/dflc:$(BINDIR)/dflc \
    $(B)/completions/bash:$(DATADIR)/bash-completion/completions/dflc \
    $(B)/completions/zsh:$(ZSHDIR)/_dflc \
    $(B)/completions/fish:$(DATADIR)/fish/vendor_completions.d/dflc.fish
dflc_man      = $(B)/man/dflc.1:$(MANDIR)/man1/dflc.1 $(B)/man/dfl.5:$(MANDIR)/man5/dfl.5
runtime_man   = $(B)/man/dfl.h.3:$(MANDIR)/man3/dfl.h.3
cmake_dir     = $(LIBDIR)/cmake/dflc
runtime_files = $(foreach f,dflcConfig DflcGraphs DflcHost,dflc/cmake/$f.cmake:$(cmake_dir)/$f.cmake) \
    $(B)/libdflrt.a:$(LIBDIR)/libdflrt.a runtime/dfl.h:$(INCLUDEDIR)/dfl.h \
    $(shared:%=%:$(LIBDIR)/$(shared_file))
sqlite_files  = $(B)/libdflrt-sqlite.a:$(LIBDIR)/libdflrt-sqlite.a \
    runtime/sqlite/dfl_sqlite.h:$(INCLUDEDIR)/dfl_sqlite.h
pg_files      = $(B)/libdflrt-pg.a:$(LIBDIR)/libdflrt-pg.a runtime/pg/dfl_pg.h:$(INCLUDEDIR)/dfl_pg.h
mpi_files     = $(B)/libdflrt-mpi.a:$(LIBDIR)/libdflrt-mpi.a runtime/mpi/dfl_mpi.h:$(INCLUDEDIR)/dfl_mpi.h \
    $(B)/dflc-ranks:$(LIBDIR)/dflc/dflc-ranks

# Links in LIBDIR: the name that programs load, and the one that -ldflrt finds.
shared_links  = $(if $(shared),$(shared_name) libdflrt.so)

# What is written with the directories in it.
pc_files      = dflrt dfl $(if $(sqlite),dflrt-sqlite) $(if $(pg),dflrt-pg) $(if $(mpi),dflrt-mpi)
cmake_files   = dflcPaths dflcConfigVersion

# Of every build: sqlite3, libpq or MPI may have gone since. Directories that are the package's own go too.
installed     = $(foreach f,$(dflc_files) $(dflc_man) $(runtime_files) $(runtime_man) $(sqlite_files) $(pg_files) $(mpi_files),$(lastword $(subst :, ,$(f)))) \
    $(addprefix $(LIBDIR)/,$(shared_links)) $(patsubst %,$(PCDIR)/%.pc,dflrt dfl dflrt-sqlite dflrt-pg dflrt-mpi) \
    $(cmake_files:%=$(cmake_dir)/%.cmake)

# COPY FILES
copy = @for f in $(1); do \
        to="$(DESTDIR)$${f\#*:}" mode=644; \
        case $$to in */bin/*|*/dflc-ranks) mode=755 ;; esac; \
        mkdir -p "$${to%/*}" && install -m $$mode "$${f%%:*}" "$$to" && echo "  $$to" || exit 1; \
    done

filled = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@BINDIR@|$(BINDIR)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@ABI@|$(ABI)|g' \
    -e 's|@MPI@|$(MPI)|g'

install: install-dflc install-runtime

install-dflc: $(B)/dflc $(shells) $(man_pages)
	$(call copy,$(dflc_files) $(if $(man_pages),$(dflc_man)))
	@$(if $(man_pages),,echo "  no manual pages: there is no $(SCDOC)")

install-runtime: $(runtime) $(shared) $(man_pages)
	$(call copy,$(runtime_files) $(if $(man_pages),$(runtime_man)) $(if $(sqlite),$(sqlite_files)) $(if $(pg),$(pg_files)) $(if $(mpi),$(mpi_files)))
	@for link in $(shared_links); do \
	    ln -sf $(shared_file) "$(DESTDIR)$(LIBDIR)/$$link" || exit 1; done
	@mkdir -p "$(DESTDIR)$(PCDIR)"
	@for pc in $(pc_files); do \
	    $(filled) dflc/package/$$pc.pc.in >"$(DESTDIR)$(PCDIR)/$$pc.pc" || exit 1; done
	@for f in $(cmake_files); do \
	    $(filled) dflc/cmake/$$f.cmake.in >"$(DESTDIR)$(cmake_dir)/$$f.cmake" || exit 1; done

uninstall:
	@for f in $(installed); do rm -f "$(DESTDIR)$$f" || exit 1; done
	@for dir in $(cmake_dir) $(LIBDIR)/dflc; do ! test -d "$(DESTDIR)$$dir" || rmdir "$(DESTDIR)$$dir" || exit 1; done
