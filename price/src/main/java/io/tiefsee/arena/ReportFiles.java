package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.ImageIO;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a report in all its forms: {@code report.html}, which needs nothing else, {@code
 * report.md}, {@code report.png} and {@code report.json}. Each file appears when it is complete.
 */
public final class ReportFiles {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private ReportFiles() {}

  /**
   * Writes them.
   *
   * @throws BadInput if the folder cannot be written
   */
  public static void write(Path folder, ArenaReport report) {
    write(folder.resolve("report.json"), bytes(json(report)));
    write(folder.resolve("report.html"), bytes(html(report)));
    write(folder.resolve("report.md"), bytes(Markdown.of(report)));
    if (!report.scores().isEmpty()) {
      write(folder.resolve("report.png"), png(ReportImage.of(report)));
    }
  }

  /**
   * Writes {@code score.json} and {@code score.md}.
   *
   * @throws BadInput if the folder cannot be written
   */
  public static void write(Path folder, EvalReport report) {
    write(folder.resolve("score.json"), bytes(JSON.writeValueAsString(report.toMap())));
    write(folder.resolve("score.md"), bytes(report.markdown()));
  }

  static String json(ArenaReport report) {
    return JSON.writeValueAsString(report.toMap());
  }

  /** Nothing in the data can end the script element that holds them. */
  static String html(ArenaReport report) {
    // The map of the library's sources is not there.
    String library = resource("chart.umd.min.js").replaceAll("//# sourceMappingURL=\\S*", "");
    return resource("arena.html")
        .replace("/*chart.js*/", library)
        .replace("/*data*/", json(report).replace("<", "\\u003c"));
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this Java cannot write PNG");
      }
    } catch (IOException e) {
      throw new IllegalStateException("a picture in memory cannot be written", e);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void write(Path file, byte[] content) {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.write(part, content);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = ReportFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the resource " + name + " cannot be read", e);
    }
  }
}
