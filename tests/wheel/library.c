/* Prints what the library readers see of each file named on standard input, for library.py to compare with readelf.
 * usage: wheel-library early|exact */
#include "wheel/library.h"
#include "base/limits.h"

static void print_library(const struct sw_library *library, size_t read)
{
    for (size_t i = 0; i < library->needed_count; i++)
        (void)printf("needed %s\n", library->needed[i].p);
    for (size_t i = 0; i < library->opened_count; i++)
        (void)printf("opened %s\n", library->opened[i].p);
    if (library->soname.n > 0)
        (void)printf("soname %.*s\n", SW_STR_FORMAT(library->soname));
    if (library->rpath.n > 0)
        (void)printf("rpath %s\n", library->rpath.p);
    for (size_t i = 0; i < library->version_count; i++)
        (void)printf("version %s %s\n", library->versions[i].file.p, library->versions[i].name.p);
    for (size_t i = 0; i < library->symbol_count; i++) {
        const struct sw_library_symbol *symbol = &library->symbols[i];
        (void)printf("%s %s\n",
                     !symbol->undefined ? "exported"
                     : symbol->weak     ? "weak"
                                        : "undefined",
                     symbol->name.p);
    }
    (void)printf("read %zu %s\n", read, library->early ? "early" : "exactly");
}

static int read_file(const char *path, bool early)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    const char *slash = strrchr(path, '/');
    struct sw_library_reader *reader =
        sw_library_reader_new(sw_str_from(slash == NULL ? path : slash + 1), early);
    FILE *file = fopen(path, "rb");
    struct sw_library library = {.is_library = false};
    struct sw_error error = {.code = 0};
    static char bytes[65536];
    size_t read = 0;
    bool again = true;
    int code = reader == NULL || file == NULL ? SW_EENV : 0;
    while (code == 0 && again) {
        rewind(file);
        for (size_t n = 1; n > 0;) {
            n = fread(bytes, 1, sizeof bytes, file);
            read += n;
            if (sw_library_reader_add(reader, (struct sw_str){bytes, n}))
                break;
        }
        code = sw_library_reader_finish(&library, reader, &arena, &again, &error);
    }
    if (code == 0)
        print_library(&library, read);
    else
        (void)printf("error %s\n", error.text);
    sw_library_reader_free(reader);
    if (file != NULL)
        (void)fclose(file);
    return code;
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc != 2)
        return 2;
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        (void)printf("file %s\n", path);
        (void)read_file(path, strcmp(argv[1], "early") == 0);
    }
    return 0;
}
