/* The host's GPUs as nvidia-smi prints them, the program that comes with the driver (internal to this layer). */
#ifndef SLIPWAY_ENGINE_NVML_INTERNAL_H
#define SLIPWAY_ENGINE_NVML_INTERNAL_H

#include "base/str.h"
#include "engine/nvml.h"

/* Run nvidia-smi. SW_ENOTFOUND if this host has no such program; SW_EENV if it fails. */
int sw_smi_read(struct sw_nvml *out, struct sw_error *error) SW_NODISCARD;

/* Read a line "NAME, MAJOR.MINOR, MEBIBYTES, DRIVER" a GPU, and the "CUDA Version" of the report. False if a line is of another form. */
bool sw_smi_parse(struct sw_nvml *out, struct sw_str gpus, struct sw_str report) SW_NODISCARD;

#endif
