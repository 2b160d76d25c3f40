/* A .dockerignore, then, after a NUL, a path that is judged by it. */
#include "context/ignore.h"

#include "fuzz.h"

int fuzz_ignore(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size}, path = SW_STR("a/b/c.py");
    const char *nul = size == 0 ? NULL : memchr(data, '\0', size);
    if (nul != NULL) {
        text.n = (size_t)(nul - text.p);
        path = (struct sw_str){nul + 1, size - text.n - 1};
    }
    struct sw_error error = {0};
    struct sw_ignore *ignore = NULL;
    if (sw_ignore_new(&ignore, text, ".dockerignore", &error) != 0)
        return 0;
    struct sw_ignore_verdict verdict;
    if (sw_ignore_check(ignore, &verdict, path, &error) == 0 && verdict.excluded &&
        (verdict.line == 0 || sw_ignore_count(ignore) == 0))
        abort();
    (void)sw_ignore_may_return(ignore, path);
    sw_ignore_free(ignore);
    return 0;
}
