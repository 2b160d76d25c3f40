/* The values that were meant by texts that a profile does not take (values.h). */
#include "profile/values_internal.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "data/yaml_scalar.h"

/* The text from its first digit on. */
static struct sw_str from_digit(struct sw_str text)
{
    while (text.n > 0 && !sw_is_digit((unsigned char)text.p[0]))
        text = sw_str_drop(text, 1);
    return text;
}

/* Return true for the end of a version: further numbers, or nothing. */
static bool is_numbers(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit((unsigned char)text.p[i]) && text.p[i] != '.')
            return false;
    }
    return true;
}

/* "MAJOR.MINOR" of a text with a dot, or of digits alone, of which the first `major` are the major number. */
static const char *two_numbers(struct sw_arena *arena, struct sw_str text, size_t major)
{
    struct sw_str rest = from_digit(text);
    size_t n = sw_str_digits(rest);
    if (!is_numbers(rest) || n == 0)
        return NULL;
    if (n > major && n == rest.n)
        return sw_arena_format(arena, "%.*s.%.*s", (int)major, rest.p, (int)(n - major), rest.p + major);
    struct sw_str minor = sw_str_drop(rest, n < rest.n ? n + 1 : n);
    size_t m = sw_str_digits(minor);
    return m == 0 ? NULL : sw_arena_format(arena, "%.*s.%.*s", (int)n, rest.p, (int)m, minor.p);
}

/* The value, if the check accepts it. */
static const char *accepted(const char *value, const char *(*check)(struct sw_str text))
{
    return value != NULL && check(sw_str_from(value)) == NULL ? value : NULL;
}

const char *sw_value_meant_cuda(struct sw_arena *arena, struct sw_str text)
{
    return accepted(two_numbers(arena, text, 2), sw_value_cuda);
}

const char *sw_value_meant_python(struct sw_arena *arena, struct sw_str text)
{
    return accepted(two_numbers(arena, text, 1), sw_value_python);
}

const char *sw_value_meant_version(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str rest = from_digit(text), version = sw_str_cut(&rest, '+');
    return accepted(sw_arena_copy(arena, sw_str_trim(version)), sw_value_version);
}

/* A driver and all that are newer. */
const char *sw_value_meant_driver(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str number = from_digit(text);
    size_t n = 0;
    while (n < number.n && (sw_is_digit((unsigned char)number.p[n]) || number.p[n] == '.'))
        n++;
    return accepted(sw_arena_format(arena, ">=%.*s", (int)n, number.p), sw_value_driver);
}

const char *sw_value_meant_torch(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str local = text;
    (void)sw_str_cut(&local, '+');
    const char *version = sw_value_meant_version(arena, text);
    const char *cuda = local.p == NULL ? NULL : sw_value_meant_cuda(arena, local);
    if (version == NULL)
        return NULL;
    return cuda == NULL ? sw_arena_format(arena, "{version: \"%s\"}", version)
                        : sw_arena_format(arena, "{version: \"%s\", cuda: \"%s\"}", version, cuda);
}

/* The name of the project that a URL leads to: the last part of its path, without its ending and its revision. */
static struct sw_str name_of_url(struct sw_str url)
{
    struct sw_str name = url;
    while (url.p != NULL)
        name = sw_str_cut(&url, '/');
    struct sw_str rest = name;
    name = sw_str_cut(&rest, '@');
    rest = name;
    name = sw_str_cut(&rest, '#');
    if (sw_str_ends(name, ".whl"))
        return sw_str_cut(&name, '-');
    name.n -= sw_str_ends(name, ".git") ? strlen(".git") : 0;
    return name;
}

/* The text with the operators of versions that are written the wrong way round, "=>" and "=<", turned, with dots for the commas
 * between digits, and with a comma before a second operator. */
static struct sw_str mend_version(struct sw_arena *arena, struct sw_str text)
{
    char *mended = sw_arena_copy(arena, text);
    if (mended == NULL)
        return text;
    bool has_operator = false;
    for (size_t i = 1; i < text.n; i++) {
        bool is_second = has_operator && mended[i] == ' ' && sw_is_digit((unsigned char)mended[i - 1]) &&
                         mended[i + 1] != '\0' && strchr("<>~!=", mended[i + 1]) != NULL;
        has_operator |= strchr("<>~!=", mended[i]) != NULL;
        bool is_turned = mended[i - 1] == '=' && strchr("<>~!", mended[i]) != NULL;
        bool is_comma = mended[i] == ',' && sw_is_digit((unsigned char)mended[i - 1]) &&
                        sw_is_digit((unsigned char)mended[i + 1]);
        if (is_turned) {
            mended[i - 1] = mended[i];
            mended[i] = '=';
        } else if (is_comma || is_second) {
            mended[i] = is_comma ? '.' : ',';
        }
    }
    return (struct sw_str){mended, text.n};
}

const char *sw_value_meant_requirement(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str mended = mend_version(arena, text);
    if (!sw_str_equal(mended, text) && sw_value_requirement(mended) == NULL)
        return mended.p;
    struct sw_str version = text, name = sw_str_trim(sw_str_cut(&version, '='));
    const char *meant = NULL;
    if (memmem(text.p, text.n, "://", 3) != NULL) {
        struct sw_str project = name_of_url(text);
        meant = sw_arena_format(arena, "%.*s @ %.*s", SW_STR_FORMAT(project), SW_STR_FORMAT(text));
    } else if (version.n > 0 && version.p[0] != '=') {
        meant =
            sw_arena_format(arena, "%.*s==%.*s", SW_STR_FORMAT(name), SW_STR_FORMAT(sw_str_trim(version)));
    } else if (version.p == NULL) {
        version = text;
        name = sw_str_cut(&version, ' ');
        meant = version.p == NULL ? NULL
                                  : sw_arena_format(arena, "%.*s==%.*s", SW_STR_FORMAT(name),
                                                    SW_STR_FORMAT(sw_str_trim(version)));
    }
    return accepted(meant, sw_value_requirement);
}

const char *sw_value_meant_reference(struct sw_arena *arena, struct sw_str text)
{
    char *meant = sw_arena_copy(arena, sw_str_trim(text));
    bool has_tag = memchr(text.p, ':', text.n) != NULL;
    for (char *p = meant; p != NULL && *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
        else if (*p == ' ' && !has_tag)
            *p = ':';
    }
    return accepted(meant, sw_value_reference);
}

const char *sw_value_meant_name(struct sw_arena *arena, struct sw_str text)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_KIB);
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        char lower = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        bool is_edge = name.n == 0 || name.p[name.n - 1] == '-';
        if (sw_is_alnum(c))
            sw_buffer_addf(&name, "%c", lower);
        else if (!is_edge)
            sw_buffer_addf(&name, "-");
    }
    while (name.n > 0 && name.p[name.n - 1] == '-')
        name.p[--name.n] = '\0';
    return accepted(sw_arena_copy(arena, sw_buffer_str(&name)), sw_value_name);
}

/* "HOST:CONTAINER", as docker publishes ports. */
const char *sw_value_meant_port(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str port = text;
    while (memchr(port.p, ':', port.n) != NULL)
        (void)sw_str_cut(&port, ':');
    return accepted(sw_arena_copy(arena, sw_str_trim(port)), sw_value_port);
}

/* "HOST:CONTAINER", as docker mounts folders. */
const char *sw_value_meant_volume(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str folder = text;
    (void)sw_str_cut(&folder, ':');
    folder = sw_str_cut(&folder, ':');
    return folder.p == NULL ? NULL
                            : accepted(sw_arena_copy(arena, sw_str_trim(folder)), sw_value_destination);
}

/* Return true if a shell would make more of the text than its words. */
static bool is_script(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("|&;<>()$`\\\"'*?[]#~{}\n", text.p[i]) != NULL)
            return true;
    }
    return false;
}

const char *sw_value_meant_words(struct sw_arena *arena, struct sw_str text)
{
    SW_BUFFER_AUTO list;
    sw_buffer_init(&list, SW_MAX_MESSAGE);
    struct sw_str rest = sw_str_trim(text), whole = rest;
    sw_buffer_addf(&list, "%s", is_script(whole) ? "[sh, -c, " : "[");
    for (bool first = true; rest.p != NULL; first = false) {
        struct sw_str word = is_script(whole) ? whole : sw_str_cut(&rest, ' ');
        sw_buffer_addf(&list, "%s", first || word.n == 0 ? "" : ", ");
        if (word.n > 0)
            sw_yaml_add_scalar(&list, word, SW_MARK_PLAIN, true);
        if (is_script(whole))
            break;
    }
    sw_buffer_addf(&list, "]");
    return sw_buffer_check(&list, "a hint", NULL) != 0 || whole.n == 0
               ? NULL
               : sw_arena_copy(arena, sw_buffer_str(&list));
}

const char *sw_value_meant_step(struct sw_arena *arena, struct sw_str text)
{
    SW_BUFFER_AUTO list;
    sw_buffer_init(&list, SW_MAX_MESSAGE);
    sw_buffer_addf(&list, "[");
    sw_yaml_add_scalar(&list, text, SW_MARK_PLAIN, true);
    sw_buffer_addf(&list, "]");
    return sw_buffer_check(&list, "a hint", NULL) != 0 ? NULL : sw_arena_copy(arena, sw_buffer_str(&list));
}

/* A text's part before the tag; `*tag` gets the tag, or is empty. */
static struct sw_str cut_tag(struct sw_str *tag, struct sw_str text)
{
    const char *slash = memrchr(text.p, '/', text.n), *colon = memrchr(text.p, ':', text.n);
    bool has_tag = colon != NULL && (slash == NULL || colon > slash);
    size_t length = has_tag ? (size_t)(colon - text.p) : text.n;
    *tag = has_tag ? sw_str_drop(text, length + 1) : (struct sw_str){"", 0};
    return (struct sw_str){text.p, length};
}

const char *sw_value_meant_repository(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str tag;
    return accepted(sw_value_meant_reference(arena, cut_tag(&tag, text)), sw_value_repository);
}

/* "REPOSITORY:TAG" as the map of an image's name. */
const char *sw_value_meant_image(struct sw_arena *arena, struct sw_str text)
{
    struct sw_str tag;
    const char *repository = sw_value_meant_reference(arena, cut_tag(&tag, text));
    if (repository == NULL || tag.n == 0)
        return repository == NULL ? NULL : sw_arena_format(arena, "{name: %s}", repository);
    return sw_arena_format(arena, "{name: %s, tags: [\"%.*s\"]}", repository, SW_STR_FORMAT(tag));
}
