/* Names that C or C++ or the generated API cannot carry, and hints for names that are unknown. */
#include "internal.h"

#include <ctype.h>
#include <string.h>

typedef struct Reserved {
    const char *reason;
    unsigned uses; /* NameUse bits that it is refused for */
} Reserved;

typedef struct ReservedGroup {
    Reserved reserved;
    const char *names; /* separated by spaces */
} ReservedGroup;

enum {
    NAMES_OF_OBJECTS = NAME_TYPE | NAME_MEMBER | NAME_FIELD | NAME_FUNCTION,
};

static const ReservedGroup groups[] = {
    {{"a keyword of C", NAMES_OF_OBJECTS | NAME_LABEL},
     "auto break case char const continue default do double enum extern float for goto if inline "
     "int long register restrict return short signed sizeof static struct switch typedef union "
     "unsigned void volatile while asm typeof typeof_unqual alignas alignof bool constexpr "
     "nullptr static_assert thread_local"},
    {{"a keyword of C++", NAMES_OF_OBJECTS},
     "catch char8_t char16_t char32_t class concept consteval constinit const_cast co_await "
     "co_return co_yield decltype delete dynamic_cast explicit export friend mutable namespace "
     "new noexcept operator private protected public reinterpret_cast requires static_cast "
     "template this throw try typeid typename using virtual wchar_t"},
    {{"another spelling of an operator in C++", NAMES_OF_OBJECTS},
     "and and_eq bitand bitor compl not not_eq or or_eq xor xor_eq"},
    {{"a macro of C", NAMES_OF_OBJECTS | NAME_LABEL},
     "NULL EOF errno stdin stdout stderr assert offsetof INT8_MAX INT16_MAX INT32_MAX INT64_MAX "
     "INT8_MIN INT16_MIN INT32_MIN INT64_MIN UINT8_MAX UINT16_MAX UINT32_MAX UINT64_MAX SIZE_MAX "
     "INT_MAX INT_MIN UINT_MAX LONG_MAX LONG_MIN ULONG_MAX LLONG_MAX LLONG_MIN ULLONG_MAX "
     "CHAR_BIT CHAR_MAX CHAR_MIN SCHAR_MAX SCHAR_MIN UCHAR_MAX SHRT_MAX SHRT_MIN USHRT_MAX "
     "INTPTR_MAX INTPTR_MIN UINTPTR_MAX INTMAX_MAX INTMAX_MIN UINTMAX_MAX PTRDIFF_MAX "
     "PTRDIFF_MIN FLT_MAX FLT_MIN FLT_EPSILON DBL_MAX DBL_MIN DBL_EPSILON NAN INFINITY HUGE_VAL "
     "BUFSIZ FILENAME_MAX FOPEN_MAX L_tmpnam TMP_MAX SEEK_SET SEEK_CUR SEEK_END RAND_MAX "
     "EXIT_SUCCESS EXIT_FAILURE MB_CUR_MAX CLOCKS_PER_SEC va_start va_end va_arg va_copy setjmp "
     "INT8_C INT16_C INT32_C INT64_C UINT8_C UINT16_C UINT32_C UINT64_C INTMAX_C UINTMAX_C"},
    {{"a macro of some C compilers", NAMES_OF_OBJECTS | NAME_LABEL}, "linux unix i386"},
    {{"a type of C", NAMES_OF_OBJECTS},
     "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t "
     "intmax_t uintmax_t size_t ptrdiff_t ssize_t max_align_t va_list FILE int_fast8_t "
     "int_fast16_t int_fast32_t int_fast64_t uint_fast8_t uint_fast16_t uint_fast32_t "
     "uint_fast64_t int_least8_t int_least16_t int_least32_t int_least64_t uint_least8_t "
     "uint_least16_t uint_least32_t uint_least64_t"},
    {{"a type of C", NAME_TYPE},
     "div_t ldiv_t lldiv_t fpos_t time_t clock_t jmp_buf sig_atomic_t double_t float_t wint_t "
     "off_t pid_t"},
    {{"where a C program begins", NAME_TYPE | NAME_FIELD | NAME_FUNCTION}, "main"},
    {{"a parameter of every node function", NAME_FIELD}, "ctx"},
    {{"a function of C", NAME_TYPE | NAME_FUNCTION},
     "remove rename tmpfile tmpnam fclose fflush fopen freopen setbuf setvbuf fprintf fscanf "
     "printf scanf snprintf sprintf sscanf vfprintf vprintf vsnprintf vsprintf fgetc fgets fputc "
     "fputs getc getchar gets putc putchar puts ungetc fread fwrite fgetpos fseek fsetpos ftell "
     "rewind clearerr feof ferror perror atof atoi atol atoll strtod strtof strtold strtol "
     "strtoll strtoul strtoull rand srand calloc free malloc realloc aligned_alloc abort atexit "
     "exit getenv system bsearch qsort abs labs llabs div ldiv lldiv mblen memcpy memmove strcpy "
     "strncpy strcat strncat memcmp strcmp strcoll strncmp strxfrm memchr strchr strcspn strpbrk "
     "strrchr strspn strstr strtok memset strerror strlen strdup index rindex bcmp bcopy bzero "
     "ffs basename time clock difftime mktime asctime ctime gmtime localtime strftime signal "
     "raise longjmp isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct "
     "isspace isupper isxdigit tolower toupper acos asin atan atan2 cos sin tan acosh asinh atanh "
     "cosh sinh tanh exp exp2 expm1 frexp ldexp log log10 log1p log2 logb modf scalbn cbrt fabs "
     "hypot pow sqrt erf erfc lgamma tgamma ceil floor nearbyint rint round trunc fmod remainder "
     "copysign nan nextafter fdim fmax fmin fma gamma j0 j1 jn y0 y1 yn"},
};

static void add_group(Sema *s, const ReservedGroup *group) {
    const char *p = group->names;
    while (*p) {
        size_t n = strcspn(p, " ");
        const char *name = intern(s->comp->names, p, n);
        Reserved *known = strmap_get(&s->reserved, name);
        if (!known) {
            known = ARENA_NEW(s->arena, Reserved);
            *known = group->reserved;
            strmap_put(&s->reserved, s->arena, name, known);
        }
        known->uses |= group->reserved.uses;
        p += n + (p[n] == ' ');
    }
}

void names_init(Sema *s) {
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        add_group(s, &groups[i]);
}

bool name_is_c(Sema *s, const char *c_name) {
    return strmap_get(&s->reserved, c_name) != NULL;
}

/* Without underscores at its ends, and without two in a row. */
static char *tidied(Sema *s, const char *text) {
    char *name = arena_strndup(s->arena, text, strlen(text)), *end = name;
    for (const char *p = text; *p; p++)
        if (*p != '_' || (end > name && end[-1] != '_'))
            *end++ = *p;
    if (end > name && end[-1] == '_')
        end--;
    *end = '\0';
    return name;
}

/* A usable name that is near to one that is not: "class_", "my_dfl", "a_b" for "_a__b_". */
static const char *another_name(Sema *s, const char *text, NameUse use) {
    const char *name = tidied(s, text);
    if (strncmp(name, "dfl", 3) == 0 || *name == '\0' || isdigit((unsigned char)*name))
        return arena_printf(s->arena, "my_%s", *name ? name : "name");
    if (strcmp(name, text) != 0)
        return name;
    return arena_printf(s->arena, use & (NAME_TYPE | NAME_GRAPH) ? "my_%s" : "%s_", text);
}

/* Names of the generated C are made of others with '_' between them, and its private ones with
 * '__': what is within the former cannot make it one of the latter. */
static bool makes_private(const char *text, NameUse use) {
    bool begins = use == NAME_PART, ends = use == NAME_GRAPH || use == NAME_TYPE;
    return (begins || ends) && (strstr(text, "__") || (begins && text[0] == '_') ||
                                (ends && text[strlen(text) - 1] == '_'));
}

/* A name that begins with the file's prefix in C is no longer the one that is written. */
static bool is_prefixed(const Sema *s, NameUse use) {
    return (use == NAME_TYPE || use == NAME_GRAPH) && *s->file->prefix;
}

bool name_check(Sema *s, AstName name, NameUse use) {
    const char *text = name.text;
    const Reserved *reserved = strmap_get(&s->reserved, text);
    const char *reason = NULL;
    if (makes_private(text, use))
        reason = "kept for the generated code, whose private names have '__' in them";
    else if (is_prefixed(s, use))
        return true;
    else if (reserved && (reserved->uses & use))
        reason = reserved->reason;
    else if (text[0] == '_' && (text[1] == '_' || isupper((unsigned char)text[1])))
        reason = "reserved by C, as all names are that begin like it";
    else if (text[0] == '_' && use == NAME_TYPE)
        reason = "reserved by C for names of types, as all are that begin with '_'";
    else if (strncmp(text, "dfl", 3) == 0 && use != NAME_PART && use != NAME_FUNCTION)
        reason = "kept for the runtime, as all names are that begin with 'dfl'";
    if (!reason)
        return true;
    if (use == NAME_FUNCTION)
        diag_error(s->diags, name.span, "'%s' cannot be a C function of this program: it is %s",
                   text, reason);
    else
        diag_error(s->diags, name.span,
                   "'%s' cannot be used as a name: it is %s; choose another, such as '%s'", text,
                   reason, another_name(s, text, use));
    return false;
}

const char *name_label(Sema *s, const char *name) {
    const Reserved *reserved = strmap_get(&s->reserved, name);
    bool taken = strncmp(name, "dfl", 3) == 0 || (reserved && reserved->uses & NAME_LABEL);
    return taken ? arena_printf(s->arena, "dfl_at_%s", name) : name;
}

bool hints_are_shown(Sema *s) {
    return diags_errors(s->diags) < 60;
}

const char *hint_from(Sema *s, const char *name, const StrMap *first, const StrMap *second,
                      const char **found) {
    if (found)
        *found = NULL;
    if (!hints_are_shown(s))
        return "";
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; first && i < first->n; i++)
        nearest_try(&nearest, first->entries[i].name);
    for (size_t i = 0; second && !nearest.best && i < second->n; i++)
        nearest_try(&nearest, second->entries[i].name);
    if (found)
        *found = nearest.best;
    return nearest_hint(&nearest, s->arena);
}

const char *names_text(Sema *s, const char *const *names, size_t n, size_t shown) {
    const char *text = "";
    size_t last = n <= shown ? n : shown;
    for (size_t i = 0; i < last; i++) {
        const char *between = i == 0 ? "" : (i + 1 == n ? " and " : ", ");
        text = arena_printf(s->arena, "%s%s'%s'", text, between, names[i]);
    }
    if (n > last)
        text = arena_printf(s->arena, "%s and %zu more", text, n - last);
    return text;
}
