/* Prints the index that pip uses and whether it is built in, for index_test.py.
 *
 * usage: pip CACHE [NAME=VALUE]...     CACHE: a folder, or - for none; then the part of the environment that counts */
#include "index/pip.h"

int main(int argc, char **argv)
{
    struct sw_store *store = NULL;
    struct sw_pip_index index;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1U << 20);
    int code =
        argc < 2 ? SW_EINPUT : sw_store_new(&store, strcmp(argv[1], "-") == 0 ? NULL : argv[1], &error);
    if (code == 0)
        code = sw_pip_index(&index, &arena, store, (const char *const *)argv + 2, NULL, &error);
    if (code == 0)
        (void)printf("%s\n%s\n", index.url, index.built_in ? "built in" : "configured");
    else
        (void)printf("error %d: %s\n%s\n", code, error.text, error.hint);
    sw_store_free(store);
    return 0;
}
