#include "stream/failure.h"

/* The words before the exit status at the end of the text. */
static const char *const exit_markers[] = {
    "exit code: ",                         /* BuildKit of every release */
    "returned a non-zero code: ",          /* classic */
    "while running runtime: exit status ", /* Podman */
};

static const char *const line_markers[] = {
    "parse error on line ", /* from BuildKit 0.9 on */
    "parse error line ",    /* 20.10, both builders */
};

/* The first row of which both texts occur decides; "" always occurs. */
static const struct {
    const char *a, *b;
    enum sw_build_failure kind;
} kinds[] = {
    {"no active session", "", SW_BUILD_SESSION},
    {"ockerfile parse error", "", SW_BUILD_DOCKERFILE},
    {"nknown instruction: ", "", SW_BUILD_DOCKERFILE},
    {"he Dockerfile", "cannot be empty", SW_BUILD_DOCKERFILE},
    {"failed to read dockerfile", "", SW_BUILD_DOCKERFILE},
    {"annot locate specified Dockerfile", "", SW_BUILD_DOCKERFILE},
    {"failed to calculate checksum of ref", ": not found", SW_BUILD_SOURCE},
    {"failed to compute cache key: \"", " not found: not found", SW_BUILD_SOURCE},
    {"COPY failed: ", "", SW_BUILD_SOURCE},
    {"ADD failed: ", "", SW_BUILD_SOURCE},
    {"checking on sources under ", "", SW_BUILD_SOURCE},
    {"failed to resolve source metadata for ", "", SW_BUILD_IMAGE},
    {"failed to resolve reference ", "", SW_BUILD_IMAGE},
    {"failed to load metadata for ", "", SW_BUILD_IMAGE},
    {"initializing source docker://", "", SW_BUILD_IMAGE},
    {"unable to copy from source docker://", "", SW_BUILD_IMAGE},
    {"did not resolve to an alias", "", SW_BUILD_IMAGE},
    {"manifest unknown", "", SW_BUILD_IMAGE},
    {"manifest for ", " not found", SW_BUILD_IMAGE},
    {"pull access denied", "", SW_BUILD_IMAGE},
    {"no match for platform in manifest", "", SW_BUILD_IMAGE},
    {"toomanyrequests", "", SW_BUILD_IMAGE},
};

/* Index just after the last `needle`, or SIZE_MAX. */
static size_t after_last(struct sw_str text, const char *needle)
{
    size_t found = SIZE_MAX;
    struct sw_str rest = text;
    struct sw_str want = sw_str_from(needle);
    for (size_t i = sw_str_find(rest, want); i < rest.n; i = sw_str_find(rest, want)) {
        rest = (struct sw_str){rest.p + i + want.n, rest.n - i - want.n};
        found = text.n - rest.n;
    }
    return found;
}

static bool contains(struct sw_str text, const char *needle)
{
    return needle[0] == '\0' || after_last(text, needle) != SIZE_MAX;
}

/* Read the digits right after the last `marker`, at most `max`; `*rest` is the text behind them. */
static bool number_after(struct sw_str text, const char *marker, uint64_t max, uint64_t *number,
                         struct sw_str *rest)
{
    size_t start = after_last(text, marker);
    if (start == SIZE_MAX)
        return false;
    size_t end = start;
    while (end < text.n && sw_is_digit(text.p[end]))
        end++;
    *rest = (struct sw_str){text.p + end, text.n - end};
    return sw_str_to_u64((struct sw_str){text.p + start, end - start}, number) && *number <= max;
}

bool sw_failure_is_stop(struct sw_str text)
{
    return sw_str_ends(sw_str_trim(text), "context canceled");
}

static int exit_code(struct sw_str text)
{
    for (size_t i = 0; i < SW_COUNT(exit_markers); i++) {
        uint64_t code = 0;
        struct sw_str rest;
        if (number_after(text, exit_markers[i], 255, &code, &rest) && rest.n == 0)
            return (int)code;
    }
    return -1;
}

static unsigned dockerfile_line(struct sw_str text)
{
    for (size_t i = 0; i < SW_COUNT(line_markers); i++) {
        uint64_t line = 0;
        struct sw_str rest;
        if (number_after(text, line_markers[i], INT32_MAX, &line, &rest))
            return (unsigned)line;
    }
    return 0;
}

struct sw_failure sw_failure_read(struct sw_str text)
{
    text = sw_str_trim(text);
    struct sw_failure failure = {SW_BUILD_OTHER, -1, 0};
    if (sw_failure_is_stop(text)) {
        failure.kind = SW_BUILD_CANCELED;
        return failure;
    }
    failure.exit_code = exit_code(text);
    if (failure.exit_code >= 0) {
        failure.kind = SW_BUILD_COMMAND;
        return failure;
    }
    for (size_t i = 0; i < SW_COUNT(kinds) && failure.kind == SW_BUILD_OTHER; i++)
        if (contains(text, kinds[i].a) && contains(text, kinds[i].b))
            failure.kind = kinds[i].kind;
    if (failure.kind == SW_BUILD_DOCKERFILE)
        failure.dockerfile_line = dockerfile_line(text);
    return failure;
}
