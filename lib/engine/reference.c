#include "engine/reference.h"

/* Length of the repository: up to the colon of a tag, which is one after the last slash ("localhost:5000/x"
 * has a port and no tag). */
static size_t repository_length(struct sw_str name)
{
    const char *slash = memrchr(name.p, '/', name.n);
    size_t start = slash == NULL ? 0 : (size_t)(slash - name.p);
    return start + sw_str_find((struct sw_str){name.p + start, name.n - start}, SW_STR(":"));
}

/* The part before the first slash is a registry if it could be a host: it has a dot or a port, or is "localhost". */
static struct sw_str registry_of(struct sw_str repository)
{
    struct sw_str rest = repository;
    struct sw_str first = sw_str_cut(&rest, '/');
    bool host = memchr(first.p, '.', first.n) != NULL || memchr(first.p, ':', first.n) != NULL ||
                sw_str_is(first, "localhost");
    return rest.p != NULL && host ? first : SW_STR("docker.io");
}

int sw_reference_split(struct sw_reference *out, const char *name, struct sw_error *error)
{
    /* A tag before a digest ("a:1@sha256:…") is for people; the digest decides. */
    struct sw_str digest = sw_str_from(name);
    struct sw_str tagged = sw_str_cut(&digest, '@');
    struct sw_str repository = {tagged.p, repository_length(tagged)};
    const char *tag = repository.n < tagged.n ? name + repository.n + 1 : "latest";
    if (digest.p != NULL)
        tag = digest.p;
    if (repository.n == 0 || repository.n >= sizeof out->repository || tag[0] == '\0' ||
        strlen(tag) >= sizeof out->tag)
        return sw_fail(error, SW_EINPUT, "'%.200s' is no image name", name);
    struct sw_str registry = registry_of(repository);
    (void)snprintf(out->registry, sizeof out->registry, "%.*s", SW_STR_FORMAT(registry));
    (void)snprintf(out->repository, sizeof out->repository, "%.*s", SW_STR_FORMAT(repository));
    (void)snprintf(out->tag, sizeof out->tag, "%s", tag);
    return 0;
}

bool sw_is_sha256_digest(struct sw_str text)
{
    enum { DIGITS = 64 };
    const struct sw_str algorithm = SW_STR("sha256:");
    if (!sw_str_starts(text, "sha256:") || text.n != algorithm.n + DIGITS)
        return false;
    for (size_t i = algorithm.n; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return true;
}
