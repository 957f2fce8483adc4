package io.tiefsee.hub;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The models of this user: {@code ROOT/owner/repo/…}, as {@code tiefsee pull} leaves them. Files
 * appear when they are complete; {@code *.part} are on their way.
 */
public final class ModelStore {
  /** A model that is here. {@code path} is what an engine opens. */
  public record Stored(String name, Path path, long bytes) {}

  private final Path root;

  public ModelStore(Path root) {
    this.root = root;
  }

  /** {@code $TIEFSEE_MODELS}, else {@code tiefsee/models} in the user's data folder. */
  public static ModelStore ofUser(Map<String, String> environment) {
    String given = environment.getOrDefault("TIEFSEE_MODELS", "");
    if (!given.isEmpty()) {
      return new ModelStore(Path.of(given));
    }
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    Path base =
        data.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "share")
            : Path.of(data);
    return new ModelStore(base.resolve("tiefsee").resolve("models"));
  }

  public Path root() {
    return root;
  }

  Path folder(HubRef ref) {
    return root.resolve(ref.owner()).resolve(ref.repo());
  }

  /** Where a model lies that was pulled; empty if it was not. */
  public Optional<Path> find(HubRef ref) {
    return models(folder(ref), ref.name()).stream()
        .filter(m -> ref.quant().isEmpty() || isOfQuant(m.path, ref.quant().get()))
        .map(Stored::path)
        .findFirst();
  }

  private static boolean isOfQuant(Path path, String quant) {
    return !Files.isDirectory(path)
        && path.getFileName()
            .toString()
            .toLowerCase(Locale.ROOT)
            .contains(quant.toLowerCase(Locale.ROOT));
  }

  /** All models that are here, by name. */
  public List<Stored> list() {
    List<Stored> all = new ArrayList<>();
    for (Path owner : children(root)) {
      for (Path repo : children(owner)) {
        all.addAll(models(repo, owner.getFileName() + "/" + repo.getFileName()));
      }
    }
    all.sort(Comparator.comparing(Stored::name).thenComparing(Stored::path));
    return all;
  }

  private static List<Stored> models(Path folder, String name) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Stored> found = new ArrayList<>();
    List<Path> files = files(folder);
    for (Path f : files) {
      String file = f.getFileName().toString();
      boolean later = file.matches(".*-(?!00001)\\d{5}-of-\\d{5}\\.gguf");
      if (file.endsWith(".gguf") && !later) {
        String stem = file.replaceFirst("-00001-of-\\d{5}\\.gguf$", "");
        long bytes =
            files.stream()
                .filter(p -> p.equals(f) || p.getFileName().toString().startsWith(stem + "-"))
                .mapToLong(ModelStore::size)
                .sum();
        found.add(new Stored(name, f, bytes));
      }
    }
    boolean unfinished = files.stream().anyMatch(f -> f.toString().endsWith(".part"));
    if (files.stream().anyMatch(f -> f.toString().endsWith(".safetensors")) && !unfinished) {
      found.add(new Stored(name, folder, files.stream().mapToLong(ModelStore::size).sum()));
    }
    return found;
  }

  /**
   * Deletes a model.
   *
   * @return the bytes that were freed
   * @throws BadInput if it is not here
   */
  public long remove(HubRef ref) {
    Path folder = folder(ref);
    Path model =
        find(ref).orElseThrow(() -> new BadInput(ref + " is not here; tiefsee list shows what is"));
    List<Path> doomed =
        ref.quant().isEmpty()
            ? files(folder)
            : files(folder).stream().filter(f -> isOfQuant(f, ref.quant().get())).toList();
    long freed = doomed.stream().mapToLong(ModelStore::size).sum();
    try {
      for (Path f : doomed) {
        Files.delete(f);
      }
      removeEmptyFolders(folder);
    } catch (IOException e) {
      throw new BadInput(model + " cannot be deleted: " + BadInput.reason(e), e);
    }
    return freed;
  }

  private void removeEmptyFolders(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
              throws IOException {
            if (children(dir).isEmpty()) {
              Files.delete(dir);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Path owner = folder.getParent();
    if (owner != null && Files.isDirectory(owner) && children(owner).isEmpty()) {
      Files.delete(owner);
    }
  }

  private static List<Path> files(Path folder) {
    List<Path> all = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              all.add(file);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be read: " + BadInput.reason(e), e);
    }
    all.sort(Comparator.naturalOrder());
    return all;
  }

  private static List<Path> children(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be read: " + BadInput.reason(e), e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
