# The manual pages and what shells complete, of which the options come from dflc itself: where dflc cannot be run
# (it was made for another machine), DFLC names one that can. In what `make dist` has packed, pages lie ready;
# they serve until what they are made of is changed.

DFLC      ?= $(B)/dflc
SCDOC     ?= scdoc
scd        = dflc/package/man
made_pages = dflc/package/made
pages     := dflc.1 dfl.5 dfl.h.3
man_pages  = $(if $(or $(wildcard $(made_pages)/dflc.1),$(shell command -v $(SCDOC))),$(pages:%=$(B)/man/%))
shells     = $(addprefix $(B)/completions/,bash zsh fish)

.PHONY: man completions
man: $(man_pages)
completions: $(shells)

# A page from a text in which lines @OPTIONS@ and @HEADER@ stand for $(B)/man/options and $(B)/man/header. scdoc
# wants to put a date on it, which is taken away: it would be of the day of the build.
$(B)/man/%: $(scd)/%.scd $(B)/man/options $(B)/man/header
	$(run)if test -e $(made_pages)/$* && \
	    test -z "$$(find $< runtime/dfl.h dflc/options.c -newer $(made_pages)/$*)"; then cp $(made_pages)/$* $@; else \
	    awk -v from=$(B)/man '/^@OPTIONS@$$/ || /^@HEADER@$$/ { \
	        file = from "/" tolower(substr($$0, 2, length($$0) - 2)); \
	        while ((getline line < file) > 0) print line; next } \
        { gsub(/@VERSION@/, "$(VERSION)"); print }' $< > $@.scd && \
	    SOURCE_DATE_EPOCH=0 $(SCDOC) < $@.scd > $@.dated && \
	    sed '/^\.TH /s/ "1970-01-01"/ ""/' $@.dated > $@; fi

$(B)/man/options: $(DFLC)
	@mkdir -p $(@D)
	@$(DFLC) --manual > $@

$(B)/man/header: runtime/dfl.h $(scd)/header.awk
	@mkdir -p $(@D)
	@awk -f $(scd)/header.awk $< > $@

$(B)/completions/%: $(DFLC)
	@mkdir -p $(@D)
	@$(DFLC) --completions=$* > $@
