/* Answers questions about Python packaging, a line each: oracle.py asks them and knows the right answers.
 *
 * A question is a verb and its arguments with tabs between. An answer is fields with tabs between, the first
 * of them "ok" or "invalid". In both, bytes outside printable ASCII and '%' are written as %XX. */
#include "base/limits.h"
#include "python/name.h"
#include "python/requirement.h"
#include "python/wheel_name.h"

enum { MOST_ARGUMENTS = 64 };

struct question {
    struct sw_str arguments[MOST_ARGUMENTS]; /* without the verb; NUL-terminated */
    size_t count;
    struct sw_arena arena;
};

static int digit_value(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* In place, since it never grows. What ends the argument becomes its NUL. */
static struct sw_str decode(char *p, size_t n)
{
    size_t used = 0;
    for (size_t i = 0; i < n; used++) {
        bool coded = p[i] == '%' && n - i > 2;
        p[used] = coded ? (char)(digit_value(p[i + 1]) * 16 + digit_value(p[i + 2])) : p[i];
        i += coded ? 3 : 1;
    }
    p[used] = '\0';
    return (struct sw_str){p, used};
}

static void add_field(struct sw_buffer *out, struct sw_str field)
{
    sw_buffer_add_char(out, '\t');
    for (size_t i = 0; i < field.n; i++) {
        unsigned char c = (unsigned char)field.p[i];
        if (c > ' ' && c < 0x7F && c != '%')
            sw_buffer_add_char(out, (char)c);
        else
            sw_buffer_addf(out, "%%%02X", c);
    }
}

static void add_number(struct sw_buffer *out, long long number)
{
    sw_buffer_addf(out, "\t%lld", number);
}

static void add_version(struct sw_buffer *out, const struct sw_version *version)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    sw_version_write(&text, version);
    add_field(out, sw_buffer_str(&text));
}

static void add_marker(struct sw_buffer *out, const struct sw_marker *marker)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_REQUIREMENT_SIZE);
    if (marker != NULL)
        sw_marker_write(&text, marker);
    add_field(out, sw_buffer_str(&text));
}

static void add_set(struct sw_buffer *out, const struct sw_specifier_set *set)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_REQUIREMENT_SIZE);
    sw_specifier_set_write(&text, set);
    add_field(out, sw_buffer_str(&text));
}

static bool refused(struct sw_buffer *out, int code)
{
    sw_buffer_add_text(out, code == 0 ? "ok" : "invalid");
    return code != 0;
}

/* name TEXT: valid, normalized */
static void answer_name(struct sw_buffer *out, struct question *q)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    sw_name_normalize(&text, q->arguments[0]);
    (void)refused(out, 0);
    add_number(out, sw_name_valid(q->arguments[0]));
    add_field(out, sw_buffer_str(&text));
}

/* version TEXT: normalized, whether it is a pre-release */
static void answer_version(struct sw_buffer *out, struct question *q)
{
    struct sw_version version;
    if (refused(out, sw_version_parse(&version, q->arguments[0], NULL)))
        return;
    add_version(out, &version);
    add_number(out, sw_version_is_prerelease(&version));
}

/* compare A B: the sign of A - B; the same for their public parts */
static void answer_compare(struct sw_buffer *out, struct question *q)
{
    struct sw_version a, b;
    if (refused(out,
                sw_version_parse(&a, q->arguments[0], NULL) | sw_version_parse(&b, q->arguments[1], NULL)))
        return;
    int order = sw_version_compare(&a, &b), public = sw_version_compare_public(&a, &b);
    add_number(out, (order > 0) - (order < 0));
    add_number(out, (public > 0) - (public < 0));
}

/* contains SET VERSION: for pre-releases as the set says, allowed, refused */
static void answer_contains(struct sw_buffer *out, struct question *q)
{
    struct sw_specifier_set set;
    struct sw_version version;
    if (refused(out, sw_specifier_set_parse(&set, &q->arena, q->arguments[0], NULL) |
                         sw_version_parse(&version, q->arguments[1], NULL)))
        return;
    add_set(out, &set);
    add_number(out, sw_specifier_set_contains(&set, &version, SW_PRERELEASES_AUTO));
    add_number(out, sw_specifier_set_contains(&set, &version, SW_PRERELEASES_ALLOW));
    add_number(out, sw_specifier_set_contains(&set, &version, SW_PRERELEASES_REFUSE));
}

/* filter MODE SET VERSION...: the indices kept */
static void answer_filter(struct sw_buffer *out, struct question *q)
{
    static const struct {
        const char *name;
        enum sw_prereleases prereleases;
    } modes[] = {
        {"auto", SW_PRERELEASES_AUTO}, {"allow", SW_PRERELEASES_ALLOW}, {"refuse", SW_PRERELEASES_REFUSE}};
    enum sw_prereleases prereleases = SW_PRERELEASES_AUTO;
    for (size_t i = 0; i < SW_COUNT(modes); i++) {
        if (sw_str_is(q->arguments[0], modes[i].name))
            prereleases = modes[i].prereleases;
    }
    struct sw_specifier_set set;
    struct sw_version versions[MOST_ARGUMENTS];
    size_t kept[MOST_ARGUMENTS], count = q->count - 2;
    int code = sw_specifier_set_parse(&set, &q->arena, q->arguments[1], NULL);
    for (size_t i = 0; i < count; i++)
        code |= sw_version_parse(&versions[i], q->arguments[i + 2], NULL);
    if (refused(out, code))
        return;
    size_t n = sw_specifier_set_filter(kept, &set, versions, count, prereleases);
    for (size_t i = 0; i < n; i++)
        add_number(out, (long long)kept[i]);
}

/* marker TEXT and the environment's twelve values: as written again; 0, 1 or "meaningless" */
static void answer_marker(struct sw_buffer *out, struct question *q)
{
    const struct sw_str *v = &q->arguments[1];
    struct sw_marker_environment environment = {v[0].p, v[1].p, v[2].p, v[3].p,  v[4].p,  v[5].p, v[6].p,
                                                v[7].p, v[8].p, v[9].p, v[10].p, v[11].p, NULL,   0};
    const struct sw_marker *marker = NULL;
    bool holds = false;
    if (refused(out, sw_marker_parse(&marker, &q->arena, q->arguments[0], NULL)))
        return;
    add_marker(out, marker);
    if (sw_marker_evaluate(&holds, marker, &environment, NULL) != 0)
        sw_buffer_add_text(out, "\tmeaningless");
    else
        add_number(out, holds);
}

/* requirement TEXT: name, specifiers, URL, marker, extras... */
static void answer_requirement(struct sw_buffer *out, struct question *q)
{
    struct sw_requirement requirement;
    if (refused(out, sw_requirement_parse(&requirement, &q->arena, q->arguments[0], NULL)))
        return;
    add_field(out, requirement.name);
    add_set(out, &requirement.specifiers);
    add_field(out, requirement.url);
    add_marker(out, requirement.marker);
    for (size_t i = 0; i < requirement.extra_count; i++)
        add_field(out, requirement.extras[i]);
}

/* tags MAJOR MINOR MACHINE GLIBC-MINOR: all tags in order */
static int make_tags(struct sw_tag_list *tags, struct question *q, const struct sw_str *target)
{
    uint64_t major, minor, glibc_minor;
    if (!sw_str_to_u64(target[0], &major) || !sw_str_to_u64(target[1], &minor) ||
        !sw_str_to_u64(target[3], &glibc_minor))
        return SW_EINPUT;
    const struct sw_tag_target t = {(unsigned)major, (unsigned)minor, target[2].p, (unsigned)glibc_minor,
                                    false};
    return sw_tag_list_make(tags, &q->arena, &t, NULL);
}

static void answer_tags(struct sw_buffer *out, struct question *q)
{
    struct sw_tag_list tags;
    if (refused(out, make_tags(&tags, q, q->arguments)))
        return;
    for (size_t i = 0; i < tags.count; i++)
        sw_buffer_addf(out, "\t%s-%s-%s", tags.items[i].interpreter, tags.items[i].abi,
                       tags.items[i].platform);
}

/* wheel NAME and a target as above: distribution, version, build number, build suffix, interpreters, ABIs,
 * platforms, rank or -1 */
static void answer_wheel(struct sw_buffer *out, struct question *q)
{
    struct sw_wheel_name wheel;
    struct sw_tag_list tags;
    size_t rank = 0;
    if (refused(out,
                sw_wheel_name_parse(&wheel, q->arguments[0], NULL) | make_tags(&tags, q, &q->arguments[1])))
        return;
    add_field(out, wheel.distribution);
    add_version(out, &wheel.version);
    add_field(out, wheel.build_number);
    add_field(out, wheel.build_suffix);
    add_field(out, wheel.interpreters);
    add_field(out, wheel.abis);
    add_field(out, wheel.platforms);
    add_number(out, sw_wheel_name_rank(&rank, &wheel, &tags) ? (long long)rank : -1);
}

/* sdist NAME: distribution, version */
static void answer_sdist(struct sw_buffer *out, struct question *q)
{
    struct sw_sdist_name sdist;
    if (refused(out, sw_sdist_name_parse(&sdist, q->arguments[0], NULL)))
        return;
    add_field(out, sdist.distribution);
    add_version(out, &sdist.version);
}

static const struct {
    const char *verb;
    size_t least; /* arguments */
    void (*answer)(struct sw_buffer *out, struct question *q);
} verbs[] = {
    {"compare", 2, answer_compare}, {"contains", 2, answer_contains}, {"filter", 2, answer_filter},
    {"marker", 13, answer_marker},  {"name", 1, answer_name},         {"requirement", 1, answer_requirement},
    {"sdist", 1, answer_sdist},     {"tags", 4, answer_tags},         {"version", 1, answer_version},
    {"wheel", 5, answer_wheel},
};

/* `line` has room for a NUL at its end. */
static int answer(struct sw_buffer *out, char *line, size_t n)
{
    struct question q = {.count = 0};
    struct sw_str rest = {line, n}, verb = sw_str_cut(&rest, '\t');
    while (rest.p != NULL && q.count < MOST_ARGUMENTS) {
        char *start = line + (rest.p - line);
        struct sw_str argument = sw_str_cut(&rest, '\t');
        q.arguments[q.count++] = decode(start, argument.n);
    }
    for (size_t i = 0; i < SW_COUNT(verbs); i++) {
        if (sw_str_is(verb, verbs[i].verb) && q.count >= verbs[i].least) {
            sw_arena_init(&q.arena, SW_MAX_ARENA);
            verbs[i].answer(out, &q);
            sw_arena_release(&q.arena);
            return 0;
        }
    }
    (void)fprintf(stderr, "cannot read the question %.*s\n", SW_STR_FORMAT(verb));
    return 1;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int status = 0;
    while (status == 0 && (n = getline(&line, &room, stdin)) > 0) {
        line[n - 1] = '\0';
        SW_BUFFER_AUTO out;
        sw_buffer_init(&out, SW_MIB);
        status = answer(&out, line, (size_t)n - 1);
        if (sw_buffer_check(&out, "the answer", NULL) != 0 || puts(out.p) == EOF)
            status = 1;
    }
    free(line);
    return status;
}
