/* The packages that are installed in an image, as a stack to judge. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "profile/values.h"

/* The folder that a package's metadata lie in: "usr/lib/python3.11/site-packages". */
static struct sw_str folder_of(const struct sw_draft_package *package)
{
    struct sw_str path = sw_str_from(package->path);
    while (path.n > 0 && path.p[path.n - 1] != '/')
        path.n--;
    path.n -= path.n > 0;
    return path;
}

/* The weight of a folder among the environments of an image: its packages, with torch before all others. */
static size_t weigh(const struct sw_draft_package *packages, size_t count, struct sw_str folder)
{
    size_t weight = 0;
    for (size_t i = 0; i < count; i++) {
        if (sw_str_equal(folder_of(&packages[i]), folder))
            weight += strcmp(packages[i].name, "torch") == 0 ? SW_MAX_LOCK_PACKAGES + 1 : 1;
    }
    return weight;
}

/* Return true if an earlier package lies in the folder of package `at`. */
static bool is_known_before(const struct sw_draft_package *packages, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (sw_str_equal(folder_of(&packages[i]), folder_of(&packages[at])))
            return true;
    }
    return false;
}

/* The environment that is judged; the others are named. */
static struct sw_str choose_folder(struct sw_draft *draft, const struct sw_draft_package *packages,
                                   size_t count)
{
    struct sw_str best = {0};
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        size_t weight = is_known_before(packages, i) ? 0 : weigh(packages, count, folder_of(&packages[i]));
        best = weight > most ? folder_of(&packages[i]) : best;
        most = weight > most ? weight : most;
    }
    for (size_t i = 0; i < count; i++) {
        struct sw_str folder = folder_of(&packages[i]);
        if (!is_known_before(packages, i) && !sw_str_equal(folder, best))
            draft_leave_unjudged(draft, (struct draft_place){draft->source, 1, 1}, folder,
                                 "another environment of the image; %.*s is judged", SW_STR_FORMAT(best));
    }
    return best;
}

/* "3.11" of "usr/lib/python3.11/site-packages". */
static void take_python(struct sw_draft *draft, struct sw_str folder, struct draft_place place)
{
    size_t at = sw_str_find(folder, SW_STR("python3."));
    struct sw_str version = sw_str_drop(folder, at + strlen("python"));
    if (at < folder.n)
        draft_take_python(draft, sw_str_cut(&version, '/'), place);
}

int sw_draft_read_installed(struct sw_draft *draft, const char *image,
                            const struct sw_draft_package *packages, size_t count, struct sw_error *error)
{
    struct draft_place place = {draft_format(draft, "image:%s", image), 1, 1};
    draft->source = place.file;
    if (count > SW_MAX_LOCK_PACKAGES)
        return sw_fail(error, SW_EINPUT, "the image has more than %d packages of Python",
                       SW_MAX_LOCK_PACKAGES);
    struct sw_str folder = choose_folder(draft, packages, count);
    take_python(draft, folder, place);
    draft->base_place = place;
    if (sw_value_reference(sw_str_from(image)) == NULL && !sw_str_ends(sw_str_from(image), ".tar"))
        draft->base = draft_copy(draft, sw_str_from(image));
    else
        draft->base = "localhost/archive";
    draft_leave_unjudged(draft, place, sw_str_from(image),
                         "packages without a RECORD, as apt and conda install them, are not seen");
    for (size_t i = 0; i < count; i++) {
        if (sw_str_equal(folder_of(&packages[i]), folder))
            draft_lock(draft, sw_str_from(packages[i].name), sw_str_from(packages[i].version), SW_STR(""),
                       NULL,
                       (struct draft_place){draft_format(draft, "%s/METADATA", packages[i].path), 1, 1});
    }
    return draft_check(draft, error);
}
