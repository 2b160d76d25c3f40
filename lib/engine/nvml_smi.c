#include "engine/nvml_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/process.h"

enum { SMI_SECONDS = 20 };

/* "12.8" as its two numbers; false for any other text. */
static bool read_pair(unsigned *major, unsigned *minor, struct sw_str text)
{
    uint64_t first, second;
    struct sw_str rest = text, before = sw_str_cut(&rest, '.');
    if (rest.p == NULL || !sw_str_to_u64(before, &first) || !sw_str_to_u64(rest, &second) ||
        first > UINT8_MAX || second > UINT8_MAX)
        return false;
    *major = (unsigned)first;
    *minor = (unsigned)second;
    return true;
}

static bool read_line(struct sw_nvml *out, struct sw_str line)
{
    struct sw_nvml_gpu *gpu = &out->gpus[out->count];
    struct sw_str rest = line, name = sw_str_trim(sw_str_cut(&rest, ','));
    struct sw_str capability = sw_str_trim(sw_str_cut(&rest, ','));
    struct sw_str memory = sw_str_trim(sw_str_cut(&rest, ',')), driver = sw_str_trim(rest);
    uint64_t mebibytes = 0;
    if (rest.p == NULL || name.n == 0 || name.n >= sizeof gpu->name || driver.n == 0 ||
        driver.n >= sizeof out->driver || !read_pair(&gpu->major, &gpu->minor, capability))
        return false;
    (void)snprintf(gpu->name, sizeof gpu->name, "%.*s", SW_STR_FORMAT(name));
    (void)snprintf(out->driver, sizeof out->driver, "%.*s", SW_STR_FORMAT(driver));
    /* GPUs that share the host's memory have "[N/A]" there. */
    gpu->memory =
        sw_str_to_u64(memory, &mebibytes) && mebibytes < UINT64_MAX / SW_MIB ? mebibytes * SW_MIB : 0;
    out->count++;
    return true;
}

/* The value behind "CUDA Version" and a colon in the report. */
static struct sw_str cuda_of(struct sw_str report)
{
    const struct sw_str words = SW_STR("CUDA Version");
    struct sw_str rest = sw_str_drop(report, sw_str_find(report, words));
    struct sw_str line = sw_str_cut(&rest, '\n');
    (void)sw_str_cut(&line, ':');
    return line.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(line);
}

bool sw_smi_parse(struct sw_nvml *out, struct sw_str gpus, struct sw_str report)
{
    struct sw_nvml read = {0};
    while (gpus.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&gpus, '\n'));
        if (line.n > 0 && (read.count == SW_NVML_MOST_GPUS || !read_line(&read, line)))
            return false;
    }
    if (read.count == 0 || !read_pair(&read.cuda_major, &read.cuda_minor, cuda_of(report)))
        return false;
    *out = read;
    return true;
}

static int run(struct sw_buffer *out, const char *const *argv, struct sw_error *error)
{
    const struct sw_process_options options = {.argv = argv, .timeout_ns = SMI_SECONDS * SW_SECOND_NS};
    struct sw_process_result result = {0};
    int code = sw_process_run(&result, &options, out, NULL, error);
    if (code != 0 || result.status == 0)
        return code;
    (void)sw_fail(error, SW_EENV, "the NVIDIA driver does not answer: nvidia-smi ended with status %d",
                  result.status);
    return sw_error_hint(error,
                         "see 'nvidia-smi' and 'dmesg'; after an update of the driver, restart the host");
}

int sw_smi_read(struct sw_nvml *out, struct sw_error *error)
{
    static const char *const gpus[] = {"nvidia-smi",
                                       "--query-gpu=name,compute_cap,memory.total,driver_version",
                                       "--format=csv,noheader,nounits", NULL};
    static const char *const report[] = {"nvidia-smi", "-q", "-d", "COMPUTE", NULL};
    SW_BUFFER_AUTO lines, text;
    sw_buffer_init(&lines, 64 * SW_KIB);
    sw_buffer_init(&text, 64 * SW_KIB);
    int code = run(&lines, gpus, error);
    if (code == 0)
        code = run(&text, report, error);
    if (code == SW_ENOTFOUND)
        return sw_fail(error, SW_ENOTFOUND, "no NVIDIA driver is installed");
    if (code == 0 && !sw_smi_parse(out, sw_buffer_str(&lines), sw_buffer_str(&text)))
        code = sw_fail(error, SW_EENV, "nvidia-smi answers in an unknown form");
    return code;
}
