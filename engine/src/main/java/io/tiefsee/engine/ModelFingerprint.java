package io.tiefsee.engine;

import io.tiefsee.format.PeftAdapter;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.AdapterFile;
import io.tiefsee.tensor.BadInput;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the contents of a KV cache depend on, as a SHA-256: the model's metadata (not its
 * tokenizer's), the tensors' names, types and shapes, the beginning, the middle and the end of each
 * tensor's data, its adapters, and how it is computed: storage of the cache, activations,
 * instruction set.
 */
final class ModelFingerprint {
  /** Goes up when a change of the code changes the bits that are computed. */
  private static final int VERSION = 1;

  private static final long PART = 4096;

  private final MessageDigest sha;

  private ModelFingerprint() {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** 32 bytes. */
  static byte[] of(Weights files, EngineOptions options) {
    ModelFingerprint f = new ModelFingerprint();
    f.add(VERSION + " " + KvLayer.PAGE);
    f.add(options.kv() + " " + options.activations() + " " + options.isa());
    for (Map.Entry<String, Object> e : new TreeMap<>(files.metadata()).entrySet()) {
      if (!e.getKey().startsWith("tokenizer.")) {
        // The brackets turn an array of any type into its elements.
        f.add(e.getKey() + " " + Arrays.deepToString(new Object[] {e.getValue()}));
      }
    }
    for (TensorInfo tensor : files.tensors()) {
      f.add(tensor.name() + " " + tensor.type() + " " + tensor.shape());
      f.addData(files, tensor.name());
    }
    options.adapters().forEach(f::addAdapter);
    return f.sha.digest();
  }

  /** All of its numbers: they are few, and one of them may make the difference. */
  private void addAdapter(AdapterFile file) {
    add("adapter " + file.factor());
    try (PeftAdapter adapter = PeftAdapter.open(file.path())) {
      adapter
          .modules()
          .forEach((module, change) -> {
            add(module + " " + change.scale());
            sha.update(change.a().data().asByteBuffer());
            sha.update(change.b().data().asByteBuffer());
          });
    }
  }

  private void addData(Weights files, String name) {
    try {
      files
          .find(name)
          .ifPresent(m -> {
            addParts(m.data());
            addParts(m.scales());
          });
    } catch (BadInput e) {
      add("no weights"); // of a type that the model does not use: name and shape are enough
    }
  }

  private void addParts(MemorySegment data) {
    long size = data.byteSize();
    long part = Math.min(PART, size);
    for (long from : new long[] {0, (size - part) / 2, size - part}) {
      sha.update(data.asSlice(from, part).asByteBuffer());
    }
  }

  private void add(String text) {
    sha.update(text.getBytes(StandardCharsets.UTF_8));
    sha.update((byte) 0);
  }
}
