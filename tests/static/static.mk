# Static checks, a file at a time; one is checked again when it, or any header, has changed.
#
#   make static         gcc's analyser (memory, files, ways to a null pointer) over the runtime and what dflc writes
#   make static-more    over the compiler too, and cppcheck and clang-tidy over both: minutes, so not in `make check`
#
# What is not asked, and why, stands in clang-tidy.yaml and cppcheck.txt. A gcc of another version finds other
# things: what it says is shown, and fails nothing.

static_dir     := build/static
static_headers := $(wildcard runtime/*.h runtime/*/*.h dflc/*.h dflc/*/*.h)
static_c       := $(rt_src) $(wildcard runtime/sqlite/*.c runtime/pg/*.c) $(dflc_src)
static_emitted := $(wildcard tests/emit/*.c)
static_gcc     := 12
static_strict  := $(if $(filter $(static_gcc),$(firstword $(subst ., ,$(shell gcc -dumpversion 2>/dev/null)))),-Werror)
# As the Makefile has it for the files that want them.
static_optional = $(if $(filter %/live/screen.c,$<),$(curses_c)) $(if $(filter %/trace/read.c,$<),$(jansson_c)) \
                   $(if $(filter runtime/pg/%,$<),$(pg_c))
static_include := -Iruntime -I. -Idflc -I$(B) -Itests/emit
static_more_c  := $(filter-out $(if $(sqlite),,runtime/sqlite/%) $(if $(pg),,runtime/pg/%),$(static_c))

.PHONY: static static-more static-gcc static-dflc static-cppcheck static-tidy

static: $(B)/dfl.tab.h
	@gcc -fanalyzer -x c -c -o /dev/null /dev/null 2>/dev/null || \
	    { echo "$@: skipped, there is no gcc with -fanalyzer"; exit 0; }; \
	$(MAKE) --no-print-directory -k $(parallel) static-gcc

static-more: static
	@failed=''; $(MAKE) --no-print-directory -k $(parallel) static-dflc || failed=yes; \
	for tool in cppcheck clang-tidy; do \
	    command -v $$tool >/dev/null || { echo "$@: skipped, there is no $$tool"; continue; }; \
	    $(MAKE) --no-print-directory -k $(parallel) static-$${tool#clang-} || failed=yes; \
	done; [ -z "$$failed" ]

static-gcc: $(addprefix $(static_dir)/,$(addsuffix .gcc,$(filter runtime/%,$(static_more_c)) $(static_emitted)))
static-dflc: $(addprefix $(static_dir)/,$(addsuffix .gcc,$(dflc_src)))
static-cppcheck: $(addprefix $(static_dir)/,$(addsuffix .cppcheck,$(static_c)))
static-tidy: $(addprefix $(static_dir)/,$(addsuffix .tidy,$(static_more_c)))

# A block that is hung into the list behind the current one is not lost.
$(static_dir)/dflc/arena.c.gcc: static_not = -Wno-analyzer-malloc-leak

$(static_dir)/%.gcc: % $(static_headers) tests/static/static.mk
	@mkdir -p $(@D)
	$(run)gcc -std=c11 -O1 -fanalyzer $(static_strict) $(static_not) $(static_optional) $(static_include) -c -o /dev/null $<
	@touch $@

# As on Linux with all that is optional: one way through the #ifs.
$(static_dir)/%.cppcheck: % $(static_headers) tests/static/cppcheck.txt tests/static/static.mk
	@mkdir -p $(@D)
	$(run)cppcheck -q --std=c11 --enable=warning,portability --error-exitcode=1 -D__linux__ -D__GNUC__=12 \
	    -D__x86_64__ -DDFLC_CURSES -DDFLC_JANSSON '-Djson_object_foreach(o,k,v)=for(;;)' \
	    --suppressions-list=tests/static/cppcheck.txt $(static_include) $<
	@touch $@

$(static_dir)/%.tidy: % $(static_headers) tests/static/clang-tidy.yaml tests/static/static.mk
	@mkdir -p $(@D)
	$(run)clang-tidy --quiet --config-file=tests/static/clang-tidy.yaml $< -- -std=c11 $(static_optional) \
	    $(static_include) 2>/dev/null
	@touch $@
