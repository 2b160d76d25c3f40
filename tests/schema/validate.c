/* For agree.py: prints the example's JSON Schema, or what the validator says about YAML files.
 *
 * usage: validate --schema | validate FILE...
 *
 * A line a file: {"value": the document, "codes": the findings' codes}. */
#include "schema/example.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/yaml.h"

static int print(const struct sw_node *node)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_JSON_SIZE);
    sw_json_write(&out, node, SW_JSON_COMPACT);
    struct sw_error error;
    if (node == NULL || sw_buffer_check(&out, "the result", &error) != 0)
        return 1;
    (void)printf("%s\n", out.p);
    return 0;
}

static int validate(struct sw_builder *b, const char *path)
{
    const struct sw_node *value;
    struct sw_error error;
    if (sw_yaml_read_file(&value, b->arena, path, &error) != 0) {
        (void)fprintf(stderr, "%s:%u: %s\n", path, error.line, error.text);
        return 1;
    }
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    sw_schema_check(&example_schema, value, &findings);
    struct sw_node *codes = sw_build_list(b);
    for (size_t i = 0; i < findings.count; i++)
        sw_build_append(b, codes, sw_build_text(b, findings.items[i]->code));
    struct sw_node *result = sw_build_map(b);
    sw_build_set(b, result, "value", value);
    sw_build_set(b, result, "codes", codes);
    return b->failed ? 1 : print(result);
}

int main(int argc, char **argv)
{
    int status = argc < 2;
    for (int i = 1; i < argc && status == 0; i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        struct sw_builder b = {.arena = &arena};
        if (strcmp(argv[i], "--schema") == 0)
            status = print(sw_schema_json(&b, &example_schema, "example"));
        else
            status = validate(&b, argv[i]);
    }
    return status;
}
