#include "profile/values_internal.h"

#include "base/finding.h"
#include "base/limits.h"
#include "base/text.h"
#include "python/name.h"
#include "python/requirement.h"

bool sw_value_has_only(struct sw_str text, const char *also)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum((unsigned char)text.p[i]) && (text.p[i] == '\0' || strchr(also, text.p[i]) == NULL))
            return false;
    }
    return true;
}

static bool has_upper(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= 'A' && text.p[i] <= 'Z')
            return true;
    }
    return false;
}

/* A login in a profile would be in its Dockerfile, in the image's history and in every record. */
static const char *find_login(struct sw_str text)
{
    struct sw_str login;
    return sw_text_find_login(&login, text)
               ? "has a login in a URL, which would stay in the image's history; let pip read it from "
                 "a netrc, its configuration or a secret"
               : NULL;
}

const char *sw_value_setting(struct sw_str text)
{
    struct sw_str login;
    return sw_text_find_login(&login, text)
               ? "has a login in a URL, which would stay in the image's history: a container gets such a "
                 "variable when it starts (docker run -e), a step as one of 'secrets', and pip reads a "
                 "netrc or its configuration"
               : sw_value_line(text);
}

const char *sw_value_line(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool c1 = c == 0xC2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xA0; /* U+0080 to U+009F */
        if (c < 0x20 || c == 0x7F || c1)
            return "has a control character; it must be one line";
    }
    return find_login(text);
}

const char *sw_value_name(struct sw_str text)
{
    const char *wrong = "is not a name: lower-case letters and digits, with '.', '_' or '-' between them";
    if (text.n == 0 || text.n > 100 || has_upper(text) || !sw_value_has_only(text, "._-"))
        return wrong;
    for (size_t i = 0; i < text.n; i++) {
        bool edge = i == 0 || i + 1 == text.n || !sw_is_alnum((unsigned char)text.p[i - 1]);
        if (edge && !sw_is_alnum((unsigned char)text.p[i]))
            return wrong;
    }
    return NULL;
}

const char *sw_value_gpu(struct sw_str text)
{
    bool fits = text.n > 0 && text.n <= SW_MAX_GPU_NAME;
    for (size_t i = 0; i < text.n; i++)
        fits = fits && (unsigned char)text.p[i] >= ' ' && (unsigned char)text.p[i] < 0x7f;
    return fits ? NULL : "is not the name of a GPU, such as rtx-4090, sm_89 or 10de:2684";
}

/* "A.B" of digits with at most the given lengths. */
static bool is_two_numbers(struct sw_str text, size_t most_before, size_t most_after)
{
    struct sw_str rest = text;
    struct sw_str before = sw_str_cut(&rest, '.');
    uint64_t number;
    return rest.p != NULL && before.n <= most_before && rest.n <= most_after &&
           sw_str_to_u64(before, &number) && sw_str_to_u64(rest, &number);
}

const char *sw_value_python(struct sw_str text)
{
    bool fits = sw_str_starts(text, "3.") && is_two_numbers(text, 1, 2);
    return fits ? NULL : "is not a Python version such as \"3.11\"";
}

const char *sw_value_cuda(struct sw_str text)
{
    return is_two_numbers(text, 2, 1) ? NULL : "is not a CUDA version such as \"12.8\"";
}

const char *sw_value_version(struct sw_str text)
{
    struct sw_version version;
    if (text.n > SW_MAX_REQUIREMENT_SIZE || sw_version_parse(&version, text, NULL) != 0)
        return "is not a version (PEP 440)";
    return version.local.n > 0 ? "has a local part: leave it out, 'cuda' names the build"
                               : sw_value_line(text);
}

const char *sw_value_specifier(struct sw_str text)
{
    if (text.n == 0 || strchr("<>=!~", text.p[0]) == NULL)
        return sw_value_line(text);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_specifier_set set;
    return sw_specifier_set_parse(&set, &arena, text, NULL) == 0 ? sw_value_line(text)
                                                                 : "is not a version specifier (PEP 440)";
}

const char *sw_value_driver(struct sw_str text)
{
    if (text.n > 0 && strchr("<>=!~", text.p[0]) != NULL)
        return sw_value_specifier(text);
    return text.n > 0 && text.n == strspn(text.p, "0123456789.")
               ? NULL
               : "is not a driver's version such as 570.86 or >=570";
}

/* Return true for a name as files of requirements have it: no project means itself by such a name. */
static bool is_file(struct sw_str text)
{
    return sw_str_ends(text, ".txt") || sw_str_ends(text, ".toml") || sw_str_ends(text, ".in") ||
           sw_str_ends(text, ".lock");
}

static const char file_fault[] =
    "is a file, and no requirement: 'slipway init --from FILE' makes a profile of its lines";

const char *sw_value_requirement(struct sw_str text)
{
    static _Thread_local char wrong[1024];
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_requirement requirement;
    struct sw_error error;
    const char *login = find_login(text);
    if (login != NULL)
        return login;
    if (sw_str_starts(text, "-"))
        return "is an option of pip: 'requirements' has the lines of its files, 'indexes' the indexes of "
               "single projects";
    if (is_file(text))
        return file_fault;
    if (sw_requirement_parse(&requirement, &arena, text, &error) == 0)
        return sw_value_line(text);
    (void)snprintf(wrong, sizeof wrong, "is not a requirement (PEP 508): %s", error.text);
    return wrong;
}

const char *sw_value_constraint(struct sw_str text)
{
    if (is_file(text))
        return file_fault;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_requirement requirement;
    if (sw_requirement_parse(&requirement, &arena, text, NULL) != 0)
        return sw_value_requirement(text);
    return requirement.extra_count > 0 ? "has extras, which pip refuses in a constraint"
                                       : sw_value_line(text);
}

const char *sw_value_project(struct sw_str text)
{
    return sw_name_valid(text) ? NULL : "is not a project's name (PEP 508)";
}

const char *sw_value_index_url(struct sw_str text)
{
    if (sw_str_is(text, "default"))
        return NULL;
    if (!sw_str_starts(text, "https://") && !sw_str_starts(text, "http://"))
        return "is neither an http(s) URL nor 'default'";
    const char *login = find_login(text);
    if (login != NULL)
        return login;
    return sw_value_has_only(text, ":/.-_~%+?=&") ? NULL : "has a character that a URL may not have";
}

const char *sw_value_package(struct sw_str text)
{
    struct sw_str rest = text;
    struct sw_str name = sw_str_cut(&rest, '=');
    bool fits = name.n >= 2 && !has_upper(name) && sw_value_has_only(name, "+.-") &&
                sw_is_alnum((unsigned char)name.p[0]) &&
                (rest.p == NULL || (rest.n > 0 && sw_value_has_only(rest, ".+~:-")));
    return fits ? NULL : "is not a package of the distribution: NAME or NAME=VERSION";
}

/* The path of an image in its registry: a reference without the registry, the tag and the digest. */
static struct sw_str path_of_image(struct sw_str reference)
{
    struct sw_str rest = reference, host = sw_str_cut(&rest, '/');
    bool has_host =
        rest.p != NULL && (memchr(host.p, '.', host.n) != NULL || memchr(host.p, ':', host.n) != NULL);
    struct sw_str path = has_host ? rest : reference;
    path = sw_str_cut(&path, '@');
    return sw_str_cut(&path, ':');
}

const char *sw_value_reference(struct sw_str text)
{
    bool fits = text.n > 0 && text.n <= 255 && sw_value_has_only(text, "./_-:@") &&
                sw_is_alnum((unsigned char)text.p[0]) && sw_is_alnum((unsigned char)text.p[text.n - 1]);
    if (!fits)
        return "is not an image reference";
    return has_upper(path_of_image(text)) ? "has a capital letter in the name of the image" : NULL;
}

const char *sw_value_repository(struct sw_str text)
{
    struct sw_str path = path_of_image(text);
    const char *fault = sw_value_reference(text);
    return fault != NULL || path.p + path.n == text.p + text.n ? fault : "has a tag, which stands in 'tags'";
}

const char *sw_value_variable(struct sw_str text)
{
    bool fits = text.n > 0 && sw_value_has_only(text, "_") && !sw_is_digit((unsigned char)text.p[0]);
    return fits ? NULL : "is not a variable's name: letters, digits and '_'";
}

/* Return true if a part between slashes is "..". */
static bool climbs(struct sw_str path)
{
    while (path.p != NULL) {
        if (sw_str_is(sw_str_cut(&path, '/'), ".."))
            return true;
    }
    return false;
}

/* COPY's words are expanded and unquoted even in a JSON list. */
static const char *copy_word(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\0' && strchr("$\"'\\", text.p[i]) != NULL)
            return "has a '$', a quote or a backslash, which the Dockerfile would interpret";
    }
    return sw_value_line(text);
}

const char *sw_value_path(struct sw_str text)
{
    if (text.n == 0 || text.p[0] == '/' || climbs(text))
        return "is not a path below the context: relative, without '..'";
    return copy_word(text);
}

const char *sw_value_destination(struct sw_str text)
{
    if (text.n == 0 || text.p[0] != '/' || climbs(text))
        return "is not an absolute path without '..'";
    return copy_word(text);
}

const char *sw_value_step(struct sw_str text)
{
    return memchr(text.p, '\0', text.n) == NULL ? find_login(text) : "has a NUL character";
}

const char *sw_value_code(struct sw_str text)
{
    return sw_finding_code_find(text.p) != NULL ? NULL : "is not a finding code such as SW204";
}
