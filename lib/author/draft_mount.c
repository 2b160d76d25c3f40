/* The flags of a RUN: its mounts. */
#include "author/draft_internal.h"
#include "dockerfile/instructions.h"

/* The value of a key in --mount=type=bind,source=A,target=B; empty if there is none. */
static struct sw_str mount_value(struct sw_str flag, const char *key)
{
    struct sw_str rest = {NULL, 0};
    if (sw_str_starts(flag, "--mount="))
        rest = sw_str_drop(flag, strlen("--mount="));
    while (rest.p != NULL) {
        struct sw_str value = sw_str_cut(&rest, ',');
        struct sw_str name = sw_str_cut(&value, '=');
        if (sw_str_is(name, key) && value.p != NULL)
            return value;
    }
    return SW_STR("");
}

static struct sw_str first_of(struct sw_str flag, const char *a, const char *b, const char *c)
{
    struct sw_str value = mount_value(flag, a);
    value = value.n == 0 ? mount_value(flag, b) : value;
    return value.n == 0 ? mount_value(flag, c) : value;
}

/* A bind mount brings files of the context for this command alone. */
static void take_bind(struct draft_run *run, struct sw_str flag, struct draft_place place)
{
    struct draft_reader *r = run->r;
    struct sw_str from = first_of(flag, "source", "src", "source"),
                  to = first_of(flag, "target", "dst", "destination");
    if (mount_value(flag, "from").n > 0 && !r->draft->judged && !r->is_source)
        draft_leave(r->draft, place, flag, "a step finds no files of another stage or image");
    if (mount_value(flag, "from").n > 0 || to.n == 0)
        return;
    const char *source = from.n == 0 ? "." : draft_copy(r->draft, from);
    draft_set(r->draft, &r->mounts, source, draft_absolute(r, draft_copy(r->draft, to)), place);
    if (!r->draft->judged)
        draft_leave(r->draft, place, flag,
                    "a step finds no files of the context that are not copied: copy them");
}

/* Return true for a mount that the steps of a profile have too: a cache, a secret at its usual place. */
static bool is_usual(struct sw_str flag)
{
    static const char *const own[] = {"target", "dst", "destination", "env", "mode", "uid", "gid"};
    bool is_secret = sw_str_is(mount_value(flag, "type"), "secret");
    for (size_t i = 0; is_secret && i < SW_COUNT(own); i++) {
        if (mount_value(flag, own[i]).n > 0)
            return false;
    }
    return sw_str_starts(flag, "--mount=") && (is_secret || sw_str_is(mount_value(flag, "type"), "cache"));
}

/* --mount=type=secret,id=NAME becomes one of the profile's secrets; caches are slipway's own business. */
struct sw_str draft_take_flags(struct draft_run *run, struct sw_str text)
{
    struct draft_place place = {run->r->file, run->instruction->line, 1};
    run->r->mounts.count = 0;
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        struct sw_str type = mount_value(flag, "type");
        if (sw_str_starts(flag, "--mount=") && (type.n == 0 || sw_str_is(type, "bind")))
            take_bind(run, flag, place);
        else if (!run->r->draft->judged && !run->r->is_source && !is_usual(flag))
            draft_leave(run->r->draft, place, flag, "a profile's steps have no such option");
        if (!sw_str_starts(flag, "--mount=") || !sw_str_is(type, "secret"))
            continue;
        struct sw_str id = mount_value(flag, "id");
        if (id.n > 0)
            draft_add(run->r->draft, DRAFT_SECRETS, draft_copy(run->r->draft, id), place);
    }
    return text;
}
