package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The program {@code torch-race.py}, kept running so that it is warm when it is measured. */
final class TorchPeer implements AutoCloseable {
  private final Path script;
  private final Process process;
  private final BufferedWriter to;
  private final BufferedReader from;

  /**
   * @param python an interpreter that has PyTorch
   * @throws BadInput if it cannot be started
   */
  TorchPeer(String python, int... arguments) {
    try (InputStream in = TorchPeer.class.getResourceAsStream("torch-race.py")) {
      if (in == null) {
        throw new IllegalStateException("torch-race.py is missing from the jar");
      }
      script = Files.createTempFile("torch-race", ".py");
      Files.write(script, in.readAllBytes());
      List<String> command = new ArrayList<>(List.of(python, script.toString()));
      IntStream.of(arguments).forEach(a -> command.add(Integer.toString(a)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      to = process.outputWriter(StandardCharsets.UTF_8);
      from = process.inputReader(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BadInput(python + " cannot be run: " + BadInput.reason(e), e);
    }
  }

  /**
   * Does one piece of work.
   *
   * @throws BadInput if the program has ended
   */
  TrainingRace.Seconds run(String what) {
    try {
      to.write(what + "\n");
      to.flush();
      String line = from.readLine();
      if (line == null) {
        throw new BadInput("PyTorch has ended; what it said is above");
      }
      String[] seconds = line.split(" ", -1);
      return new TrainingRace.Seconds(
          Double.parseDouble(seconds[0]), Double.parseDouble(seconds[1]));
    } catch (IOException e) {
      throw new BadInput("PyTorch has ended: " + BadInput.reason(e), e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    if (!script.toFile().delete()) {
      script.toFile().deleteOnExit();
    }
  }
}
