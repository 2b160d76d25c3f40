#include "python/version.h"

/* The spellings that PEP 440 reads, and the meaning of each; a longer spelling before a spelling that is its
 * beginning. */
struct spelling {
    const char *word;
    enum sw_version_pre pre;
};

static const struct spelling pre_spellings[] = {
    {"preview", SW_PRE_CANDIDATE}, {"alpha", SW_PRE_ALPHA}, {"beta", SW_PRE_BETA}, {"pre", SW_PRE_CANDIDATE},
    {"rc", SW_PRE_CANDIDATE},      {"a", SW_PRE_ALPHA},     {"b", SW_PRE_BETA},    {"c", SW_PRE_CANDIDATE},
};
static const struct spelling post_spellings[] = {
    {"post", SW_PRE_NONE}, {"rev", SW_PRE_NONE}, {"r", SW_PRE_NONE}};
static const struct spelling dev_spellings[] = {{"dev", SW_PRE_NONE}};

static const char *const pre_letters[] = {"", "a", "b", "rc"};

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

/* Digits without leading zeros; "0" for none at all. */
static struct sw_str number_of(struct sw_str digits)
{
    while (digits.n > 1 && digits.p[0] == '0') {
        digits.p++;
        digits.n--;
    }
    return digits.n == 0 ? SW_STR("0") : digits;
}

static bool take_spelling(struct sw_scanner *s, const char *word)
{
    struct sw_str rest = sw_scanner_rest(s);
    size_t n = strlen(word);
    if (rest.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (sw_lower((unsigned char)rest.p[i]) != word[i])
            return false;
    }
    s->at += n;
    return true;
}

static void skip_separator(struct sw_scanner *s)
{
    if (is_separator(sw_scanner_peek(s)))
        s->at++;
}

/* Read a suffix: [separator] spelling [separator] [number]. NULL if no such suffix comes next. */
static const struct spelling *take_suffix(struct sw_scanner *s, const struct spelling *spellings,
                                          size_t count, struct sw_str *number)
{
    size_t start = s->at;
    skip_separator(s);
    for (size_t i = 0; i < count; i++) {
        if (take_spelling(s, spellings[i].word)) {
            skip_separator(s);
            *number = number_of(sw_scanner_take_digits(s));
            return &spellings[i];
        }
    }
    s->at = start;
    return NULL;
}

/* "1.0-1", the spelling of a post-release without a word. */
static bool take_implicit_post(struct sw_scanner *s, struct sw_str *number)
{
    size_t start = s->at;
    if (sw_scanner_take(s, "-")) {
        struct sw_str digits = sw_scanner_take_digits(s);
        if (digits.n > 0) {
            *number = number_of(digits);
            return true;
        }
    }
    s->at = start;
    return false;
}

static bool take_epoch_and_release(struct sw_version *v, struct sw_scanner *s)
{
    size_t start = s->at;
    struct sw_str digits = sw_scanner_take_digits(s);
    if (digits.n > 0 && sw_scanner_take(s, "!")) {
        v->epoch = number_of(digits);
        start = s->at;
        digits = sw_scanner_take_digits(s);
    }
    if (digits.n == 0)
        return false;
    size_t end;
    do {
        end = s->at;
    } while (sw_scanner_take(s, ".") && sw_scanner_take_digits(s).n > 0);
    s->at = end;
    v->release = sw_scanner_since(s, start);
    return true;
}

static void take_local(struct sw_version *v, struct sw_scanner *s)
{
    size_t start = s->at, end = s->at;
    if (!sw_scanner_take(s, "+"))
        return;
    for (;;) {
        size_t label = s->at;
        while (sw_is_alnum((unsigned char)sw_scanner_peek(s)))
            s->at++;
        if (s->at == label)
            break;
        end = s->at;
        if (!is_separator(sw_scanner_peek(s)))
            break;
        s->at++;
    }
    s->at = end;
    if (end > start)
        v->local = sw_scanner_since(s, start + 1);
}

bool sw_version_scan(struct sw_version *out, struct sw_scanner *s)
{
    struct sw_scanner reader = *s;
    struct sw_version v = {.epoch = SW_STR("0")};
    (void)take_spelling(&reader, "v");
    if (!take_epoch_and_release(&v, &reader))
        return false;
    const struct spelling *pre = take_suffix(&reader, pre_spellings, SW_COUNT(pre_spellings), &v.pre_number);
    if (pre != NULL)
        v.pre = pre->pre;
    if (!take_implicit_post(&reader, &v.post))
        (void)take_suffix(&reader, post_spellings, SW_COUNT(post_spellings), &v.post);
    (void)take_suffix(&reader, dev_spellings, SW_COUNT(dev_spellings), &v.dev);
    take_local(&v, &reader);
    v.text = sw_scanner_since(&reader, s->at);
    *s = reader;
    *out = v;
    return true;
}

int sw_version_parse(struct sw_version *out, struct sw_str text, struct sw_error *error)
{
    struct sw_scanner s = sw_scanner_over(text);
    struct sw_version v;
    sw_scanner_skip_space(&s);
    bool found = sw_version_scan(&v, &s);
    size_t end = s.at;
    sw_scanner_skip_space(&s);
    if (!found || !sw_scanner_ended(&s)) {
        char shown[SW_SHOWN_SIZE];
        sw_scanner_fail(found && s.at > end ? s.at : end, error, "%s is not a version",
                        sw_shown(shown, sw_str_trim(text)));
        return sw_error_hint(error, "a version reads like 1.2.3, 1.0rc1, 2.0.post1 or 2.8.0+cu128");
    }
    *out = v;
    return 0;
}

static int compare_numbers(struct sw_str a, struct sw_str b)
{
    a = number_of(a);
    b = number_of(b);
    return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : memcmp(a.p, b.p, a.n);
}

static int compare_releases(struct sw_str a, struct sw_str b)
{
    int order = 0;
    while (order == 0 && (a.p != NULL || b.p != NULL))
        order = compare_numbers(sw_str_cut(&a, '.'), sw_str_cut(&b, '.'));
    return order;
}

/* Rank a version among the versions of the same release by its pre-release part: 1.0.dev1 comes before every
 * pre-release of 1.0, and a version without a pre-release part after all of them. */
static int pre_rank(const struct sw_version *v)
{
    if (v->pre != SW_PRE_NONE)
        return (int)v->pre;
    return v->post.n == 0 && v->dev.n > 0 ? 0 : SW_PRE_CANDIDATE + 1;
}

/* Compare two numbers that may be absent. `absent` says how an absent number sorts: -1 first, +1 last. */
static int compare_optional(struct sw_str a, struct sw_str b, int absent)
{
    if (a.n > 0 && b.n > 0)
        return compare_numbers(a, b);
    if (a.n == b.n)
        return 0;
    return a.n == 0 ? absent : -absent;
}

static struct sw_str take_label(struct sw_str *rest)
{
    struct sw_str label = {rest->p, 0};
    while (label.n < rest->n && !is_separator(rest->p[label.n]))
        label.n++;
    size_t used = label.n < rest->n ? label.n + 1 : label.n;
    rest->p += used;
    rest->n -= used;
    return label;
}

static bool is_number(struct sw_str label)
{
    size_t i = 0;
    while (i < label.n && sw_is_digit((unsigned char)label.p[i]))
        i++;
    return i == label.n;
}

static int compare_words(struct sw_str a, struct sw_str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int order = sw_lower((unsigned char)a.p[i]) - sw_lower((unsigned char)b.p[i]);
        if (order != 0)
            return order;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* Label by label: words before numbers, fewer labels before more, none at all first. */
static int compare_locals(struct sw_str a, struct sw_str b)
{
    while (a.n > 0 && b.n > 0) {
        struct sw_str x = take_label(&a), y = take_label(&b);
        bool x_number = is_number(x), y_number = is_number(y);
        int order = x_number != y_number ? (int)x_number - (int)y_number
                    : x_number           ? compare_numbers(x, y)
                                         : compare_words(x, y);
        if (order != 0)
            return order;
    }
    return (a.n > 0) - (b.n > 0);
}

int sw_version_compare_base(const struct sw_version *a, const struct sw_version *b)
{
    int order = compare_numbers(a->epoch, b->epoch);
    return order != 0 ? order : compare_releases(a->release, b->release);
}

int sw_version_compare_public(const struct sw_version *a, const struct sw_version *b)
{
    int order = sw_version_compare_base(a, b);
    if (order == 0)
        order = pre_rank(a) - pre_rank(b);
    if (order == 0)
        order = compare_optional(a->pre_number, b->pre_number, 0);
    if (order == 0)
        order = compare_optional(a->post, b->post, -1);
    if (order == 0)
        order = compare_optional(a->dev, b->dev, +1);
    return order;
}

int sw_version_compare(const struct sw_version *a, const struct sw_version *b)
{
    int order = sw_version_compare_public(a, b);
    return order != 0 ? order : compare_locals(a->local, b->local);
}

bool sw_version_is_prerelease(const struct sw_version *version)
{
    return version->pre != SW_PRE_NONE || version->dev.n > 0;
}

struct sw_str sw_version_number(const struct sw_version *version, size_t index)
{
    struct sw_str rest = version->release;
    for (size_t i = 0; i < index && rest.p != NULL; i++)
        (void)sw_str_cut(&rest, '.');
    return number_of(sw_str_cut(&rest, '.'));
}

size_t sw_version_numbers(const struct sw_version *version)
{
    size_t count = 0;
    for (struct sw_str rest = version->release; rest.p != NULL; count++)
        (void)sw_str_cut(&rest, '.');
    return count;
}

static void write_release(struct sw_buffer *out, struct sw_str release)
{
    while (release.p != NULL) {
        sw_buffer_add_str(out, number_of(sw_str_cut(&release, '.')));
        if (release.p != NULL)
            sw_buffer_add_char(out, '.');
    }
}

static void write_local(struct sw_buffer *out, struct sw_str local)
{
    for (char before = '+'; local.n > 0; before = '.') {
        struct sw_str label = take_label(&local);
        if (is_number(label))
            label = number_of(label);
        sw_buffer_add_char(out, before);
        for (size_t i = 0; i < label.n; i++)
            sw_buffer_add_char(out, (char)sw_lower((unsigned char)label.p[i]));
    }
}

void sw_version_write(struct sw_buffer *out, const struct sw_version *version)
{
    if (!sw_str_is(version->epoch, "0")) {
        sw_buffer_add_str(out, version->epoch);
        sw_buffer_add_char(out, '!');
    }
    write_release(out, version->release);
    sw_buffer_add_text(out, pre_letters[version->pre]);
    sw_buffer_add_str(out, version->pre_number);
    if (version->post.n > 0) {
        sw_buffer_add_text(out, ".post");
        sw_buffer_add_str(out, version->post);
    }
    if (version->dev.n > 0) {
        sw_buffer_add_text(out, ".dev");
        sw_buffer_add_str(out, version->dev);
    }
    write_local(out, version->local);
}

char *sw_version_normalized(struct sw_arena *arena, const struct sw_version *version)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, arena->max);
    sw_version_write(&text, version);
    return sw_buffer_check(&text, "the version", NULL) == 0 ? sw_arena_copy(arena, sw_buffer_str(&text))
                                                            : NULL;
}
