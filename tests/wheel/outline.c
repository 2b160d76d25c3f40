/* Prints the outline of each Python file named on standard input, for outline.py to compare with what Python sees. */
#include "base/file.h"
#include "base/limits.h"
#include "wheel/module.h"

static void print_module(const struct sw_module *module)
{
    for (size_t i = 0; i < module->name_count; i++)
        (void)printf("name %.*s %s\n", SW_STR_FORMAT(module->names[i].name),
                     (module->names[i].when & SW_WHEN_TYPING) != 0 ? "typing" : "");
    for (size_t i = 0; i < module->import_count; i++) {
        const struct sw_module_import *import = &module->imports[i];
        if (import->used)
            continue;
        (void)printf("import %u %.*s|%.*s|%.*s %s\n", import->line, SW_STR_FORMAT(import->module),
                     SW_STR_FORMAT(import->name), SW_STR_FORMAT(import->as),
                     (import->when & SW_WHEN_CALLED) != 0 ? "called" : "");
    }
}

int main(void)
{
    char path[4096];
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        struct sw_module module;
        struct sw_error error;
        if (sw_file_read(&text, path, &error) != 0 ||
            sw_module_read(&module, &arena, sw_buffer_str(&text), path, &error) != 0) {
            (void)printf("error %s\n", error.text);
            return 1;
        }
        (void)printf("file %s\n", path);
        print_module(&module);
    }
    return 0;
}
