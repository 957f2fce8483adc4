package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import picocli.CommandLine;

/** Runs a command line: bad input is one line and status 2, as in {@code tiefsee}. */
final class Commands {
  private Commands() {}

  static int execute(Object command, String... args) {
    CommandLine line = new CommandLine(command);
    line.setExecutionExceptionHandler((e, cmd, parsed) -> {
      if (e instanceof BadInput) {
        System.err.println(cmd.getCommandName() + ": " + e.getMessage());
        return 2;
      }
      throw e;
    });
    return line.execute(args);
  }
}
