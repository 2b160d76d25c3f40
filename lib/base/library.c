#include "base/library.h"

#include <dlfcn.h>

void *sw_library_load(const char *const *files, const struct sw_library_function *functions, size_t count,
                      bool *complete)
{
    void *library = NULL;
    for (; library == NULL && *files != NULL; files++)
        library = dlopen(*files, RTLD_NOW | RTLD_LOCAL);
    *complete = library != NULL;
    for (size_t i = 0; library != NULL && i < count; i++) {
        void *symbol = dlsym(library, functions[i].name);
        /* POSIX lets a data pointer from dlsym() be read as a function's; C itself does not. */
        memcpy(functions[i].pointer, &symbol, sizeof symbol);
        *complete = *complete && symbol != NULL;
    }
    return library;
}
