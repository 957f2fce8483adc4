package io.tiefsee.server;

import java.nio.file.Path;

/**
 * A model to serve.
 *
 * @param name by which requests mean it
 * @param path a .gguf file or a Hugging Face folder
 */
public record ModelSource(String name, Path path) {}
