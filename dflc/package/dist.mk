# make dist: the sources as build/dflc-VERSION.tar.gz, with what flex, bison and scdoc make of them, so
# that none is needed to build it. Its bytes follow from the sources and the time of the last commit.

.PHONY: dist
dist: $(B)/dflc-$(VERSION).tar.gz

$(B)/dflc-$(VERSION).tar.gz: $(B)/bison.done $(B)/dfl.lex.c $(man_pages) FORCE
	$(run)dflc/package/dist.sh $(B) dflc-$(VERSION)
