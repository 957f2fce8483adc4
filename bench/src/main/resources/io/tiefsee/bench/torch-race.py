"""A small model of DeepSeek-V3's shape in PyTorch, the other side of bench/training.

Reads a line for each measurement ("train" or "sample") and answers with what it took: seconds of
the clock and seconds of processor time.
Arguments: threads, sequences, prompt, answer, micro-batch (sequences), vocabulary.
"""

import sys
import time

import torch
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, Q_RANK, KV_RANK, NOPE, ROPE, VALUE = 128, 4, 4, 64, 48, 16, 16, 32
EXPERTS, USED, HIDDEN, DENSE = 8, 2, 96, 384
threads, sequences, prompt, answer, micro, vocab = map(int, sys.argv[1:7])
torch.set_num_threads(threads)
torch.manual_seed(1)


def linear(rows, cols):
    return torch.nn.Parameter(torch.randn(rows, cols) * 0.02)


def norm(x, weight):
    return F.rms_norm(x, weight.shape, weight, 1e-6)


def rotate(x, cos, sin):
    a, b = x[..., : ROPE // 2], x[..., ROPE // 2 :]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Block(torch.nn.Module):
    def __init__(self, dense):
        super().__init__()
        self.norm1 = torch.nn.Parameter(torch.ones(WIDTH))
        self.norm2 = torch.nn.Parameter(torch.ones(WIDTH))
        self.q_norm = torch.nn.Parameter(torch.ones(Q_RANK))
        self.kv_norm = torch.nn.Parameter(torch.ones(KV_RANK))
        self.down = linear(Q_RANK + KV_RANK + ROPE, WIDTH)
        self.q_up = linear(HEADS * (NOPE + ROPE), Q_RANK)
        self.kv_up = linear(HEADS * (NOPE + VALUE), KV_RANK)
        self.out = linear(WIDTH, HEADS * VALUE)
        self.dense = dense
        if dense:
            self.gate_up, self.ffn_down = linear(2 * DENSE, WIDTH), linear(WIDTH, DENSE)
        else:
            self.router = linear(EXPERTS, WIDTH)
            self.gate_up = torch.nn.Parameter(torch.randn(EXPERTS, 2 * HIDDEN, WIDTH) * 0.02)
            self.ffn_down = torch.nn.Parameter(torch.randn(EXPERTS, WIDTH, HIDDEN) * 0.02)
            self.shared_gate_up = linear(2 * HIDDEN, WIDTH)
            self.shared_down = linear(WIDTH, HIDDEN)

    def attention(self, x, cos, sin, cache, at):
        """x is [batch, tokens, width]; the cache, where there is one, holds keys and values."""
        b, t, _ = x.shape
        q, kv, k_rope = F.linear(x, self.down).split([Q_RANK, KV_RANK, ROPE], -1)
        q = F.linear(norm(q, self.q_norm), self.q_up).view(b, t, HEADS, NOPE + ROPE).transpose(1, 2)
        q = torch.cat([q[..., :NOPE], rotate(q[..., NOPE:], cos, sin)], -1)
        kv = F.linear(norm(kv, self.kv_norm), self.kv_up).view(b, t, HEADS, NOPE + VALUE).transpose(1, 2)
        k_rope = rotate(k_rope[:, None], cos, sin).expand(b, HEADS, t, ROPE)
        k, v = torch.cat([kv[..., :NOPE], k_rope], -1), kv[..., NOPE:]
        if cache is not None:
            keys, values = cache
            keys[:, :, at : at + t], values[:, :, at : at + t] = k, v
            k, v = keys[:, :, : at + t], values[:, :, : at + t]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        return F.linear(y.transpose(1, 2).reshape(b, t, HEADS * VALUE), self.out)

    def feed_forward(self, x):
        def swiglu(y, up, down):
            g, u = F.linear(y, up).chunk(2, -1)
            return F.linear(F.silu(g) * u, down)

        if self.dense:
            return swiglu(x, self.gate_up, self.ffn_down)
        rows = x.reshape(-1, WIDTH)
        scores = torch.sigmoid(F.linear(rows, self.router))
        weights, chosen = scores.topk(USED, -1)
        weights = weights / weights.sum(-1, keepdim=True)
        y = swiglu(rows, self.shared_gate_up, self.shared_down)
        for e in range(EXPERTS):
            token, place = torch.where(chosen == e)
            part = swiglu(rows[token], self.gate_up[e], self.ffn_down[e])
            y = y.index_add(0, token, part * weights[token, place, None])
        return y.view_as(x)

    def forward(self, x, cos, sin, cache, at):
        x = x + self.attention(norm(x, self.norm1), cos, sin, cache, at)
        return x + self.feed_forward(norm(x, self.norm2))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = linear(vocab, WIDTH)
        self.blocks = torch.nn.ModuleList(Block(i == 0) for i in range(LAYERS))
        self.norm = torch.nn.Parameter(torch.ones(WIDTH))
        angles = torch.outer(torch.arange(4096.0), 10000 ** (-torch.arange(0, ROPE, 2) / ROPE))
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    def forward(self, tokens, caches=None, at=0, last=False):
        x = F.embedding(tokens, self.embedding)
        cos, sin = self.cos[at : at + tokens.shape[1]], self.sin[at : at + tokens.shape[1]]
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, caches[i] if caches else None, at)
        return F.linear(norm(x[:, -1:] if last else x, self.norm), self.embedding)


model = Model()
adamw = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
data = torch.randint(vocab, (sequences, prompt + answer))


def train():
    for part in data.split(micro):
        logits = model(part[:, :-1])[:, prompt - 1 :]
        loss = F.cross_entropy(logits.reshape(-1, vocab), part[:, prompt:].reshape(-1))
        (loss * len(part) / sequences).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adamw.step()
    adamw.zero_grad()


@torch.inference_mode()
def sample():
    shape = (sequences, HEADS, prompt + answer)
    caches = [(torch.empty(*shape, NOPE + ROPE), torch.empty(*shape, VALUE)) for _ in range(LAYERS)]
    tokens, at = data[:, :prompt], 0
    for _ in range(answer):
        log_probs = model(tokens, caches, at, last=True)[:, -1].log_softmax(-1)
        at += tokens.shape[1]
        tokens = torch.multinomial(log_probs.exp(), 1)
        log_probs.gather(1, tokens)


for line in sys.stdin:
    start, used = time.perf_counter(), time.process_time()
    {"train": train, "sample": sample}[line.strip()]()
    print(time.perf_counter() - start, time.process_time() - used, flush=True)
