package io.tiefsee.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A file of a repository on the hub.
 *
 * @param path within the repository, with slashes
 * @param size in bytes
 * @param sha256 of the contents; empty for small files, which have {@code gitHash} only
 * @param gitHash SHA-1 of the file as a git blob
 */
record HubFile(String path, long size, Optional<String> sha256, String gitHash) {
  private static final Set<String> BESIDE_SAFETENSORS =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "chat_template.jinja",
          "model.safetensors.index.json");

  /** Quantisations that are taken where none is asked for, the first that is there. */
  private static final List<String> USUAL = List.of("Q4_K_M", "Q4_0", "Q8_0", "F16", "BF16");

  /**
   * The files of a repository that make a model: one GGUF model, all its parts, or what belongs to
   * safetensors. Nothing if there is no such model.
   */
  static List<HubFile> modelOf(List<HubFile> all, Optional<String> quant) {
    List<HubFile> gguf = all.stream().filter(f -> f.path.endsWith(".gguf")).toList();
    if (quant.isPresent()) {
      return ofQuant(gguf, quant.get());
    }
    for (String usual : USUAL) {
      List<HubFile> found = ofQuant(gguf, usual);
      if (!found.isEmpty()) {
        return found;
      }
    }
    if (!gguf.isEmpty()) {
      return parts(gguf, gguf.getFirst());
    }
    List<HubFile> folder = new ArrayList<>();
    for (HubFile f : all) {
      if (f.path.endsWith(".safetensors") && !f.path.contains("/")
          || BESIDE_SAFETENSORS.contains(f.path)) {
        folder.add(f);
      }
    }
    return folder.stream().anyMatch(f -> f.path.endsWith(".safetensors")) ? folder : List.of();
  }

  private static List<HubFile> ofQuant(List<HubFile> gguf, String quant) {
    String wanted = quant.toLowerCase(Locale.ROOT);
    return gguf.stream()
        .filter(f -> isOfQuant(f.path.toLowerCase(Locale.ROOT), wanted))
        .min(Comparator.comparing(HubFile::path))
        .map(first -> parts(gguf, first))
        .orElse(List.of());
  }

  /** Whether a name has the quantisation as a word of its own: Q4_0 is not in Q4_0_8_8. */
  private static boolean isOfQuant(String path, String quant) {
    int at = -1;
    while ((at = path.indexOf(quant, at + 1)) >= 0) {
      boolean begins = at == 0 || ".-/_".indexOf(path.charAt(at - 1)) >= 0;
      int end = at + quant.length();
      boolean ends = end == path.length() || ".-/".indexOf(path.charAt(end)) >= 0;
      if (begins && ends) {
        return true;
      }
    }
    return false;
  }

  /** The files of a split model: {@code …-00001-of-00003.gguf} and its fellows. */
  private static List<HubFile> parts(List<HubFile> gguf, HubFile first) {
    String stem = first.path.replaceFirst("-\\d{5}-of-(\\d{5})\\.gguf$", "-*-of-$1.gguf");
    if (!stem.contains("-*-of-")) {
      return List.of(first);
    }
    return gguf.stream()
        .filter(
            f -> f.path.replaceFirst("-\\d{5}-of-(\\d{5})\\.gguf$", "-*-of-$1.gguf").equals(stem))
        .sorted(Comparator.comparing(HubFile::path))
        .toList();
  }
}
