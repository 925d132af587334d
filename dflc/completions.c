#include "completions.h"

#include <string.h>

#include "options_table.h"

/* ---- what they share ---- */

/* What is completed where a value or a word of a command stands. */
typedef enum Wanted { WANT_GRAPH, WANT_FILE, WANT_DIR, WANT_NONE } Wanted;

static Wanted wanted_by(const char *value) {
    if (strncmp(value, "DIR", 3) == 0 || strncmp(value, "[DIR", 4) == 0)
        return WANT_DIR;
    return strstr(value, "FILE") || strstr(value, ".dfl") ? WANT_FILE : WANT_NONE;
}

/* Of the words that are no options. */
static Wanted wanted_of_command(const CommandInfo *command) {
    if (command->name && strcmp(command->name, "store") == 0)
        return WANT_DIR;
    if (command->name && strcmp(command->name, "profile") == 0)
        return WANT_FILE;
    Wanted wanted = wanted_by(command->words);
    return wanted == WANT_FILE ? WANT_GRAPH : wanted;
}

static bool is_store(const CommandInfo *command) {
    return command->name && strcmp(command->name, "store") == 0;
}

/* Whose first word is a verb: its help begins with them. */
static bool has_verbs(const CommandInfo *command) {
    return is_store(command) || (command->name && strcmp(command->name, "queue") == 0);
}

/* Text within '...' of a shell; also quotes each of `more` with a backslash. */
static void put_quoted(FILE *out, const char *text, const char *quote, const char *more) {
    for (; *text; text++)
        if (*text == '\'')
            fputs(quote, out);
        else
            fprintf(out, "%s%c", strchr(more, *text) ? "\\" : "", *text);
}

/* Flags with '=' at their end take a word of their list as a value, others ("-W") with it at once. */
static bool ends_in_equals(const Flag *flag) {
    return flag->name[strlen(flag->name) - 1] == '=';
}

static const char *command_name(size_t c) {
    const char *name = options_command(c)->name;
    return name ? name : "compile";
}

/* "check", "explain" and so on: those that are said. */
static void put_commands(FILE *out, const char *between) {
    for (size_t c = 1; options_command(c); c++)
        fprintf(out, "%s%s", c > 1 ? between : "", command_name(c));
}

/* The words that a value is one of, each behind `before`. */
static void put_words(FILE *out, const Flag *flag, const char *before) {
    for (size_t i = 0; flag_word(flag, i); i++)
        fprintf(out, "%s%s%s", i ? " " : "", before, flag_word(flag, i));
}

/* The first word of each line of the list that --help begins with: "  ls STORE   its threads". */
static void put_verbs(FILE *out, const CommandInfo *command) {
    const char *line = command->more;
    for (; strncmp(line, "  ", 2) == 0; line += strcspn(line, "\n") + 1)
        fprintf(out, "%s%.*s", line == command->more ? "" : " ", (int)strcspn(line + 2, " "), line + 2);
}

/* ---- bash ---- */

/* bash splits words at '=': what is before it is put together again as $prev. */
static const char bash_begin[] =
    "# bash completion of dflc, written by dflc --completions=bash.\n"
    "\n"
    "_dflc_files() { # OPTIONS: files; compgen's options say which\n"
    "    local IFS=$'\\n'\n"
    "    compopt -o filenames\n"
    "    COMPREPLY=($(compgen \"$@\" -- \"$cur\"))\n"
    "}\n"
    "\n"
    "_dflc_graphs() {\n"
    "    _dflc_files -d\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY+=($(compgen -f -X '!*.dfl' -- \"$cur\"))\n"
    "}\n"
    "\n"
    "_dflc_words() { # WORDS\n"
    "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n"
    "    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace\n"
    "}\n"
    "\n"
    "_dflc() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= words=0 i\n"
    "    if [[ $cur = '=' ]]; then\n"
    "        cur= prev+==\n"
    "    elif [[ $prev = '=' ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}=\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case $command:${COMP_WORDS[i]} in\n"
    "        *:-*) ;;\n";

static const char bash_middle[] = ") command=${COMP_WORDS[i]} ;;\n"
                                  "        :*) command=compile words=1 ;;\n"
                                  "        *) words=$((words + 1)) ;;\n"
                                  "        esac\n"
                                  "    done\n"
                                  "    case ${command:-compile}:$prev in\n";

static const char bash_end[] = "    esac\n"
                               "}\n"
                               "\n"
                               "complete -F _dflc dflc\n";

static void bash_wanted(FILE *out, Wanted wanted) {
    static const char *const calls[] = {"_dflc_graphs", "_dflc_files -f", "_dflc_files -d",
                                        "COMPREPLY=()"};
    fprintf(out, "%s ;;\n", calls[wanted]);
}

/* What may follow a flag. */
static void bash_value(FILE *out, const char *command, const Flag *flag) {
    if (flag->form == FLAG_ALONE || (flag->form == FLAG_JOINED && !ends_in_equals(flag)))
        return;
    fprintf(out, "    %s:%s", command, flag->name);
    if (flag->form == FLAG_LONG)
        fprintf(out, " | %s:%s=", command, flag->name);
    fputs(") ", out);
    if (!flag_word(flag, 0)) {
        bash_wanted(out, wanted_by(flag->value));
        return;
    }
    fputs("_dflc_words '", out);
    put_words(out, flag, "");
    fputs("' ;;\n", out);
}

/* What else: flags where one begins, verbs and commands where they stand, files. */
static void bash_command(FILE *out, size_t c) {
    const CommandInfo *command = options_command(c);
    const char *before = "";
    fprintf(out, "    %s:*)\n        case $words:$cur in\n        *:-*) _dflc_words '", command_name(c));
    for (size_t i = 0; options_flag(i); i++) {
        const Flag *flag = options_flag(i);
        if (!flag_is_of(flag, c))
            continue;
        fputs(before, out);
        if (flag->form == FLAG_JOINED && !ends_in_equals(flag))
            put_words(out, flag, flag->name);
        else
            fputs(flag->name, out);
        before = " ";
    }
    fputs("' ;;\n", out);
    if (has_verbs(command)) {
        fputs("        0:*) _dflc_words '", out);
        put_verbs(out, command);
        fputs("' ;;\n", out);
    }
    fputs("        *) ", out);
    bash_wanted(out, wanted_of_command(command));
    fputs("        esac", out);
    if (!command->name) {
        fputs("\n        [[ $words != 0 || $cur = -* ]] || COMPREPLY+=($(compgen -W '", out);
        put_commands(out, " ");
        fputs("' -- \"$cur\"))", out);
    }
    fputs(" ;;\n", out);
}

void completions_bash(FILE *out) {
    fputs(bash_begin, out);
    fputs("        :", out);
    put_commands(out, " | :");
    fputs(bash_middle, out);
    for (size_t c = 0; options_command(c); c++) {
        for (size_t i = 0; options_flag(i); i++)
            if (flag_is_of(options_flag(i), c))
                bash_value(out, command_name(c), options_flag(i));
        bash_command(out, c);
    }
    fputs(bash_end, out);
}

/* ---- zsh ---- */

static const char zsh_begin[] =
    "#compdef dflc\n"
    "# zsh completion of dflc, written by dflc --completions=zsh.\n"
    "\n"
    "_dflc_first() { # a command, or the file to compile\n"
    "    local -a commands=(\n";

static const char zsh_middle[] = "    )\n"
                                 "    _describe command commands\n"
                                 "    _files -g '*.dfl'\n"
                                 "}\n"
                                 "\n"
                                 "_dflc() {\n"
                                 "    local command=compile i\n"
                                 "    for ((i = 2; i < CURRENT; i++)); do\n"
                                 "        case $words[i] in\n"
                                 "        -*) ;;\n"
                                 "        ";

/* From here on the command's word is as if it had not been said. */
static const char zsh_command[] = ")\n"
                                  "            command=$words[i]\n"
                                  "            words[i]=()\n"
                                  "            ((CURRENT--))\n"
                                  "            break ;;\n"
                                  "        *) break ;;\n"
                                  "        esac\n"
                                  "    done\n"
                                  "    case $command in\n";

static const char zsh_end[] = "    esac\n"
                              "}\n"
                              "\n"
                              "_dflc \"$@\"\n";

static void zsh_wanted(FILE *out, Wanted wanted) {
    static const char *const actions[] = {"_files -g \"*.dfl\"", "_files", "_files -/", " "};
    fputs(actions[wanted], out);
}

static void zsh_flag(FILE *out, const Flag *flag) {
    static const char *const suffixes[] = {"", "+", "-", "="};
    fprintf(out, " \\\n        '*%s%s[", flag->name, suffixes[flag->form]);
    put_quoted(out, flag->help, "'\\''", "[]\\");
    fputs("]", out);
    if (flag->form != FLAG_ALONE) {
        fprintf(out, ":%s:", flag->value);
        if (flag_word(flag, 0)) {
            fputs("(", out);
            put_words(out, flag, "");
            fputs(")", out);
        } else {
            zsh_wanted(out, wanted_by(flag->value));
        }
    }
    fputs("'", out);
}

static void zsh_arguments(FILE *out, size_t c) {
    const CommandInfo *command = options_command(c);
    fprintf(out, "    %s)\n        _arguments", command_name(c));
    for (size_t i = 0; options_flag(i); i++)
        if (flag_is_of(options_flag(i), c))
            zsh_flag(out, options_flag(i));
    fputs(" \\\n        ", out);
    if (!command->name) {
        fputs("'1: :_dflc_first'", out);
    } else if (has_verbs(command)) {
        fputs("'1:verb:(", out);
        put_verbs(out, command);
        fputs(is_store(command) ? ")' '2:store:_files -/' '*: : '" : ")' '*: : '", out);
    } else {
        fprintf(out, "'*:%s:", *command->words ? command->words : " ");
        zsh_wanted(out, wanted_of_command(command));
        fputs("'", out);
    }
    fputs(" ;;\n", out);
}

void completions_zsh(FILE *out) {
    fputs(zsh_begin, out);
    for (size_t c = 1; options_command(c); c++) {
        fprintf(out, "        '%s:", command_name(c));
        put_quoted(out, options_command(c)->help, "'\\''", "");
        fputs("'\n", out);
    }
    fputs(zsh_middle, out);
    put_commands(out, " | ");
    fputs(zsh_command, out);
    for (size_t c = 0; options_command(c); c++)
        zsh_arguments(out, c);
    fputs(zsh_end, out);
}

/* ---- fish ---- */

static const char fish_begin[] =
    "# fish completion of dflc, written by dflc --completions=fish.\n"
    "\n"
    "# The command that is being written, and how many words stand behind it.\n"
    "function __dflc_command\n"
    "    set -l command compile\n"
    "    set -l words 0\n"
    "    for word in (commandline -opc)[2..-1]\n"
    "        switch $command$words:$word\n"
    "            case '*:-*'\n"
    "            case compile0:";

static const char fish_middle[] =
    "\n"
    "                set command $word\n"
    "            case '*'\n"
    "                set words (math $words + 1)\n"
    "        end\n"
    "    end\n"
    "    echo $command\n"
    "    echo $words\n"
    "end\n"
    "\n"
    "function __dflc_is -a command\n"
    "    set -l now (__dflc_command)\n"
    "    test $command = $now[1]\n"
    "end\n"
    "\n"
    "function __dflc_begins -a command\n"
    "    set -l now (__dflc_command)\n"
    "    test $command = $now[1] -a $now[2] = 0\n"
    "end\n"
    "\n"
    "function __dflc_dash -a command\n"
    "    __dflc_is $command; and string match -q -- '-*' (commandline -ct)\n"
    "end\n"
    "\n"
    "function __dflc_graphs\n"
    "    __fish_complete_path (commandline -ct) | string match -r '^[^\\t]*(?:\\.dfl|/)(?=\\t|$)'\n"
    "end\n"
    "\n"
    "complete -c dflc -f\n";

static void fish_help(FILE *out, const char *help) {
    fputs(" -d '", out);
    put_quoted(out, help, "\\'", "\\");
    fputs("'\n", out);
}

/* Words that begin with '-', of flags that fish has no form for. */
static void fish_joined(FILE *out, const Flag *flag) {
    fputs(" -a '", out);
    if (flag_word(flag, 0))
        put_words(out, flag, flag->name);
    else
        fputs(flag->name, out);
    fputs("'", out);
}

static void fish_flag(FILE *out, size_t c, const Flag *flag) {
    static const char *const values[] = {"-r -F", "-r -F", "-x -a '(__fish_complete_directories)'", "-x"};
    bool is_long = flag->name[1] == '-';
    bool is_joined = flag->form == FLAG_JOINED && !(is_long && ends_in_equals(flag));
    fprintf(out, "complete -c dflc -n '__dflc_%s %s'", is_joined ? "dash" : "is", command_name(c));
    if (is_joined) {
        fish_joined(out, flag);
    } else {
        const char *name = flag->name + 1 + is_long;
        fprintf(out, " -%c %.*s", is_long ? 'l' : name[1] ? 'o' : 's',
                (int)strcspn(name, "="), name);
        if (flag_word(flag, 0)) {
            fputs(" -x -a '", out);
            put_words(out, flag, "");
            fputs("'", out);
        } else if (flag->form != FLAG_ALONE) {
            fprintf(out, " %s", values[wanted_by(flag->value)]);
        }
    }
    fish_help(out, flag->help);
}

static void fish_verbs(FILE *out, const CommandInfo *command) {
    if (!has_verbs(command))
        return;
    fprintf(out, "complete -c dflc -n '__dflc_begins %s' -a '", command->name);
    put_verbs(out, command);
    fputs("'\n", out);
}

static void fish_wanted(FILE *out, size_t c) {
    static const char *const places[] = {" -a '(__dflc_graphs)'\n", " -F\n",
                                         " -a '(__fish_complete_directories)'\n", NULL};
    Wanted wanted = wanted_of_command(options_command(c));
    if (wanted != WANT_NONE)
        fprintf(out, "complete -c dflc -n '__dflc_is %s'%s", command_name(c), places[wanted]);
}

void completions_fish(FILE *out) {
    fputs(fish_begin, out);
    put_commands(out, " compile0:");
    fputs(fish_middle, out);
    for (size_t c = 1; options_command(c); c++) {
        fprintf(out, "complete -c dflc -n '__dflc_begins compile' -a %s", command_name(c));
        fish_help(out, options_command(c)->help);
    }
    for (size_t c = 0; options_command(c); c++) {
        for (size_t i = 0; options_flag(i); i++)
            if (flag_is_of(options_flag(i), c))
                fish_flag(out, c, options_flag(i));
        fish_verbs(out, options_command(c));
        fish_wanted(out, c);
    }
}
