"""Operations on a GPU, each with the SHA-256 of its result's bytes: for two installs of torch that must compute alike.

usage: operations.py OUT.json [NAME...]

Writes {"results": {name: digest or "error: …"}, "libraries": [what was mapped], "import": seconds}. Each operation runs with seeds of its own.
"""
import hashlib
import json
import os
import sys
import time

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
began = time.monotonic()
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

imported = time.monotonic() - began
OPERATIONS = {}


def operation(function):
    OPERATIONS[function.__name__] = function
    return function


def numbers(*shape, dtype=torch.float32):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7)).to("cuda", dtype)


def product(dtype):
    return lambda: numbers(512, 384, dtype=dtype) @ numbers(384, 256, dtype=dtype)


for kind in ("float64", "float32", "float16", "bfloat16", "complex64"):
    OPERATIONS[f"product_{kind}"] = product(getattr(torch, kind))


@operation
def product_tf32():
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        return numbers(512, 512) @ numbers(512, 512)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = False


@operation
def product_int8():
    a, b = (numbers(64, 128) * 20).to(torch.int8), (numbers(128, 64) * 20).to(torch.int8)
    return torch._int_mm(a, b)


@operation
def product_float8():
    a, b = numbers(64, 128).to(torch.float8_e4m3fn), numbers(96, 128).to(torch.float8_e4m3fn).t()
    one = torch.ones((), device="cuda")
    return torch._scaled_mm(a, b, scale_a=one, scale_b=one, out_dtype=torch.bfloat16)


@operation
def product_batched():
    return torch.bmm(numbers(16, 64, 64, dtype=torch.float16), numbers(16, 64, 64, dtype=torch.float16))


@operation
def linear_with_activation():
    return F.gelu(F.linear(numbers(128, 256, dtype=torch.bfloat16), numbers(512, 256, dtype=torch.bfloat16), numbers(512, dtype=torch.bfloat16)))


@operation
def convolution():
    return F.conv2d(numbers(4, 3, 64, 64, dtype=torch.float16), numbers(16, 3, 7, 7, dtype=torch.float16), stride=2)


@operation
def convolution_1d():
    return F.conv1d(numbers(4, 16, 500), numbers(32, 16, 5), padding=2)


@operation
def convolution_3d():
    return F.conv3d(numbers(2, 4, 8, 16, 16, dtype=torch.bfloat16), numbers(8, 4, 3, 3, 3, dtype=torch.bfloat16))


@operation
def convolution_transposed():
    return F.conv_transpose2d(numbers(2, 8, 16, 16), numbers(8, 4, 3, 3), stride=2)


@operation
def pooling():
    return F.max_pool2d(numbers(4, 8, 64, 64), 3)


@operation
def batch_norm():
    return F.batch_norm(numbers(8, 16, 32, 32), None, None, training=True)


@operation
def layer_norm():
    return F.layer_norm(numbers(64, 512, dtype=torch.float16), (512,))


def attention(backend, causal=True):
    from torch.nn.attention import SDPBackend, sdpa_kernel
    q = numbers(2, 8, 256, 64, dtype=torch.float16)
    with sdpa_kernel(getattr(SDPBackend, backend)):
        return F.scaled_dot_product_attention(q, q, q, is_causal=causal)


for backend in ("FLASH_ATTENTION", "EFFICIENT_ATTENTION", "CUDNN_ATTENTION", "MATH"):
    OPERATIONS[f"attention_{backend.split('_')[0].lower()}"] = lambda backend=backend: attention(backend)


@operation
def recurrent():
    net = torch.nn.LSTM(32, 64, num_layers=2).cuda()
    with torch.no_grad():
        for number, weight in enumerate(net.parameters()):
            weight.copy_(numbers(*weight.shape) / 10)
        return net(numbers(20, 4, 32))[0]


@operation
def gradients():
    x, w = numbers(32, 64).requires_grad_(), numbers(64, 16).requires_grad_()
    F.cross_entropy(x @ w, torch.arange(32, device="cuda") % 16).backward()
    return torch.cat([x.grad.flatten(), w.grad.flatten()])


@operation
def fft():
    return torch.fft.fft2(numbers(64, 96))


@operation
def fft_real():
    return torch.fft.rfft(numbers(8, 1000))


@operation
def sort():
    return torch.cat([part.double() for part in numbers(10000).sort()])


@operation
def top_k():
    return numbers(100, 1000).topk(17).values


@operation
def cumulative_sum():
    return numbers(100, 1000).cumsum(1)


@operation
def unique():
    return (numbers(10000) * 10).int().unique()


@operation
def reduction():
    return torch.stack([numbers(1000, 1000).sum(), numbers(1000, 1000).std(), numbers(1000, 1000).amax()])


@operation
def softmax():
    return numbers(64, 4096, dtype=torch.bfloat16).softmax(-1)


@operation
def random_numbers():
    torch.cuda.manual_seed(3)
    return torch.rand(10000, device="cuda")


@operation
def random_normal():
    torch.cuda.manual_seed(3)
    return torch.randn(10000, device="cuda", dtype=torch.float16)


@operation
def embedding():
    return F.embedding(torch.arange(500, device="cuda") % 77, numbers(77, 64))


@operation
def scatter():
    return torch.zeros(50, 8, device="cuda").index_copy_(0, torch.arange(49, -1, -1, device="cuda"), numbers(50, 8))


@operation
def solve():
    return torch.linalg.solve(numbers(64, 64, dtype=torch.float64), numbers(64, 8, dtype=torch.float64))


@operation
def cholesky():
    a = numbers(64, 64, dtype=torch.float64)
    return torch.linalg.cholesky(a @ a.t() + 64 * torch.eye(64, device="cuda", dtype=torch.float64))


@operation
def singular_values():
    return torch.linalg.svdvals(numbers(64, 48))


@operation
def eigenvalues():
    a = numbers(48, 48)
    return torch.linalg.eigvalsh(a + a.t())


@operation
def inverse():
    return torch.linalg.inv(numbers(8, 32, 32))


@operation
def sparse_product():
    return torch.sparse.mm(numbers(64, 64).relu().to_sparse_csr(), numbers(64, 32))


@operation
def sparse_2_of_4():
    from torch.sparse import to_sparse_semi_structured
    mask = torch.tensor([0, 0, 1, 1], device="cuda").tile((128, 32)).bool()
    return F.linear(numbers(64, 128, dtype=torch.float16), to_sparse_semi_structured(numbers(128, 128, dtype=torch.float16).masked_fill(~mask, 0)))


@operation
def interpolation():
    return F.interpolate(numbers(2, 3, 32, 32), scale_factor=2.5, mode="bilinear")


@operation
def jiterated():
    return torch.cuda.jiterator._create_jit_fn("template <typename T> T twice(T x) { return x * T(2) + T(1); }")(numbers(1000))


@operation
def cuda_graph():
    x = numbers(256, 256)
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        x @ x
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = (x @ x).relu()
    graph.replay()
    return y


@operation
def nccl():
    import torch.distributed as dist
    if not dist.is_initialized():
        dist.init_process_group("nccl", store=dist.HashStore(), rank=0, world_size=1)
    x = numbers(1000)
    dist.all_reduce(x)
    dist.broadcast(x, 0)
    return x


@operation
def compiled():
    """Without a sum of its own: the compiler tries several ways to add up and takes the fastest, another in each process."""
    return torch.compile(lambda x, w: F.silu(x @ w) * torch.tanh(x))(numbers(128, 64), numbers(64, 64))


@operation
def four_bits():
    import bitsandbytes as bnb
    packed, state = bnb.functional.quantize_4bit(numbers(384, 512, dtype=torch.float16), blocksize=64, quant_type="nf4")
    return torch.cat([bnb.functional.dequantize_4bit(packed, state).flatten(),
                      bnb.matmul_4bit(numbers(8, 512, dtype=torch.float16), packed.t(), quant_state=state).flatten(),
                      bnb.matmul_4bit(numbers(1, 512, dtype=torch.float16), packed.t(), quant_state=state).flatten()])


@operation
def eight_bits():
    import bitsandbytes as bnb
    code, state = bnb.functional.quantize_blockwise(numbers(4096))
    return torch.cat([code.float().flatten(), bnb.functional.dequantize_blockwise(code, state).flatten()])


RUNS = 20


def run(function):
    torch.manual_seed(0)
    try:
        result = function()
        torch.cuda.synchronize()
    except Exception as error:  # what cannot be done here must fail alike in both installs
        return f"error: {type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:200]}"
    result = result.detach().resolve_conj().contiguous().cpu()
    if not result.is_complex() and result.is_floating_point() and result.double().norm().isnan():
        return "error: not a number"
    return hashlib.sha256(result.view(torch.uint8).numpy().tobytes()).hexdigest()


def run_often(function):
    """Sums whose order is open come out one way most of the time: so many runs tell them apart from those that repeat."""
    found = {run(function) for _ in range(RUNS)}
    return found.pop() if len(found) == 1 else "does not repeat"


def main(out, *names):
    results = {name: run_often(OPERATIONS[name]) for name in names or OPERATIONS}
    mapped = sorted({line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if ".so" in line and line.count("/")})
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"results": results, "libraries": mapped, "import": imported}, file)


main(*sys.argv[1:])
