package io.tiefsee;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Lies in the last module, so that all others are built. Reads their class files and fails where
 * one names a class of a package that it may not use. The table is that of docs/ARCHITECTURE.md.
 * Packages are named by their first part after {@code io.tiefsee}: {@code kernel} stands for {@code
 * kernel.scalar} too.
 */
class ArchitectureTest {
  private static final Set<String> ENGINE =
      Set.of("tensor", "kernel", "format", "text", "grammar", "hub", "model", "engine");

  /** What a package may use, besides itself and the JDK. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          entry("tensor", Set.of()),
          entry("kernel", Set.of("tensor")),
          entry("format", Set.of("tensor", "jackson")),
          entry("text", Set.of("tensor.BadInput", "tensor.Utf8Strings", "jackson")),
          entry("grammar", Set.of("tensor.BadInput", "text", "jackson")),
          entry("hub", Set.of("tensor.BadInput", "jackson")),
          entry("model", Set.of("tensor", "kernel", "format", "text")),
          entry("engine", Set.of("tensor", "kernel", "format", "text", "grammar", "model")),
          entry("config", Set.of("tensor.BadInput", "jackson")),
          entry("eval", with(ENGINE, "config", "sandbox", "jackson", "bigmath", "parquet")),
          entry("sandbox", Set.of("tensor.BadInput", "jackson", "rhino")),
          entry("price", with(ENGINE, "config", "jackson")),
          entry("ledger", with(ENGINE, "config", "price", "jackson", "sqlite", "parquet")),
          entry("arena", with(ENGINE, "config", "eval", "price", "jackson", "xchart")),
          entry("train", with(ENGINE, "jackson")),
          entry("recipe", with(ENGINE, "config", "eval", "price", "train", "jackson", "xchart")),
          entry(
              "server",
              with(ENGINE, "config", "eval", "price", "ledger", "jackson", "vertx", "micrometer")),
          entry(
              "cli",
              with(
                  ENGINE, "config", "eval", "price", "ledger", "arena", "recipe", "server",
                  "jackson", "picocli", "jline")),
          entry("bench", with(ENGINE, "train", "recipe", "jackson", "jmh", "picocli", "cli")));

  /** In which Maven module a package lives; a package not named here lives in one of its name. */
  private static final Map<String, String> MODULE =
      Map.ofEntries(
          entry("tensor", "engine"),
          entry("kernel", "engine"),
          entry("format", "engine"),
          entry("text", "engine"),
          entry("grammar", "engine"),
          entry("hub", "engine"),
          entry("model", "engine"),
          entry("config", "price"),
          entry("eval", "price"),
          entry("sandbox", "price"),
          entry("ledger", "price"),
          entry("arena", "price"),
          entry("recipe", "train"));

  /**
   * Libraries by the start of their class names. Annotations that do nothing at run time are free.
   */
  private static final Map<String, String> LIBRARIES =
      Map.ofEntries(
          entry("tools/jackson/", "jackson"),
          entry("com/fasterxml/jackson/", "jackson"),
          entry("picocli/", "picocli"),
          entry("org/sqlite/", "sqlite"),
          entry("org/jline/", "jline"),
          entry("org/knowm/xchart/", "xchart"),
          entry("org/openjdk/jmh/", "jmh"),
          entry("io/vertx/", "vertx"),
          entry("io/netty/", "vertx"),
          entry("io/micrometer/", "micrometer"),
          entry("io/prometheus/", "micrometer"),
          entry("dev/hardwood/", "parquet"),
          entry("org/mozilla/", "rhino"),
          entry("ch/obermuhlner/", "bigmath"));

  private static final Pattern NAME_IN_DESCRIPTOR = Pattern.compile("L([\\w/$]+/[\\w$]+)[;<]");

  @Test
  void importsPointOnlyToPackagesFurtherUp() {
    List<Path> files = classFiles();
    assertThat(files.stream().map(f -> packageOf(parse(read(f)).thisClass().asInternalName())))
        .as("packages with class files")
        .containsAll(MAY_USE.keySet());
    List<String> wrong = new ArrayList<>();
    for (Path file : files) {
      wrong.addAll(violations(parse(read(file))));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void packagesLiveInTheirModules() {
    for (Path file : classFiles()) {
      String name = packageOf(parse(read(file)).thisClass().asInternalName());
      Path module = root().relativize(file).getName(0);
      assertThat(module).as(file.toString()).hasToString(MODULE.getOrDefault(name, name));
    }
  }

  @Test
  void anUpwardUseIsFound() {
    assertThat(violations(classThatUses("io.tiefsee.kernel.Made", "io.tiefsee.model.Transformer")))
        .containsExactly("io.tiefsee.kernel.Made uses io.tiefsee.model.Transformer");
    assertThat(violations(classThatUses("io.tiefsee.text.Made", "io.tiefsee.tensor.Tensor")))
        .containsExactly("io.tiefsee.text.Made uses io.tiefsee.tensor.Tensor");
    assertThat(violations(classThatUses("io.tiefsee.model.Made", "picocli.CommandLine")))
        .containsExactly("io.tiefsee.model.Made uses picocli.CommandLine");
    assertThat(violations(classThatUses("io.tiefsee.tensor.Made", "org.elsewhere.Library")))
        .containsExactly("io.tiefsee.tensor.Made uses org.elsewhere.Library");
    assertThat(violations(classThatUses("io.tiefsee.nowhere.Made", "java.lang.String")))
        .containsExactly("io.tiefsee.nowhere.Made is in a package that the table does not name");
  }

  @Test
  void aDownwardUseIsFree() {
    assertThat(violations(classThatUses("io.tiefsee.model.Made", "io.tiefsee.kernel.x86.Any")))
        .isEmpty();
    assertThat(violations(classThatUses("io.tiefsee.text.Made", BadInput.class.getName())))
        .isEmpty();
    assertThat(violations(classThatUses("io.tiefsee.kernel.Made", "jdk.incubator.vector.Vector")))
        .isEmpty();
  }

  /** A class with a field of the other type: a use that shows in a descriptor only. */
  private static ClassModel classThatUses(String name, String used) {
    return parse(
        ClassFile.of()
            .build(
                ClassDesc.of(name),
                made -> made.withField("field", ClassDesc.of(used), ClassFile.ACC_PRIVATE)));
  }

  private static List<String> violations(ClassModel model) {
    String from = model.thisClass().asInternalName();
    Set<String> allowed = MAY_USE.get(packageOf(from));
    if (allowed == null) {
      return List.of(dotted(from) + " is in a package that the table does not name");
    }
    List<String> wrong = new ArrayList<>();
    for (String used : classesNamedIn(model)) {
      if (!packageOf(used).equals(packageOf(from))
          && !allowed.contains(packageOf(used))
          && !allowed.contains(dotted(used).replace("io.tiefsee.", ""))
          && !isFree(used)) {
        wrong.add(dotted(from) + " uses " + dotted(used));
      }
    }
    return wrong;
  }

  /** Of the JDK, or an annotation that needs nothing at run time. */
  private static boolean isFree(String used) {
    return Stream.of("java/", "javax/", "jdk/", "sun/", "com/sun/", "org/jspecify/annotations/")
        .anyMatch(used::startsWith);
  }

  /** {@code kernel} for {@code io/tiefsee/kernel/scalar/Any}; a library by its name. */
  private static String packageOf(String internalName) {
    String ours = "io/tiefsee/";
    if (internalName.startsWith(ours)) {
      return internalName.substring(ours.length()).split("/", 2)[0];
    }
    return LIBRARIES.entrySet().stream()
        .filter(library -> internalName.startsWith(library.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(internalName);
  }

  /** All class names of the constant pool, those in descriptors and signatures included. */
  private static Set<String> classesNamedIn(ClassModel model) {
    Set<String> names = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry use && !use.asInternalName().startsWith("[")) {
        names.add(use.asInternalName());
      } else if (entry instanceof Utf8Entry text && isDescriptor(text.stringValue())) {
        Matcher name = NAME_IN_DESCRIPTOR.matcher(text.stringValue());
        while (name.find()) {
          names.add(name.group(1));
        }
      }
    }
    return names;
  }

  private static boolean isDescriptor(String text) {
    return !text.contains(" ") && (text.endsWith(";") || text.startsWith("("));
  }

  private static String dotted(String internalName) {
    return internalName.replace('/', '.');
  }

  private static List<Path> classFiles() {
    List<Path> files = new ArrayList<>();
    for (Path module : list(root())) {
      Path classes = module.resolve("target/classes");
      // The module of picocli holds nothing of ours.
      if (Files.isDirectory(classes) && !module.endsWith("picocli")) {
        try (Stream<Path> found = Files.walk(classes)) {
          found.filter(file -> file.toString().endsWith(".class")).forEach(files::add);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return files;
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ClassModel parse(byte[] bytes) {
    return ClassFile.of().parse(bytes);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The root of the repository: where the tests say, or the folder above the module. */
  private static Path root() {
    String said = System.getProperty("tiefsee.root");
    return (said == null ? Path.of("..") : Path.of(said)).toAbsolutePath().normalize();
  }

  private static Set<String> with(Set<String> some, String... more) {
    return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toUnmodifiableSet());
  }
}
