package io.tiefsee.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code tiefsee} command: the root under which every subcommand hangs. */
@Command(
    name = "tiefsee",
    description = "DeepSeek R1, whole, in Java.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main implements Runnable {

  public static void main(String[] args) {
    Streams.restoreStandardError();
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** The version of the build and of the Java it runs on. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String build = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "tiefsee " + (build == null ? "(unpackaged)" : build),
        "Java " + System.getProperty("java.runtime.version")
      };
    }
  }
}
