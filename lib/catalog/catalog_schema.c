/* The form of each file of the catalog. Every row names its source and how it was verified: a row without
 * source is refused, so that no check relies on hearsay. */
#include "catalog/catalog_schema_internal.h"

#include "base/limits.h"
#include "python/name.h"
#include "python/specifier.h"

static const char *check_version(struct sw_str text)
{
    struct sw_version version;
    bool fits = text.n <= SW_MAX_REQUIREMENT_SIZE && sw_version_parse(&version, text, NULL) == 0;
    return fits ? NULL : "is not a version (PEP 440)";
}

static const char *check_specifier(struct sw_str text)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_specifier_set set;
    return sw_specifier_set_parse(&set, &arena, text, NULL) == 0 ? NULL
                                                                 : "is not a version specifier (PEP 440)";
}

static const char *check_architecture(struct sw_str text)
{
    struct sw_architecture architecture;
    return sw_architecture_parse(&architecture, text) ? NULL
                                                      : "is not an architecture such as 8.9, 9.0a or 10.0f";
}

static const char *check_project(struct sw_str text)
{
    SW_BUFFER_AUTO normalized;
    sw_buffer_init(&normalized, SW_MAX_REQUIREMENT_SIZE);
    sw_name_normalize(&normalized, text);
    bool fits = sw_name_valid(text) && sw_str_equal(sw_buffer_str(&normalized), text);
    return fits ? NULL : "is not a project's normalized name (PEP 503)";
}

static const char *check_said(struct sw_str text)
{
    return sw_str_trim(text).n > 0 ? NULL : "says nothing";
}

static const char *check_gpu_name(struct sw_str text)
{
    return text.n > 0 && text.n <= SW_MAX_GPU_NAME ? NULL : "is no name of a GPU, or too long";
}

static const char *check_device(struct sw_str text)
{
    bool fits = text.n == 4;
    for (size_t i = 0; i < text.n; i++)
        fits = fits && (sw_is_digit((unsigned char)text.p[i]) || (text.p[i] >= 'a' && text.p[i] <= 'f'));
    return fits ? NULL : "is not a PCI device such as 2684";
}

static const struct sw_schema text = {.kind = SW_SCHEMA_TEXT};
static const struct sw_schema texts = {.kind = SW_SCHEMA_LIST, .items = &text};
static const struct sw_schema text_by_name = {.kind = SW_SCHEMA_MAP, .items = &text};
static const struct sw_schema gpu_name = {.kind = SW_SCHEMA_TEXT, .check = check_gpu_name};
static const struct sw_schema gpu_names = {.kind = SW_SCHEMA_LIST, .items = &gpu_name};
static const struct sw_schema device = {.kind = SW_SCHEMA_TEXT, .check = check_device};
static const struct sw_schema devices = {.kind = SW_SCHEMA_LIST, .items = &device};
static const struct sw_schema boolean = {.kind = SW_SCHEMA_BOOL};
static const struct sw_schema said = {.kind = SW_SCHEMA_TEXT, .check = check_said};
static const struct sw_schema megabytes = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 1000000};
static const struct sw_schema gigabytes = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 100000};
static const struct sw_schema version = {.kind = SW_SCHEMA_TEXT, .check = check_version};
static const struct sw_schema versions = {.kind = SW_SCHEMA_LIST, .items = &version};
static const struct sw_schema specifier = {.kind = SW_SCHEMA_TEXT, .check = check_specifier};
static const struct sw_schema architecture = {.kind = SW_SCHEMA_TEXT, .check = check_architecture};
static const struct sw_schema architectures = {.kind = SW_SCHEMA_LIST, .items = &architecture};
static const struct sw_schema project = {.kind = SW_SCHEMA_TEXT, .check = check_project};
static const struct sw_schema projects = {.kind = SW_SCHEMA_LIST, .items = &project};
static const char *const machines[] = {"x86_64", "aarch64", NULL};
static const struct sw_schema machine = {.kind = SW_SCHEMA_TEXT, .words = machines};

#define FILE_NAME                                                                 \
    {                                                                             \
        "slipway-catalog", "which file of the catalog this is", &text, true, NULL \
    }
#define PROVENANCE                                           \
    {"source", "where it comes from", &said, true, NULL},    \
    {                                                        \
        "verified", "how it was verified", &said, true, NULL \
    }
#define ROWS(name)                                                                            \
    static const struct sw_schema name = {.kind = SW_SCHEMA_OBJECT, .fields = name##_fields}; \
    static const struct sw_schema name##_list = {.kind = SW_SCHEMA_LIST, .items = &(name)}
#define OBJECT(name) static const struct sw_schema name = {.kind = SW_SCHEMA_OBJECT, .fields = name##_fields}

static const struct sw_field gpu_fields[] = {
    {"name", "what a profile calls it", &gpu_name, true, NULL},
    {"title", "what its maker calls it", &gpu_name, true, NULL},
    {"compute_capability", "such as 8.9", &architecture, true, NULL},
    {"architecture", "such as Ada", &text, true, NULL},
    {"memory", "GB as sold", &gigabytes, false, NULL},
    {"driver", "the first Linux driver branch that knows it", &version, false, NULL},
    {"truss", "what a Truss config calls it", &text, false, NULL},
    {"machine", "of its hosts, where that is not x86_64", &machine, false, NULL},
    {"datacenter", "whether forward compatibility works on it", &boolean, false, NULL},
    {"own_code", "whether it runs only code for its very architecture, or PTX", &boolean, false, NULL},
    {"aliases", "what else it is called", &gpu_names, false, NULL},
    {"pci", "its devices of the vendor 10de", &devices, false, NULL},
    {"slices", "what MIG makes of it", &texts, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(gpu);
static const struct sw_field gpu_words_fields[] = {
    {"filler", "words that say nothing", &texts, true, NULL},
    {"line", "words that may be left out", &texts, true, NULL},
    {"generation", "likewise, though cards differ in them", &texts, true, NULL},
    {"same", "how else a word is written", &text_by_name, true, NULL},
    {0},
};
OBJECT(gpu_words);
const struct sw_field sw_catalog_gpus_fields[] = {
    FILE_NAME,
    {"words", "how the words of names count", &gpu_words, false, NULL},
    {"gpus", "the rows", &gpu_list, true, NULL},
    {0},
};

static const struct sw_field toolkit_fields[] = {
    {"version", "such as 12.8", &version, true, NULL},
    {"driver", "the first Linux driver of the toolkit itself", &version, false, NULL},
    {"floor", "the first driver that runs its programs", &version, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(toolkit);
static const struct sw_field generation_fields[] = {
    {"compute_capability", "such as 8.9", &architecture, true, NULL},
    {"since", "the first toolkit that knows it", &version, true, NULL},
    {"last", "the last one", &version, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(generation);
const struct sw_field sw_catalog_cuda_fields[] = {
    FILE_NAME,
    {"toolkits", "the rows, oldest first", &toolkit_list, true, NULL},
    {"architectures", "which toolkits know which", &generation_list, true, NULL},
    {0},
};

/* GPU code in the wheels of a project. */
static const struct sw_field code_fields[] = {
    {"releases", "of which releases", &specifier, true, NULL},
    {"cuda", "built with which CUDA", &versions, true, NULL},
    {"machine", "for which machine, where that is not x86_64", &machine, false, NULL},
    {"sass", "code for these architectures", &architectures, true, NULL},
    {"ptx", "code that the driver compiles for these and newer ones", &architectures, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(code);

static const struct sw_field torch_fields[] = {
    {"version", "the public version", &version, true, NULL},
    {"cuda", "the CUDA variants on torch's index", &versions, true, NULL},
    {"default", "the variant that the default index carries", &version, true, NULL},
    {"python", "the oldest and the newest CPython with wheels", &versions, true, NULL},
    {"torchvision", "the release built for it", &version, true, NULL},
    {"torchaudio", "the release built for it", &version, true, NULL},
    {"triton", "the release it pins", &version, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(torch);
const struct sw_field sw_catalog_torch_fields[] = {
    FILE_NAME,
    {"releases", "the rows, oldest first", &torch_list, true, NULL},
    {"code", "the GPU code in them", &code_list, true, NULL},
    {0},
};

static const char *const overrides[] = {"name", "none", NULL};
static const struct sw_schema override = {.kind = SW_SCHEMA_TEXT, .words = overrides};
static const struct sw_field bitsandbytes_fields[] = {
    {"version", "the release", &version, true, NULL},
    {"libraries", "the numbers of its CUDA libraries", &texts, true, NULL},
    {"override", "what BNB_CUDA_VERSION can do", &override, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(bitsandbytes);
const struct sw_field sw_catalog_bitsandbytes_fields[] = {
    FILE_NAME,
    {"releases", "the rows, oldest first", &bitsandbytes_list, true, NULL},
    {"code", "the GPU code in their libraries", &code_list, true, NULL},
    {0},
};

static const struct sw_field companion_fields[] = {
    {"project", "what is built against torch", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"torch", "the torch that they are built for", &specifier, true, NULL},
    {"compiles", "whether it is compiled from source for another torch", &boolean, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(companion);
const struct sw_field sw_catalog_companions_fields[] = {
    FILE_NAME,
    {"companions", "the rows", &companion_list, true, NULL},
    {0},
};

static const struct sw_field known_bad_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"by", "the projects that exclude them", &projects, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(known_bad);
const struct sw_field sw_catalog_known_bad_fields[] = {
    FILE_NAME,
    {"releases", "the rows", &known_bad_list, true, NULL},
    {0},
};

static const struct sw_field import_fields[] = {
    {"project", "what imports", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"module", "what they import", &text, true, NULL},
    {"from", "the project that had it", &project, true, NULL},
    {"gone", "the releases that no longer have it", &specifier, true, NULL},
    {"working", "the releases that do without", &specifier, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(import);
const struct sw_field sw_catalog_imports_fields[] = {
    FILE_NAME,
    {"imports", "the rows", &import_list, true, NULL},
    {0},
};

static const struct sw_field removed_fields[] = {
    {"of", "python, or the project", &project, true, NULL},
    {"module", "the module that had the names; else the names are modules", &text, false, NULL},
    {"names", "the names", &texts, true, NULL},
    {"gone", "the releases without them", &specifier, true, NULL},
    {"brought_by", "projects that install such a module", &projects, false, NULL},
    {"anywhere", "whether one of these may come with any project", &boolean, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(removed);
const struct sw_field sw_catalog_removed_fields[] = {
    FILE_NAME,
    {"removed", "the rows", &removed_list, true, NULL},
    {0},
};

static const struct sw_field standard_fields[] = {
    {"names", "modules of Python itself, of any release", &texts, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(standard);
static const struct sw_field module_project_fields[] = {
    {"module", "what is imported", &text, true, NULL},
    {"project", "what brings it", &project, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(module_project);
static const struct sw_field wanted_module_fields[] = {
    {"project", "what needs the module", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"module", "what they need", &text, true, NULL},
    {"unless", "the variable that names another module", &text, false, NULL},
    {"otherwise", "the values that it may have", &text, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(wanted_module);
const struct sw_field sw_catalog_modules_fields[] = {
    FILE_NAME,
    {"standard", "the rows", &standard_list, true, NULL},
    {"projects", "the rows", &module_project_list, true, NULL},
    {"wanted", "the rows", &wanted_module_list, true, NULL},
    {0},
};

static const struct sw_field built_for_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"numpy", "the NumPy that they can be used with", &specifier, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(built_for);
const struct sw_field sw_catalog_numpy_fields[] = {
    FILE_NAME,
    {"built_for", "the rows", &built_for_list, true, NULL},
    {0},
};

static const struct sw_field cpu_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"machine", "on which machine; on all, if it is left out", &machine, false, NULL},
    {"extras", "the extras that bring CUDA", &texts, false, NULL},
    {"plugins", "the projects that bring CUDA", &projects, false, NULL},
    {"base", "whether a base image with CUDA does", &boolean, false, NULL},
    {"deliberate", "whether it may well be meant", &boolean, false, NULL},
    {"instead", "what to write", &said, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(cpu);
static const struct sw_field built_with_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"cuda", "the CUDA whose libraries they load", &version, true, NULL},
    {"cudnn", "the major number of the cuDNN that they load", &text, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(built_with);
const struct sw_field sw_catalog_frameworks_fields[] = {
    FILE_NAME,
    {"runs_on_cpu", "the rows", &cpu_list, true, NULL},
    {"built_with", "the CUDA that releases without CUDA libraries of their own are built with",
     &built_with_list, true, NULL},
    {0},
};

static const struct sw_field libc_fields[] = {
    {"words", "the beginnings of parts of an image's name that tell of it", &texts, true, NULL},
    {"images", "the images whose plain tags have it", &texts, false, NULL},
    {"glibc", "the release of glibc", &version, false, NULL},
    {"libstdcxx", "the newest version of symbols that its libstdc++ has, without GLIBCXX_", &version, false,
     NULL},
    {"musl", "the release of musl", &version, false, NULL},
    {"nvidia", "the distribution as NVIDIA's package repository calls it", &text, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(libc);
static const struct sw_field nvidia_key_fields[] = {
    {"distributions", "the distributions whose repositories are signed with it; without the key the others",
     &texts, false, NULL},
    {"file", "its name in the repository", &text, true, NULL},
    {"fingerprint", "its fingerprint", &text, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(nvidia_key);
static const struct sw_field nvidia_packages_fields[] = {
    {"url", "with {{distribution}}", &text, true, NULL},
    {"keys", "the keys; the first row that fits counts", &nvidia_key_list, true, NULL},
    {"images", "the images that have the repository", &texts, true, NULL},
    PROVENANCE,
    {0},
};
OBJECT(nvidia_packages);
static const struct sw_field programs_fields[] = {
    {"packages", "the package that brings each", &text_by_name, true, NULL},
    PROVENANCE,
    {0},
};
OBJECT(programs);
static const struct sw_field cuda_images_fields[] = {
    PROVENANCE,
    {"devel", "the image with nvcc, by CUDA", &text_by_name, true, NULL},
    {0},
};
OBJECT(cuda_images);
static const struct sw_field distributions_fields[] = {
    PROVENANCE,
    {"python", "the Python of each", &text_by_name, true, NULL},
    {"tags", "the distribution that a part of an image's tag shows", &text_by_name, true, NULL},
    {"images", "the distribution of its own images, by the start of their names", &text_by_name, false, NULL},
    {0},
};
OBJECT(distributions);
static const struct sw_field stack_release_fields[] = {
    {"torch", "its torch", &version, false, NULL},
    {"cuda", "its CUDA", &version, false, NULL},
    {"python", "its Python", &version, false, NULL},
    {0},
};
OBJECT(stack_release);
static const struct sw_schema stack_releases = {.kind = SW_SCHEMA_MAP, .items = &stack_release};
static const struct sw_field base_stack_fields[] = {
    {"images", "the repositories", &texts, true, NULL},
    {"tags", "patterns of tags, with {torch}, {cuda}, {python} and {release}", &texts, false, NULL},
    {"python", "the Python of each torch", &text_by_name, false, NULL},
    {"brings", "projects that come along with its torch and are built for it", &projects, false, NULL},
    {"package", "the project whose release the tag names", &project, false, NULL},
    {"releases", "what the image of each release brings", &stack_releases, false, NULL},
    {"unknown", "why its torch is not judged", &text, false, NULL},
    PROVENANCE,
    {0},
};
OBJECT(base_stack);
static const struct sw_schema base_stacks = {.kind = SW_SCHEMA_LIST, .items = &base_stack};
static const struct sw_field uv_fields[] = {
    {"version", "the release", &version, true, NULL},
    {"pythons", "the first and the last Python that it installs", &texts, false, NULL},
    PROVENANCE,
    {0},
};
OBJECT(uv);
static const struct sw_field torch_index_fields[] = {
    {"url", "with {{variant}}", &text, true, NULL},
    PROVENANCE,
    {0},
};
OBJECT(torch_index);
static const struct sw_field compiled_fields[] = {
    PROVENANCE,
    {"projects", "their normalised names", &projects, true, NULL},
    {0},
};
OBJECT(compiled);
static const char *const joined_words[] = {"digits", "dots", NULL};
static const struct sw_schema joined = {.kind = SW_SCHEMA_TEXT, .words = joined_words};
static const struct sw_field compile_project_fields[] = {
    {"project", "its normalised name", &project, true, NULL},
    {"variable", "the variable in which its build reads the GPUs", &text, false, NULL},
    {"capabilities", "the compute capabilities that it has code for; without the key all", &texts, false,
     NULL},
    {"joined", "how they are written: 90 or 9.0", &joined, false, NULL},
    {"requires", "what its build needs and does not say", &texts, false, NULL},
    {0},
};
OBJECT(compile_project);
static const struct sw_schema compile_projects = {.kind = SW_SCHEMA_LIST, .items = &compile_project};
static const struct sw_field setuptools_fields[] = {
    {"torch", "the releases of torch", &specifier, true, NULL},
    {"requires", "the requirement", &text, true, NULL},
    {0},
};
ROWS(setuptools);
static const struct sw_field compile_fields[] = {
    PROVENANCE,
    {"base", "the base image of `auto`, with {{python}}", &text, true, NULL},
    {"wheels_from", "the first CUDA whose nvcc comes as wheels", &version, true, NULL},
    {"wheels", "the projects that have it", &projects, true, NULL},
    {"gcc", "the newest g++ that nvcc takes, by CUDA", &text_by_name, true, NULL},
    {"requires", "what every build needs", &texts, true, NULL},
    {"setuptools", "which setuptools, by torch", &setuptools_list, true, NULL},
    {"environment", "variables of every build", &text_by_name, true, NULL},
    {"projects", "what is known of single projects", &compile_projects, true, NULL},
    {0},
};
OBJECT(compile);
static const struct sw_field sizes_fields[] = {
    {"python", "a Python image, megabytes on disk", &megabytes, true, NULL},
    {"devel", "an image with nvcc", &megabytes, true, NULL},
    {"torch", "torch and the CUDA wheels that it brings", &megabytes, true, NULL},
    PROVENANCE,
    {0},
};
OBJECT(sizes);
const struct sw_field sw_catalog_images_fields[] = {
    FILE_NAME,
    {"python", "the Python image, with {{python}}", &text, true, NULL},
    {"cuda", "images with nvcc", &cuda_images, true, NULL},
    {"distributions", "Debian and its kin", &distributions, true, NULL},
    {"libc", "the C library of base images", &libc_list, false, NULL},
    {"nvidia_packages", "NVIDIA's package repository", &nvidia_packages, false, NULL},
    {"programs", "what slim base images lack", &programs, false, NULL},
    {"stacks", "images that bring a stack of their own", &base_stacks, true, NULL},
    {"uv", "the installer", &uv, true, NULL},
    {"torch_index", "where torch's wheels are", &torch_index, true, NULL},
    {"compiled_with_nvcc", "what needs nvcc", &compiled, true, NULL},
    {"compile", "how it is compiled", &compile, false, NULL},
    {"sizes", "what images come to", &sizes, true, NULL},
    {0},
};

static const struct sw_field bringer_fields[] = {
    {"project", "who brings them", &project, true, NULL},
    {"releases", "which of its releases", &specifier, false, NULL},
    {"cuda", "the major number of the CUDA that they belong to", &version, true, NULL},
    {"torch", "the releases of torch whose wheels for that CUDA bring them", &specifier, false, NULL},
    {"opened", "whether a library that opens one of them by name needs it", &boolean, false, NULL},
    {"libraries", "their names", &texts, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(bringer);
static const struct sw_field system_libraries_fields[] = {
    PROVENANCE,
    {"libraries", "what every system with glibc has", &texts, true, NULL},
    {"host", "the libraries that come from the host with its driver", &texts, true, NULL},
    {0},
};
OBJECT(system_libraries);
static const struct sw_field library_package_fields[] = {
    {"package", "the package of Debian and Ubuntu", &text, true, NULL},
    {"libraries", "the names of its libraries", &texts, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(library_package);
static const struct sw_field own_build_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"cuda", "the CUDAs of their builds there", &versions, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(own_build);
const struct sw_field sw_catalog_libraries_fields[] = {
    FILE_NAME,
    {"projects", "the libraries of projects", &bringer_list, true, NULL},
    {"system", "the libraries of the system", &system_libraries, true, NULL},
    {"packages", "the libraries of the system's packages", &library_package_list, true, NULL},
    {"builds", "the builds for other CUDAs on torch's own index", &own_build_list, true, NULL},
    {"optional", "the projects that go on without their compiled part", &compiled, true, NULL},
    {0},
};

static const struct sw_field wheel_code_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"version", "the release whose wheel was read", &version, true, NULL},
    {"sass", "code for these architectures", &architectures, true, NULL},
    {"ptx", "code that the driver compiles for these and newer ones", &architectures, false, NULL},
    PROVENANCE,
    {0},
};
ROWS(wheel_code);
static const struct sw_field wheel_floor_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"releases", "which of its releases", &specifier, true, NULL},
    {"least", "the lowest architecture that they run on", &architecture, false, NULL},
    {"most", "the highest", &architecture, false, NULL},
    {"why", "what happens on others", &said, true, NULL},
    PROVENANCE,
    {0},
};
ROWS(wheel_floor);
const struct sw_field sw_catalog_code_fields[] = {
    FILE_NAME,
    {"read", "the projects whose wheels are read", &compiled, true, NULL},
    {"floors", "GPUs that releases refuse, whatever code they have", &wheel_floor_list, true, NULL},
    {"code", "the rows", &wheel_code_list, true, NULL},
    {0},
};

static const struct sw_schema bytes = {.kind = SW_SCHEMA_INTEGER, .least = 0, .most = INT64_MAX};
static const struct sw_schema bytes_by_architecture = {
    .kind = SW_SCHEMA_MAP, .check = check_architecture, .items = &bytes};
static const struct sw_field wheel_size_fields[] = {
    {"project", "the project", &project, true, NULL},
    {"version", "the release whose wheel was read", &version, true, NULL},
    {"cuda", "the CUDA that the wheel is for, or whose library of the wheel is loaded", &version, false,
     NULL},
    {"code", "the bytes of GPU code in all libraries of the wheel", &bytes, true, NULL},
    {"kept", "the bytes that trim keeps for one GPU, by its compute capability", &bytes_by_architecture, true,
     NULL},
    PROVENANCE,
    {0},
};
ROWS(wheel_size);
const struct sw_field sw_catalog_sizes_fields[] = {
    FILE_NAME,
    {"sizes", "the rows", &wheel_size_list, true, NULL},
    {0},
};
