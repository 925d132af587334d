# make            build/dflc, build/libdflrt.a and, where musl-gcc is, build/musl/libdflrt.a
# make install    copy it to where compilers look; DESTDIR=, PREFIX=/usr/local (dflc/package/README.md)
# make demo       install what is missing, build, run the finance sample as a static binary
# make test       install what is missing, make check
# make check      every test; make test-plain, test-asan, test-tsan, test-valgrind: parts of it
# make torture    what tests/torture/ and tests/oracle/ can do in full: hours; SECONDS_EACH=60 for less of it, SEED=N again
# make cross      tests of what is built for other processors, under qemu: those whose tools are there
# make static     gcc's analyser over the sources, part of make check; make static-more: cppcheck, clang-tidy
# make coverage   what the tests run of compiler and runtime; make mutants: whether they find planted faults
# make accept     renew the expected outputs of the tests, to be read as a diff
# make dist       build/dflc-VERSION.tar.gz, to be built without flex and bison
# make vscode     build/vscode/dfl.vsix, the extension for VS Code; from npm it takes the client and what packages it
# make treesitter build/tree-sitter, for Neovim, Helix and Emacs; treesitter-parser: grammar/tree-sitter/src/parser.c anew
# make deb        Debian packages of what was built, in build/deb
# make clean
#
# Variables: CC, CFLAGS, CPPFLAGS, LDFLAGS, BISON, FLEX, MUSL_CC (empty: no musl); B, the directory
# for objects; SAN, what to give to -fsanitize; V=1 shows the commands.

B       ?= build
# DWARF 4: valgrind before 3.20 does not read what clang writes as DWARF 5.
CFLAGS  ?= -O2 -gdwarf-4
BISON   ?= $(firstword $(wildcard /opt/homebrew/opt/bison/bin/bison /usr/local/opt/bison/bin/bison) \
             bison)
FLEX    ?= flex
MUSL_CC ?= $(if $(shell command -v musl-gcc),musl-gcc)
SAN     ?=

WARNINGS  = -Wall -Wextra -Wpedantic -Wconversion -Wshadow
# Conversions and unused functions of the skeletons of bison and flex are theirs to mend.
GENERATED = -Wall -Wextra -Wno-unused -Wno-sign-compare
SANITIZE  = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# A store may be longer than 32 bits count, and its byte range locks want 64 (log_share.c); so do times behind 2038.
narrow   := $(filter 4,$(shell echo __SIZEOF_POINTER__ | $(CC) -E -P - 2>/dev/null))
# Where the sources and B are is not in what is made of them.
FLAGS     = -std=c11 $(if $(narrow),-D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64) $(CPPFLAGS) $(CFLAGS) $(SANITIZE) \
            -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(B)/=build/ -MMD -MP
COMPILE   = $(CC) $(FLAGS)

VERSION := $(shell sed -n 's/^\#define DFLC_VERSION "\(.*\)"/\1/p' dflc/version.h)
ABI     := $(shell sed -n 's/^\#define DFL_ABI_VERSION //p' runtime/dfl.h)

# 'dflc lsp' speaks JSON, and 'dflc graph --trace' reads it, where jansson is.
jansson      := $(if $(shell pkg-config --exists jansson 2>/dev/null && echo yes),jansson)
jansson_c    := $(if $(jansson),$(shell pkg-config --cflags jansson) -DDFLC_JANSSON)
jansson_libs := $(if $(jansson),$(shell pkg-config --libs jansson))
# 'dflc queue' reaches PostgreSQL where libpq is.
pq       := $(if $(shell pkg-config --exists libpq 2>/dev/null && echo yes),libpq)
pq_c     := $(if $(pq),-DDFLC_PG)
pq_libs  := $(if $(pq),$(shell pkg-config --libs libpq))
dflc_src := $(filter-out $(if $(jansson),,dflc/lsp/%) $(if $(pq),,dflc/queue/%),$(sort $(wildcard dflc/*.c dflc/*/*.c)))
dflc_obj := $(patsubst %.c,$(B)/obj/%.o,$(filter-out dflc/main.c,$(dflc_src))) \
            $(B)/obj/dfl.tab.o $(B)/obj/dfl.lex.o $(B)/obj/assets.o
rt_src   := $(sort $(wildcard runtime/*.c))
rt_obj   := $(rt_src:%.c=$(B)/obj/%.o)
pic_obj  := $(rt_src:%.c=$(B)/obj/pic/%.o)
musl_obj := $(rt_src:%.c=$(B)/obj/musl/%.o)
musl     := $(if $(MUSL_CC),$(if $(SAN),,$(B)/musl/libdflrt.a $(B)/musl/dfl.h))
# The shared library lies apart, so that -L$(B) goes on to mean the static one. Of ELF systems.
shared_name := libdflrt.so.$(ABI)
shared_file := $(shared_name).$(VERSION)
shared      := $(if $(SAN)$(filter Darwin,$(shell uname)),,$(B)/shared/$(shared_file))
# Optional libraries, each made where its package is.
sqlite   := $(if $(shell pkg-config --exists sqlite3 2>/dev/null && echo yes),\
              $(B)/libdflrt-sqlite.a $(B)/dfl_sqlite.h)
pg       := $(if $(pq),\
              $(B)/libdflrt-pg.a $(B)/dfl_pg.h)
pg_c     := $(if $(pg),$(shell pkg-config --cflags libpq))
# Open MPI or MPICH: MPI=mpich for the one that is not the system's own.
MPI      ?= $(firstword $(foreach p,mpi-c ompi-c mpich mpi,$(if $(shell pkg-config --exists $(p) 2>/dev/null && echo yes),$(p))))
mpi      := $(if $(MPI),$(if $(SAN),,$(B)/libdflrt-mpi.a $(B)/dfl_mpi.h $(B)/dflc-ranks))
mpi_c    := $(if $(mpi),$(shell pkg-config --cflags $(MPI)))
mpi_libs := $(if $(mpi),$(shell pkg-config --libs $(MPI)))
# 'dflc store watch' draws on the terminal where ncurses is; without it, it writes lines.
curses      := $(firstword $(foreach p,ncursesw ncurses,$(if $(shell pkg-config --exists $(p) 2>/dev/null && echo yes),$(p))))
curses_c    := $(if $(curses),$(shell pkg-config --cflags $(curses)) -DDFLC_CURSES)
curses_libs := $(if $(curses),$(shell pkg-config --libs $(curses)))
runtime  := $(B)/libdflrt.a $(B)/dfl.h $(sqlite) $(pg) $(mpi)
run       = $(if $(V),,@echo '  $@';)

.PHONY: all runtime demo run-demo test check accept clean FORCE
.PHONY: fuzzed bench bench-peers bench-forkjoin bench-store bench-codec bench-mpi bench-events bench-pg bench-deps
.PHONY: test-plain test-asan test-tsan test-valgrind torture cross vscode treesitter treesitter-parser coverage mutants
.DELETE_ON_ERROR:
.SUFFIXES:

all: $(B)/dflc $(runtime) $(shared) $(musl)
runtime: $(runtime)

# ---- the compiler ----

# Everything but main, so that the unit tests can link it.
$(B)/libdflc.a: $(dflc_obj)
	$(run)rm -f $@ && $(AR) rcs $@ $^

# 'dflc store' reads stores with the runtime.
$(B)/dflc: $(B)/obj/dflc/main.o $(B)/libdflc.a $(if $(pq),$(B)/libdflrt-pg.a) $(B)/libdflrt.a
	$(run)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(curses_libs) $(jansson_libs) $(pq_libs) -lpthread

# Stages may include dfl.tab.h, which must exist before the dependency files know of it.
$(B)/obj/dflc/%.o: dflc/%.c $(B)/flags | $(B)/dfl.tab.h
	@mkdir -p $(@D)
	$(run)$(COMPILE) $(WARNINGS) $(if $(filter %/live/screen.c,$<),$(curses_c)) \
	    $(if $(filter %/trace/read.c %/cmd_lsp.c dflc/lsp/%,$<),$(jansson_c)) \
	    $(if $(filter %/cmd_queue.c,$<),$(pq_c)) -I. -I$(B) -Iruntime -c -o $@ $<

$(B)/obj/dfl.%.o: $(B)/dfl.%.c $(B)/flags | $(B)/dfl.tab.h
	@mkdir -p $(@D)
	$(run)$(COMPILE) $(GENERATED) -I. -I$(B) -c -o $@ $<

# One command makes both.
$(B)/dfl.tab.c $(B)/dfl.tab.h: $(B)/bison.done ;

# In what `make dist` has packed, all of it is made already; it serves until the grammar is changed.
is_made = test -e grammar/generated/$(1) && test -z "$$(find $< -newer grammar/generated/$(1))"
# The tools work where names need no directory: where B is, is not in what they write.
in_made = mkdir -p $(B)/made && cp $< $(B)/made/ && cd $(B)/made
sourced = sed 's|^\(\#line [0-9]* "\)\(dfl\.[ly]"\)|\1grammar/\2|' $(B)/made/$(1) > $(B)/$(1)

$(B)/bison.done: grammar/dfl.y
	$(run)if $(call is_made,dfl.tab.c); then \
	    mkdir -p $(B) && cp grammar/generated/dfl.tab.[ch] $(B)/; \
	else ($(in_made) && $(BISON) -Wall -Werror=conflicts-sr,conflicts-rr --defines=dfl.tab.h \
	    -o dfl.tab.c $(<F)) && $(call sourced,dfl.tab.c) && cp $(B)/made/dfl.tab.h $(B)/; fi
	@touch $@

$(B)/dfl.lex.c: grammar/dfl.l
	$(run)if $(call is_made,dfl.lex.c); then \
	    mkdir -p $(B) && cp grammar/generated/dfl.lex.c $(B)/; \
	else ($(in_made) && $(FLEX) -o dfl.lex.c $(<F)) && $(call sourced,dfl.lex.c); fi

# What 'dflc graph' puts into its pages, as C.
assets := $(addprefix dflc/draw/,drawing.css traced.css page.css page.html page.js page_trace.js)

$(B)/assets.c: dflc/draw/assets.awk $(assets)
	@mkdir -p $(@D)
	$(run)awk -f dflc/draw/assets.awk $(assets) > $@

$(B)/obj/assets.o: $(B)/assets.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(COMPILE) $(WARNINGS) -Idflc -c -o $@ $<

# ---- the runtime ----

# What no header for users declares is not seen from outside of a shared object.
RT_COMPILE = $(FLAGS) $(WARNINGS) -fvisibility=hidden -Iruntime

$(B)/libdflrt.a: $(rt_obj) $(if $(COUNTING),$(B)/obj/counting.o)
	$(run)rm -f $@ && $(AR) rcs $@ $^

# For `make coverage`. Its own calls are under other names, which no test wraps to let them fail.
$(B)/obj/counting.o: tests/counting.c
	@mkdir -p $(@D)
	$(run)$(CC) -O2 $(WARNINGS) -c -o $(B)/obj/counting_exit.o $< && \
	$(CC) -nostdlib -r -o $@ $(B)/obj/counting_exit.o -Wl,--whole-archive "$$($(CC) -print-file-name=libgcov.a)" && \
	objcopy $(foreach f,open fcntl close,--redefine-sym $(f)=__$(f)) \
	    $(foreach f,malloc calloc free,--redefine-sym $(f)=__libc_$(f)) $@

$(B)/obj/runtime/%.o: runtime/%.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(CC) $(RT_COMPILE) -c -o $@ $<

$(B)/shared/$(shared_file): $(pic_obj)
	@mkdir -p $(@D)
	$(run)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(shared_name) -Wl,-z,defs \
	    -Wl,-Bsymbolic-functions -o $@ $^ -lpthread

$(B)/obj/pic/runtime/%.o: runtime/%.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(CC) $(RT_COMPILE) -fPIC -c -o $@ $<

$(B)/libdflrt-sqlite.a: $(B)/obj/runtime/sqlite/store_sqlite.o
	$(run)rm -f $@ && $(AR) rcs $@ $^

$(B)/dfl_sqlite.h: runtime/sqlite/dfl_sqlite.h
	@mkdir -p $(@D)
	@cp $< $@

$(B)/libdflrt-pg.a: $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard runtime/pg/*.c)))
	$(run)rm -f $@ && $(AR) rcs $@ $^

$(B)/obj/runtime/pg/%.o: runtime/pg/%.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(CC) $(RT_COMPILE) $(pg_c) -c -o $@ $<

$(B)/dfl_pg.h: runtime/pg/dfl_pg.h
	@mkdir -p $(@D)
	@cp $< $@

$(B)/libdflrt-mpi.a: $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard runtime/mpi/*.c)))
	$(run)rm -f $@ && $(AR) rcs $@ $^

$(B)/obj/runtime/mpi/%.o: runtime/mpi/%.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(CC) $(RT_COMPILE) $(patsubst -I%,-isystem %,$(mpi_c)) -c -o $@ $<

$(B)/dfl_mpi.h: runtime/mpi/dfl_mpi.h
	@mkdir -p $(@D)
	@cp $< $@

# What 'dflc calibrate --mpi' starts: a graph by the compiler, on the ranks of a job.
$(B)/ranks/probe.c: runtime/mpi/tool/probe.dfl $(or $(DFLC),$(B)/dflc)
	@mkdir -p $(@D)
	$(run)$(or $(DFLC),$(B)/dflc) -ffile-prefix-map=$(CURDIR)/= -d $(@D) $<

$(B)/dflc-ranks: runtime/mpi/tool/probe.c $(B)/ranks/probe.c $(B)/libdflrt-mpi.a $(B)/libdflrt.a runtime/mpi/dfl_mpi.h runtime/dfl.h
	$(run)$(CC) $(RT_COMPILE) -MF $(B)/ranks/probe.d -Iruntime/mpi -I$(B)/ranks $(patsubst -I%,-isystem %,$(mpi_c)) $(LDFLAGS) -o $@ \
	    $(filter %.c,$^) $(B)/libdflrt-mpi.a $(B)/libdflrt.a $(mpi_libs) -lpthread

$(B)/musl/libdflrt.a: $(musl_obj)
	@mkdir -p $(@D)
	$(run)rm -f $@ && $(AR) rcs $@ $^

$(B)/obj/musl/runtime/%.o: runtime/%.c $(B)/flags
	@mkdir -p $(@D)
	$(run)$(MUSL_CC) $(RT_COMPILE) -c -o $@ $<

# The header lies beside the library, so that one directory is all that a user names.
$(B)/dfl.h $(B)/musl/dfl.h: runtime/dfl.h
	@mkdir -p $(@D)
	@cp $< $@

# Objects are made again when the command that makes them changes.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(curses_c) $(jansson_c) $(pq_c)' | cmp -s - $@ || \
	    echo '$(COMPILE) $(curses_c) $(jansson_c) $(pq_c)' > $@

include $(addprefix dflc/package/,man.mk install.mk dist.mk deb.mk)
include tests/static/static.mk

# ---- the demo ----

# A static binary against musl where there is one, else against the system's libc.
demo_rt     = $(if $(MUSL_CC),$(B)/musl,$(B))
demo_cc     = $(or $(MUSL_CC),$(CC))
demo_static = $(if $(filter Darwin,$(shell uname)),,-static)

demo_dir    = build/demo

# A make of its own, which sees what has just been installed.
demo:
	@tests/install-deps.sh build
	@$(MAKE) --no-print-directory run-demo

run-demo: all
	@rm -rf $(demo_dir) && mkdir -p $(demo_dir)
	@cp $(addprefix samples/finance/,Makefile finance.dfl nodes.c stocks.csv) $(demo_dir)
	@$(MAKE) --no-print-directory -C $(demo_dir) DFLC=$(abspath $(B)/dflc) \
	    DFLRT=$(abspath $(demo_rt)) CC='$(demo_cc)' LDFLAGS='$(demo_static)'
	@strip $(demo_dir)/finance
	@echo && cd $(demo_dir) && ./finance stocks.csv && echo
	@echo "generated C: $(demo_dir)/finance.c"
	@echo "binary:      $(demo_dir)/finance, $$(($$(wc -c < $(demo_dir)/finance))) bytes stripped," \
	    "$(or $(patsubst -%,%,$(demo_static)),dynamic), $(notdir $(firstword $(demo_cc)))"

# ---- tests ----

test:
	@tests/install-deps.sh test
	@$(MAKE) --no-print-directory check

# What is built for the tests is built on $JOBS (2) CPUs, if make was not told another number.
parallel = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(or $(JOBS),2))

# The modes go on after a failure, so that one run reports everything.
check:
	@rm -rf build/results
	@$(MAKE) --no-print-directory $(parallel) all man completions
	@rc=0; $(MAKE) --no-print-directory -k static test-plain test-asan test-tsan test-valgrind || rc=1; \
	    tests/run.sh --total && exit $$rc

# What the tests install is made before: two of them at once would both make it.
test-plain: all man completions
	@tests/run.sh

# A compiler without the sanitizer's library (musl systems) is no failure, but it is said, with
# what the compiler answered: whatever else keeps it from linking must not pass for that.
sanitizer = mkdir -p build; why=$$(echo 'int main(void) { return 0; }' | \
    $(CC) -fsanitize=$(1) -x c -o build/sanitizes - 2>&1) || \
    { echo "$@: skipped, $(CC) cannot link -fsanitize=$(1):"; echo "$$why"; exit 0; }

test-asan: all
	@$(call sanitizer,address); \
	$(MAKE) --no-print-directory $(parallel) B=build/asan SAN=address,undefined CFLAGS='-O1 -g' all && \
	tests/run.sh --mode asan

test-tsan: all
	@$(call sanitizer,thread); \
	$(MAKE) --no-print-directory $(parallel) B=build/tsan SAN=thread CFLAGS='-O1 -g' runtime && \
	tests/run.sh --mode tsan

test-valgrind: all
	@command -v valgrind >/dev/null || { echo "$@: skipped, there is no valgrind"; exit 0; }; \
	tests/run.sh --mode valgrind

# Not in `check`: the compilers alone are some 500 MB. CROSS='s390x armhf' for some of them.
cross:
	@tests/cross.sh $(CROSS)

# What the tests run of compiler and runtime, counted by gcc; counters are exact with threads too.
coverage: all
	@command -v gcovr >/dev/null || { echo "$@: there is no gcovr"; exit 1; }
	@find build/coverage -name '*.gcda' -delete 2>/dev/null; \
	$(MAKE) --no-print-directory B=build/coverage MUSL_CC= CC=gcc COUNTING=yes \
	    CFLAGS='-O0 -g --coverage -fprofile-update=atomic' build/coverage/dflc runtime && \
	{ tests/run.sh --mode coverage $(CASES) || true; } && tests/coverage.sh

# Faults planted one at a time; the quick tests must find each.
mutants:
	@tests/mutants/run.sh $(MUTANTS)

torture: all
	@TORTURE=1 tests/run.sh torture oracle fuzz

# The libraries as libFuzzer wants them, for the fuzz suite under TORTURE=1.
fuzzed:
	@$(MAKE) --no-print-directory B=build/fuzzed CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' \
	    build/fuzzed/libdflc.a build/fuzzed/libdflrt.a

# What says how runs of generated graphs go; it shares no code with the compiler and the runtime.
build/oracle: $(wildcard tests/oracle/*.[ch])
	@mkdir -p $(@D)
	$(run)$(CC) -std=gnu11 -O1 -g $(WARNINGS) -o $@ $(filter %.c,$^) -lm

bench: all
	@bench/transition.sh
	@bench/queue.sh
	@bench/scale.sh
	@bench/size.sh
	@bench/rows/run.sh

# The same rows beside LangGraph.js as well.
bench-peers: all
	@LANGGRAPH=yes bench/rows/run.sh

# Fork and join beside OpenMP and oneTBB; QUICK=1 for a look.
bench-forkjoin: all
	@bench/forkjoin/run.sh

bench-store: all
	@bench/store/run.sh

bench-events: all
	@bench/events/run.sh

bench-pg: all
	@bench/pg/run.sh

bench-mpi: all
	@bench/mpi/run.sh

bench-codec: all
	@bench/codec/run.sh

bench-deps:
	@tests/install-deps.sh bench
	@mkdir -p build/rows/langgraph && cp bench/rows/langgraph/package.json build/rows/langgraph/ && \
	if command -v npm >/dev/null; then npm install --prefix build/rows/langgraph --no-audit --no-fund --silent; \
	else echo "LangGraph.js: not installed, there is no npm"; fi

# The extension for VS Code, with what it needs of npm: build/vscode/dfl.vsix.
vscode:
	@rm -rf build/vscode && mkdir -p build/vscode && cp -R grammar/vscode build/vscode/dfl && cp LICENSE build/vscode/dfl/
	$(run)cd build/vscode/dfl && npm install --omit=dev --no-audit --no-fund --silent --ignore-scripts
	$(run)npm install --prefix build/vscode/tools --no-audit --no-fund --silent --ignore-scripts @vscode/vsce@3
	$(run)cd build/vscode/dfl && ../tools/node_modules/.bin/vsce package --allow-missing-repository -o ../dfl.vsix

# What editors with tree-sitter take: a directory of Neovim's 'runtimepath', whose parts others want elsewhere.
treesitter_dir := build/tree-sitter
treesitter_src := grammar/tree-sitter/src

treesitter:
	@mkdir -p $(treesitter_dir)/parser $(treesitter_dir)/queries/dfl
	$(run)$(CC) -O2 -fPIC -shared -I$(treesitter_src) -o $(treesitter_dir)/parser/dfl.so $(treesitter_src)/*.c
	@cp grammar/tree-sitter/queries/*.scm $(treesitter_dir)/queries/dfl/

# Kept in the repository, since few have the tool. Libraries from 0.20 on read ABI 14.
treesitter-parser:
	$(run)tree-sitter generate --abi 14 -o $(treesitter_dir)/generated grammar/tree-sitter/grammar.js
	@cp $(treesitter_dir)/generated/parser.c $(treesitter_src)/
	@{ tree-sitter --version; cksum < grammar/tree-sitter/grammar.js; } > $(treesitter_src)/generated

accept: all
	@tests/run.sh --accept

clean:
	rm -rf build
	for sample in samples/*/Makefile; do $(MAKE) --no-print-directory -C $${sample%/Makefile} clean || exit; done

-include $(wildcard $(addprefix $(B)/obj/,*.d dflc/*.d dflc/*/*.d runtime/*.d runtime/*/*.d pic/runtime/*.d musl/runtime/*.d))
